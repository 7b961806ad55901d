import Foundation
import ReckonModel
import ReckonSimulation

/// What is said of one seed, from the process that ran it to the one that asked, and on to the reader.
struct SeedReport: Codable {
    let seed: UInt64
    let verdict: String
    let trace_hash: String
    let virtual_seconds: Double
    let events: Int64
    let figures: [String: Double]
    /// What should not have happened; empty where the verdict is `held`.
    let complaints: [String]
    /// Situations met, by name; summed up in the totals.
    var coverage: [String: Int]?
    /// Faults that struck, by name; summed up in the totals.
    var strikes: [String: Int]?

    init(_ result: RunResult) {
        seed = result.seed
        verdict = result.verdict.rawValue
        trace_hash = SeedReport.hex(result.trace.hash)
        virtual_seconds = result.trace.length.seconds
        events = result.trace.events
        var figures: [String: Double] = [:]
        for figure in result.report.figures { figures[figure.name] = figure.value }
        figures["breaches", default: 0] += Double(result.breaches.count)
        self.figures = figures
        complaints = Array(result.complaints.prefix(40))
        coverage = Dictionary(uniqueKeysWithValues: result.coverage.rows.map { ($0.mark.rawValue, $0.count) })
        var strikes: [String: Int] = [:]
        for (name, count) in result.counters.strikes { strikes[name] = count }
        self.strikes = strikes
    }

    /// A seed whose process died.
    init(crashed seed: UInt64, because words: String) {
        self.seed = seed
        verdict = Verdict.crash.rawValue
        trace_hash = ""
        virtual_seconds = 0
        events = 0
        figures = ["breaches": 1]
        complaints = [words]
    }

    var outcome: Verdict { Verdict(rawValue: verdict) ?? .crash }

    private static func hex(_ hash: UInt64) -> String {
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}

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
            run.strikes = nil
            return run
        }
    }

    var worst: Verdict { runs.map(\.outcome).max { $0.severity < $1.severity } ?? .held }

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
