package import ReckonModel

/// The exchange as a model: one account, one-way or hedged, cross margin, seeded prices.
///
/// Pure and synchronous. The same configuration, seed and calls give the same answers and events in every
/// process.
package struct Exchange: Sendable {
    package let configuration: ExchangeConfiguration
    /// Venue time; moves only by `advance(to:)`.
    package private(set) var now: VenueInstant
    /// The truth that figures and checkers compare an engine with.
    package internal(set) var record: ExchangeRecord
    package internal(set) var markets = Table<Symbol, Market>()

    /// Whether each instrument has a long and a short position; books are then named by legs.
    package internal(set) var isHedged: Bool
    /// Whether some order may be under a leg's name.
    var hasHadLegs: Bool

    let seed: UInt64
    var orders = Table<VenueOrderID, ExchangeOrder>()
    /// The newest order under each client id.
    var newest = Table<ClientOrderID, VenueOrderID>()
    /// Resting orders per book, oldest first.
    var openIDs = Table<Symbol, [VenueOrderID]>()
    var algoOrders = Table<VenueOrderID, AlgoOrder>()
    var newestAlgo = Table<ClientOrderID, VenueOrderID>()
    var openAlgoIDs: [VenueOrderID] = []
    var trades: [ExchangeTrade] = []
    var holdings = Table<Symbol, Holding>()
    /// Every change of a resting order, oldest first.
    var amendments: [OrderAmendment] = []
    /// When the resting orders of an instrument are cancelled unless somebody puts it off.
    var countdowns = Table<Symbol, VenueInstant>()
    var wallet: Notional
    var accountUpdatedAt: VenueInstant

    private var events: [ExchangeEvent] = []
    private var stepsDone: Int64 = 0
    /// Symbols whose prices come from outside.
    private let fedSymbols: [Symbol]
    private var ordersMade: Int64 = 0
    private var algoOrdersMade: Int64 = 0

    package init(configuration: ExchangeConfiguration, seed: UInt64) {
        self.configuration = configuration
        self.seed = seed
        isHedged = configuration.isHedged
        hasHadLegs = configuration.isHedged
        now = configuration.startsAt
        wallet = configuration.startingBalance
        accountUpdatedAt = configuration.startsAt
        record = ExchangeRecord(startsAt: configuration.startsAt)
        fedSymbols = configuration.markets.filter(\.source.isFed).map(\.instrument.symbol).sorted()
        for market in configuration.markets {
            let symbol = market.instrument.symbol
            markets[symbol] = Market(
                configuration: market,
                seed: seed,
                stepMilliseconds: configuration.stepMilliseconds,
                at: configuration.startsAt
            )
            let holding = Holding(
                position: Position(symbol: symbol),
                leverage: min(configuration.defaultLeverage, market.instrument.maxLeverage),
                updatedAt: configuration.startsAt
            )
            openBooks(of: symbol, like: holding)
        }
    }

    /// Moves venue time on: prices, triggers, resting fills, liquidation.
    ///
    /// Time never goes back.
    package mutating func advance(to instant: VenueInstant) {
        while let due = nextStep(before: instant) {
            followFed(upTo: due - .milliseconds(1))
            strikeCountdowns(upTo: due)
            now = due
            stepsDone += 1
            let elapsed = Span.milliseconds(configuration.stepMilliseconds * stepsDone)
            for symbol in markets.keys { markets.update(symbol) { $0.step(elapsed: elapsed, at: due) } }
            marketMoved()
        }
        followFed(upTo: instant)
        strikeCountdowns(upTo: instant)
        if instant > now { now = instant }
    }

    /// Cancels what nobody has kept alive, each symbol at its own time.
    private mutating func strikeCountdowns(upTo instant: VenueInstant) {
        guard !countdowns.isEmpty else { return }
        let due = countdowns.filter { $0.value <= instant }.sorted { $0.value < $1.value }
        for (symbol, deadline) in due {
            now = max(now, deadline)
            countdowns[symbol] = nil
            var taken: [ClientOrderID] = []
            for book in books(of: symbol) {
                for id in openIDs[book] ?? [] {
                    if let order = orders[id] { taken.append(order.clientID) }
                    end(id, as: .cancelled, because: .none)
                }
            }
            record.struck(symbol, taken, at: now)
        }
    }

    /// Says what the price of a symbol whose source is `fed` will be from a time on; points come in the order of their times.
    package mutating func feed(_ symbol: Symbol, _ point: PricePoint) {
        guard fedSymbols.contains(symbol.instrument) else { return }
        markets.update(symbol.instrument) { $0.feed(point) }
    }

    /// Prices from outside that fall between two steps: each moves the market at its own time, or a high would pass unseen.
    private mutating func followFed(upTo instant: VenueInstant) {
        while let (symbol, due) = nextFed(), due <= instant {
            strikeCountdowns(upTo: due)
            now = max(now, due)
            markets.update(symbol) { $0.followFed(at: now) }
            marketMoved()
        }
    }

    private func nextFed() -> (symbol: Symbol, due: VenueInstant)? {
        var next: (symbol: Symbol, due: Span)?
        for symbol in fedSymbols {
            guard let due = markets[symbol]?.nextFed, next.map({ due < $0.due }) ?? true else { continue }
            next = (symbol, due)
        }
        return next.map { ($0.symbol, configuration.startsAt + $0.due) }
    }

    private func nextStep(before instant: VenueInstant) -> VenueInstant? {
        let due = configuration.startsAt + .milliseconds(configuration.stepMilliseconds * (stepsDone + 1))
        return due <= instant ? due : nil
    }

    /// What follows from new prices, in the venue's order.
    mutating func marketMoved() {
        fireTriggers()
        fillResting()
        liquidateIfNeeded()
    }

    /// Takes what happened since the last call.
    package mutating func drainEvents() -> [ExchangeEvent] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    mutating func emit(_ event: ExchangeEvent) { events.append(event) }

    /// Drops the record, for copies that only answer questions about the past.
    package mutating func forgetRecord() { record = ExchangeRecord(startsAt: now) }

    /// The market of a symbol or a leg.
    package func market(_ symbol: Symbol) throws(VenueRejection) -> Market {
        guard let market = markets[symbol.instrument] else { throw .badSymbol }
        return market
    }

    // Eleven digits and more, as at the venue, so that readers with too narrow numbers are found out.
    mutating func nextOrderID() -> VenueOrderID {
        ordersMade += 1
        return VenueOrderID(215_456_000_000 + ordersMade)
    }

    mutating func nextAlgoID() -> VenueOrderID {
        algoOrdersMade += 1
        return VenueOrderID(4_000_001_910_000_000 + algoOrdersMade)
    }

    func nextTradeNumber() -> Int64 { 5_000_000_000 + Int64(trades.count) + 1 }

    /// An id for an order that came without one: 22 characters of the venue's alphabet.
    func madeUpClientID(_ purpose: String) -> ClientOrderID {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        let count = ordersMade + algoOrdersMade
        var dice = Dice(seed: Dice.digest("\(purpose) \(count)", from: seed))
        var text = ""
        for _ in 0..<22 { text.append(alphabet[Int(dice.roll(below: UInt64(alphabet.count)))]) }
        return ClientOrderID(text)
    }

    /// Resting orders of a book, oldest first.
    func restingOrders(_ symbol: Symbol) -> [ExchangeOrder] {
        (openIDs[symbol] ?? []).compactMap { orders[$0] }
    }
}
