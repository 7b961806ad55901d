import ReckonEngine
import ReckonModel

/// The parts of `v1/exchangeInfo` that bound our orders.
///
/// Source: docs/venue-binance.md, Instruments.
struct ExchangeInfoRow: Decodable, Sendable {
    let symbols: [InstrumentRow]
}

/// One symbol with its filters.
struct InstrumentRow: Decodable, Sendable {
    struct Filter: Decodable, Sendable {
        let filterType: String
        let minPrice: Loose?
        let maxPrice: Loose?
        let tickSize: Loose?
        let minQty: Loose?
        let maxQty: Loose?
        let stepSize: Loose?
        let notional: Loose?
        let multiplierUp: Loose?
        let multiplierDown: Loose?
    }

    let symbol: String
    let status: String?
    let contractType: String?
    let filters: [Filter]

    /// Whether it never expires; others are not traded by us.
    var isPerpetual: Bool { contractType?.hasSuffix("PERPETUAL") ?? true }

    /// The bounds of orders under the row's own name, or under that of a leg.
    func instrument(as book: Symbol? = nil) throws -> Instrument {
        guard isPerpetual else {
            throw Unreadable("\(symbol) contractType", found: contractType ?? "", allowed: "a perpetual")
        }
        let price = try filter("PRICE_FILTER")
        let lot = try filter("LOT_SIZE")
        var instrument = Instrument(
            symbol: try book ?? Reading.symbol(symbol),
            tickSize: try positive(price.tickSize, "tickSize"),
            stepSize: try positive(lot.stepSize, "stepSize"),
            minQuantity: try Reading.size(lot.minQty, "\(symbol) minQty"),
            maxQuantity: try Reading.size(lot.maxQty, "\(symbol) maxQty"),
            minNotional: try amount("MIN_NOTIONAL", \.notional)
        )
        instrument.minPrice = try Reading.price(price.minPrice, "\(symbol) minPrice")
        instrument.maxPrice = try Reading.price(price.maxPrice, "\(symbol) maxPrice")
        instrument.maxMarketQuantity = try marketMost(instrument.maxQuantity)
        try takePercentPrice(into: &instrument)
        instrument.isTrading = status == "TRADING"
        try checkGrid(instrument)
        return instrument
    }

    private func filter(_ type: String) throws -> Filter {
        for filter in filters where filter.filterType == type { return filter }
        throw Unreadable("\(symbol) filters", found: "no \(type)", allowed: "one")
    }

    private func positive<Number: FixedPoint>(_ value: Loose?, _ name: String) throws -> Number {
        let number: Number = try Reading.exact(value, "\(symbol) \(name)")
        guard number.isPositive, number.units <= 1_000_000 * Number.scale else {
            throw Unreadable("\(symbol) \(name)", found: "\(number)", allowed: "above 0, at most 1000000")
        }
        return number
    }

    /// Absent means that the venue asks for none.
    private func amount(_ type: String, _ part: KeyPath<Filter, Loose?>) throws -> Notional {
        let value = filters.first { $0.filterType == type }?[keyPath: part]
        let amount: Notional = try Reading.computed(value, "\(symbol) \(type)")
        guard !amount.isNegative else {
            throw Unreadable("\(symbol) \(type)", found: "\(amount)", allowed: "0 or more")
        }
        return amount
    }

    private func marketMost(_ most: Quantity) throws -> Quantity {
        guard let lot = filters.first(where: { $0.filterType == "MARKET_LOT_SIZE" }), lot.maxQty != nil else {
            return most
        }
        return min(most, try Reading.size(lot.maxQty, "\(symbol) MARKET_LOT_SIZE maxQty"))
    }

    /// Rounds: inwards, so that a price within our bounds is within the venue's.
    private func takePercentPrice(into instrument: inout Instrument) throws {
        guard let filter = filters.first(where: { $0.filterType == "PERCENT_PRICE" }) else { return }
        let up: Price = try Reading.computed(filter.multiplierUp, "\(symbol) multiplierUp")
        let down: Price = try Reading.computed(filter.multiplierDown, "\(symbol) multiplierDown")
        let unit = Price.scale / 10_000
        if up.isPositive { instrument.percentPriceUp = up.units.flooredDivision(by: unit) }
        if down.isPositive { instrument.percentPriceDown = -((-down.units).flooredDivision(by: unit)) }
    }

    /// We round to multiples of tick and step, the venue counts from its minimum: the two grids must be one.
    private func checkGrid(_ instrument: Instrument) throws {
        let offTick = instrument.minPrice.units % instrument.tickSize.units
        guard offTick == 0 else {
            let found = "minPrice \(instrument.minPrice) with tickSize \(instrument.tickSize)"
            throw Unreadable("\(symbol) PRICE_FILTER", found: found, allowed: "a multiple")
        }
        let offStep = instrument.minQuantity.units % instrument.stepSize.units
        guard offStep == 0 else {
            let found = "minQty \(instrument.minQuantity) with stepSize \(instrument.stepSize)"
            throw Unreadable("\(symbol) LOT_SIZE", found: found, allowed: "a multiple")
        }
        guard instrument.maxQuantity >= instrument.minQuantity else {
            throw Unreadable("\(symbol) LOT_SIZE", found: "maxQty below minQty", allowed: "at least minQty")
        }
    }
}

/// The windows of `v1/exchangeInfo`; what it does not name stays as it is usual.
struct RateLimitsRow: Decodable, Sendable {
    struct Row: Decodable, Sendable {
        let rateLimitType: String
        let interval: String
        let intervalNum: Int
        let limit: Int
    }

    let rateLimits: [Row]?

    var limits: RateLimits {
        var limits = RateLimits()
        for row in rateLimits ?? [] where row.limit > 0 {
            switch (row.rateLimitType, row.interval, row.intervalNum) {
            case ("REQUEST_WEIGHT", "MINUTE", 1): limits.weightPerMinute = row.limit
            case ("ORDERS", "MINUTE", 1): limits.ordersPerMinute = row.limit
            case ("ORDERS", "SECOND", 10): limits.ordersPerTenSeconds = row.limit
            default: break
            }
        }
        return limits
    }
}
