import ReckonExchange
import ReckonModel

/// Routes that anybody may ask.
enum MarketRoutes {
    static let all: [Endpoint] = [
        .get("v1/ping", .market, weight: 1) { _, _ in [:] },
        .get("v1/time", .market, weight: 1) { exchange, _ in ["serverTime": .time(exchange.now)] },
        .get("v1/exchangeInfo", .market, weight: 1) { exchange, call in info(exchange, call.limits) },
        .get("v1/premiumIndex", .market, weight: 1, ofAll: 10) { exchange, call throws(VenueRejection) in
            let now = exchange.now
            return try perSymbol(exchange, call) { $0.premium(at: now) }
        },
        .get("v1/ticker/bookTicker", .market, weight: 2, ofAll: 5) { exchange, call throws(VenueRejection) in
            let now = exchange.now
            return try perSymbol(exchange, call) { $0.bookTicker(at: now) }
        },
        .get("v1/ticker/price", .market, weight: 1, ofAll: 2) { exchange, call throws(VenueRejection) in
            try perSymbol(exchange, call) { $0.priceTicker() }
        },
        .get("v2/ticker/price", .market, weight: 1, ofAll: 2) { exchange, call throws(VenueRejection) in
            try perSymbol(exchange, call) { $0.priceTicker() }
        },
    ]

    /// One object where a symbol is named, else an array of all.
    private static func perSymbol(
        _ exchange: Exchange,
        _ call: Call,
        _ row: (Market) -> JSON
    ) throws(VenueRejection) -> JSON {
        guard let symbol = try call.parameters.namedSymbol() else {
            return .array(exchange.markets.values.map(row))
        }
        return row(try exchange.market(symbol))
    }

    private static func info(_ exchange: Exchange, _ limits: VenueLimits) -> JSON {
        let most = exchange.configuration.maxOpenOrdersPerSymbol
        let symbols = exchange.markets.values.map { $0.configuration.symbolRow(maxOrders: most) }
        return [
            "timezone": "UTC", "serverTime": .time(exchange.now), "futuresType": "U_MARGINED",
            "rateLimits": limits.rows, "exchangeFilters": [],
            "assets": [["asset": "USDT", "marginAvailable": true, "autoAssetExchange": "0"]],
            "symbols": .array(symbols),
        ]
    }
}
