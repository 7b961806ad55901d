package import ReckonModel

/// What lives only as long as the process: the round in progress, freshness of sources, marks, pauses.
///
/// Nothing here survives a crash, and nothing here may: after a restart every source is unheard and every order in doubt.
package struct Session: Sendable {
    /// The first complete round has closed; before, entries are refused.
    package internal(set) var isOpen = false
    package internal(set) var clock = ClockOffset.none
    package internal(set) var round: Round?
    package internal(set) var roundStartedAt: Instant?
    package internal(set) var streamConnected = false
    package internal(set) var streamHeardAt: Instant?
    /// When the last complete round was asked for.
    package internal(set) var listsAskedAt: Instant?
    package internal(set) var marks: Table<Symbol, Price> = Table()
    /// When each mark was heard.
    package internal(set) var marksHeardAt: Table<Symbol, Instant> = Table()
    /// Where the venue would liquidate, as its lists last said; absent where it gives none.
    package internal(set) var liquidations: Table<Symbol, Liquidation> = Table()
    /// How many conditional orders the venue last listed, anybody's.
    package internal(set) var conditionalsListed = 0
    /// Whether the last round failed, and when one succeeded after that.
    package internal(set) var hasRoundFailed = false
    package internal(set) var venueBackAt: Instant?
    /// The venue has no room for conditional orders: take-profits make way for stops until then.
    package internal(set) var slotsShortUntil: Instant?
    /// Positions as the stream last told them.
    package internal(set) var streamed: Table<Symbol, Streamed> = Table()
    /// The venue wants no request before this.
    package internal(set) var pausedUntil: Instant?
    package internal(set) var wokenAt = Instant.epoch
    /// When a leverage change was last asked for.
    package internal(set) var leverageAskedAt: Table<Symbol, Instant> = Table()
    /// The venue's countdowns by instrument; absent where none can be running.
    var countdowns: Table<Symbol, RunningCountdown> = Table()
    /// The question that the policy has not answered yet.
    package internal(set) var question: PolicyQuestion?
    package internal(set) var askedPolicyAt: Instant?

    /// The stream has come back, or spoke of something that we do not know.
    package internal(set) var isStreamHintPending = false
    /// Fills that the lists of the round in hand showed first.
    package internal(set) var missedFills: [Difference] = []
    package internal(set) var contradictedRounds = 0
    /// When a stream that stays connected and says nothing was last opened anew.
    package internal(set) var reopenedAt: Instant?
    /// Something may have happened that nobody told us of.
    package internal(set) var hasGap = false
    /// When the order lists of the whole account, the settings and a symbol's trades were last asked for.
    package internal(set) var accountAskedAt: Instant?
    package internal(set) var settingsAskedAt: Instant?
    /// When a setting of a symbol was last changed or told of.
    package internal(set) var settingsChangedAt: Table<Symbol, Instant> = Table()
    package internal(set) var tradesAskedAt: Table<Symbol, Instant> = Table()
    /// When fills of a symbol were last told of, or shown by the venue's record of trades to be none.
    package internal(set) var fillsHeardAt: Table<Symbol, Instant> = Table()
    /// What may be asked of the venue, and what was asked lately.
    package internal(set) var budget: RateBudget
    package internal(set) var isStretched = false
    /// The venue wants no new opening orders before this.
    package internal(set) var entriesPausedUntil: Instant?
    /// How often in a row it said so.
    package internal(set) var overloads = 0

    package init(_ pacing: PacingRules = PacingRules()) { budget = RateBudget(pacing) }

    /// A new start keeps only what the host measured before it.
    init(keeping old: Session) {
        budget = old.budget
        clock = old.clock
        marks = old.marks
        marksHeardAt = old.marksHeardAt
        pausedUntil = old.pausedUntil
    }

    /// Where the venue would liquidate, and the side of the stop that closes the position it was said of.
    package struct Liquidation: Sendable {
        package let price: Price
        package let closing: Side
    }

    /// A position as the stream told it, and when it did.
    package struct Streamed: Sendable {
        package let report: PositionReport
        package let at: Instant
    }

    /// The lists of one reconcile round, as they come in.
    package struct Round: Sendable {
        package let number: Int64
        package let askedAt: Instant
        package private(set) var positions: Result<[PositionReport], VenueFailure>?
        package private(set) var orders = OrderLists()
        package private(set) var algoOrders = OrderLists()
        package private(set) var histories: Table<Symbol, [OrderReport]> = Table()
        package private(set) var trades: Table<Symbol, [AccountTrade]> = Table()
        package private(set) var settings: [SymbolSettings]?
        /// Differing positions have been asked about once; the answers decide.
        package internal(set) var hasAskedWhy = false
        private var awaited: [SnapshotQuestion.Part] = []

        package init(number: Int64, askedAt: Instant) {
            self.number = number
            self.askedAt = askedAt
        }

        var hasAll: Bool { awaited.isEmpty }

        mutating func expect(_ part: SnapshotQuestion.Part) { awaited.append(part) }

        mutating func take(_ part: SnapshotQuestion.Part, _ result: Result<SnapshotContent, VenueFailure>) {
            awaited.removeAll { $0 == part }
            switch part {
            case .positions: positions = result.flatMap(\.asPositions)
            case .openOrders: orders.take(result.flatMap(\.asOrders), of: nil)
            case .openAlgoOrders: algoOrders.take(result.flatMap(\.asOrders), of: nil)
            case .symbolOrders(let symbol): orders.take(result.flatMap(\.asOrders), of: symbol)
            case .symbolAlgoOrders(let symbol): algoOrders.take(result.flatMap(\.asOrders), of: symbol)
            case .orderHistory(let symbol, _):
                if case .success(.orders(let rows)) = result { histories[symbol] = rows }
            case .trades(let symbol, _):
                if case .success(.trades(let rows)) = result { trades[symbol] = rows }
            case .settings:
                if case .success(.settings(let rows)) = result { settings = rows }
            case .algoHistory: break
            }
        }

        /// Whether everything came that says how the symbol stands.
        func shows(_ symbol: Symbol) -> Bool {
            guard case .success = positions else { return false }
            return orders.covers(symbol) && algoOrders.covers(symbol)
        }
    }

    /// Open orders as one round shows them, of the whole account or of some symbols.
    package struct OrderLists: Sendable {
        package private(set) var reports: [OrderReport] = []
        package private(set) var isWhole = false
        private var symbols: [Symbol] = []

        package init() {}

        /// Whether the lists say all that a scope has resting.
        func covers(_ scope: CommandScope) -> Bool {
            switch scope {
            case .account: isWhole
            case .symbol(let symbol): covers(symbol)
            }
        }

        /// Whether an order of the symbol that is not among the reports is absent at the venue.
        package func covers(_ symbol: Symbol) -> Bool {
            if isWhole || symbols.contains(symbol) { return true }
            return symbol.leg == nil && Leg.allCases.allSatisfy { symbols.contains(symbol.leg($0)) }
        }

        mutating func take(_ result: Result<[OrderReport], VenueFailure>, of symbol: Symbol?) {
            guard case .success(let rows) = result else { return }
            if let symbol {
                symbols.append(symbol)
                reports += rows.filter { $0.symbol == symbol }
            } else {
                isWhole = true
                reports += rows
            }
        }
    }
}

extension SnapshotContent {
    fileprivate var asPositions: Result<[PositionReport], VenueFailure> {
        if case .positions(let reports) = self { return .success(reports) }
        return .failure(.unknown("an answer of another kind"))
    }

    fileprivate var asOrders: Result<[OrderReport], VenueFailure> {
        if case .orders(let reports) = self { return .success(reports) }
        return .failure(.unknown("an answer of another kind"))
    }
}
