/// A seeded generator (SplitMix64): the same seed gives the same draws on every machine.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
package struct Dice: Hashable, Sendable, Codable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Dice.mixed(state)
    }

    /// A whole number in `0..<bound`; a bound of zero gives zero.
    ///
    /// Without modulo bias.
    package mutating func roll(below bound: UInt64) -> UInt64 {
        guard bound > 1 else { return 0 }
        while true {
            let (high, low) = next().multipliedFullWidth(by: bound)
            if low >= (0 &- bound) % bound { return high }
        }
    }

    package mutating func roll(in range: ClosedRange<Int64>) -> Int64 {
        let width = UInt64(bitPattern: range.upperBound &- range.lowerBound) &+ 1
        return range.lowerBound &+ Int64(bitPattern: width == 0 ? next() : roll(below: width))
    }

    /// True in `numerator` of `denominator` draws on average.
    package mutating func chance(_ numerator: UInt64, in denominator: UInt64) -> Bool {
        roll(below: denominator) < numerator
    }

    /// A child generator for one purpose; drawing from it never shifts this one or its siblings.
    package func child(_ purpose: String) -> Dice {
        Dice(seed: Dice.digest(purpose, from: state))
    }

    /// A number that hangs on the seed and the text alone, for draws keyed by cause and not by order.
    package static func digest(_ text: String, from seed: UInt64) -> UInt64 {
        var hash = mixed(seed ^ 0xCBF2_9CE4_8422_2325)
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return mixed(hash)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var word = value
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
