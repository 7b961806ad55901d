import Foundation
import ReckonModel
import ReckonPolicy
import ReckonSimulation

/// Runs its seeds one after the other in this process, and says each one's report as a line of JSON.
///
/// A broken invariant of the engine ends the process; the one that asked sees which seed is missing.
struct SimulationWorker {
    let plan: SimulationPlan
    let trace: String?

    func run() throws {
        endWithInput()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let tell = try teller()
        for seed in plan.seeds {
            let seat = try PolicySeat(plan.policy, overrides: plan.overrides)
            var world = World(scenario: plan.world(of: seed), seed: seed, seat: seat, tell: tell)
            alarm(limit)
            let report = SeedReport(world.run())
            alarm(0)
            let line = try encoder.encode(report) + Data("\n".utf8)
            try FileHandle.standardOutput.write(contentsOf: line)
        }
    }

    /// Wall-clock seconds for one seed: a world that runs slower than ten times real time goes round in circles, and the
    /// signal that ends it is reported as its crash.
    private var limit: UInt32 {
        UInt32(clamping: 300 + plan.scenario.length.nanoseconds / 10_000_000_000)
    }

    /// Whoever asked holds the other end: when it is gone, by Ctrl-C or otherwise, so is the wish for an answer.
    private func endWithInput() {
        signal(SIGINT, SIG_IGN)
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(STDIN_FILENO, &byte, 1) > 0 {}
            _exit(0)
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
