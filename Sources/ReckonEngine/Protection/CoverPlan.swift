package import ReckonModel

/// The protection that one position is to have at the venue.
package struct CoverPlan: Sendable, Codable, Hashable {
    package let symbol: Symbol
    /// The side of the stop: it closes the position.
    package let side: Side
    package let trigger: Price
    package let takeProfit: Price?

    package init(symbol: Symbol, side: Side, trigger: Price, takeProfit: Price?) {
        self.symbol = symbol
        self.side = side
        self.trigger = trigger
        self.takeProfit = takeProfit
    }
}

/// How positions are protected; the operator's.
package struct ProtectionRules: Sendable, Codable, Hashable {
    /// Stop distance where the intent names none, in 1e-4 of the entry (or of the mark for adopted positions).
    package var defaultDistance: Int64 = 200
    /// A position without a resting stop for longer is a mismatch.
    package var coverWithin: Span = .seconds(2)

    package init() {}
}
