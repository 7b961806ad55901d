import Foundation
import ReckonSimulation

/// What the command prints.
enum SimulationText {
    static func printJSON(_ document: some Encodable) throws {
        PolicyOutput.print(String(decoding: try json(document), as: UTF8.self))
    }

    static func json(_ document: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return try encoder.encode(document)
    }

    static func print(_ report: SimulationReport, took seconds: Double, command: WorkerCommand) {
        let totals = report.totals
        if report.runs.count <= 20 { printSeeds(report.runs) }
        printSituations(totals.coverage)
        if !totals.strikes.isEmpty {
            let strikes = totals.strikes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            for line in wrapped("Faults that came by themselves: ", strikes) { PolicyOutput.print(line) }
        }
        PolicyOutput.print("Figures (mean of a run; _max and _p99 the worst; breaches the sum):")
        printFigures(totals.figures)
        printFailures(report.runs, command)
        PolicyOutput.print("")
        let speed = seconds > 0 ? Int(totals.virtual_seconds / seconds) : 0
        PolicyOutput.print(
            "\(report.scenario) with \(report.policy.name): \(totals.runs) seeds, \(totals.held) held, "
                + "\(totals.breach) breach, \(totals.stuck) stuck, \(totals.crash) crash; "
                + "\(brief(totals.virtual_seconds / 3_600)) virtual hours in \(brief(seconds)) s, "
                + "\(speed)x real time"
        )
    }

    /// Counts of situations; those never met are said as such.
    static func printSituations(_ coverage: [String: Int]) {
        PolicyOutput.print("Situations met:")
        for mark in Coverage.Mark.allCases {
            PolicyOutput.print("  \(padded("\(coverage[mark.rawValue] ?? 0)", 9)) \(mark.rawValue)")
        }
    }

    static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }

    static func rounded(_ value: Double) -> String { "\((value * 1_000).rounded() / 1_000)" }

    /// To one decimal, for lines that people read.
    static func brief(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    private static func printSeeds(_ runs: [SeedReport]) {
        let width = runs.map { "\($0.seed)".count }.max() ?? 0
        for run in runs {
            let hash = run.trace_hash.isEmpty ? String(repeating: "-", count: 16) : run.trace_hash
            let verdict = run.verdict + String(repeating: " ", count: max(6 - run.verdict.count, 0))
            PolicyOutput.print(
                "seed \(padded("\(run.seed)", width)) \(verdict) \(hash) "
                    + "\(padded("\(Int(run.virtual_seconds))", 6)) s \(padded("\(run.events)", 8)) events"
            )
        }
        PolicyOutput.print("")
    }

    private static func printFailures(_ runs: [SeedReport], _ command: WorkerCommand) {
        for run in runs where run.outcome != .held {
            PolicyOutput.print("")
            PolicyOutput.print("seed \(run.seed): \(run.verdict)")
            for complaint in run.complaints { PolicyOutput.print("    \(complaint)") }
            PolicyOutput.print("    repeat: \(command.seed(run.seed).text)")
        }
    }

    private static func printFigures(_ figures: [String: Double]) {
        let width = figures.keys.map(\.count).max() ?? 0
        for (name, value) in figures.sorted(by: { $0.key < $1.key }) {
            let gap = String(repeating: " ", count: width - name.count)
            PolicyOutput.print("  \(name)\(gap)  \(padded(rounded(value), 12))")
        }
    }

    /// Words with commas, in lines that fit a terminal.
    static func wrapped(_ title: String, _ words: [String]) -> [String] {
        var lines = [title]
        for (index, word) in words.enumerated() {
            let next = word + (index + 1 < words.count ? ", " : "")
            if (lines.last ?? "").count + next.count > 100 { lines.append("  ") }
            lines[lines.count - 1] += next
        }
        return lines
    }
}
