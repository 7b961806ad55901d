import ReckonEngine
import ReckonModel

/// Makes a counterexample as small and as plain as it gets while it still shows the same.
struct Shrinker {
    let judge: SearchJudge
    /// The knob or fault that must stay.
    let kind: String
    /// Evaluations that one counterexample may cost.
    private static let budget = 20_000

    private var spent = 0

    init(judge: SearchJudge, kind: String) {
        self.judge = judge
        self.kind = kind
    }

    func shrunk(_ example: Counterexample) -> Counterexample {
        var worker = self
        var best = example
        while true {
            let before = best
            worker.dropTicks(&best)
            worker.plainTimes(&best)
            worker.plainPair(&best)
            worker.plainLead(&best)
            if best == before || worker.spent > Self.budget { return best }
        }
    }

    private mutating func shows(_ example: Counterexample) -> Bool {
        guard spent <= Self.budget, example.worse.betterField(than: example.better) == nil else {
            return false
        }
        spent += example.lead.count + 2
        guard let witness = judge.witness(example) else { return false }
        return witness.fault.map { $0.code.rawValue == kind }
            ?? witness.knobs.contains { $0.rawValue == kind }
    }

    /// Tries a change; keeps it where the example still shows the same.
    private mutating func attempt(_ best: inout Counterexample, _ change: (inout Counterexample) -> Void)
        -> Bool
    {
        var next = best
        change(&next)
        guard next != best, shows(next) else { return false }
        best = next
        return true
    }

    private mutating func dropTicks(_ best: inout Counterexample) {
        var width = best.lead.count
        while width > 0 {
            var from = 0
            while from < best.lead.count {
                let range = from..<min(from + width, best.lead.count)
                if !attempt(&best, { $0.lead.removeSubrange(range) }) { from += width }
            }
            width /= 2
        }
    }

    /// Times that start at 0 and go on in whole, small steps.
    private mutating func plainTimes(_ best: inout Counterexample) {
        let start = best.lead.first?.now ?? best.now
        _ = attempt(&best) { $0.shiftTimes(from: 0, by: -start) }
        for index in 0...best.lead.count {
            let gap = best.gap(before: index)
            for candidate in [5, 10, 20, 30, 60, 90, (gap / 2).rounded(), gap.rounded(), gap.rounded(to: 1)] {
                guard index > 0, candidate < gap || (candidate != gap && gap != gap.rounded()), gap != 5
                else { break }
                if attempt(&best, { $0.shiftTimes(from: index, by: candidate - gap) }) { break }
            }
        }
    }

    private mutating func plainLead(_ best: inout Counterexample) {
        for index in best.lead.indices {
            if attempt(&best, { $0.lead[index].belief = .neutral }) { continue }
            _ = attempt(&best) { $0.lead[index].belief.symbols = [] }
            for row in best.lead[index].belief.symbols.indices.reversed() {
                _ = attempt(&best) { $0.lead[index].belief.symbols.remove(at: row) }
            }
            for field in BeliefField.all {
                for candidate in field.plainer(than: field.read(best.lead[index].belief)) {
                    if attempt(&best, { field.write(candidate, to: &$0.lead[index].belief) }) { break }
                }
            }
        }
    }

    /// As few and as plain differences between the two beliefs as will do.
    private mutating func plainPair(_ best: inout Counterexample) {
        if best.law != .monotone {
            let plain = { (example: inout Counterexample) in example.better = example.worse }
            _ = attempt(&best, plain)
        }
        plainRows(&best)
        for field in BeliefField.all {
            let done = attempt(&best) { example in
                field.write(field.neutral, to: &example.better)
                field.write(field.neutral, to: &example.worse)
            }
            if done { continue }
            _ = attempt(&best) { field.write(field.read($0.better), to: &$0.worse) }
            for candidate in field.plainer(than: field.read(best.better)) {
                let both = best.law != .monotone || field.read(best.better) == field.read(best.worse)
                let changed = attempt(&best) { example in
                    field.write(candidate, to: &example.better)
                    if both { field.write(candidate, to: &example.worse) }
                }
                if changed { break }
            }
            for candidate in field.plainer(than: field.read(best.worse)) where best.law == .monotone {
                if attempt(&best, { field.write(candidate, to: &$0.worse) }) { break }
            }
        }
    }

    private mutating func plainRows(_ best: inout Counterexample) {
        _ = attempt(&best) { example in
            example.better.symbols = []
            example.worse.symbols = []
        }
        for row in best.worse.symbols {
            _ = attempt(&best) { example in
                example.better.symbols.removeAll { $0.symbol == row.symbol }
                example.worse.symbols.removeAll { $0.symbol == row.symbol }
            }
            _ = attempt(&best) { $0.worse.replace(row.symbol, by: $0.better) }
        }
    }
}

extension Counterexample {
    /// Seconds before the tick at `index`, or before the pair where that is past the last tick; 0 for the first.
    fileprivate func gap(before index: Int) -> Double {
        guard index > 0, index <= lead.count else { return 0 }
        return (index < lead.count ? lead[index].now : now) - lead[index - 1].now
    }

    fileprivate mutating func shiftTimes(from index: Int, by seconds: Double) {
        for place in lead.indices where place >= index { lead[place].now += seconds }
        now += seconds
    }
}

extension Belief {
    /// Takes a symbol's row over from another belief, also its absence.
    fileprivate mutating func replace(_ symbol: Symbol, by other: Belief) {
        symbols.removeAll { $0.symbol == symbol }
        symbols += other.symbols.filter { $0.symbol == symbol }
    }
}

extension BeliefField {
    /// Simpler values to try instead of one, the simplest first.
    fileprivate func plainer(than value: Double) -> [Double] {
        guard value != neutral else { return [] }
        var tried: [Double] = [neutral]
        if isWhole {
            tried += [1, (value / 2).rounded(.down), value - 1]
        } else {
            tried += (0...4).flatMap { digits in
                [value.rounded(to: digits), value.rounded(to: digits, .down), value.rounded(to: digits, .up)]
            }
            if range.upperBound > 1 { tried.append((value / 2).rounded(to: 1)) }
        }
        // Only what is shorter, or as short and nearer to neutral: else two passes would undo each other.
        func weight(_ number: Double) -> (Int, Double) {
            (LuaText.number(number).count, abs(number - neutral))
        }
        return tried.filter { range.contains($0) && $0 != value && weight($0) < weight(value) }
    }
}

extension Double {
    fileprivate func rounded(to digits: Int, _ rule: FloatingPointRoundingRule = .toNearestOrAwayFromZero)
        -> Double
    {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return (self * scale).rounded(rule) / scale
    }
}
