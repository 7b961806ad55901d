import ReckonModel

/// The figures that a policy names, as literals and as parameters: where its thresholds are likely to be.
struct PolicyWords {
    private let figures: [Double]

    init(_ directory: PolicyDirectory, _ parameters: PolicyParameters) {
        var found: Set<Double> = [1]
        for file in directory.files {
            for token in LuaLexer.tokens(of: file.bytes) where token.kind == .number {
                if let value = Double(token.text), value.isFinite, value > 0 { found.insert(value) }
            }
        }
        for value in parameters.values.values where value > 0 { found.insert(value) }
        figures = found.sorted()
    }

    /// A figure, or what two or three of them make, as thresholds of weighted sums do; `nil` where none falls in `range`.
    func figure(_ dice: inout Dice, in range: ClosedRange<Double>) -> Double? {
        for _ in 0..<6 {
            var value = dice.pick(figures) ?? 1
            if dice.chance(1, in: 2) { value *= dice.pick(figures) ?? 1 }
            if dice.chance(1, in: 2) { value /= dice.pick(figures) ?? 1 }
            if dice.chance(1, in: 6) { value = abs((dice.pick(figures) ?? 1) - value) }
            if range.contains(value) { return value }
        }
        return nil
    }
}
