import Foundation
import ReckonSimulation

/// What the command prints.
enum SimulationText {
    static func printJSON(_ report: SimulationReport) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let text = try encoder.encode(report)
        PolicyOutput.print(String(decoding: text, as: UTF8.self))
    }

    static func print(_ report: SimulationReport, took seconds: Double) {
        let totals = report.totals
        if report.runs.count <= 20 {
            for run in report.runs {
                PolicyOutput.print(
                    "seed \(run.seed) \(run.verdict) \(run.trace_hash) \(Int(run.virtual_seconds)) s \(run.events) events"
                )
            }
        }
        for run in report.runs where run.outcome != .held {
            PolicyOutput.print("seed \(run.seed): \(run.verdict)")
            for complaint in run.complaints { PolicyOutput.print("    \(complaint)") }
        }
        PolicyOutput.print("")
        PolicyOutput.print("Situations met:")
        for mark in Coverage.Mark.allCases {
            PolicyOutput.print("  \(padded(totals.coverage[mark.rawValue] ?? 0)) \(mark.rawValue)")
        }
        PolicyOutput.print(
            "Faults: "
                + totals.strikes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
                    separator: ", "
                )
        )
        PolicyOutput.print("Figures (mean of a run; _max and _p99 the worst; breaches the sum):")
        for (name, value) in totals.figures.sorted(by: { $0.key < $1.key }) {
            PolicyOutput.print("  \(name) \(rounded(value))")
        }
        PolicyOutput.print("")
        let speed = seconds > 0 ? Int(totals.virtual_seconds / seconds) : 0
        PolicyOutput.print(
            "\(report.scenario) with \(report.policy.name): \(totals.runs) seeds, \(totals.held) held, "
                + "\(totals.breach) breach, \(totals.stuck) stuck, \(totals.crash) crash; "
                + "\(rounded(totals.virtual_seconds / 3_600)) virtual hours in \(rounded(seconds)) s, \(speed) times real time"
        )
    }

    private static func padded(_ count: Int) -> String {
        let text = "\(count)"
        return String(repeating: " ", count: max(9 - text.count, 0)) + text
    }

    private static func rounded(_ value: Double) -> String { "\((value * 1_000).rounded() / 1_000)" }
}
