import Foundation
import ReckonSimulation

/// A tally as people read it.
struct TallyText {
    let title: String
    let tally: Tally
    /// Wall-clock seconds that it took.
    let seconds: Double

    var lines: [String] {
        var lines = [title, ""]
        lines += table(
            tally.lanes.sorted { $0.key < $1.key }.map {
                [$0.key, "\($0.value.seeds)", "\($0.value.failed)"]
            },
            under: ["scenario and policy", "seeds", "failed"]
        )
        lines += ["", "Situations met:"]
        for mark in Coverage.Mark.allCases {
            lines.append(
                "  \(SimulationText.padded("\(tally.coverage[mark.rawValue] ?? 0)", 11)) \(mark.rawValue)"
            )
        }
        lines += ["", "Worst value of each figure:"] + worst
        for failure in tally.failures {
            lines += [
                "", "\(failure.scenario) with \(failure.policy), seed \(failure.seed): \(failure.verdict)",
                "    \(failure.complaint)", "    repeat: \(failure.command)",
            ]
        }
        if tally.failed > tally.failures.count {
            lines += ["", "\(tally.failed - tally.failures.count) more failures, not told"]
        }
        return lines + ["", last]
    }

    /// What never rose above nothing has no worst seed worth a look.
    private var worst: [String] {
        let figures = tally.worst.sorted { $0.key < $1.key }
        let some = figures.filter { $0.value.value != 0 || Tally.better.contains($0.key) }
        let rows = some.map { name, worst in
            let place = "\(worst.scenario) with \(worst.policy)"
            return [name, SimulationText.rounded(worst.value), "\(worst.seed)", place]
        }
        let none = figures.map(\.key).filter { name in !some.contains { $0.key == name } }
        return table(rows, under: ["figure", "value", "seed", "where"])
            + (none.isEmpty ? [] : SimulationText.wrapped("0 in every seed: ", none))
    }

    /// All of it in one line.
    var last: String {
        let marks = Coverage.Mark.allCases.count
        return
            "\(tally.seeds) seeds: \(tally.held) held, \(tally.breach) breach, \(tally.stuck) stuck, "
            + "\(tally.crash) crash; \(SimulationText.brief(tally.virtual_seconds / 3_600)) virtual hours in "
            + "\(SimulationText.brief(seconds)) s; \(marks - tally.unmet.count) of \(marks) situations met"
    }

    /// Columns: the first and the last to the left, numbers between to the right.
    private func table(_ rows: [[String]], under head: [String]) -> [String] {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = "  " + row[0] + String(repeating: " ", count: widths[0] - row[0].count)
            for column in row.indices.dropFirst() {
                let isWords = column == 3
                line += "  " + (isWords ? row[column] : SimulationText.padded(row[column], widths[column]))
            }
            return line
        }
    }
}
