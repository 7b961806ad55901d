/// What the venue allows on one symbol.
///
/// A step or bound of zero means that the venue sets none.
package struct Instrument: Hashable, Sendable, Codable {
    package let symbol: Symbol
    package var tickSize: Price
    package var minPrice: Price
    package var maxPrice: Price
    package var stepSize: Quantity
    package var minQuantity: Quantity
    package var maxQuantity: Quantity
    /// Largest quantity of a market order.
    package var maxMarketQuantity: Quantity
    /// Least notional of an order that is not reduce-only.
    package var minNotional: Notional
    /// A limit price may be at most this many 1e-4 of the mark above (buy) or below (sell) it.
    package var percentPriceUp: Int64
    package var percentPriceDown: Int64
    package var maxLeverage: Int
    /// Whether the venue trades it now.
    package var isTrading: Bool

    /// The same bounds under the name of a leg.
    package func named(_ book: Symbol) -> Instrument {
        var same = Instrument(
            symbol: book,
            tickSize: tickSize,
            stepSize: stepSize,
            minQuantity: minQuantity,
            maxQuantity: maxQuantity,
            minNotional: minNotional
        )
        same.minPrice = minPrice
        same.maxPrice = maxPrice
        same.maxMarketQuantity = maxMarketQuantity
        same.percentPriceUp = percentPriceUp
        same.percentPriceDown = percentPriceDown
        same.maxLeverage = maxLeverage
        same.isTrading = isTrading
        return same
    }

    package init(
        symbol: Symbol,
        tickSize: Price,
        stepSize: Quantity,
        minQuantity: Quantity,
        maxQuantity: Quantity,
        minNotional: Notional
    ) {
        self.symbol = symbol
        self.tickSize = tickSize
        self.minPrice = tickSize
        self.maxPrice = .zero
        self.stepSize = stepSize
        self.minQuantity = minQuantity
        self.maxQuantity = maxQuantity
        self.maxMarketQuantity = maxQuantity
        self.minNotional = minNotional
        self.percentPriceUp = 10_500
        self.percentPriceDown = 9_500
        self.maxLeverage = 125
        self.isTrading = true
    }
}
