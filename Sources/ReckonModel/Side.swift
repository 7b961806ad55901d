/// Which way an order trades.
package enum Side: String, Sendable, Codable, Hashable, CaseIterable {
    case buy
    case sell

    package var opposite: Side {
        switch self {
        case .buy: .sell
        case .sell: .buy
        }
    }

    /// The signed change that a fill on this side makes to a position.
    package func signed(_ quantity: Quantity) -> Quantity {
        switch self {
        case .buy: quantity
        case .sell: -quantity
        }
    }
}
