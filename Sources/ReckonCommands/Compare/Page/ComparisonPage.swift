import Foundation

/// A comparison as one page that needs no network: which is better, by how much, how sure, and why.
struct ComparisonPage {
    private let comparison: Comparison
    private var terms: ComparisonTerms { comparison.terms }
    private let text: ComparisonText

    init(_ comparison: Comparison) {
        self.comparison = comparison
        text = ComparisonText(comparison)
    }

    func write(to path: String) throws { try PageFrame.write(html, to: path) }

    var html: String {
        let title =
            "Comparison of " + terms.policies.filter { !$0.isControl }.map(\.title).joined(separator: ", ")
        var parts = ["<h1>\(escaped(title))</h1>", verdicts, "<p class=\"soft\">\(escaped(conditions))</p>"]
        for outcome in comparison.outcomes {
            parts.append(
                "<h2>\(escaped(outcome.challenger.label)): \(escaped(outcome.challenger.title))</h2>"
            )
            parts += [table(outcome), spreads(outcome), stories(outcome)]
        }
        parts += [pareto, surfaces, replays, footer]
        return PageFrame.html(title, parts)
    }

    private func escaped(_ words: String) -> String { Drawing.escaped(words) }

    private var verdicts: String {
        comparison.outcomes.map { outcome in
            let name =
                "\(outcome.challenger.label) (\(outcome.challenger.title)) against a (\(terms.reference?.title ?? ""))"
            return
                "<p class=\"verdict\"><strong>\(escaped(name)): \(escaped(text.sentence(outcome)))</strong></p>"
        }.joined(separator: "\n")
    }

    private var conditions: String {
        text.conditions.joined(separator: "; ") + ". " + text.checks.joined(separator: " ")
    }

    private func table(_ outcome: ChallengerOutcome) -> String {
        let label = outcome.challenger.label
        let own = comparison.rows.filter { $0.sample.challenger == label && $0.sample.figure.isPrimary }
        let places =
            [(PairedSample.pooled, "all scenarios, differences in scales")]
            + terms.scenarios.map { ($0.name, $0.name) }
        let body = places.map { name, title in
            "<tr class=\"group\"><td colspan=\"9\">\(escaped(title))</td></tr>"
                + own.filter { $0.sample.scenario == name }.map { line($0) }.joined()
        }
        return """
            <div class="wide"><table><thead><tr><th>figure</th><th></th><th>gain</th><th>a</th><th>\(escaped(label))</th>
            <th>difference</th><th>95 % interval</th><th>p adjusted</th><th>won/tied/lost</th></tr></thead>
            <tbody>\(body.joined(separator: "\n"))</tbody></table></div>
            <p class="soft">In the pictures right of the line is better for \(escaped(label)), the pale box left of it is the margin
            within which worse counts as good.</p>
            """
    }

    private func line(_ row: FigureRow) -> String {
        let report = ComparisonReport.Row(row)
        let short = ComparisonPlots.short
        let ends = row.differences.map { "[\(short($0.lowerBound)), \(short($0.upperBound))]" } ?? "–"
        let kind = row.challengerWins ? "win" : row.challengerLoses ? "loss" : ""
        let cells = [
            ComparisonPlots.interval(row), short(report.mean_a), short(report.mean_b),
            short(report.mean_difference), ends, text.p(row.pAdjusted ?? 1),
            "\(report.wins)/\(report.ties)/\(report.losses)",
        ]
        return "<tr><td>\(escaped(report.figure))</td>"
            + "<td class=\"words \(kind)\">\(escaped(text.verdict(row)))</td>"
            + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }

    private func spreads(_ outcome: ChallengerOutcome) -> String {
        let own = comparison.rows.filter {
            $0.sample.challenger == outcome.challenger.label && $0.sample.scenario == PairedSample.pooled
        }
        let plots = own.map { row in
            "<div><h3>\(escaped(row.sample.figure.name))</h3>\(ComparisonPlots.spread(row.sample))</div>"
        }
        return "<h3>Gains seed by seed, over all scenarios</h3><div class=\"grid\">\(plots.joined())</div>"
    }

