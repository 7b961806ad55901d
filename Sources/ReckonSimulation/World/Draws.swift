package import ReckonModel

/// Dice keyed by purpose and cause, never by a running counter: a decision made otherwise elsewhere shifts no draw here.
package struct Draws: Sendable {
    package let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    package func dice(_ purpose: String, _ cause: String) -> Dice {
        Dice(seed: Dice.digest(cause, from: Dice.digest(purpose, from: seed)))
    }

    package func chance(_ ratio: Ratio, _ purpose: String, _ cause: String) -> Bool {
        guard ratio.numerator > 0 else { return false }
        var dice = dice(purpose, cause)
        return dice.chance(ratio.numerator, in: ratio.denominator)
    }
}

/// A probability as whole numbers.
package struct Ratio: Sendable, Hashable {
    package let numerator: UInt64
    package let denominator: UInt64

    package init(_ numerator: UInt64, in denominator: UInt64) {
        self.numerator = numerator
        self.denominator = max(denominator, 1)
    }

    package static let never = Ratio(0, in: 1)

    package var text: String { "\(numerator)/\(denominator)" }
}
