package import ReckonModel

/// Where a conditional order stands.
package enum AlgoStatus: String, Hashable, Sendable, CaseIterable {
    case new = "NEW"
    case cancelled = "CANCELED"
    case triggering = "TRIGGERING"
    case triggered = "TRIGGERED"
    case finished = "FINISHED"
    case rejected = "REJECTED"
    case expired = "EXPIRED"

    package var isOpen: Bool { self == .new }
}

/// A wish for a conditional order.
package struct AlgoRequest: Hashable, Sendable {
    package var symbol: Symbol
    package var side: Side
    /// Stop or take-profit.
    package var type: OrderType
    package var triggerPrice: Price?
    package var quantity: Quantity?
    package var closesPosition = false
    package var isReduceOnly = false
    package var workingType = WorkingType.contractPrice
    package var clientID: ClientOrderID?

    package init(symbol: Symbol, side: Side, type: OrderType = .stopMarket, triggerPrice: Price? = nil) {
        self.symbol = symbol
        self.side = side
        self.type = type
        self.triggerPrice = triggerPrice
    }

    /// A stop that closes whatever the position is, by the mark price.
    package static func closing(
        _ symbol: Symbol,
        side: Side,
        trigger: Price,
        id: String? = nil
    ) -> AlgoRequest {
        var request = AlgoRequest(symbol: symbol, side: side, triggerPrice: trigger)
        request.closesPosition = true
        request.workingType = .markPrice
        request.clientID = id.map { ClientOrderID($0) }
        return request
    }
}

/// A conditional order, waiting or done.
package struct AlgoOrder: Hashable, Sendable {
    package let id: VenueOrderID
    package let clientID: ClientOrderID
    package let symbol: Symbol
    package let side: Side
    package let type: OrderType
    package let triggerPrice: Price
    /// Zero where it closes the whole position.
    package let quantity: Quantity
    package let closesPosition: Bool
    /// Always true where it closes the whole position.
    package let isReduceOnly: Bool
    package let workingType: WorkingType
    package let origin: OrderOrigin
    package let createdAt: VenueInstant
    package internal(set) var status: AlgoStatus = .new
    package internal(set) var childID: VenueOrderID?
    package internal(set) var executed: Quantity = .zero
    package internal(set) var averagePrice: Price = .zero
    package internal(set) var triggeredAt: VenueInstant?
    package internal(set) var updatedAt: VenueInstant
    /// The venue's words where the trigger failed.
    package internal(set) var reason: String?

    init(
        id: VenueOrderID,
        clientID: ClientOrderID,
        request: AlgoRequest,
        origin: OrderOrigin,
        at now: VenueInstant
    ) {
        self.id = id
        self.clientID = clientID
        symbol = request.symbol
        side = request.side
        type = request.type
        triggerPrice = request.triggerPrice ?? .zero
        quantity = request.closesPosition ? .zero : request.quantity ?? .zero
        closesPosition = request.closesPosition
        isReduceOnly = request.isReduceOnly || request.closesPosition
        workingType = request.workingType
        self.origin = origin
        createdAt = now
        updatedAt = now
    }

    /// Whether a price sets it off.
    func triggers(at price: Price) -> Bool {
        let risesTo = (type == .stopMarket) == (side == .buy)
        return risesTo ? price >= triggerPrice : price <= triggerPrice
    }

    /// Whether it protects a position whose closing side is `side`.
    func covers(_ closing: Side) -> Bool {
        status.isOpen && type == .stopMarket && side == closing && isReduceOnly
    }
}
