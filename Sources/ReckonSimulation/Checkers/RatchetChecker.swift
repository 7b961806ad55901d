import ReckonEngine
import ReckonModel

/// I-04: no enforced knob loosens unless the belief has improved.
struct RatchetChecker {
    private let settings: GuardSettings
    private var last: Knobs?
    /// Worst of each debt since the last loosening.
    private var worst: [Double]?
    private var symbolWorst: Table<Symbol, Double> = Table()
    private var heldUntil: Instant?
    private var hasNewBase = false
    private var digest: String?

    init(_ settings: GuardSettings) { self.settings = settings }

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

    private static func debts(_ belief: Belief) -> [Double] {
        [
            min(belief.debtSeconds, 600), Double(belief.debtSymbols), Double(belief.mismatchStreak),
            Double(belief.unknownIntents.count), min(belief.naked.seconds, 600),
        ]
    }

    private mutating func judge(_ enforcement: Enforcement, _ now: Instant, _ findings: inout Findings) {
        let debts = RatchetChecker.debts(enforcement.belief)
        let isHeld = heldUntil.map { now < $0 } ?? false
        if !enforcement.held.isEmpty { findings.coverage.note(.held) }
        if isHeld { findings.coverage.note(.heldAfterReload) }
        let isClear = debts.allSatisfy { $0 == 0 }
        let quantum = [
            settings.quantum.debtSeconds, settings.quantum.debtSymbols, settings.quantum.streak,
            settings.quantum.unknown, settings.quantum.nakedSeconds,
        ]
        let known = worst ?? debts
        let isBetter = zip(zip(debts, known), quantum).contains { $0.0 <= $0.1 - $1 }
        let isFree = last == nil || hasNewBase || isClear
        let loosened = last.map { RatchetChecker.loosened(enforcement.enforced, than: $0) } ?? []
        if !loosened.isEmpty {
            findings.coverage.note(.loosened)
            if !isFree, !isBetter || isHeld {
                findings.breach(
                    "I-04",
                    now,
                    "\(loosened.joined(separator: ", ")) loosened with debts \(debts) against \(known)"
                        + (isHeld ? " within the hold" : "")
                )
            }
        }
        judgeSymbols(enforcement, isFree: isFree, isHeld: isHeld, now, &findings)
        worst = loosened.isEmpty ? zip(debts, known).map { max($0, $1) } : debts
        last = enforcement.enforced
        hasNewBase = false
        if isClear || !isHeld { heldUntil = nil }
    }

    /// One symbol's own knobs, on its own debt.
    private mutating func judgeSymbols(
        _ enforcement: Enforcement,
        isFree: Bool,
        isHeld: Bool,
        _ now: Instant,
        _ findings: inout Findings
    ) {
        let belief = enforcement.belief
        var next: Table<Symbol, Double> = Table()
        for (symbol, before) in last?.symbols ?? Table() {
            let row = belief.symbols.first { symbol.includes($0.symbol) }
            let debt = min(row?.debtSeconds ?? (belief.debtSymbols > belief.symbols.count ? 600 : 0), 600)
            let worst = max(symbolWorst[symbol] ?? debt, debt)
            let isLooser = RatchetChecker.isLooser(enforcement.enforced.symbols[symbol], than: before)
            next[symbol] = isLooser ? debt : worst
            guard isLooser, !isFree else { continue }
            let isBetter = debt == 0 || debt <= worst - settings.quantum.debtSeconds
            guard !isBetter || isHeld else { continue }
            findings.breach(
                "I-04",
                now,
                "knobs of \(symbol) loosened with a debt of \(debt) s against \(worst) s"
            )
        }
        symbolWorst = next
    }

    private static func loosened(_ new: Knobs, than old: Knobs) -> [String] {
        var names: [String] = []
        if new.mode < old.mode { names.append("mode") }
        if old.killSwitchTrip, !new.killSwitchTrip { names.append("kill_switch_trip") }
        if new.allowEntries, !old.allowEntries { names.append("allow_entries") }
        // While entries are closed the other knobs count as tightest.
        guard new.allowEntries, old.allowEntries else { return names }
        if new.maxNotional > old.maxNotional { names.append("max_notional_usdt") }
        if new.maxLeverage > old.maxLeverage { names.append("max_leverage") }
        if new.minEntryConfidence < old.minEntryConfidence { names.append("min_entry_conf") }
        if new.entryCooldownSeconds < old.entryCooldownSeconds { names.append("entry_cooldown_seconds") }
        if new.maxOpenOrdersPerSymbol > old.maxOpenOrdersPerSymbol {
            names.append("max_open_orders_per_symbol")
        }
        return names
    }

    private static func isLooser(_ new: SymbolKnobs?, than old: SymbolKnobs) -> Bool {
        if old.allowEntries == false, new?.allowEntries != false { return true }
        if let cap = old.maxNotional, new?.maxNotional ?? .infinity > cap { return true }
        if let cap = old.maxLeverage, new?.maxLeverage ?? .max > cap { return true }
        if let floor = old.minEntryConfidence, new?.minEntryConfidence ?? 0 < floor { return true }
        if let floor = old.entryCooldownSeconds, new?.entryCooldownSeconds ?? 0 < floor { return true }
        return false
    }
}
