import ReckonModel

/// Sizes and worths of figures that come from callers and policies: held at a bound where the plain arithmetic would trap.
enum Bounded {
    /// Far above anything that can be traded, and far enough below the type's end to be added up.
    static let largest = Quantity(units: Int64.max / 16)

    /// Worth of a quantity at a price; the largest amount where it is beyond that.
    static func worth(_ quantity: Quantity, at price: Price, rounding: Rounding = .up) -> Notional {
        let wide = Int128(quantity.units) * Int128(price.units) / Int128(Notional.scale)
        guard wide < Int128(Int64.max) else { return Notional(units: .max) }
        return Notional(of: quantity, at: price, rounding: rounding)
    }

    /// What an amount buys at a price; `largest` where it is beyond that.
    ///
    /// Rounds: down.
    static func quantity(_ notional: Notional, at price: Price) -> Quantity {
        guard price.isPositive else { return .zero }
        let wide = Int128(notional.units) * Int128(Notional.scale) / Int128(price.units)
        return wide < Int128(largest.units) ? notional.quantity(at: price) : largest
    }
}

extension StopDistance {
    static let usableRange =
        "1 to 100000 basis points, a price on the tick, or a range that can be reckoned with"

    /// Whether a trigger can be reckoned from it without leaving the range of prices.
    func isUsable(at price: Price, tick: Price) -> Bool {
        let most = Price(units: Int64.max / 16)
        guard price.isPositive, price <= most else { return false }
        switch self {
        case .price(let trigger):
            return trigger.isPositive && trigger.rounded(.down, toMultipleOf: tick) == trigger
        case .basisPoints(let points): return (1...100_000).contains(points)
        case .averageTrueRange(let range, let hundredths):
            guard range.isPositive, hundredths > 0 else { return false }
            return Int128(range.units) * Int128(hundredths) / 100 <= Int128(most.units)
        }
    }
}
