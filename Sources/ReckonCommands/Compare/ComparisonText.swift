import Foundation

/// What a comparison says on a terminal: which is better, by how much, how sure.
struct ComparisonText {
    private let comparison: Comparison
    private var terms: ComparisonTerms { comparison.terms }

    init(_ comparison: Comparison) { self.comparison = comparison }

    var lines: [String] {
        var lines = head
        for outcome in comparison.outcomes {
            lines.append("")
            lines += told(outcome)
        }
        lines.append("")
        lines += checks
        return lines
    }

    private var head: [String] {
        let policies = terms.policies.filter { !$0.isControl }.map { policy in
            "\(policy.label)  \(policy.title)  (\(policy.path), \(policy.digest.prefix(12)))"
        }
        return policies + conditions
    }

    /// Under which it was made.
    var conditions: [String] {
        let names = terms.scenarios.map(\.name)
        let count = FigureTerms.primary.count
        let family = count * names.count * terms.challengers.count
        return [
            "\(names.count) scenarios, \(comparison.seeds.count) seeds each "
                + "(\(comparison.seeds.lowerBound)..\(comparison.seeds.upperBound)), \(hours)",
            "Holm's correction over \(count) figures x \(names.count) scenarios x \(terms.challengers.count) "
                + "challengers = \(family), and over \(count * terms.challengers.count) pooled ones",
        ]
    }

    private var hours: String {
        let hours = terms.scenarios.map(\.hours)
        let least = hours.min() ?? 0
        let most = hours.max() ?? 0
        let text = least == most ? rounded(least) : "\(rounded(least)) to \(rounded(most))"
        return "\(text) virtual hours a run"
    }

    private func told(_ outcome: ChallengerOutcome) -> [String] {
        let label = outcome.challenger.label
        let reference = terms.reference?.name ?? ""
        var lines = ["\(label) (\(outcome.challenger.title)) against a (\(reference)): " + sentence(outcome)]
        lines.append(columns("", "mean a", "mean b", "b - a", "95 % interval", "p adj.", "w/t/l", ""))
        let own = comparison.rows.filter { $0.sample.challenger == label && $0.sample.figure.isPrimary }
        lines.append("  all, in scales")
        lines += own.filter { $0.sample.scenario == PairedSample.pooled }.map { line($0) }
        for scenario in terms.scenarios {
            lines.append("  \(scenario.name)")
            lines += own.filter { $0.sample.scenario == scenario.name }.map { line($0) }
        }
        if !outcome.reversed.isEmpty {
            let places = outcome.reversed.map { "\($0.sample.figure.name) in \($0.sample.scenario)" }
            lines.append("  Points the other way: " + places.joined(separator: ", "))
        }
        return lines
    }

    func sentence(_ outcome: ChallengerOutcome) -> String {
        let names = { (rows: [FigureRow]) in rows.map(\.sample.figure.name).joined(separator: ", ") }
        switch outcome.verdict {
        case .better:
            return "BETTER. It wins \(names(outcome.wins)) and is as good on all else."
        case .worse:
            return "WORSE. It loses \(names(outcome.losses)) and wins nothing."
        case .tradeOff:
            return "A TRADE-OFF. It wins \(names(outcome.wins)) and loses \(names(outcome.losses))."
        case .undecided:
            if let withheld = outcome.withheld { return "UNDECIDED. It would be better, but \(withheld)." }
            let wins = outcome.wins.isEmpty ? "It wins and loses nothing" : "It wins \(names(outcome.wins))"
            let open = outcome.open.isEmpty ? "" : "; not shown to be as good on \(names(outcome.open))"
            return "UNDECIDED. \(wins)\(open)."
        }
    }

    private func line(_ row: FigureRow) -> String {
        let sample = row.sample
        let report = ComparisonReport.Row(row)
        let ends = row.differences.map { [number($0.lowerBound), number($0.upperBound)] }
        let interval = ends.map { "[" + $0.joined(separator: ", ") + "]" } ?? "-"
        return columns(
            "    \(sample.figure.name)",
            number(report.mean_a),
            number(report.mean_b),
            number(report.mean_difference),
            interval,
            p(row.pAdjusted ?? 1),
            "\(sample.wins)/\(sample.ties)/\(sample.losses)",
            verdict(row)
        )
    }

    func verdict(_ row: FigureRow) -> String {
        let label = row.sample.challenger
        let verdict =
            row.challengerWins
            ? "\(label) wins"
            : row.challengerLoses ? "\(label) loses" : row.isNonInferior ? "as good" : "open"
        return verdict + (row.method == .direction ? " (direction only)" : "")
    }

    var checks: [String] {
        var lines: [String] = []
        if !comparison.controls.isEmpty {
            let told = comparison.controls.map { "\($0.challenger.label) is \($0.verdict.rawValue)" }
            lines.append("Self-check against a: " + told.joined(separator: ", "))
        }
        for failure in comparison.failures.prefix(10) {
            let run = failure.run
            let command = ([OwnProgram.typed] + failure.words).joined(separator: " ")
            lines.append("\(run.policy) in \(run.scenario), seed \(run.seed): \(run.verdict)")
            lines.append("  repeat: \(command)")
        }
        if comparison.failures.count > 10 { lines.append("… and \(comparison.failures.count - 10) more") }
        if terms.isUntilDecided {
            lines.append(
                "Looked at after every \(UntilDecided.block) seeds, valid at any look; intervals of rows marked "
                    + "\"direction only\" are descriptive."
            )
        }
        return lines
    }

    private func columns(_ texts: String...) -> String {
        let widths = [-32, 10, 10, 10, 22, 9, 11, 0]
        return zip(texts, widths).map { text, width in
            let gap = String(repeating: " ", count: max(abs(width) - text.count, 0))
            return width < 0 ? text + gap : width == 0 ? "  " + text : gap + text
        }.joined()
    }

    func p(_ value: Double) -> String { value < 0.0001 ? "<0.0001" : rounded(value, 4) }

    private func rounded(_ value: Double, _ places: Int = 2) -> String {
        let power = (0..<places).reduce(1.0) { power, _ in power * 10 }
        return "\((value * power).rounded() / power)"
    }

    private func number(_ value: Double) -> String { ComparisonPlots.short(value) }
}
