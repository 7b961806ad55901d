/// What we believe to hold on one symbol.
package struct Position: Sendable, Codable, Hashable {
    package let symbol: Symbol
    /// Signed: long above zero, short below.
    package var quantity: Quantity
    /// Average entry; zero while flat.
    package var entryPrice: Price

    package init(symbol: Symbol, quantity: Quantity = .zero, entryPrice: Price = .zero) {
        self.symbol = symbol
        self.quantity = quantity
        self.entryPrice = entryPrice
    }

    package var isFlat: Bool { quantity.isZero }

    /// The side of an order that would reduce it; `nil` while flat.
    package var closingSide: Side? {
        guard !isFlat else { return nil }
        return quantity.isPositive ? .sell : .buy
    }

    /// This position after a fill.
    ///
    /// Rounds: the average entry down to 1e-8; it is a display figure and a stop's reference, no money hangs on it.
    package func filled(_ side: Side, _ executed: Quantity, at price: Price) -> Position {
        var next = self
        let change = side.signed(executed)
        next.quantity = quantity + change
        // A leg cannot flip: what would take it beyond zero is not what the venue did, and the next lists say what was.
        switch symbol.leg {
        case .long: next.quantity = max(next.quantity, .zero)
        case .short: next.quantity = min(next.quantity, .zero)
        case nil: break
        }
        if next.quantity.isZero {
            next.entryPrice = .zero
        } else if quantity.isZero || quantity.isPositive != next.quantity.isPositive {
            next.entryPrice = price
        } else if quantity.isPositive == change.isPositive, price.isPositive {
            let before = Int128(quantity.magnitude.units) * Int128(entryPrice.units)
            let added = Int128(executed.units) * Int128(price.units)
            let total = Int128(next.quantity.magnitude.units)
            next.entryPrice = Price(units: divide(before + added, by: total, rounding: .down))
        }
        return next
    }
}
