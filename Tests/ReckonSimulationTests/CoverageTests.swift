import ReckonModel
import ReckonSimulation
import Testing

@Suite("What a batch of seeds exercises")
struct CoverageTests {
    @Test("every situation of every invariant is met, and every seed holds")
    func allMet() throws {
        let policy = try Sample.policy("brisk")
        let scenario = try Sample.scenario("everything", minutes: 20)
        var coverage = Coverage()
        // Those that meet what is rare go first, so that the others are soon done.
        for seed in [323, 538] + Array(UInt64(1)...240) where !coverage.unmet.isEmpty {
            let result = try Sample.run(scenario, seed: seed, policy: policy)
            #expect(result.verdict == .held, "seed \(seed): \(result.complaints)")
            coverage.add(result.coverage)
        }
        #expect(coverage.unmet.isEmpty, "never met: \(coverage.unmet.map(\.rawValue))")
    }
}
