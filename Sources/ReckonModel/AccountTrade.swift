/// One trade of the account, as the venue's history tells it.
///
/// The same trade may be told any number of times; its number is what makes it one.
package struct AccountTrade: Sendable, Codable, Hashable {
    /// The venue's number of the trade, unique within its symbol.
    package let number: Int64
    package let orderID: VenueOrderID
    package let symbol: Symbol
    package let side: Side
    package let at: VenueInstant
    package var quantity = Quantity.zero
    package var price = Price.zero

    package init(number: Int64, orderID: VenueOrderID, symbol: Symbol, side: Side, at: VenueInstant) {
        self.number = number
        self.orderID = orderID
        self.symbol = symbol
        self.side = side
        self.at = at
    }
}
