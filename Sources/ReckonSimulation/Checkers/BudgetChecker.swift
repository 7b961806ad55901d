import ReckonEngine
import ReckonModel

/// I-07: whatever fails, the venue never gets more within one of its windows than it allows.
///
/// Counts at the venue's side and by its clock, in fixed windows as the venue does; what is refused, counts too.
struct BudgetChecker {
    /// What an address may weigh in a minute, and what of it reconciling may take.
    private let weightPerMinute: Int
    private let ordersPerMinute: Int
    private let ordersPerTenSeconds: Int
    private var weight = Window(length: 60_000)
    private var reconciling = Window(length: 60_000)
    private var starts = Window(length: 60_000)
    private var orders = Window(length: 60_000)
    private var ordersShort = Window(length: 10_000)

    init(_ limits: RateLimits) {
        weightPerMinute = limits.weightPerMinute
        ordersPerMinute = limits.ordersPerMinute
        ordersPerTenSeconds = limits.ordersPerTenSeconds
    }

    /// What has been used in the window of an instant.
    private struct Window {
        let length: Int64
        private var number: Int64 = -1
        private(set) var used = 0

        init(length: Int64) { self.length = length }

        func used(at now: VenueInstant) -> Int { now.milliseconds / length == number ? used : 0 }

        /// Whether this very request goes beyond `most`.
        mutating func add(_ amount: Int, at now: VenueInstant, most: Int) -> Bool {
            let current = now.milliseconds / length
            if current != number {
                number = current
                used = 0
            }
            used += amount
            return used > most && used - amount <= most
        }
    }

    /// A process that starts has to ask for everything once, whatever the one before it had asked.
    mutating func restarted(at now: VenueInstant) { _ = starts.add(1, at: now, most: .max) }

    /// Weight used in the window of an instant.
    func usedWeight(at now: VenueInstant) -> Int { weight.used(at: now) }

    /// New orders counted in the windows of an instant.
    func usedOrders(at now: VenueInstant) -> (minute: Int, tenSeconds: Int) {
        (orders.used(at: now), ordersShort.used(at: now))
    }

    mutating func arrived(_ request: VenueCall.Request, _ sight: Sight, _ findings: inout Findings) {
        let cost = BudgetChecker.cost(request)
        if weight.add(cost.weight, at: sight.venueNow, most: weightPerMinute) {
            findings.breach("I-07", sight.now, "more than \(weightPerMinute) of weight in one minute")
        }
        if orders.add(cost.orders, at: sight.venueNow, most: ordersPerMinute)
            || ordersShort.add(cost.orders, at: sight.venueNow, most: ordersPerTenSeconds)
        {
            findings.breach("I-07", sight.now, "more orders than the venue's windows allow")
        }
        // Two fifths, and what a delay can push from one window into the next.
        let sweeps = 90 * (1 + starts.used(at: sight.venueNow))
        let share = weightPerMinute * 2 / 5 + weightPerMinute / 20 + sweeps
        guard BudgetChecker.isReconciling(request) else { return }
        if reconciling.add(cost.weight, at: sight.venueNow, most: share) {
            findings.breach("I-07", sight.now, "reconciling took more than \(share) of weight in one minute")
        }
    }

    private static func isReconciling(_ request: VenueCall.Request) -> Bool {
        guard case .snapshot(let question) = request, case .round = question.purpose else { return false }
        return true
    }

    /// Source: docs/venue-binance.md, Limits.
    private static func cost(_ request: VenueCall.Request) -> (weight: Int, orders: Int) {
        switch request {
        case .place: (0, 1)
        case .query, .cancel, .leverage, .margin: (1, 0)
        case .countdown: (10, 0)
        case .snapshot(let question):
            switch question.part {
            case .positions, .settings: (5, 0)
            case .openOrders, .openAlgoOrders: (40, 0)
            case .symbolOrders, .symbolAlgoOrders: (1, 0)
            case .orderHistory, .algoHistory, .trades: (5, 0)
            }
        }
    }
}
