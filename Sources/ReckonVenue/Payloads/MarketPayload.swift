import ReckonExchange
import ReckonModel

extension VenueLimits {
    var rows: JSON {
        [
            VenueLimits.row("REQUEST_WEIGHT", "MINUTE", 1, weightPerMinute),
            VenueLimits.row("ORDERS", "MINUTE", 1, ordersPerMinute),
            VenueLimits.row("ORDERS", "SECOND", 10, ordersPerTenSeconds),
        ]
    }

    var orderRows: JSON {
        [
            VenueLimits.row("ORDERS", "SECOND", 10, ordersPerTenSeconds),
            VenueLimits.row("ORDERS", "MINUTE", 1, ordersPerMinute),
        ]
    }

    private static func row(_ type: String, _ interval: String, _ count: Int64, _ limit: Int) -> JSON {
        [
            "rateLimitType": .text(type), "interval": .text(interval), "intervalNum": .number(count),
            "limit": .number(Int64(limit)),
        ]
    }
}

extension MarketConfiguration {
    /// One symbol of `exchangeInfo`.
    func symbolRow(maxOrders: Int) -> JSON {
        let name = instrument.symbol.name
        let base = name.hasSuffix("USDT") ? String(name.dropLast(4)) : name
        return [
            "symbol": .text(name), "pair": .text(name), "contractType": "PERPETUAL",
            "deliveryDate": 4_133_404_800_000, "onboardDate": 1_569_398_400_000,
            "status": .text(instrument.isTrading ? "TRADING" : "SETTLING"), "maintMarginPercent": "2.5000",
            "requiredMarginPercent": "5.0000", "baseAsset": .text(base), "quoteAsset": "USDT",
            "marginAsset": "USDT", "pricePrecision": .number(Int64(pricePrecision)),
            "quantityPrecision": .number(Int64(quantityPrecision)), "baseAssetPrecision": 8,
            "quotePrecision": 8, "underlyingType": "COIN", "underlyingSubType": ["PoW"], "settlePlan": 0,
            "triggerProtect": "0.0500", "liquidationFee": "0.012500",
            "marketTakeBound": .decimal(Price(units: marketTakeBound * 10_000)), "maxMoveOrderLimit": 10_000,
            "filters": filters(maxOrders), "orderTypes": MarketConfiguration.orderTypes,
            "timeInForce": ["GTC", "IOC", "FOK", "GTX"], "permissionSets": ["GRID", "COPY"],
        ]
    }

    private static let orderTypes: JSON = [
        "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET",
    ]

    private func filters(_ maxOrders: Int) -> JSON {
        [
            [
                "filterType": "PRICE_FILTER", "minPrice": .decimal(instrument.minPrice),
                "maxPrice": .decimal(instrument.maxPrice), "tickSize": .decimal(instrument.tickSize),
            ],
            lotFilter("LOT_SIZE", instrument.maxQuantity),
            lotFilter("MARKET_LOT_SIZE", instrument.maxMarketQuantity),
            ["filterType": "MAX_NUM_ORDERS", "limit": .number(Int64(maxOrders))],
            ["filterType": "MIN_NOTIONAL", "notional": .decimal(instrument.minNotional)],
            [
                "filterType": "PERCENT_PRICE",
                "multiplierUp": .decimal(Price(units: instrument.percentPriceUp * 10_000)),
                "multiplierDown": .decimal(Price(units: instrument.percentPriceDown * 10_000)),
                "multiplierDecimal": "4",
            ],
            ["filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"],
        ]
    }

    private func lotFilter(_ type: String, _ most: Quantity) -> JSON {
        [
            "filterType": .text(type), "minQty": .decimal(instrument.minQuantity), "maxQty": .decimal(most),
            "stepSize": .decimal(instrument.stepSize),
        ]
    }
}

extension Market {
    var symbol: Symbol { instrument.symbol }

    private func nextFunding(_ now: VenueInstant) -> JSON {
        let period: Int64 = 8 * 3_600_000
        return .number((now.milliseconds / period + 1) * period)
    }

    func premium(at now: VenueInstant) -> JSON {
        [
            "symbol": .text(symbol.name), "markPrice": .decimal(mark), "indexPrice": .decimal(mark),
            "estimatedSettlePrice": .decimal(mark), "lastFundingRate": "0.00010000",
            "interestRate": "0.00010000", "nextFundingTime": nextFunding(now), "time": .time(now),
        ]
    }

    func bookTicker(at now: VenueInstant) -> JSON {
        [
            "symbol": .text(symbol.name), "bidPrice": .decimal(bid), "bidQty": .decimal(bidQuantity),
            "askPrice": .decimal(ask), "askQty": .decimal(askQuantity), "time": .time(updatedAt),
        ]
    }

    func priceTicker() -> JSON {
        ["symbol": .text(symbol.name), "price": .decimal(last), "time": .time(updatedAt)]
    }

    func bookTickerEvent(at now: VenueInstant) -> JSON {
        [
            "e": "bookTicker", "u": .number(updateNumber), "E": .time(now), "T": .time(updatedAt),
            "s": .text(symbol.name), "b": .decimal(bid), "B": .decimal(bidQuantity), "a": .decimal(ask),
            "A": .decimal(askQuantity), "ps": .text(symbol.name), "st": 1,
        ]
    }

    func markPriceEvent(at now: VenueInstant) -> JSON {
        [
            "e": "markPriceUpdate", "E": .time(now), "s": .text(symbol.name), "p": .decimal(mark),
            "ap": .decimal(mark), "P": .decimal(mark), "i": .decimal(mark), "r": "0.00010000",
            "T": nextFunding(now), "st": 1,
        ]
    }

    func aggTradeEvent(at now: VenueInstant) -> JSON {
        let isBuyerMaker = last == bid
        let quantity = instrument.minQuantity
        return [
            "e": "aggTrade", "E": .time(now), "s": .text(symbol.name), "a": .number(updateNumber),
            "p": .decimal(last), "q": .decimal(quantity), "nq": .decimal(quantity),
            "f": .number(updateNumber),
            "l": .number(updateNumber), "T": .time(updatedAt), "m": .bool(isBuyerMaker), "st": 1,
        ]
    }
}
