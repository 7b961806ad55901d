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
    /// What the engine did, by kind; for `batch` alone.
    var conduct: [String: Conduct.Deed]?

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
        coverage = Dictionary(
            uniqueKeysWithValues: result.coverage.rows.map { ($0.mark.rawValue, $0.count) }
        )
        var strikes: [String: Int] = [:]
        for (name, count) in result.counters.strikes { strikes[name] = count }
        self.strikes = strikes
        var conduct: [String: Conduct.Deed] = [:]
        for (kind, deed) in result.conduct.deeds { conduct[kind] = deed }
        self.conduct = conduct
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
