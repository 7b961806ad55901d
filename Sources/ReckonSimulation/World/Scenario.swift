package import ReckonEngine
package import ReckonModel

/// One kind of world: its markets, its workload, its faults.
///
/// All of it is known before the first event.
package struct Scenario: Sendable {
    package var name: String
    package var story = ""
    package var symbols: [Symbol]
    /// How long faults rage.
    package var length: Span
    /// How long everything may take to come to rest once they have ended.
    package var restWithin: Span = .seconds(240)
    /// Whether each seed draws its own world within these bounds, some features switched off entirely.
    package var isSwarm = false
    /// Whether the account is hedged: each symbol then stands for its two legs.
    package var isHedged = false
    package var workload = WorkloadPlan()
    package var network = NetworkPlan()
    package var faults = FaultRates()
    /// What the account starts with, in USDT.
    package var balance: Int64 = 10_000
    /// What the operator allows at best on one symbol, in USDT.
    package var maxNotional: Int64 = 2_000
    /// What the venue takes in one order at market, in USDT at the first price; zero for as much as it usually does.
    package var mostAtMarket: Int64 = 0
    /// Request weight that the venue allows in a minute.
    package var weightPerMinute = 2_400
    /// New orders that the venue allows in its two windows.
    package var ordersPerTenSeconds = 300
    package var ordersPerMinute = 1_200
    /// How long the venue bans.
    package var ban: Span = .seconds(15)
    /// About how much rests at each price level, in USDT; zero for as much as there usually is.
    package var depth: Int64 = 0
    /// What the operator allows besides: leverage, entries at work on one symbol, and how margin is to stand.
    package var maxLeverage = 10
    package var mostOpenOrders = 4
    package var marginMode: MarginMode?
    /// What is done about positions and orders of somebody else's.
    package var external = ExternalRules()
    /// What the venue's dead-man switch counts down from; zero where it is off, and in hedge mode it always is.
    package var deadMan: Span = .zero
    /// Where prices are to be read from, for symbols that have them.
    package var priceFiles: Table<Symbol, String> = Table()
    /// Those files once read; the first row is the start.
    package var prices: Table<Symbol, PriceSeries> = Table()
    /// What differences of a figure are divided by before scenarios are pooled; of figures that add up with time, in an hour.
    package var scales: Table<String, Double> = Table()

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
    /// Of exits, how many are preceded by one at a limit, which is taken back after a while.
    package var limitExits = Ratio.never
    /// Of entries, for how many the stop is moved while the position stands.
    package var moves = Ratio.never
    /// Of such moves, how many are followed by another, half of them back to where the stop was.
    package var movesAgain = Ratio.never
    /// Of entries at a limit, how many are given another price and size, and how many entries and exits are taken back.
    package var amends = Ratio.never
    package var withdrawals = Ratio.never
    /// Of withdrawals, how many are asked for once more a while later.
    package var repeatedWithdrawals = Ratio.never
    /// Of amendments, how many are followed by another, and that one by another again.
    package var amendsAgain = Ratio.never
    /// Of entries, how many wish a leverage of their own.
    package var leverages = Ratio.never
    /// Of entries, how many their strategy follows with something that it should not ask for.
    package var mistakes = Ratio.never
    /// How long an entry is wanted.
    package var lifetime: Span = .seconds(30)
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
