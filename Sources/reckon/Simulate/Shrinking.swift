import Foundation
import ReckonModel
import ReckonSimulation

/// Looks for a smaller world in which a seed fails in the same way: less time, fewer faults.
struct Shrinking {
    let command: WorkerCommand
    let seed: UInt64
    let verdict: Verdict

    func smallest(from world: Scenario, without: [String]) -> WorkerCommand {
        var best = command
        var length = world.length.seconds
        while length > 30 {
            var candidate = best
            candidate.hours = length / 2 / 3_600
            guard fails(candidate) else { break }
            best = candidate
            length /= 2
        }
        for fault in world.activeFaults where !without.contains(fault) {
            var candidate = best
            candidate.without.append(fault)
            if fails(candidate) { best = candidate }
        }
        return best
    }

    private func fails(_ candidate: WorkerCommand) -> Bool {
        let runs = SeedPool(command: candidate, jobs: 1).run(seed...seed)
        let isSame = runs.first?.outcome == verdict
        let faults = candidate.without.count
        PolicyOutput.complain(
            "shrink: \(candidate.hours.map { "\(Int($0 * 3_600)) s, " } ?? "")without \(faults) faults: "
                + (isSame ? "still \(verdict.rawValue)" : "no longer")
        )
        return isSame
    }
}
