package import ReckonModel

/// One row of a file of prices.
package enum PriceRow: Hashable, Sendable {
    case candle(Candle)
    case trade(at: Span, price: Price)

    /// Since the first row.
    package var offset: Span {
        switch self {
        case .candle(let candle): candle.opens
        case .trade(let offset, _): offset
        }
    }
}

/// What a price did over a stretch of time; times since the first row.
package struct Candle: Hashable, Sendable {
    package let opens: Span
    package let closes: Span
    package let open: Price
    package let high: Price
    package let low: Price
    package let close: Price

    package init(opens: Span, closes: Span, open: Price, high: Price, low: Price, close: Price) {
        self.opens = opens
        self.closes = closes
        self.open = open
        self.high = high
        self.low = low
        self.close = close
    }
}

/// Which columns a file has; its first row decides.
///
/// Source: Binance public data archive, klines, trades and aggTrades of spot and USDⓈ-M futures.
enum PriceLayout: Sendable {
    case candles
    case futuresTrades
    case spotTrades
    case futuresAggregates
    case spotAggregates

    static let known = "12 (candles), 6 or 7 (trades), 7 or 8 (aggregate trades)"

    /// Seven columns are trades of the spot market or aggregate trades of futures: only the sixth tells them apart.
    init?(count: Int, isSixthAFlag: Bool) {
        switch count {
        case 12: self = .candles
        case 6: self = .futuresTrades
        case 7: self = isSixthAFlag ? .spotTrades : .futuresAggregates
        case 8: self = .spotAggregates
        default: return nil
        }
    }

    var names: [String] {
        switch self {
        case .candles: PriceLayout.candleNames
        case .futuresTrades: PriceLayout.futuresTradeNames
        case .spotTrades: PriceLayout.spotTradeNames
        case .futuresAggregates: PriceLayout.futuresAggregateNames
        case .spotAggregates: PriceLayout.spotAggregateNames
        }
    }

    private static let candleNames = [
        "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
        "taker_buy_volume", "taker_buy_quote_volume", "ignore",
    ]
    private static let futuresTradeNames = ["id", "price", "qty", "quote_qty", "time", "is_buyer_maker"]
    private static let spotTradeNames = futuresTradeNames + ["is_best_match"]
    private static let futuresAggregateNames = [
        "agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id", "transact_time",
        "is_buyer_maker",
    ]
    private static let spotAggregateNames = futuresAggregateNames + ["is_best_match"]

    /// Where the time of a trade stands.
    var timeColumn: Int {
        switch self {
        case .candles: 0
        case .futuresTrades, .spotTrades: 4
        case .futuresAggregates, .spotAggregates: 5
        }
    }
}
