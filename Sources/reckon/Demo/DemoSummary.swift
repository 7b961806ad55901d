import Foundation
import ReckonControl
import ReckonModel
import ReckonSimulation
import ReckonVenue

/// The end of a demo run: what happened, the figures, and whether all of them hold.
struct DemoSummary {
    let report: ReliabilityReport
    let tally: SampleStrategy.Tally
    let faults: FaultLog
    let hasComeToRest: Bool

    var holds: Bool { report.holds && hasComeToRest }

    func lines() -> [String] {
        var lines = ["", "strategy"]
        lines.append(line("entries_filled", tally.entriesFilled))
        lines.append(line("entries_accepted", tally.entriesAccepted))
        lines.append(line("entries_accepted_after_first_resolved_fault", acceptedAfterFirstFault))
        lines.append(line("entries_refused", tally.refusals.values.reduce(0, +)))
        lines.append(line("exits_done", tally.exitsDone))
        lines.append("faults met")
        lines.append(line("fault_kinds", faults.kinds.count))
        lines += faults.kinds.map { line("  \($0.kind.rawValue)", $0.count) }
        lines.append("reliability (from the venue's record)")
        lines += report.figures.map { figure in
            let isWhole = figure.unit == .count
            let value =
                isWhole
                ? "\(Int(figure.value))" : String(format: "%.3f %@", figure.value, figure.unit.rawValue)
            let verdict = figure.holds ? "" : "   must not exceed \(Int(figure.mustNotExceed ?? 0))"
            return "  \(figure.name) \(value)\(verdict)"
        }
        lines += report.complaints.map { "  ! \($0)" }
        if !hasComeToRest { lines.append("  ! not everything came to rest before the run ended") }
        return lines
    }

    /// The same for programs; each figure with what it must not exceed.
    var json: JSON {
        let counts: [(String, Int)] = [
            ("entries_filled", tally.entriesFilled), ("entries_accepted", tally.entriesAccepted),
            ("entries_refused", tally.refusals.values.reduce(0, +)), ("exits_done", tally.exitsDone),
        ]
        let rows = report.figures.map { figure in
            JSON.Member(
                figure.name,
                [
                    "value": .figure(figure.value), "unit": .text(figure.unit.rawValue),
                    "must_not_exceed": figure.mustNotExceed.map { .figure($0) } ?? .null,
                ]
            )
        }
        return [
            "strategy": .object(counts.map { JSON.Member($0.0, .whole($0.1)) }),
            "faults": .object(faults.kinds.map { JSON.Member($0.kind.rawValue, .whole($0.count)) }),
            "figures": .object(rows),
            "complaints": .texts(report.complaints),
            "at_rest": .flag(hasComeToRest),
            "holds": .flag(holds),
        ]
    }

    /// Entries accepted once a fault had been met and was over.
    private var acceptedAfterFirstFault: Int {
        guard let first = faults.entries.compactMap(\.endedAt).min() else { return 0 }
        return tally.acceptedAt.count { $0 * 1_000 > Double(first.milliseconds) }
    }

    private func line(_ name: String, _ value: Int) -> String { "  \(name) \(value)" }
}
