package import ReckonModel

/// A seeded test of whether paired differences lie round zero: their signs are flipped at random, and the mean is held
/// against the means that come of it.
///
/// Differences of zero change no mean and are left out. `p` is (b + 1) / (flips + 1), so it is never zero.
package struct SignFlipTest: Sendable {
    package static let standardFlips = 99_999

    package let flips: Int
    package let seed: UInt64

    package init(seed: UInt64, flips: Int = SignFlipTest.standardFlips) {
        self.seed = seed
        self.flips = max(flips, 1)
    }

    /// Two-sided: how often a flipped mean lies at least as far from zero as the one observed.
    package func p(_ differences: [Double]) -> Double {
        let sums = FlippedSums(differences)
        let bar = sums.observed.magnitude - sums.tolerance
        return share(of: sums) { $0.magnitude >= bar }
    }

    /// One-sided: how often a flipped mean lies at least as high; small where the mean is above zero.
    package func pAbove(_ differences: [Double]) -> Double {
        let sums = FlippedSums(differences)
        let bar = sums.observed - sums.tolerance
        return share(of: sums) { $0 >= bar }
    }

    private func share(of sums: FlippedSums, _ isExtreme: (Double) -> Bool) -> Double {
        guard !sums.isEmpty else { return 1 }
        var dice = Dice(seed: seed)
        var count = 0
        for _ in 0..<flips where isExtreme(sums.next(&dice)) { count += 1 }
        return Double(count + 1) / Double(flips + 1)
    }
}

/// Sums of numbers whose signs are drawn: eight at a time from a table of all their 256 sums.
package struct FlippedSums: Sendable {
    private let tables: [Double]
    private let groups: Int
    /// With the signs that they have.
    package let observed: Double
    /// Sums that are equal but for the order of their rounding differ by less.
    package let tolerance: Double

    package init(_ differences: [Double]) {
        let values = differences.filter { $0 != 0 }
        groups = (values.count + 7) / 8
        var tables = [Double](repeating: 0, count: groups * 256)
        for group in 0..<groups {
            let part = values[(group * 8)..<min(group * 8 + 8, values.count)]
            for pattern in 0..<256 {
                var sum = 0.0
                for (bit, value) in part.enumerated() { sum += pattern >> bit & 1 == 1 ? value : -value }
                tables[group * 256 + pattern] = sum
            }
        }
        self.tables = tables
        observed = (0..<groups).reduce(0) { $0 + tables[$1 * 256 + 255] }
        tolerance = values.reduce(0) { $0 + $1.magnitude } * 1e-12
    }

    package var isEmpty: Bool { groups == 0 }

    /// The sum under signs that the dice draw.
    package func next(_ dice: inout Dice) -> Double {
        var sum = 0.0
        var bits: UInt64 = 0
        for group in 0..<groups {
            if group & 7 == 0 { bits = dice.next() }
            sum += tables[group << 8 | Int(bits & 255)]
            bits >>= 8
        }
        return sum
    }
}
