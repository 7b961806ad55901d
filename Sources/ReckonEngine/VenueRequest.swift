package import ReckonModel

/// Which of the venue's two order services holds an order.
package enum OrderEndpoint: String, Sendable, Codable, Hashable, CaseIterable {
    case order
    case algo
}

/// One transmission of an order.
///
/// A later attempt is a new placement with its own timestamp.
package struct Placement: Sendable, Codable, Hashable {
    package let ticket: OrderTicket
    /// Counted from 1 within the ticket's id.
    package let attempt: Int
    /// The signed time; with `window` it bounds when the venue can still accept the request.
    package let timestamp: VenueInstant
    package let window: Span
    /// The runner drops the request if it could not be transmitted by then.
    package let transmitBy: Instant

    package init(
        ticket: OrderTicket,
        attempt: Int,
        timestamp: VenueInstant,
        window: Span,
        transmitBy: Instant
    ) {
        self.ticket = ticket
        self.attempt = attempt
        self.timestamp = timestamp
        self.window = window
        self.transmitBy = transmitBy
    }
}

/// A question about one order by its client id.
package struct OrderQuery: Sendable, Codable, Hashable {
    package let id: ClientOrderID
    package let symbol: Symbol
    package let endpoint: OrderEndpoint
    package let askedAt: Instant

    package init(id: ClientOrderID, symbol: Symbol, endpoint: OrderEndpoint, askedAt: Instant) {
        self.id = id
        self.symbol = symbol
        self.endpoint = endpoint
        self.askedAt = askedAt
    }
}

/// A wish to take one order off the book by its client id.
package struct Cancellation: Sendable, Codable, Hashable {
    package let id: ClientOrderID
    package let symbol: Symbol
    package let endpoint: OrderEndpoint
    /// Counted from 1.
    package let attempt: Int

    package init(id: ClientOrderID, symbol: Symbol, endpoint: OrderEndpoint, attempt: Int) {
        self.id = id
        self.symbol = symbol
        self.endpoint = endpoint
        self.attempt = attempt
    }
}

/// One list that the venue is asked for.
package struct SnapshotQuestion: Sendable, Codable, Hashable {
    package enum Part: Sendable, Codable, Hashable {
        /// Every open position of the account.
        case positions
        /// Every open order of the account.
        case openOrders
        /// Every open conditional order of the account.
        case openAlgoOrders
        /// Every open order of one symbol: far cheaper than those of the account.
        case symbolOrders(Symbol)
        /// Likewise for conditional orders.
        case symbolAlgoOrders(Symbol)
        /// Every trade on a symbol since a venue time.
        case trades(Symbol, since: VenueInstant)
        /// Leverage and margin mode of every symbol.
        case settings
        /// Every order on a symbol created since a venue time, whatever became of it.
        case orderHistory(Symbol, since: VenueInstant)
        /// Likewise for conditional orders.
        case algoHistory(Symbol, since: VenueInstant)
    }

    /// What asked: a reconcile round, or the doubt of one order.
    package enum Purpose: Sendable, Codable, Hashable {
        case round(Int64)
        case doubt(ClientOrderID)
    }

    package let purpose: Purpose
    package let part: Part
    package let askedAt: Instant

    package init(purpose: Purpose, part: Part, askedAt: Instant) {
        self.purpose = purpose
        self.part = part
        self.askedAt = askedAt
    }
}

/// What a snapshot question brought.
package enum SnapshotContent: Sendable, Codable, Hashable {
    case positions([PositionReport])
    case orders([OrderReport])
    case trades([AccountTrade])
    case settings([SymbolSettings])
}

/// A wish to change a symbol's leverage.
package struct LeverageChange: Sendable, Codable, Hashable {
    package let symbol: Symbol
    package let leverage: Int

    package init(symbol: Symbol, leverage: Int) {
        self.symbol = symbol
        self.leverage = leverage
    }
}

/// A wish to change how a symbol's margin stands; allowed only with neither position nor order on it.
package struct MarginChange: Sendable, Codable, Hashable {
    package let symbol: Symbol
    package let isIsolated: Bool

    package init(symbol: Symbol, isIsolated: Bool) {
        self.symbol = symbol
        self.isIsolated = isIsolated
    }
}
