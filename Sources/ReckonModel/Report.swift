/// Where an order stands at the venue.
package enum VenueOrderStatus: String, Sendable, Codable, Hashable, CaseIterable {
    case new
    case partiallyFilled
    case filled
    case cancelled
    case expired
    case rejected
    /// A conditional order that has come alive; its child order trades.
    case triggered
    /// A conditional order whose child is done, filled or not: look at the executed quantity.
    case finished

    /// Whether nothing more can execute under this order.
    package var isTerminal: Bool {
        switch self {
        case .new, .partiallyFilled, .triggered: false
        case .filled, .cancelled, .expired, .rejected, .finished: true
        }
    }
}

/// What the venue says about one order, from an answer, a query, a list or the stream.
///
/// Totals are cumulative, never deltas, so repeats and reordering are harmless.
package struct OrderReport: Sendable, Codable, Hashable {
    package let id: ClientOrderID
    package var venueID: VenueOrderID
    package var symbol: Symbol
    package var side: Side
    package var status: VenueOrderStatus
    /// Whether the report is about the order on the conditional endpoint and not about its child.
    package var isConditional: Bool
    /// Ordered quantity; zero where the order closes the whole position.
    package var quantity: Quantity
    package var isReduceOnly: Bool
    package var closesPosition: Bool
    /// Executed so far, in total.
    package var executed: Quantity
    /// Average price of what executed; zero while nothing has, or where the venue does not say.
    package var averagePrice: Price
    /// Limit price, or trigger of a conditional order; zero for a market order.
    package var price: Price
    /// Number of the order that a triggered conditional order created.
    package var childID: VenueOrderID?
    /// When the venue created the order; absent where the answer does not say.
    package var createdAt: VenueInstant?
    /// The venue's time of the latest change.
    package var updatedAt: VenueInstant
    /// The venue's words where it cancelled, expired or refused by itself.
    package var reason: String?

    package init(
        id: ClientOrderID,
        venueID: VenueOrderID,
        symbol: Symbol,
        side: Side,
        status: VenueOrderStatus,
        isConditional: Bool = false,
        quantity: Quantity,
        executed: Quantity = .zero,
        updatedAt: VenueInstant
    ) {
        self.id = id
        self.venueID = venueID
        self.symbol = symbol
        self.side = side
        self.status = status
        self.isConditional = isConditional
        self.quantity = quantity
        self.isReduceOnly = false
        self.closesPosition = false
        self.executed = executed
        self.averagePrice = .zero
        self.price = .zero
        self.updatedAt = updatedAt
    }
}

/// What the venue says about one position (one-way mode: one row a symbol).
package struct PositionReport: Sendable, Codable, Hashable {
    package let symbol: Symbol
    /// Signed: long above zero, short below.
    package var quantity: Quantity
    package var entryPrice: Price
    package var markPrice: Price
    /// Zero where the venue gives none.
    package var liquidationPrice: Price
    /// Zero where the answer does not say.
    package var leverage: Int
    package var updatedAt: VenueInstant

    package init(
        symbol: Symbol,
        quantity: Quantity,
        entryPrice: Price,
        markPrice: Price,
        updatedAt: VenueInstant
    ) {
        self.symbol = symbol
        self.quantity = quantity
        self.entryPrice = entryPrice
        self.markPrice = markPrice
        self.liquidationPrice = .zero
        self.leverage = 0
        self.updatedAt = updatedAt
    }
}
