import Foundation
import ReckonPolicy
import ReckonSimulation

/// Runs its seeds one after the other in this process, and says each one's report as a line of JSON.
///
/// A broken invariant of the engine ends the process; the one that asked sees which seed is missing.
struct SimulationWorker {
    let plan: SimulationPlan
    let trace: String?

    func run() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let tell = try teller()
        for seed in plan.seeds {
            var scenario = plan.scenario.drawn(by: seed)
            for name in plan.without { _ = scenario.switchOff(name) }
            let seat = try PolicySeat(plan.policy, overrides: plan.overrides)
            var world = World(scenario: scenario, seed: seed, seat: seat, tell: tell)
            let report = SeedReport(world.run())
            let line = try encoder.encode(report) + Data("\n".utf8)
            try FileHandle.standardOutput.write(contentsOf: line)
        }
    }

    /// Writes each line at once, so that a crash leaves all that led to it.
    private func teller() throws -> ((String) -> Void)? {
        guard let trace else { return nil }
        try Data().write(to: URL(fileURLWithPath: trace))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: trace))
        return { line in try? file.write(contentsOf: Data((line + "\n").utf8)) }
    }
}
