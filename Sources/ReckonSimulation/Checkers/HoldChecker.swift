import ReckonEngine
import ReckonModel

/// I-04: once the belief has improved since the last loosening, nothing is held back any longer.
///
/// Keeps its own worst of each debt, so that one that was forgotten shows as a loosening withheld.
struct HoldChecker {
    private let limits: GuardLimits
    private let settings: GuardSettings
    private var last: Knobs?
    private var worst: [Double]?
    private var heldUntil: Instant?
    private var hasNewBase = false
    private var digest: String?

    init(_ limits: GuardLimits, _ settings: GuardSettings) {
        self.limits = limits
        self.settings = settings
    }

    mutating func published(_ stamped: StampedFact, _ findings: inout Findings) {
        switch stamped.fact {
        case .started: hold(stamped.at)
        case .policyLoaded(let identity):
            if identity.digest != digest { hold(stamped.at) }
            digest = identity.digest
        case .operatorCommanded(.resume):
            hasNewBase = true
            heldUntil = nil
        case .verdictEnforced(let enforcement): judge(enforcement, stamped.at, &findings)
        default: break
        }
    }

    private mutating func hold(_ now: Instant) {
        guard last != nil else { return }
        heldUntil = now + Span(seconds: settings.reloadHoldSeconds)
    }

    private mutating func judge(_ enforcement: Enforcement, _ now: Instant, _ findings: inout Findings) {
        let belief = enforcement.belief
        let debts = [
            min(belief.debtSeconds, 600), Double(belief.debtSymbols), Double(belief.mismatchStreak),
            Double(belief.unknownIntents.count), min(belief.naked.seconds, 600),
        ]
        let quantum = [
            settings.quantum.debtSeconds, settings.quantum.debtSymbols, settings.quantum.streak,
            settings.quantum.unknown, settings.quantum.nakedSeconds,
        ]
        let known = worst ?? debts
        let isHeld = heldUntil.map { now < $0 } ?? false
        let isClear = debts.allSatisfy { $0 == 0 }
        let isBetter = zip(zip(debts, known), quantum).contains { $0.0 <= $0.1 - $1 }
        let mayLoosen = last == nil || hasNewBase || isClear || isBetter && !isHeld
        // The switch has a time of its own, and each symbol a debt of its own.
        let withheld = enforcement.held.filter { $0 != "kill_switch_trip" && $0 != "symbols" }
        if mayLoosen, !withheld.isEmpty {
            findings.breach(
                "I-04",
                now,
                "\(withheld.joined(separator: ", ")) held back with debts \(debts) against \(known)"
            )
        }
        let isLooser = wishes(enforcement)
        worst = mayLoosen && isLooser ? debts : zip(debts, known).map { max($0, $1) }
        last = enforcement.enforced
        hasNewBase = false
        if isClear || !isHeld { heldUntil = nil }
    }

    /// Whether the policy asked for anything looser than what was in force; where in doubt, yes.
    private func wishes(_ enforcement: Enforcement) -> Bool {
        guard let last, let raw = enforcement.raw, enforcement.fault == nil else { return false }
        let new = enforcement.enforced
        if raw.mode < last.mode || last.killSwitchTrip && !new.killSwitchTrip { return true }
        guard raw.allowEntries, raw.mode != .red else { return false }
        guard last.allowEntries else { return true }
        return min(raw.maxNotional, limits.maxNotional) > last.maxNotional
            || min(raw.maxLeverage, limits.maxLeverage) > last.maxLeverage
            || max(raw.minEntryConfidence, limits.minEntryConfidence) < last.minEntryConfidence
            || max(raw.entryCooldownSeconds, limits.entryCooldownSeconds) < last.entryCooldownSeconds
            || min(raw.maxOpenOrdersPerSymbol, limits.maxOpenOrdersPerSymbol) > last.maxOpenOrdersPerSymbol
    }
}
