import ReckonModel
import ReckonSimulation
import Testing

/// A volume that is restored comes back without its last turns; the engine is then told less than it did.
@Suite("The journal's tail is lost")
struct LostTailTests {
    /// What an engine forgets it cannot owe, so this asks only for what the epoch in each id promises, and that the
    /// world comes to rest; the scenario is in no list since not all of it holds yet.
    @Test("all comes to rest, and an id that was minted since repeats none that is forgotten")
    func epochs() throws {
        var scenario = try Sample.scenario("calm", minutes: 10)
        scenario.faults[.journalTailLost] = FaultPace(every: .seconds(40), longest: .seconds(1))
        var losses = 0
        for seed in 1...6 as ClosedRange<UInt64> {
            let result = try Sample.run(scenario, seed: seed, policy: try Sample.policy("brisk"))
            losses += result.counters.strikes["journal_tail_lost"] ?? 0
            #expect(result.unrest.isEmpty, "seed \(seed): \(result.unrest)")
            let repeated = result.breaches.filter { $0.sentence.contains("the venue has it already") }
            #expect(repeated.allSatisfy { !$0.sentence.contains("-c") }, "seed \(seed): \(repeated)")
        }
        #expect(losses > 20)
    }
}
