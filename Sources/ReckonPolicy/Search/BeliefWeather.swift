import ReckonEngine
import ReckonModel

/// Makes up how belief goes on: spells of calm, single mismatches, broad trouble, doubt, nakedness and recovery, as the
/// engine meets them, and now and then what it hardly ever meets.
struct BeliefWeather {
    private enum Spell: CaseIterable {
        case calm
        case single
        case broad
        case unknown
        case naked
        case stale
        case torn
        case recovery
        case flapping
        case chaos
        case literal
        case swarm
    }

    private(set) var belief = Belief.neutral
    private var spell = Spell.calm
    private var left = 0
    private var pace = 5.0
    private var kept = Belief.neutral

    private static let paces: [Double] = [1, 5, 5, 5, 5, 10, 30, 90]
    private static let leaps: [Double] = [0.001, 1, 5, 30, 90, 300]

    /// The next seconds and belief; some spells and steps use figures that the policy's source names.
    mutating func next(_ dice: inout Dice, words: PolicyWords) -> (seconds: Double, belief: Belief) {
        let named = dice.chance(1, in: 8) ? words.figure(&dice, in: 0...3_600) : nil
        if left == 0 {
            spell = dice.pick(Spell.allCases) ?? .calm
            left = Int(dice.roll(in: 1...12))
            pace = dice.pick(Self.paces) ?? 5
        }
        left -= 1
        let seconds = named ?? (dice.chance(1, in: 8) ? dice.pick(Self.leaps) ?? pace : pace)
        age(by: seconds)
        move(&dice, words)
        belief = belief.settled
        return (seconds, belief)
    }

    private mutating func age(by seconds: Double) {
        if belief.debtSymbols > 0 { belief.debtSeconds += seconds }
        if belief.unknownIntents.count > 0 { belief.unknownIntents.oldestSeconds += seconds }
        if belief.naked.symbols > 0 { belief.naked.seconds += seconds }
        for index in belief.symbols.indices { belief.symbols[index].debtSeconds += seconds }
    }

    private mutating func move(_ dice: inout Dice, _ words: PolicyWords) {
        switch spell {
        case .calm:
            let streak = max(0, belief.mismatchStreak - 1)
            belief = .neutral
            belief.mismatchStreak = dice.chance(1, in: 2) ? streak : 0
        case .single: mismatch(symbols: 1, &dice)
        case .broad: mismatch(symbols: belief.debtSymbols + Int(dice.roll(in: 0...8)), &dice)
        case .unknown: belief.unknownIntents.count += Int(dice.roll(in: 0...2))
        case .naked: belief.naked.symbols += Int(dice.roll(in: 0...1))
        case .stale:
            belief.evidence.confidence *= 0.5 + dice.share() / 2
            belief.evidence.streamScore *= 0.5 + dice.share() / 2
            belief.evidence.streamAgeSeconds += 5
            belief.evidence.degradedSources = Int(dice.roll(in: 0...3))
            belief.confidence = belief.evidence.confidence
        case .torn:
            belief.evidence.contradictionScore = dice.share()
            belief.evidence.contradictionStreak += 1
        case .recovery: recover(&dice)
        case .flapping: (belief, kept) = (kept, belief)
        case .swarm:
            belief.symbols = []
            mismatch(symbols: 32 + belief.debtSymbols, &dice)
        case .chaos:
            for field in BeliefField.all where dice.chance(1, in: 3) {
                field.write(dice.spread(over: field.range), to: &belief)
            }
        case .literal:
            guard let field = dice.pick(BeliefField.all), let word = words.figure(&dice, in: field.range)
            else { return }
            field.write(word * (0.99 + dice.share() * 0.02), to: &belief)
        }
    }

    private mutating func mismatch(symbols: Int, _ dice: inout Dice) {
        belief.debtSymbols = min(200, max(1, symbols))
        belief.mismatchStreak = min(40, belief.mismatchStreak + belief.debtSymbols)
        guard dice.chance(3, in: 4) else { return }
        // Other symbols each time, at times: what a policy keeps of symbols then grows.
        if dice.chance(1, in: 3) { belief.symbols = [] }
        let first = Int(dice.roll(below: 400))
        while belief.symbols.count < min(32, belief.debtSymbols) {
            var row = SymbolDebt.sample(first + belief.symbols.count)
            guard !belief.symbols.contains(where: { $0.symbol == row.symbol }) else { return }
            row.mismatches = 1
            belief.symbols.append(row)
        }
    }

    private mutating func recover(_ dice: inout Dice) {
        belief.debtSymbols = max(0, belief.debtSymbols - Int(dice.roll(in: 1...3)))
        belief.symbols = Array(belief.symbols.prefix(belief.debtSymbols))
        if belief.debtSymbols == 0 { belief.debtSeconds = 0 }
        belief.mismatchStreak = max(0, belief.mismatchStreak - 1)
        belief.unknownIntents.count = max(0, belief.unknownIntents.count - 1)
        belief.naked.symbols = max(0, belief.naked.symbols - 1)
        belief.evidence = Evidence()
        belief.confidence = 1
    }

    /// A belief that is worse than `belief` in some fields and better in none.
    static func worsened(_ belief: Belief, _ dice: inout Dice, words: PolicyWords) -> Belief {
        var worse = belief
        for _ in 0..<dice.roll(in: 1...3) {
            if dice.chance(1, in: 8) {
                var row = SymbolDebt.sample(Int(dice.roll(below: 12)))
                guard worse.symbols.count < 32, !worse.symbols.contains(where: { $0.symbol == row.symbol })
                else {
                    continue
                }
                row.debtSeconds = dice.chance(1, in: 2) ? 0 : dice.spread(over: 0...600)
                row.mismatches = 1
                worse.symbols.append(row)
                continue
            }
            guard let field = dice.pick(BeliefField.all) else { continue }
            let old = field.read(worse)
            let value = worsened(old, field, &dice, words)
            if field.risesWhenWorse ? value > old : value < old { field.write(value, to: &worse) }
        }
        return worse.settled
    }

    private static func worsened(
        _ old: Double,
        _ field: BeliefField,
        _ dice: inout Dice,
        _ words: PolicyWords
    ) -> Double {
        let sign: Double = field.risesWhenWorse ? 1 : -1
        switch dice.roll(below: 4) {
        case 0: return old + sign * (field.isWhole ? 1 : max(0.001, abs(old) * 0.01))
        case 1: return words.figure(&dice, in: field.range) ?? old
        case 2: return old + sign * dice.spread(over: 0...(field.range.upperBound - field.range.lowerBound))
        default: return old + sign * dice.share() * max(1, abs(old))
        }
    }
}
