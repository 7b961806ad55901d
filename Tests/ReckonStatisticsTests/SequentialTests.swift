import ReckonModel
import ReckonStatistics
import Testing

@Suite("Any number of seeds: evidence that is valid at every look")
struct SequentialTests {
    @Test("the capital of the mixture agrees with its closed form by SciPy, whatever the order")
    func mixture() throws {
        for row in try Reference.read().mixture {
            var evidence = WinsAgainstLosses()
            let ordered =
                [Double](repeating: -1, count: row.losses) + [Double](repeating: 1, count: row.wins)
            for difference in ordered { evidence.add(difference) }
            #expect(evidence.wins == row.wins && evidence.losses == row.losses)
            guard row.wins > 2 * row.losses else { continue }
            // Losses first and wins last: the capital for wins is greatest at the very end.
            let log = -Elementary.log(evidence.pForWins)
            #expect(Reference.agree(log, max(row.log_capital, 0), 1e-10), "\(row)")
        }
    }

    @Test("ties are no evidence, and a change of labels changes only the side")
    func labels() {
        var dice = Dice(seed: 2)
        let sample = (0..<80).map { _ in Double(dice.roll(in: -2...3)) }
        let one = WinsAgainstLosses(sample)
        let other = WinsAgainstLosses(sample.map { -$0 })
        #expect(one.p == other.p)
        #expect(one.favoursWins != other.favoursWins)
        #expect(WinsAgainstLosses(sample.filter { $0 != 0 }).p == one.p)
        #expect(WinsAgainstLosses([0, 0, 0]).p == 1)
    }

    @Test("with fair coins the capital passes 20 within 600 tosses in no more than one of twenty")
    func martingale() {
        var dice = Dice(seed: 31)
        let repetitions = 1_000
        var crossed = 0
        for _ in 0..<repetitions {
            var evidence = WinsAgainstLosses()
            for _ in 0..<600 { evidence.add(dice.chance(1, in: 2) ? 1 : -1) }
            if evidence.p <= 0.05 { crossed += 1 }
        }
        let error = (0.05 * 0.95 / Double(repetitions)).squareRoot()
        #expect(Double(crossed) / Double(repetitions) <= 0.05 + 3 * error, "\(crossed)")
    }

    @Test("the capital of the two gamblers agrees with a transcription of the paper in NumPy")
    func betting() throws {
        for row in try Reference.read().betting {
            let bets = BettingSequence(row.sample, range: 0...1)
            #expect(Reference.agree(bets.pAbove(row.mean), row.above, 1e-9), "above \(row.mean)")
            #expect(Reference.agree(bets.pBelow(row.mean), row.below, 1e-9), "below \(row.mean)")
        }
    }

    @Test("the interval is where the gamblers have not won, and shrinks with more values")
    func interval() {
        var dice = Dice(seed: 6)
        var bets = BettingSequence(range: -1...1)
        var width = 3.0
        for round in 1...4 {
            for _ in 0..<150 { bets.add(Double(dice.roll(in: -300...700)) / 1_000) }
            let interval = bets.interval()
            #expect(interval.contains(0.2), "\(interval)")
            #expect(interval.upperBound - interval.lowerBound < width, "round \(round)")
            width = interval.upperBound - interval.lowerBound
            #expect(bets.p(against: interval.lowerBound - 0.001) <= 0.0501)
            #expect(bets.p(against: interval.upperBound + 0.001) <= 0.0501)
            #expect(bets.p(against: 0.2) > 0.05)
        }
        #expect(width < 0.15)
        #expect(BettingSequence(range: -1...1).interval() == -1...1)
    }

    @Test("with a mean of zero the gamblers pass 20 at any look in no more than one of twenty")
    func gamblers() {
        var dice = Dice(seed: 44)
        let repetitions = 300
        var crossed = 0
        for _ in 0..<repetitions {
            let sample = (0..<200).map { _ -> Double in
                guard dice.chance(1, in: 2) else { return 0 }
                let size = Double(dice.roll(in: 1...1_000)) / 1_000
                return dice.chance(1, in: 2) ? size : -size
            }
            if BettingSequence(sample, range: -1...1).p(against: 0) <= 0.05 { crossed += 1 }
        }
        let error = (0.05 * 0.95 / Double(repetitions)).squareRoot()
        #expect(Double(crossed) / Double(repetitions) <= 0.05 + 3 * error, "\(crossed)")
    }
}
