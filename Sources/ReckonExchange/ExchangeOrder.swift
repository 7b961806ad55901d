package import ReckonModel

/// The venue's word for what an order is.
package enum OrderType: String, Hashable, Sendable, CaseIterable {
    case limit = "LIMIT"
    case market = "MARKET"
    case stopMarket = "STOP_MARKET"
    case takeProfitMarket = "TAKE_PROFIT_MARKET"
    case liquidation = "LIQUIDATION"
}

/// The venue's word for where an order stands.
package enum OrderStatus: String, Hashable, Sendable, CaseIterable {
    case new = "NEW"
    case partiallyFilled = "PARTIALLY_FILLED"
    case filled = "FILLED"
    case cancelled = "CANCELED"
    case expired = "EXPIRED"

    package var isOpen: Bool { self == .new || self == .partiallyFilled }
}

/// The venue's word for what just happened to an order.
package enum ExecutionType: String, Hashable, Sendable, CaseIterable {
    case new = "NEW"
    case trade = "TRADE"
    case cancelled = "CANCELED"
    case expired = "EXPIRED"
    case amendment = "AMENDMENT"
    /// A fill that the venue forced.
    case calculated = "CALCULATED"
}

/// Why the venue itself ended an order; the raw value is the venue's number.
package enum ExpiryReason: Int, Hashable, Sendable, CaseIterable {
    case none = 0
    case immediateRemainder = 2
    case displaced = 4
    case liquidation = 5
    case positionGone = 6
    case marketRemainder = 9
}

/// Which price a trigger looks at.
package enum WorkingType: String, Hashable, Sendable, CaseIterable {
    case contractPrice = "CONTRACT_PRICE"
    case markPrice = "MARK_PRICE"
}

/// Who made an order.
package enum OrderOrigin: String, Hashable, Sendable, CaseIterable {
    case api
    /// Somebody else on the same account.
    case byHand
    /// The venue: a triggered conditional order, a liquidation, a deleveraging.
    case venue
}

/// How a request names an order.
package enum OrderReference: Hashable, Sendable {
    case venue(VenueOrderID)
    case client(ClientOrderID)
}

/// A wish for an order that trades at once or rests in the book.
package struct OrderRequest: Hashable, Sendable {
    package var symbol: Symbol
    package var side: Side
    /// Market or limit.
    package var type: OrderType
    package var quantity: Quantity?
    package var price: Price?
    package var timeInForce: TimeInForce?
    package var isReduceOnly = false
    /// The venue makes one up where it is absent.
    package var clientID: ClientOrderID?

    package init(symbol: Symbol, side: Side, type: OrderType, quantity: Quantity? = nil) {
        self.symbol = symbol
        self.side = side
        self.type = type
        self.quantity = quantity
    }

    package static func market(
        _ side: Side,
        _ quantity: Quantity,
        of symbol: Symbol,
        id: String? = nil
    ) -> OrderRequest {
        var request = OrderRequest(symbol: symbol, side: side, type: .market, quantity: quantity)
        request.clientID = id.map { ClientOrderID($0) }
        return request
    }
}

/// An order in the book, or one that was.
package struct ExchangeOrder: Hashable, Sendable {
    package let id: VenueOrderID
    package let clientID: ClientOrderID
    package let symbol: Symbol
    package let side: Side
    package let type: OrderType
    /// Differs from `type` for the child of a conditional order.
    package let originalType: OrderType
    package let timeInForce: TimeInForce
    /// Zero for a market order.
    package internal(set) var price: Price
    /// Zero unless a conditional order made it.
    package let stopPrice: Price
    package let isReduceOnly: Bool
    package let closesPosition: Bool
    package let workingType: WorkingType
    package internal(set) var origin: OrderOrigin
    /// The conditional order that made it.
    package let parentID: VenueOrderID?
    package let createdAt: VenueInstant
    package internal(set) var quantity: Quantity
    package internal(set) var executed: Quantity = .zero
    package internal(set) var filledNotional: Notional = .zero
    package internal(set) var status: OrderStatus = .new
    package internal(set) var expiryReason: ExpiryReason = .none
    /// How often it was amended.
    package internal(set) var amendments = 0
    /// What the latest amendment was called by who sent it.
    package internal(set) var modifyID: Int64?
    package internal(set) var updatedAt: VenueInstant

    package var remaining: Quantity { quantity - executed }

    /// Rounds: down.
    package var averagePrice: Price {
        guard executed.isPositive else { return .zero }
        let wide = Int128(filledNotional.units) * Int128(Price.scale)
        return Price(units: divide(wide, by: Int128(executed.units), rounding: .down))
    }

    init(id: VenueOrderID, clientID: ClientOrderID, request: OrderRequest, at now: VenueInstant) {
        self.id = id
        self.clientID = clientID
        symbol = request.symbol
        side = request.side
        type = request.type
        originalType = request.type
        timeInForce = request.timeInForce ?? .goodTillCancel
        price = request.type == .limit ? request.price ?? .zero : .zero
        stopPrice = .zero
        isReduceOnly = request.isReduceOnly
        closesPosition = false
        workingType = .contractPrice
        origin = .api
        parentID = nil
        createdAt = now
        quantity = request.quantity ?? .zero
        updatedAt = now
    }

    /// The order that a triggered conditional order becomes.
    init(id: VenueOrderID, child algo: AlgoOrder, quantity: Quantity, at now: VenueInstant) {
        self.id = id
        clientID = algo.clientID
        symbol = algo.symbol
        side = algo.side
        type = .market
        originalType = algo.type
        timeInForce = .goodTillCancel
        price = .zero
        stopPrice = algo.triggerPrice
        isReduceOnly = algo.isReduceOnly
        closesPosition = algo.closesPosition
        workingType = algo.workingType
        origin = algo.origin == .api ? .venue : algo.origin
        parentID = algo.id
        createdAt = now
        self.quantity = quantity
        updatedAt = now
    }

    /// An order that the venue or a stranger makes on the account.
    init(
        id: VenueOrderID,
        clientID: ClientOrderID,
        forced: ForcedTrade,
        at now: VenueInstant
    ) {
        self.id = id
        self.clientID = clientID
        symbol = forced.symbol
        side = forced.side
        type = forced.type
        originalType = forced.type
        timeInForce = .immediateOrCancel
        price = .zero
        stopPrice = .zero
        isReduceOnly = forced.isReduceOnly
        closesPosition = false
        workingType = .contractPrice
        origin = forced.origin
        parentID = nil
        createdAt = now
        quantity = forced.quantity
        updatedAt = now
    }
}

/// A trade that no request through the API asked for.
struct ForcedTrade {
    let symbol: Symbol
    let side: Side
    let quantity: Quantity
    let type: OrderType
    let origin: OrderOrigin
    let isReduceOnly: Bool
}

/// One execution.
package struct ExchangeTrade: Hashable, Sendable {
    package let number: Int64
    package let orderID: VenueOrderID
    package let clientID: ClientOrderID
    package let symbol: Symbol
    package let side: Side
    package let price: Price
    package let quantity: Quantity
    package let isMaker: Bool
    /// Rounds: up.
    package let commission: Notional
    /// Rounds: down.
    package let realised: Notional
    package let at: VenueInstant

    /// Rounds: down.
    package var notional: Notional { Notional(of: quantity, at: price, rounding: .down) }
}
