import Foundation

/// What is said of a scenario under a policy, apart from any seed.
struct SeedLane: Codable, Hashable, Comparable, Sendable {
    let scenario: String
    let policy: String
    var hours: Double?

    init(scenario: String, policy: String, hours: Double? = nil) {
        self.scenario = scenario
        self.policy = policy
        self.hours = hours
    }

    init(_ command: WorkerCommand) {
        self.init(scenario: command.scenario, policy: command.policy, hours: command.hours)
    }

    static func < (left: SeedLane, right: SeedLane) -> Bool {
        (left.scenario, left.policy, left.hours ?? 0) < (right.scenario, right.policy, right.hours ?? 0)
    }

    var text: String { "\(scenario) with \(policy)" }

    var command: WorkerCommand { WorkerCommand(policy: policy, scenario: scenario, hours: hours) }
}

/// Seeds in a row that one child process runs.
struct SeedLot: Sendable {
    /// What the caller knows it by.
    let index: Int
    let command: WorkerCommand
    let seeds: ClosedRange<UInt64>

    /// The seeds of one command, in parts small enough to keep every job busy.
    static func lots(
        of command: WorkerCommand,
        _ seeds: ClosedRange<UInt64>,
        jobs: Int,
        index: Int = 0
    )
        -> [SeedLot]
    {
        let size = max(1, min(50, (seeds.upperBound - seeds.lowerBound + 1) / UInt64(jobs * 4)))
        return stride(from: seeds.lowerBound, through: seeds.upperBound, by: UInt64.Stride(size)).map {
            first in
            let last = min(first + size - 1, seeds.upperBound)
            return SeedLot(index: index, command: command, seeds: first...last)
        }
    }
}
