import ReckonEngine
import ReckonModel

/// A trade of the account as `v1/userTrades` writes it.
///
/// Source: docs/venue-binance.md, Orders.
struct TradeRow: Decodable, Sendable {
    let id: Int64
    let orderId: Int64
    let symbol: String
    let side: String
    let price: Loose?
    let qty: Loose?
    let time: Int64?

    func trade() throws -> AccountTrade {
        var trade = AccountTrade(
            number: id,
            orderID: VenueOrderID(orderId),
            symbol: try Reading.symbol(symbol),
            side: try Reading.side(side),
            at: try Reading.instant(time, "time")
        )
        trade.quantity = try Reading.size(qty, "qty")
        trade.price = try Reading.price(price, "price")
        try Reading.checkWorth(trade.quantity, at: trade.price, field: "qty")
        return trade
    }
}
