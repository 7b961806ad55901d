import ReckonEngine
import ReckonModel

/// I-05: knobs stay within the operator's limits, RED and every halt mean no entries, and a kill switch stays.
struct LimitChecker {
    private let limits: GuardLimits
    private let settings: GuardSettings
    private var trippedAt: Instant?

    init(_ limits: GuardLimits, _ settings: GuardSettings) {
        self.limits = limits
        self.settings = settings
    }

    mutating func published(_ stamped: StampedFact, _ findings: inout Findings) {
        switch stamped.fact {
        case .operatorCommanded(.halt): findings.coverage.note(.operatorHalt)
        case .operatorCommanded(.resume): trippedAt = nil
        case .verdictEnforced(let enforcement): judge(enforcement.enforced, stamped.at, &findings)
        default: break
        }
    }

    private mutating func judge(_ knobs: Knobs, _ now: Instant, _ findings: inout Findings) {
        let isWithin =
            (0...limits.maxNotional).contains(knobs.maxNotional)
            && (1...limits.maxLeverage).contains(knobs.maxLeverage)
            && (limits.minEntryConfidence...1).contains(knobs.minEntryConfidence)
            && knobs.entryCooldownSeconds >= limits.entryCooldownSeconds
            && (0...limits.maxOpenOrdersPerSymbol).contains(knobs.maxOpenOrdersPerSymbol)
        if !isWithin { findings.breach("I-05", now, "enforced knobs are beyond the operator's limits") }
        if !knobs.allowEntries, knobs.maxNotional != 0 {
            findings.breach("I-05", now, "entries are closed and \(knobs.maxNotional) USDT are allowed")
        }
        if knobs.mode == .red {
            findings.coverage.note(.red)
            if knobs.allowEntries { findings.breach("I-05", now, "RED allows entries") }
            if settings.haltOnRed, !knobs.killSwitchTrip {
                findings.breach("I-05", now, "RED without the kill switch")
            }
        }
        if knobs.killSwitchTrip {
            if trippedAt == nil { trippedAt = now }
            findings.coverage.note(.latched)
        } else if let since = trippedAt {
            if now - since < Span(seconds: settings.haltSeconds) {
                findings.breach("I-05", now, "the kill switch was cleared after \((now - since).seconds) s")
            }
            trippedAt = nil
        }
    }

    func sent(_ placement: Placement, _ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        guard placement.ticket.role == .entry, book.areEntriesClosed else { return }
        let mode = book.knobs?.mode.rawValue ?? "no verdict yet"
        let halt = book.operatorHalt.map { ", halted: \($0)" } ?? ""
        findings.breach(
            "I-05",
            sight.now,
            "entry \(placement.ticket.id) left while entries were closed (\(mode)\(halt))"
        )
    }
}
