package import ReckonModel

/// One kind of world: its markets, its workload, its faults. All of it is known before the first event.
package struct Scenario: Sendable, Hashable {
    package var name: String
    package var symbols: [Symbol]
    /// How long faults rage.
    package var length: Span
    /// How long everything may take to come to rest once they have ended.
    package var restWithin: Span = .seconds(240)
    package var workload = WorkloadPlan()
    package var network = NetworkPlan()
    package var faults = FaultRates()

    package init(name: String, symbols: [Symbol], length: Span) {
        self.name = name
        self.symbols = symbols
        self.length = length
    }
}

/// What strategies ask for.
package struct WorkloadPlan: Sendable, Hashable {
    /// Mean time between two entries on one symbol.
    package var entryEvery: Span = .seconds(60)
    package var minNotional: Int64 = 60
    package var maxNotional: Int64 = 400
    /// Of entries, how many are limits and not market orders.
    package var limits = Ratio(1, in: 4)
    package var takeProfits = Ratio(1, in: 5)
    /// Of exits, how many take only a part.
    package var partialExits = Ratio(1, in: 6)
    package var maxHold: Span = .seconds(120)

    package init() {}
}

/// How long messages travel.
package struct NetworkPlan: Sendable, Hashable {
    /// Typical time of one way, and the slowest of a thousand.
    package var typical: Span = .milliseconds(40)
    package var slowest: Span = .milliseconds(1_200)
    /// After this a caller gives up on an answer.
    package var timeout: Span = .seconds(3)
    /// The venue's clock against ours.
    package var maxClockOffset: Span = .milliseconds(400)

    package init() {}
}

/// How often each fault strikes.
package struct FaultRates: Sendable, Hashable {
    // Per request.
    package var requestLost = Ratio.never
    package var answerLost = Ratio.never
    package var slowAnswer = Ratio.never
    /// 503 "Unknown error": executed in half of the cases.
    package var unknown = Ratio.never
    /// 503 "Service Unavailable.": not executed.
    package var unavailable = Ratio.never
    /// 429 with a wait.
    package var rateLimited = Ratio.never
    /// -1008, for opening orders only.
    package var overloaded = Ratio.never
    /// -1021 for signed requests.
    package var staleTimestamp = Ratio.never

    // Per event of the user stream.
    package var duplicated = Ratio.never
    package var delayed = Ratio.never
    package var dropped = Ratio.never

    // Intervals: mean time between two, zero for never, and the longest.
    package var silence = Ambient()
    package var disconnect = Ambient()
    package var staleLists = Ambient()
    package var outage = Ambient()
    package var crash = Ambient()
    package var policyFault = Ambient()
    // Moments.
    package var stopCancelled = Ambient()
    package var handTrade = Ambient()
    package var handClose = Ambient()
    package var priceJump = Ambient()

    package init() {}

    /// A fault that comes by itself.
    package struct Ambient: Sendable, Hashable {
        package var every: Span
        package var longest: Span

        package init(every: Span = .zero, longest: Span = .zero) {
            self.every = every
            self.longest = longest
        }
    }
}
