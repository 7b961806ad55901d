import ReckonEngine
import ReckonModel

/// I-07: where others use the venue's windows too, entries leave alone what the venue's own count says is kept for exits.
struct SharedWindowChecker {
    private let rules: PacingRules
    private var limits = RateLimits()
    private var told: (usage: RateUsage, at: VenueInstant)?
    private var sentSince = 0

    /// Near the turn of a window the engine's clock and the venue's may mean different ones.
    private static let margin: Int64 = 500

    init(_ rules: PacingRules) { self.rules = rules }

    /// The engine is about to be told something.
    mutating func told(_ input: Input, _ sight: Sight) {
        switch input {
        case .rates(.limits(let limits)): self.limits = limits
        case .rates(.usage(let usage)):
            told = (usage, sight.venueNow)
            sentSince = 0
        default: break
        }
    }

    /// The process has died, and what it was told with it.
    mutating func died() { told = nil }

    /// A request of any kind has left.
    mutating func left(_ call: VenueCall, _ sight: Sight, _ findings: inout Findings) {
        guard case .place(let placement) = call.request else { return }
        defer { sentSince += 1 }
        guard placement.ticket.role == .entry else { return }
        let minute = Used(length: 60_000, told: told?.usage.ordersThisMinute, limit: limits.ordersPerMinute)
        let short = Used(
            length: 10_000,
            told: told?.usage.ordersTheseTenSeconds,
            limit: limits.ordersPerTenSeconds
        )
        for window in [minute, short] { check(window, placement, sight, &findings) }
    }

    /// One of the venue's windows, as it was told of.
    private struct Used {
        let length: Int64
        let told: Int?
        let limit: Int
    }

    private func check(
        _ window: Used,
        _ placement: Placement,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard let told, let used = window.told, isWithin(window.length, told.at, sight.venueNow) else {
            return
        }
        let most = window.limit * rules.entries / 100
        guard used + sentSince + 1 > most else { return }
        let found = "the venue told of \(used) orders, and \(sentSince) have left since"
        let allowed = "entries may take \(most) of \(window.limit)"
        findings.breach("I-07", sight.now, "entry \(placement.ticket.id) left while \(found); \(allowed)")
    }

    private func isWithin(_ length: Int64, _ from: VenueInstant, _ to: VenueInstant) -> Bool {
        let margin = SharedWindowChecker.margin
        return (from.milliseconds - margin) / length == (to.milliseconds + margin) / length
    }
}
