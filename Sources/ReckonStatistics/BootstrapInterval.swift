import ReckonModel

/// The bias-corrected, accelerated bootstrap interval of a mean.
///
/// Source: Efron, "Better bootstrap confidence intervals", JASA 82 (1987).
package struct BootstrapInterval: Sendable, Hashable {
    package static let standardResamples = 9_999

    package let low: Double
    package let high: Double

    /// Absent where all values are the same, as then nothing can be resampled.
    package init?(_ values: [Double], level: Double = 0.95, seed: UInt64, resamples: Int = standardResamples)
    {
        guard values.count > 1, let first = values.first, values.contains(where: { $0 != first }) else {
            return nil
        }
        let mean = values.reduce(0, +) / Double(values.count)
        let means = BootstrapInterval.means(values, seed: seed, resamples: max(resamples, 2)).sorted()
        let half = (1 - level) / 2
        let tilt = Tilt(means: means, mean: mean, acceleration: BootstrapInterval.acceleration(values, mean))
        low = BootstrapInterval.quantile(means, tilt.share(half))
        high = BootstrapInterval.quantile(means, tilt.share(1 - half))
    }

    /// How bias and skewness move the shares at which the interval is read.
    private struct Tilt {
        let bias: Double
        let acceleration: Double

        init(means: [Double], mean: Double, acceleration: Double) {
            let below = means.count { $0 < mean }
            let same = means.count { $0 == mean }
            let share = (Double(below) + Double(same) / 2) / Double(means.count)
            let least = 0.5 / Double(means.count)
            bias = NormalDistribution.quantile(min(max(share, least), 1 - least))
            self.acceleration = acceleration
        }

        func share(_ wanted: Double) -> Double {
            let moved = bias + NormalDistribution.quantile(wanted)
            return NormalDistribution.share(below: bias + moved / (1 - acceleration * moved))
        }
    }

    /// Of the jackknife.
    package static func acceleration(_ values: [Double], _ mean: Double) -> Double {
        var squares = 0.0
        var cubes = 0.0
        for value in values {
            let off = value - mean
            squares += off * off
            cubes += off * off * off
        }
        return squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
    }

    private static func means(_ values: [Double], seed: UInt64, resamples: Int) -> [Double] {
        var dice = Dice(seed: seed)
        let count = UInt64(values.count)
        return (0..<resamples).map { _ in
            var sum = 0.0
            var left = values.count
            while left > 0 {
                // Two indices of 32 bits from each word: the bias is below count / 2^32.
                let word = dice.next()
                sum += values[Int(((word & 0xFFFF_FFFF) * count) >> 32)]
                if left > 1 { sum += values[Int(((word >> 32) * count) >> 32)] }
                left -= 2
            }
            return sum / Double(values.count)
        }
    }

    /// Between neighbours in proportion.
    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = min(max(share, 0), 1) * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
        return sorted[below] + (sorted[below + 1] - sorted[below]) * (place - Double(below))
    }
}
