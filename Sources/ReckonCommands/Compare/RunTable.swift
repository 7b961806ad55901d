/// One run of a comparison, as part files keep it.
struct ComparedRun: Codable, Sendable, Equatable {
    let scenario: String
    let policy: String
    let seed: UInt64
    let verdict: String
    let hash: String
    let figures: [String: Double]

    init(_ report: SeedReport, scenario: String, policy: String) {
        self.scenario = scenario
        self.policy = policy
        seed = report.seed
        verdict = report.verdict
        hash = report.trace_hash
        figures = report.figures
    }

    /// Whether its figures mean anything: a process that died has none.
    var lived: Bool { verdict != "crash" }
    var held: Bool { verdict == "held" }
}

/// The runs of a comparison, by scenario, seed and policy.
struct RunTable: Sendable {
    private struct Key: Hashable {
        let scenario: String
        let policy: String
        let seed: UInt64
    }

    private var runs: [Key: ComparedRun] = [:]

    var count: Int { runs.count }

    func run(_ scenario: String, _ policy: String, _ seed: UInt64) -> ComparedRun? {
        runs[Key(scenario: scenario, policy: policy, seed: seed)]
    }

    /// Whether it fits: a run that is there already must be the same.
    mutating func add(_ run: ComparedRun) -> Bool {
        let key = Key(scenario: run.scenario, policy: run.policy, seed: run.seed)
        if let known = runs[key] { return known == run }
        runs[key] = run
        return true
    }

    /// Seeds of the range that are not there yet, as stretches.
    func missing(_ scenario: String, _ policy: String, _ range: ClosedRange<UInt64>) -> [ClosedRange<UInt64>]
    {
        var stretches: [ClosedRange<UInt64>] = []
        for seed in range where run(scenario, policy, seed) == nil {
            if let last = stretches.last, last.upperBound + 1 == seed {
                stretches[stretches.count - 1] = last.lowerBound...seed
            } else {
                stretches.append(seed...seed)
            }
        }
        return stretches
    }

    /// All of them, by scenario, seed and policy, whatever order they came in.
    var sorted: [ComparedRun] {
        runs.values.sorted {
            ($0.scenario, $0.seed, $0.policy) < ($1.scenario, $1.seed, $1.policy)
        }
    }

    /// Runs that did not hold, in order.
    var failures: [ComparedRun] { sorted.filter { !$0.held } }
}
