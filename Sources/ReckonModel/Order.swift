/// What an order is for.
///
/// Decides which rules bind it; never read by the venue.
package enum OrderRole: String, Sendable, Codable, Hashable, CaseIterable {
    case entry
    case exit
    case stop
    case takeProfit

    /// Whether a fill could open or add to a position.
    ///
    /// Everything else reduces on the wire itself.
    package var opensExposure: Bool { self == .entry }

    /// Whether the order lives on the venue's endpoint for conditional orders.
    package var isConditional: Bool { self == .stop || self == .takeProfit }
}

/// How long an order may rest.
package enum TimeInForce: String, Sendable, Codable, Hashable, CaseIterable {
    case goodTillCancel = "gtc"
    case immediateOrCancel = "ioc"
    case fillOrKill = "fok"
    case postOnly = "gtx"
}

/// At what price an order may trade, and when it comes alive.
package enum Pricing: Sendable, Codable, Hashable {
    case market
    case limit(Price, TimeInForce)
    /// A market order once the mark price falls (sell) or rises (buy) to the trigger.
    case stopMarket(trigger: Price)
    /// A market order once the mark price rises (sell) or falls (buy) to the trigger.
    case takeProfitMarket(trigger: Price)

    package var isConditional: Bool {
        switch self {
        case .market, .limit: false
        case .stopMarket, .takeProfitMarket: true
        }
    }
}

/// How much an order trades, and whether the venue itself keeps it from opening exposure.
package enum Extent: Sendable, Codable, Hashable {
    /// May open, add or flip: entries only.
    case opening(Quantity)
    /// `reduceOnly` at the venue.
    case reducing(Quantity)
    /// `closePosition` at the venue: whatever the position is when it triggers.
    case wholePosition

    package var quantity: Quantity {
        switch self {
        case .opening(let quantity), .reducing(let quantity): quantity
        case .wholePosition: .zero
        }
    }
}

/// An order as it goes out.
package struct OrderTicket: Sendable, Codable, Hashable {
    package let id: ClientOrderID
    package let symbol: Symbol
    package let role: OrderRole
    package let side: Side
    package let extent: Extent
    package let pricing: Pricing

    package init(
        id: ClientOrderID,
        symbol: Symbol,
        role: OrderRole,
        side: Side,
        extent: Extent,
        pricing: Pricing
    ) {
        self.id = id
        self.symbol = symbol
        self.role = role
        self.side = side
        self.extent = extent
        self.pricing = pricing
    }

    package var quantity: Quantity { extent.quantity }
}
