/// Evidence, at any time of looking, about the mean of differences within known bounds.
///
/// The hedged capital of two gamblers, one who bets that the mean is higher than a value and one that it is lower. Their stakes
/// hang on what was seen before alone, so if the value is the mean their capital exceeds 1 / level at any time at all with a
/// chance of at most the level. Source: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting",
/// JRSS B 86 (2024), theorem 3 with predictable plug-in stakes.
package struct BettingSequence: Sendable {
    package let range: ClosedRange<Double>
    /// As shares of the range.
    private var shares: [Double] = []
    private var stakes: [Double] = []
    private var sum = 0.0
    private var spread = 0.25
    private static let level = 0.05
    private static let mostOfCapital = 0.5

    package init(range: ClosedRange<Double>) { self.range = range }

    package init(_ values: some Sequence<Double>, range: ClosedRange<Double>) {
        self.init(range: range)
        for value in values { add(value) }
    }

    package var count: Int { shares.count }

    /// Takes up one value; outside the range it counts as the range's end.
    package mutating func add(_ value: Double) {
        let width = range.upperBound - range.lowerBound
        let clamped = min(max(value, range.lowerBound), range.upperBound)
        let share = width > 0 ? (clamped - range.lowerBound) / width : 0
        let time = Double(shares.count + 1)
        let variance = spread / time
        let doubt = 2 * Elementary.log(2 / BettingSequence.level)
        stakes.append((doubt / (variance * time * Elementary.log(time + 1))).squareRoot())
        shares.append(share)
        sum += share
        let mean = (0.5 + sum) / (time + 1)
        spread += (share - mean) * (share - mean)
    }

    /// One over the greatest capital against "the mean is `value`".
    package func p(against value: Double) -> Double {
        Elementary.exp(-max(logCapital(.higher, value), logCapital(.lower, value)))
    }

    /// One over the greatest capital of the one who bets that the mean is above `value`.
    package func pAbove(_ value: Double) -> Double { Elementary.exp(-logCapital(.higher, value)) }

    package func pBelow(_ value: Double) -> Double { Elementary.exp(-logCapital(.lower, value)) }

    /// Holds the mean at all times of looking together, with a chance of at least `confidence`.
    package func interval(_ confidence: Double = 0.95) -> ClosedRange<Double> {
        let bar = -Elementary.log(1 - confidence)
        let middle = shares.isEmpty ? 0.5 : sum / Double(shares.count)
        let low = edge(from: 0, to: middle) { capital(.higher, $0) >= bar }
        let high = edge(from: 1, to: middle) { capital(.lower, $0) >= bar }
        let width = range.upperBound - range.lowerBound
        return (range.lowerBound + width * min(low, high))...(range.lowerBound + width * max(low, high))
    }

    private enum Side {
        case higher
        case lower
    }

    private func logCapital(_ side: Side, _ value: Double) -> Double {
        let width = range.upperBound - range.lowerBound
        guard width > 0 else { return 0 }
        return max(0, capital(side, min(max((value - range.lowerBound) / width, 0), 1)))
    }

    /// The logarithm of the greatest capital so far, half of the purse being staked on each side.
    private func capital(_ side: Side, _ mean: Double) -> Double {
        let room = side == .higher ? mean : 1 - mean
        guard room > 0 else { return shares.contains { $0 != mean } ? .infinity : 0 }
        var log = -0.693_147_180_559_945_3
        var most = log
        // Logarithms cost more than factors, so they are taken once in a long while and at the end.
        var product = 1.0
        var greatest = 1.0
        for (index, share) in shares.enumerated() {
            let stake = min(stakes[index], BettingSequence.mostOfCapital / room)
            product *= 1 + stake * (side == .higher ? share - mean : mean - share)
            greatest = max(greatest, product)
            guard product > 1e100 || product < 1e-100 else { continue }
            most = max(most, log + Elementary.log(greatest))
            log += Elementary.log(product)
            product = 1
            greatest = 1
        }
        return max(most, log + Elementary.log(greatest))
    }

    /// The last point on the way at which it still holds, by halving.
    private func edge(from start: Double, to end: Double, _ isExcluded: (Double) -> Bool) -> Double {
        guard isExcluded(start) else { return start }
        var out = start
        var inside = end
        for _ in 0..<60 {
            let middle = (out + inside) / 2
            if isExcluded(middle) { out = middle } else { inside = middle }
        }
        return out
    }
}
