import ReckonModel
import ReckonSimulation
import Testing

@Suite("Draws by purpose and cause")
struct DrawsTests {
    @Test("a draw hangs on seed, purpose and cause, and on nothing drawn before")
    func keyed() {
        let draws = Draws(seed: 5)
        var first = draws.dice("latency", "order 1")
        for number in 0..<100 { _ = draws.chance(Ratio(1, in: 2), "other", "\(number)") }
        var second = draws.dice("latency", "order 1")
        #expect(first.next() == second.next())
    }

    @Test("purposes, causes and seeds each give draws of their own")
    func distinct() {
        var words: [UInt64] = []
        for seed in [1, 2] as [UInt64] {
            for purpose in ["a", "b"] {
                for cause in ["x", "y"] {
                    var dice = Draws(seed: seed).dice(purpose, cause)
                    words.append(dice.next())
                }
            }
        }
        #expect(Set(words).count == words.count)
    }

    @Test("a ratio strikes about as often as it says, and never where it says never")
    func ratio() {
        let draws = Draws(seed: 3)
        let struck = (0..<8_000).count { draws.chance(Ratio(1, in: 8), "fault", "\($0)") }
        #expect((850...1_150).contains(struck))
        #expect(!(0..<1_000).contains { draws.chance(.never, "fault", "\($0)") })
    }
}
