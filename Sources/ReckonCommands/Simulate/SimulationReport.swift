import ReckonSimulation

/// All seeds of a command, as one document.
struct SimulationReport: Codable {
    struct Policy: Codable {
        let name: String
        let digest: String
    }

    struct Totals: Codable {
        var runs = 0
        var held = 0
        var breach = 0
        var stuck = 0
        var crash = 0
        var virtual_seconds = 0.0
        var events: Int64 = 0
        /// Means over the runs, but for the maxima, which are the worst of all.
        var figures: [String: Double] = [:]
        var coverage: [String: Int] = [:]
        var strikes: [String: Int] = [:]
        /// Situations that no run has met.
        var unmet: [String] = []
    }

    let scenario: String
    let policy: Policy
    let runs: [SeedReport]
    let totals: Totals

    init(scenario: String, policy: Policy, runs: [SeedReport]) {
        self.scenario = scenario
        self.policy = policy
        totals = SimulationReport.totals(of: runs)
        self.runs = runs.map { run in
            var run = run
            run.coverage = nil
            run.conduct = nil
            run.strikes = nil
            return run
        }
    }

    /// Of the failures the most severe one, and of several such the first; `nil` where every seed held.
    var mostSevere: SeedReport? {
        let most = runs.map(\.outcome.severity).max() ?? 0
        return most == 0 ? nil : runs.first { $0.outcome.severity == most }
    }

    private static func totals(of runs: [SeedReport]) -> Totals {
        var totals = Totals()
        totals.runs = runs.count
        for run in runs {
            switch run.outcome {
            case .held: totals.held += 1
            case .breach: totals.breach += 1
            case .stuck: totals.stuck += 1
            case .crash: totals.crash += 1
            }
            totals.virtual_seconds += run.virtual_seconds
            totals.events += run.events
            for (name, value) in run.figures {
                if name.hasSuffix("_max") || name.hasSuffix("_p99") {
                    totals.figures[name] = max(totals.figures[name] ?? 0, value)
                } else {
                    totals.figures[name, default: 0] += value
                }
            }
            for (name, count) in run.coverage ?? [:] { totals.coverage[name, default: 0] += count }
            for (name, count) in run.strikes ?? [:] { totals.strikes[name, default: 0] += count }
        }
        let lived = Double(max(runs.count - totals.crash, 1))
        for (name, sum) in totals.figures where !name.hasSuffix("_max") && !name.hasSuffix("_p99") {
            totals.figures[name] = name == "breaches" ? sum : sum / lived
        }
        totals.unmet = Coverage.Mark.allCases.map(\.rawValue).filter { totals.coverage[$0] ?? 0 == 0 }
        return totals
    }
}
