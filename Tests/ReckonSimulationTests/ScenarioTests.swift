import ReckonModel
import ReckonSimulation
import Testing

@Suite("The eleven named scenarios")
struct ScenarioTests {
    @Test("each holds on its fixed seeds, under the default policy", arguments: Scenario.named.map(\.name))
    func holds(name: String) throws {
        let policy = try Sample.policy("brisk")
        let scenario = try Sample.scenario(name, minutes: 6)
        for seed in 1...2 as ClosedRange<UInt64> {
            let result = try Sample.run(scenario, seed: seed, policy: policy)
            #expect(result.verdict == .held, "seed \(seed): \(result.complaints)")
            #expect(result.counters.placements > 0, "seed \(seed) placed nothing")
        }
    }

    @Test("a calm world refuses and corrects little, and strikes no fault")
    func calm() throws {
        let scenario = try Sample.scenario("calm", minutes: 10)
        let result = try Sample.run(scenario, seed: 4, policy: try .always)
        #expect(result.counters.faults == 0)
        #expect(result.report["wrong_exposure_per_admitted"] ?? 9 < 1)
        #expect(result.report["admitted_share"] ?? 0 > 0.5)
        #expect(result.report["policy_faults"] == 0)
    }

    @Test("a policy that never trades admits nothing and is charged with each needless refusal")
    func never() throws {
        let scenario = try Sample.scenario("calm", minutes: 4)
        let result = try Sample.run(scenario, seed: 4, policy: try .never)
        #expect(result.verdict == .held)
        #expect(result.report["entries_allowed"] == 0)
        #expect(result.report["admitted_share"] == 0)
        #expect(result.report["entries_refused_needlessly"] ?? 0 > 0)
    }

    @Test("a swarm hedges about a fifth of its worlds, each symbol as its two legs, and changes nothing else")
    func hedgedSwarm() throws {
        let scenario = try Sample.scenario("everything", minutes: 20)
        let worlds = (1...400 as ClosedRange<UInt64>).map { scenario.drawn(by: $0) }
        let hedged = worlds.filter(\.isHedged)
        #expect((50...110).contains(hedged.count))
        for world in worlds {
            #expect(world.symbols.allSatisfy { ($0.leg != nil) == world.isHedged })
            #expect(world.symbols.allSatisfy { world.symbols.contains($0.sibling ?? $0) })
        }
        var always = scenario
        always.isHedged = true
        for (seed, world) in zip(1...400 as ClosedRange<UInt64>, worlds) where !world.isHedged {
            let legs = always.drawn(by: seed)
            #expect(legs.symbols.count == 2 * world.symbols.count)
            let rest = legs.options.filter { !$0.hasPrefix("symbols ") }
            #expect(rest == world.options.filter { !$0.hasPrefix("symbols ") })
        }
    }

    @Test("a swarm draws another world for each seed, the same for the same, and switches features off")
    func swarm() throws {
        let scenario = try Sample.scenario("everything", minutes: 20)
        let worlds = (1...60 as ClosedRange<UInt64>).map { scenario.drawn(by: $0) }
        #expect(
            worlds.map(\.options) == (1...60 as ClosedRange<UInt64>).map { scenario.drawn(by: $0).options }
        )
        #expect(Set(worlds.map(\.options)).count == 60)
        for fault in scenario.activeFaults {
            let on = worlds.count { $0.activeFaults.contains(fault) }
            #expect((20...55).contains(on), "\(fault) is on in \(on) of 60")
        }
    }
}
