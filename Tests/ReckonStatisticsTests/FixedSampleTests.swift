import ReckonModel
import ReckonStatistics
import Testing

@Suite("A fixed number of seeds: sign flips and bootstrap")
struct FixedSampleTests {
    @Test("a sign-flip test agrees with SciPy's exact one within four standard errors")
    func exact() throws {
        for row in try Reference.read().flips {
            let test = SignFlipTest(seed: 5)
            for (mine, theirs) in [(test.p(row.sample), row.p), (test.pAbove(row.sample), row.above)] {
                let error = (theirs * (1 - theirs) / Double(test.flips)).squareRoot()
                #expect((mine - theirs).magnitude <= 4 * error + 2e-5, "\(row.sample): \(mine), \(theirs)")
            }
        }
    }

    @Test("its p-values hang on seed and differences alone, not on ties, sign or scale")
    func invariance() throws {
        let sample = try #require(try Reference.read().bootstrap.first).sample
        let test = SignFlipTest(seed: 8, flips: 4_999)
        let p = test.p(sample)
        #expect(test.p(sample) == p)
        #expect(test.p(sample.flatMap { [$0, 0, 0] }) == p)
        #expect(test.p(sample.map { $0 * 1_024 }) == p)
        #expect(test.p(sample.map { -$0 }) == p)
        #expect(SignFlipTest(seed: 9, flips: 4_999).p(sample) != p)
        #expect(test.pAbove(sample) + test.pAbove(sample.map { -$0 }) >= 1)
    }

    @Test("identical policies are never told apart, and p is never zero")
    func ends() {
        let test = SignFlipTest(seed: 1)
        #expect(test.p([]) == 1)
        #expect(test.p([Double](repeating: 0, count: 100)) == 1)
        #expect(test.p([Double](repeating: 1, count: 200)) == 1e-5)
        #expect(test.p([3]) == 1)
    }

    @Test("under exchangeable labels p lies below a level no more often than the level says")
    func uniform() {
        var dice = Dice(seed: 12)
        let repetitions = 1_000
        var below = [0.01: 0, 0.05: 0, 0.2: 0]
        for repetition in 0..<repetitions {
            let sample = (0..<40).map { _ -> Double in
                guard dice.chance(1, in: 3) else { return 0 }
                let size = Double(dice.roll(in: 1...50))
                return dice.chance(1, in: 2) ? size * size : -size * size
            }
            let p = SignFlipTest(seed: UInt64(repetition), flips: 999).p(sample)
            for level in below.keys where p <= level { below[level, default: 0] += 1 }
        }
        for (level, count) in below {
            let error = (level * (1 - level) / Double(repetitions)).squareRoot()
            #expect(Double(count) / Double(repetitions) <= level + 3 * error, "\(level): \(count)")
        }
    }

    @Test("the bootstrap interval agrees with SciPy's within a fiftieth of its width")
    func bootstrap() throws {
        for row in try Reference.read().bootstrap {
            let interval = try #require(BootstrapInterval(row.sample, seed: 4))
            let allowed = (row.high - row.low) / 50
            #expect((interval.low - row.low).magnitude < allowed, "\(interval) \(row.low)")
            #expect((interval.high - row.high).magnitude < allowed, "\(interval) \(row.high)")
        }
    }

    @Test("the interval turns with its values, and there is none where all are equal")
    func equivariance() throws {
        let sample = try #require(try Reference.read().bootstrap.last).sample
        let interval = try #require(BootstrapInterval(sample, seed: 2))
        let doubled = try #require(BootstrapInterval(sample.map { 2 * $0 }, seed: 2))
        #expect(Reference.agree(doubled.low, 2 * interval.low))
        #expect(Reference.agree(doubled.high, 2 * interval.high))
        let turned = try #require(BootstrapInterval(sample.map { -$0 }, seed: 2))
        #expect(Reference.agree(turned.low, -interval.high, 1e-9))
        #expect(Reference.agree(turned.high, -interval.low, 1e-9))
        #expect(BootstrapInterval([2, 2, 2], seed: 1) == nil)
        #expect(BootstrapInterval([2], seed: 1) == nil)
    }

    @Test("nineteen of twenty intervals of a skewed mean hold it, give or take")
    func coverage() {
        var dice = Dice(seed: 77)
        let repetitions = 400
        var held = 0
        for repetition in 0..<repetitions {
            // Uniform squared: skewed, with a mean of 1/3.
            let sample = (0..<60).map { _ -> Double in
                let x = Double(dice.next() >> 11) / Double(1 << 53 as UInt64)
                return x * x
            }
            guard let interval = BootstrapInterval(sample, seed: UInt64(repetition), resamples: 999) else {
                continue
            }
            if interval.low <= 1.0 / 3, interval.high >= 1.0 / 3 { held += 1 }
        }
        #expect((0.91...0.98).contains(Double(held) / Double(repetitions)), "\(held) of \(repetitions)")
    }
}
