import Foundation
import ReckonEngine
import ReckonModel

/// A line through the space of beliefs along which everything gets worse, or nothing changes.
struct SearchAxis {
    let range: ClosedRange<Double>
    let isWhole: Bool
    /// Whether a larger value is the worse one.
    let rises: Bool
    let write: (Double, inout Belief) -> Void

    init(_ field: BeliefField) {
        range = field.range
        isWhole = field.isWhole
        rises = field.risesWhenWorse
        write = { field.write($0, to: &$1) }
    }

    /// From no debt at 0 to `target` at 1, in all fields at once.
    init(towards target: Belief) {
        range = 0...2
        isWhole = false
        rises = true
        write = { share, belief in
            for field in BeliefField.all {
                let value = field.neutral + (field.read(target) - field.neutral) * share
                // Rounded towards neutral, so that more of the way is never better.
                field.write(field.isWhole ? value.rounded(.down) : value, to: &belief)
            }
            belief.symbols = target.symbols
            for index in belief.symbols.indices { belief.symbols[index].debtSeconds *= share }
        }
    }

    func belief(_ base: Belief, at value: Double) -> Belief {
        var belief = base
        write(min(max(value, range.lowerBound), range.upperBound), &belief)
        return belief.settled
    }

    /// Two values within 1 % on either side of `threshold`, the better one first.
    func around(_ threshold: Double, _ dice: inout Dice) -> (better: Double, worse: Double) {
        let low: Double
        let high: Double
        if isWhole {
            low = (threshold - 1).rounded(.up)
            high = threshold.rounded(.up)
        } else {
            let width = max(abs(threshold) * 0.01, 1e-6)
            // Every other pair has the threshold itself on one side: policies err there by one sign.
            switch dice.roll(below: 4) {
            case 0: (low, high) = (threshold, threshold + width * dice.share())
            case 1: (low, high) = (threshold - width * dice.share(), threshold)
            default: (low, high) = (threshold - width * dice.share(), threshold + width * dice.share())
            }
        }
        return rises ? (low, high) : (high, low)
    }
}

/// Which axes have led to thresholds so far: most policies read few fields.
struct AxisChoice {
    private var found: [Double]
    private var tried: [Double]
    private static let rows = 3
    private static var count: Int { BeliefField.all.count + rows + 1 }

    init() {
        found = [Double](repeating: 1, count: Self.count)
        tried = [Double](repeating: 1, count: Self.count)
    }

    /// The most fruitful of three, and now and then just any.
    func next(_ dice: inout Dice) -> Int {
        func any() -> Int { Int(dice.roll(below: UInt64(Self.count))) }
        var best = any()
        guard dice.chance(5, in: 6) else { return best }
        for _ in 0..<2 {
            let other = any()
            if found[other] / tried[other] > found[best] / tried[best] { best = other }
        }
        return best
    }

    func axis(_ index: Int, towards belief: Belief) -> SearchAxis {
        let fields = BeliefField.all.count
        if index < fields { return SearchAxis(BeliefField.all[index]) }
        if index < fields + Self.rows { return SearchAxis(.rowDebt(index - fields)) }
        return SearchAxis(towards: belief)
    }

    mutating func note(_ index: Int, hasThreshold: Bool) {
        tried[index] += 1
        if hasThreshold { found[index] += 1 }
    }
}

extension Dice {
    /// 0 up to 1.
    mutating func share() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    mutating func pick<Element>(_ items: [Element]) -> Element? {
        items.isEmpty ? nil : items[Int(roll(below: UInt64(items.count)))]
    }

    /// A value of a range, as likely among the small as among the large ones.
    mutating func spread(over range: ClosedRange<Double>) -> Double {
        let width = range.upperBound - range.lowerBound
        guard width > 10 else { return range.lowerBound + width * share() }
        return range.lowerBound + pow(10, log10(width + 1) * share()) - 1
    }
}

extension Belief {
    /// The same belief as the engine could hold it: rows worst first, no ages of what is not there.
    ///
    /// Keeps the order of two beliefs of which one is worse in every field.
    var settled: Belief {
        var belief = self
        func isWorse(_ left: SymbolDebt, _ right: SymbolDebt) -> Bool {
            (right.debtSeconds, right.mismatches, left.symbol) < (
                left.debtSeconds, left.mismatches, right.symbol
            )
        }
        if zip(symbols, symbols.dropFirst()).contains(where: { isWorse($1, $0) }) {
            belief.symbols.sort(by: isWorse)
        }
        belief.debtSymbols = max(debtSymbols, symbols.count)
        belief.debtSeconds = max(debtSeconds, belief.symbols.first?.debtSeconds ?? 0)
        if unknownIntents.count == 0 { belief.unknownIntents.oldestSeconds = 0 }
        if naked.symbols == 0 { belief.naked.seconds = 0 }
        return belief
    }
}