    private func stories(_ outcome: ChallengerOutcome) -> String {
        let ranked = RunChoice.ranked(comparison, outcome.challenger)
        guard let worst = ranked.first, let reference = terms.reference else { return "" }
        let chosen = [("worst", worst), ("median", ranked[ranked.count / 2])]
        return chosen.map { name, choice in
            let plots = [reference, outcome.challenger].map { policy in
                let story = RunStory(policy, choice.scenario, seed: choice.seed, hours: terms.hours)
                let picture =
                    story.map { ComparisonPlots.story($0) }
                    ?? "<p class=\"soft\">The policy at \(escaped(policy.path)) is not the one that was compared.</p>"
                return "<div><h3>\(escaped(policy.title))</h3>\(picture)</div>"
            }
            let place = "\(choice.scenario.name), seed \(choice.seed)"
            return "<h3>The \(name) run for \(escaped(outcome.challenger.label)): \(escaped(place))</h3>"
                + ComparisonPage.key + "<div class=\"grid\">\(plots.joined())</div>"
        }.joined(separator: "\n")
    }

    static let key =
        "<p class=\"key soft\"><span class=\"g\"></span>GREEN<span class=\"y\"></span>YELLOW<span class=\"o\"></span>"
        + "ORANGE<span class=\"r\"></span>RED</p>"

    private var pareto: String {
        var points: [(title: String, label: String, x: Double, y: Double)] = []
        for policy in terms.policies {
            let own = terms.seeds(of: policy, within: comparison.seeds) ?? comparison.seeds
            var sums = (share: 0.0, naked: 0.0, count: 0.0)
            for scenario in terms.scenarios {
                let runs = own.compactMap { comparison.runs.run(scenario.name, policy.label, $0) }.filter(
                    \.lived
                )
                for run in runs {
                    sums.share += run.figures["admitted_share"] ?? 0
                    sums.naked += run.figures["naked_seconds_total"] ?? 0
                    sums.count += 1
                }
            }
            guard sums.count > 0 else { continue }
            points.append((policy.title, policy.label, sums.share / sums.count, sums.naked / sums.count))
        }
        return
            "<h2>What is admitted, and what it costs</h2><p class=\"soft\">Upwards: mean seconds in a run without a stop, less is better."
            + "</p>" + ComparisonPlots.pareto(points)
    }

    private var surfaces: String {
        let plots = terms.policies.filter { !$0.isControl }.prefix(8).compactMap { policy -> String? in
            guard let surface = KnobSurface(policy) else { return nil }
            let picture = ComparisonPlots.surface(surface, title: policy.title)
            return "<div><h3>\(escaped(policy.title))</h3>\(picture)</div>"
        }
        guard !plots.isEmpty else { return "" }
        return "<h2>What the policies answer</h2>" + ComparisonPage.key
            + "<p class=\"soft\">After a minute of one belief, one symbol in debt. The bar is the share of the notional limit.</p>"
            + "<div class=\"grid\">\(plots.joined())</div>"
    }

    private var replays: String {
        guard let challenger = comparison.outcomes.first?.challenger else { return "" }
        let worst = RunChoice.ranked(comparison, challenger).prefix(5).map { choice in
            challenger.command(choice.scenario, hours: terms.hours).seed(choice.seed).words
        }
        let failures = comparison.failures.prefix(20).map { Array($0.words.dropFirst()) }
        let items = (failures + worst).map { words in
            "<li><code>\(escaped((["reckon", "simulate"] + words).joined(separator: " "))) --trace story.txt</code></li>"
        }
        return "<h2>Seeds to look at first</h2><ol>\(items.joined(separator: "\n"))</ol>"
    }

    private var footer: String {
        "<p class=\"soft\">Build \(escaped(terms.build)), \(escaped(terms.lua)). "
            + terms.policies.map { "\(escaped($0.label)): \(escaped($0.path)), \($0.digest.prefix(16))" }
            .joined(separator: "; ") + "</p>"
    }
}
