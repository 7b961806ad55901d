import ReckonModel
import ReckonStatistics
import Testing

@Suite("Functions of numbers, against reference values")
struct NumberTests {
    @Test("exponential and logarithm agree with 40 digits")
    func elementary() throws {
        let reference = try Reference.read()
        for pair in reference.exp {
            #expect(Reference.agree(Elementary.exp(pair[0]), pair[1], 2e-15), "exp \(pair[0])")
        }
        for pair in reference.log {
            #expect(Reference.agree(Elementary.log(pair[0]), pair[1], 2e-15), "log \(pair[0])")
        }
        #expect(Elementary.exp(-800) == 0)
        #expect(Elementary.exp(800) == .infinity)
        #expect(Elementary.log(0) == -.infinity)
        #expect(Elementary.log(-1).isNaN)
    }

    @Test("one undoes the other, and both grow")
    func inverse() {
        var dice = Dice(seed: 3)
        for _ in 0..<2_000 {
            let x = Double(dice.roll(in: -600_000...600_000)) / 1_000
            #expect((Elementary.log(Elementary.exp(x)) - x).magnitude <= 1e-13 * max(1, x.magnitude))
            #expect(Elementary.exp(x + 0.001) > Elementary.exp(x))
        }
    }

    @Test("the normal distribution agrees with SciPy, into the tails")
    func normal() throws {
        let reference = try Reference.read()
        for pair in reference.share {
            #expect(
                Reference.agree(NormalDistribution.share(below: pair[0]), pair[1], 1e-13),
                "share below \(pair[0])"
            )
        }
        for pair in reference.quantile {
            #expect(
                Reference.agree(NormalDistribution.quantile(pair[0]), pair[1], 1e-13),
                "quantile \(pair[0])"
            )
        }
    }

    @Test("share and quantile undo each other, symmetric round zero")
    func normalInverse() {
        for step in 1..<200 {
            let share = Double(step) / 200
            let x = NormalDistribution.quantile(share)
            #expect((NormalDistribution.share(below: x) - share).magnitude < 1e-14)
            #expect((NormalDistribution.quantile(1 - share) + x).magnitude < 1e-13)
        }
    }

    @Test("Holm's correction agrees with statsmodels, and hangs on no order")
    func holm() throws {
        let reference = try Reference.read().holm
        for (mine, theirs) in zip(Holm.adjusted(reference.p), reference.adjusted) {
            #expect(Reference.agree(mine, theirs))
        }
        let reversed = Holm.adjusted(reference.p.reversed())
        #expect(Array(reversed.reversed()) == Holm.adjusted(reference.p))
        #expect(Holm.adjusted([]).isEmpty)
        #expect(Holm.adjusted([0.03]) == [0.03])
    }

    @Test("the bound of a proportion agrees with SciPy, and is what it says")
    func proportion() throws {
        for row in try Reference.read().proportions {
            let upper = ProportionBound.upper(hits: row.hits, of: row.count, level: row.level)
            #expect(Reference.agree(upper, row.upper, 1e-9), "\(row.hits) of \(row.count)")
            let chance = ProportionBound.chance(atMost: row.hits, of: row.count, share: upper)
            #expect(Reference.agree(chance, row.level, 1e-9))
        }
        #expect(ProportionBound.upper(hits: 4, of: 4, level: 0.025) == 1)
        #expect(ProportionBound.upper(hits: 0, of: 0, level: 0.025) == 1)
    }
}
