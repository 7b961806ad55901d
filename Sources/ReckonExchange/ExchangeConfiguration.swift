package import ReckonModel

/// What the exchange lists, what the account starts with, and how the world moves.
package struct ExchangeConfiguration: Hashable, Sendable {
    package var markets: [MarketConfiguration]
    package var startingBalance: Notional
    package var defaultLeverage: Int
    /// 1e-6 of the notional.
    package var makerFee: Int64
    package var takerFee: Int64
    package var startsAt: VenueInstant
    /// How often prices move.
    package var stepMilliseconds: Int64
    package var maxOpenOrdersPerSymbol: Int
    package var maxOpenAlgoOrders: Int
    /// Whether the account begins with two positions an instrument, each under the name of its leg.
    package var isHedged = false
    /// 1e-4 of a position that resting stops must cover so that it does not count as naked.
    package var minCoverage: Int64

    package init(
        markets: [MarketConfiguration],
        startingBalance: Notional = Notional(units: 10_000 * Notional.scale),
        startsAt: VenueInstant = VenueInstant(milliseconds: 1_700_000_000_000)
    ) {
        self.markets = markets
        self.startingBalance = startingBalance
        self.startsAt = startsAt
        self.defaultLeverage = 20
        self.makerFee = 200
        self.takerFee = 500
        self.stepMilliseconds = 250
        self.maxOpenOrdersPerSymbol = 200
        self.maxOpenAlgoOrders = 200
        self.minCoverage = 9_800
    }

    /// Plausible markets for the given names; legs are those of a hedged account, on their instruments' markets.
    package init(symbols: [Symbol]) {
        var instruments: [Symbol] = []
        for symbol in symbols where !instruments.contains(symbol.instrument) {
            instruments.append(symbol.instrument)
        }
        self.init(markets: instruments.map { MarketConfiguration.sample($0) })
        isHedged = symbols.contains { $0.leg != nil }
    }
}

/// Rules and dynamics of one symbol.
package struct MarketConfiguration: Hashable, Sendable {
    package var instrument: Instrument
    /// Most decimals in a price; more is refused before the tick is looked at.
    package var pricePrecision: Int
    package var quantityPrecision: Int
    package var source: PriceSource
    /// About how much rests at each price level on each side.
    package var depthPerLevel: Notional
    /// Ticks between two levels, and between bid and ask.
    package var levelTicks: Int64
    /// 1e-4 of the mark that a market order may be away from it.
    package var marketTakeBound: Int64
    package var brackets: [LeverageBracket]

    package init(instrument: Instrument, source: PriceSource) {
        self.instrument = instrument
        self.source = source
        self.pricePrecision = min(decimals(of: instrument.tickSize.units) + 1, 8)
        self.quantityPrecision = decimals(of: instrument.stepSize.units)
        self.depthPerLevel = Notional(units: 100_000 * Notional.scale)
        self.levelTicks = 1
        self.marketTakeBound = 500
        self.brackets = LeverageBracket.usual(maxLeverage: instrument.maxLeverage)
    }
}

/// How many decimal places a fixed-point figure really uses.
func decimals(of units: Int64) -> Int {
    guard units != 0 else { return 0 }
    var rest = units
    var places = 8
    while places > 0, rest % 10 == 0 {
        rest /= 10
        places -= 1
    }
    return places
}

/// Up to what notional which leverage is allowed, and what margin keeps a position alive there.
package struct LeverageBracket: Hashable, Sendable {
    package let number: Int
    package let maxLeverage: Int
    package let floor: Notional
    package let cap: Notional
    /// 1e-4 of the notional.
    package let maintenanceRatio: Int64
    /// Taken off the maintenance margin, so that it has no jump between brackets.
    package let deduction: Notional

    private static let rows: [(leverage: Int, cap: Int64, ratio: Int64)] = [
        (125, 300_000, 40), (100, 800_000, 50), (75, 3_000_000, 65), (50, 12_000_000, 100),
        (25, 70_000_000, 200), (20, 100_000_000, 250), (10, 230_000_000, 500), (5, 480_000_000, 1_000),
        (2, 800_000_000, 2_500), (1, 1_200_000_000, 5_000),
    ]

    package static func usual(maxLeverage: Int) -> [LeverageBracket] {
        var result: [LeverageBracket] = []
        var floor: Int64 = 0
        var deduction: Int64 = 0
        var before: Int64 = rows.first?.ratio ?? 0
        for row in rows {
            deduction += floor * Notional.scale / 10_000 * (row.ratio - before)
            let leverage = min(row.leverage, maxLeverage)
            result.append(
                LeverageBracket(
                    number: result.count + 1,
                    maxLeverage: leverage,
                    floor: Notional(units: floor * Notional.scale),
                    cap: Notional(units: row.cap * Notional.scale),
                    maintenanceRatio: row.ratio,
                    deduction: Notional(units: deduction)
                )
            )
            floor = row.cap
            before = row.ratio
        }
        return result
    }
}

extension MarketConfiguration {
    /// A market with the venue's usual filters for well-known names, and a plain one for the rest.
    package static func sample(_ symbol: Symbol) -> MarketConfiguration {
        switch symbol.name {
        case "BTCUSDT": make(symbol, price: "60000", tick: "0.1", step: "0.001", least: 50)
        case "ETHUSDT": make(symbol, price: "3000", tick: "0.01", step: "0.001", least: 20)
        case "SOLUSDT": make(symbol, price: "150", tick: "0.01", step: "0.01", least: 5)
        case "BNBUSDT": make(symbol, price: "600", tick: "0.01", step: "0.01", least: 5)
        case "XRPUSDT": make(symbol, price: "0.6", tick: "0.0001", step: "0.1", least: 5)
        case "DOGEUSDT": make(symbol, price: "0.15", tick: "0.00001", step: "1", least: 5)
        default: make(symbol, price: "100", tick: "0.01", step: "0.01", least: 5)
        }
    }

    /// Takes prices from outside, and moves the allowed ones to where they begin.
    package mutating func followFeed(from start: Price) {
        source = .fed(start: start)
        instrument.minPrice = start.scaled(by: 1, over: 100, rounding: .up)
            .rounded(.up, toMultipleOf: instrument.tickSize)
        instrument.maxPrice = start * 100
    }

    private static func make(
        _ symbol: Symbol,
        price: String,
        tick: String,
        step: String,
        least: Int64
    ) -> MarketConfiguration {
        let start: Price = known(price)
        let unit: Quantity = known(step)
        var instrument = Instrument(
            symbol: symbol,
            tickSize: known(tick),
            stepSize: unit,
            minQuantity: unit,
            maxQuantity: unit * 1_000_000,
            minNotional: Notional(units: least * Notional.scale)
        )
        instrument.minPrice = start.scaled(by: 1, over: 100, rounding: .up)
            .rounded(.up, toMultipleOf: instrument.tickSize)
        instrument.maxPrice = start * 100
        instrument.maxMarketQuantity = unit * 120_000
        return MarketConfiguration(instrument: instrument, source: .seeded(JumpDiffusion(start: start)))
    }

    private static func known<Number: FixedPoint>(_ text: String) -> Number {
        guard let number = try? Number(parsing: text) else { preconditionFailure("bad figure \(text)") }
        return number
    }
}
