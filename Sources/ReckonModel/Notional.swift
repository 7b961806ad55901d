/// An amount of the quote currency.
///
/// Units: 1e-8 USDT.
package struct Notional: FixedPoint {
    package let units: Int64

    package init(units: Int64) { self.units = units }

    /// Worth of a quantity at a price.
    ///
    /// Rounds: as told; exposure rounds up, budgets down. Range: intermediate in Int128.
    package init(of quantity: Quantity, at price: Price, rounding: Rounding) {
        let product = Int128(quantity.units) * Int128(price.units)
        units = divide(product, by: Int128(Self.scale), rounding: rounding)
    }

    /// How much of the base asset this amount buys at a price.
    ///
    /// Rounds: down, so that an order never exceeds its budget. A price of zero buys nothing.
    package func quantity(at price: Price) -> Quantity {
        guard price.isPositive else { return .zero }
        let wide = Int128(units) * Int128(Self.scale)
        return Quantity(units: divide(wide, by: Int128(price.units), rounding: .down))
    }
}
