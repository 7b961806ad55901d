import ReckonModel

/// What has been asked of the venue lately, and whether more may be asked now.
///
/// The venue counts in fixed windows of its own clock. We count over a sliding one that is longer by what a request may be
/// late, so that none of its windows can hold more than we know; and where the venue says that more is used, as others
/// share the address, we believe it until its window ends.
package struct RateBudget: Sendable {
    package private(set) var limits = RateLimits()
    private let rules: PacingRules
    private var slots: [Slot] = []
    private var told: Told?
    private var bucket: RoundBucket

    private struct Slot: Sendable {
        let second: Int64
        var weight = 0
        var orders = 0
    }

    /// The venue's own figures, and what we have sent since.
    private struct Told: Sendable {
        var usage: RateUsage
        let at: VenueInstant
        var weightSince = 0
        var ordersSince = 0
    }

    /// How much later than sent a request may be counted, in seconds.
    private static let lateness: Int64 = 5

    init(_ rules: PacingRules) {
        self.rules = rules
        bucket = RoundBucket(limits, rules)
    }

    mutating func take(_ news: RateNews, at now: VenueInstant) {
        switch news {
        case .limits(let limits):
            guard limits.weightPerMinute > 0, limits.ordersPerMinute > 0, limits.ordersPerTenSeconds > 0
            else { return }
            self.limits = limits
            bucket = RoundBucket(limits, rules)
        case .usage(let usage): told = Told(usage: usage, at: now)
        }
    }

    /// Whether a request of a lane may go now.
    func admits(_ cost: RequestCost, _ lane: PacingLane, at now: Instant, venue: VenueInstant) -> Bool {
        guard let share = lane.share(rules) else { return true }
        func fits(_ used: Int, _ more: Int, _ limit: Int) -> Bool {
            more == 0 || used + more <= limit * share / 100
        }
        let weight = max(sum(60, now, \.weight), toldWeight(venue))
        let minute = max(sum(60, now, \.orders), toldOrders(venue, 60_000, \.ordersThisMinute))
        let short = max(sum(10, now, \.orders), toldOrders(venue, 10_000, \.ordersTheseTenSeconds))
        return fits(weight, cost.weight, limits.weightPerMinute)
            && fits(minute, cost.orders, limits.ordersPerMinute)
            && fits(short, cost.orders, limits.ordersPerTenSeconds)
    }

    /// When a round of this weight may start: now, or the earliest instant at which it is worth looking again.
    mutating func roundMayStart(_ weight: Int, at now: Instant, venue: VenueInstant) -> Instant {
        let filled = bucket.fills(to: weight, at: now)
        guard filled <= now else { return filled }
        return admits(RequestCost(weight: weight), .rounds, at: now, venue: venue) ? now : now + .seconds(1)
    }

    mutating func spend(_ cost: RequestCost, _ lane: PacingLane, at now: Instant) {
        if lane == .rounds { bucket.spend(cost.weight, at: now) }
        let second = now.nanoseconds / 1_000_000_000
        let oldest = second - 60 - RateBudget.lateness
        slots.removeAll { $0.second < oldest }
        if slots.last?.second != second { slots.append(Slot(second: second)) }
        slots[slots.count - 1].weight += cost.weight
        slots[slots.count - 1].orders += cost.orders
        told?.weightSince += cost.weight
        told?.ordersSince += cost.orders
    }

    /// Weight asked for within the last minute, as we count it or as the venue does, whichever is more.
    func usedWeight(at now: Instant, venue: VenueInstant) -> Int {
        max(sum(60, now, \.weight), toldWeight(venue))
    }

    private func sum(_ seconds: Int64, _ now: Instant, _ part: (Slot) -> Int) -> Int {
        let oldest = now.nanoseconds / 1_000_000_000 - seconds - RateBudget.lateness
        return slots.reduce(0) { $0 + ($1.second > oldest ? part($1) : 0) }
    }

    private func toldWeight(_ venue: VenueInstant) -> Int {
        guard let told, let used = told.usage.weightThisMinute, isSameWindow(told.at, venue, 60_000) else {
            return 0
        }
        return used + told.weightSince
    }

    private func toldOrders(_ venue: VenueInstant, _ length: Int64, _ part: (RateUsage) -> Int?) -> Int {
        guard let told, let used = part(told.usage), isSameWindow(told.at, venue, length) else {
            return 0
        }
        return used + told.ordersSince
    }

    private func isSameWindow(_ left: VenueInstant, _ right: VenueInstant, _ length: Int64) -> Bool {
        left.milliseconds / length == right.milliseconds / length
    }
}

/// Lets reconciling flow evenly: a bucket that fills at a rate, so that what is used up is not followed by a minute of
/// blindness.
///
/// Rate and capacity together are the share of a minute that rounds may take.
struct RoundBucket: Sendable {
    private let capacity: Int64
    private let ratePerMinute: Int64
    /// In weight times nanoseconds of a minute, so that no fraction is lost.
    private var level: Int64
    private var filledAt: Instant?

    private static let minute: Int64 = 60_000_000_000

    init(_ limits: RateLimits, _ rules: PacingRules) {
        let share = Int64(limits.weightPerMinute * rules.roundsAlone / 100)
        // One look at the whole account must fit, whatever the venue allows.
        let most = max(Int64(limits.weightPerMinute / 10), Int64(RoundBucket.wholeAccount))
        capacity = most
        ratePerMinute = max(share - most, Int64(limits.weightPerMinute / 20), 1)
        level = most * RoundBucket.minute
    }

    /// Positions, both order lists and the settings.
    static let wholeAccount = 90

    /// When the bucket holds so much; never later than when it is full.
    mutating func fills(to weight: Int, at now: Instant) -> Instant {
        fill(at: now)
        let missing = min(Int64(weight), capacity) * RoundBucket.minute - level
        guard missing > 0 else { return now }
        return now + Span(nanoseconds: (missing + ratePerMinute - 1) / ratePerMinute)
    }

    /// May go below nothing: what was asked for is paid for before the next round.
    mutating func spend(_ weight: Int, at now: Instant) {
        fill(at: now)
        level -= Int64(weight) * RoundBucket.minute
    }

    private mutating func fill(at now: Instant) {
        let elapsed = filledAt.map { min(max((now - $0).nanoseconds, 0), 10 * RoundBucket.minute) } ?? 0
        filledAt = now
        level = min(level + elapsed * ratePerMinute, capacity * RoundBucket.minute)
    }
}
