import Foundation
import ReckonControl

/// What one profile's run said at its end.
struct ProfileRun: Sendable {
    let profile: String
    let end: ChildEngine.End
    /// Absent where it ended without a word.
    let document: JSON?

    var holds: Bool { end == .code(0) && document?["holds"] == true }

    func figure(_ name: String) -> Double? { number(document?["figures"]?[name]?["value"]) }

    func mustNotExceed(_ name: String) -> Double? {
        number(document?["figures"]?[name]?["must_not_exceed"])
    }

    func count(_ name: String) -> Double? { number(document?["strategy"]?[name]) }

    var faultsMet: Double? {
        guard case .object(let kinds) = document?["faults"] else { return nil }
        return kinds.compactMap { number($0.value) }.reduce(0, +)
    }

    var complaints: [String] {
        var words: [String] = []
        if case .list(let rows) = document?["complaints"] {
            words = rows.compactMap { if case .text(let text) = $0 { text } else { nil } }
        }
        if document?["at_rest"] == false { words.append("not everything came to rest before the run ended") }
        if document == nil { words.append("no figures: the run ended with \(end)") }
        return words
    }

    private func number(_ json: JSON?) -> Double? {
        if case .number(let text) = json { Double(text) } else { nil }
    }
}

/// Profiles across, figures down.
struct ProfileTable {
    let runs: [ProfileRun]

    var holds: Bool { !runs.isEmpty && runs.allSatisfy(\.holds) }

    private var figureNames: [String] {
        for run in runs {
            if case .object(let figures) = run.document?["figures"] { return figures.map(\.key) }
        }
        return []
    }

    func lines() -> [String] {
        var rows = [["figure"] + runs.map(\.profile)]
        for name in ["entries_accepted", "entries_filled", "entries_refused", "exits_done"] {
            rows.append([name] + runs.map { cell($0.count(name)) })
        }
        rows.append(["faults_met"] + runs.map { cell($0.faultsMet) })
        for name in figureNames {
            rows.append(
                [name]
                    + runs.map { run in
                        let value = run.figure(name)
                        let isTooMuch = (value ?? 0) > (run.mustNotExceed(name) ?? .infinity)
                        return cell(value) + (isTooMuch ? " !" : "")
                    }
            )
        }
        rows.append(["verdict"] + runs.map { $0.holds ? "held" : "FAILED" })
        let widths = (0...runs.count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let table = rows.map { row in
            row.enumerated().map { column, text in
                let blanks = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + blanks : blanks + text
            }
            .joined(separator: "  ")
        }
        return table + runs.flatMap { run in run.complaints.prefix(20).map { "! \(run.profile): \($0)" } }
    }

    private func cell(_ value: Double?) -> String {
        guard let value else { return "-" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : String(format: "%.3f", value)
    }

    var json: JSON {
        [
            "runs": .list(
                runs.map {
                    ["profile": .text($0.profile), "report": $0.document ?? .null, "holds": .flag($0.holds)]
                }
            ),
            "holds": .flag(holds),
        ]
    }
}
