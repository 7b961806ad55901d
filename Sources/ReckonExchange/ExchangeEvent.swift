package import ReckonModel

/// What the exchange tells the account's stream, in the order in which it happens.
package enum ExchangeEvent: Hashable, Sendable {
    case order(OrderUpdate)
    /// A fill in short, just before the longer events about it.
    case trade(ExchangeTrade, of: ExchangeOrder)
    case account(AccountUpdate)
    case algo(AlgoOrder, at: VenueInstant)
    case leverage(Symbol, Int, at: VenueInstant)
}

/// One order right after something happened to it.
package struct OrderUpdate: Hashable, Sendable {
    package let order: ExchangeOrder
    package let execution: ExecutionType
    package let at: VenueInstant
    /// The fill that it is about.
    package let trade: ExchangeTrade?
    package let bidNotional: Notional
    package let askNotional: Notional
}

/// Why the account changed, in the venue's words.
package enum AccountChange: String, Hashable, Sendable, CaseIterable {
    case order = "ORDER"
    case insurance = "INSURANCE_CLEAR"
    case marginType = "MARGIN_TYPE_CHANGE"
}

/// The account right after a change, with the position that changed.
package struct AccountUpdate: Hashable, Sendable {
    package let change: AccountChange
    package let at: VenueInstant
    package let wallet: Notional
    /// Change of the wallet that is neither profit nor fee.
    package let otherChange: Notional
    package let position: PositionView?
}
