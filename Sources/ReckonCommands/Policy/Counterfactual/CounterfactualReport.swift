import ArgumentParser
import Foundation
package import ReckonEngine

/// A counterfactual as text, as one JSON document, and as a page; a is what ran, b what was asked about.
package struct CounterfactualReport: Sendable {
    /// Where a record came from and what it is held against.
    package struct Source: Sendable {
        package let journal: String
        /// Digests of the policies that ran, in order.
        package let recorded: [String]
        package let candidate: String
        package let path: String
        package let digest: String
        package let limits: GuardLimits

        package init(
            journal: String,
            recorded: [String],
            candidate: (name: String, path: String, digest: String),
            limits: GuardLimits
        ) {
            self.journal = journal
            self.recorded = recorded
            self.candidate = candidate.name
            path = candidate.path
            digest = candidate.digest
            self.limits = limits
        }
    }

    let source: Source
    let counterfactual: Counterfactual

    package init(_ counterfactual: Counterfactual, of source: Source) {
        self.counterfactual = counterfactual
        self.source = source
    }

    /// A figure of both courses.
    struct Row: Sendable {
        let name: String
        let unit: String
        let a: Double
        let b: Double
    }

    var rows: [Row] {
        let a = counterfactual.recorded
        let b = counterfactual.candidate
        var rows = [
            Row(name: "open_share", unit: "share of time", a: a.openShare, b: b.openShare),
            Row(name: "mean_notional_usdt", unit: "USDT", a: a.meanNotional, b: b.meanNotional),
        ]
        rows += GuardMode.allCases.map { mode in
            Row(
                name: "mode_seconds.\(mode.rawValue)",
                unit: "s",
                a: a.modeSeconds[mode.severity],
                b: b.modeSeconds[mode.severity]
            )
        }
        let counts: [(String, KeyPath<Course, Int>)] = [
            ("mode_changes", \.modeChanges), ("flaps", \.flaps), ("policy_faults", \.faults),
            ("ratchet_held", \.held), ("knob_clamped", \.clamped),
        ]
        return rows
            + counts.map { name, count in
                Row(name: name, unit: "", a: Double(a[keyPath: count]), b: Double(b[keyPath: count]))
            }
    }

    /// What it comes to in a sentence.
    package var sentence: String {
        Agreement(
            name: source.candidate,
            ticks: counterfactual.ticks,
            agreeing: counterfactual.agreeingTicks,
            isLooser: counterfactual.differences.contains { $0.looserTicks > 0 },
            isTighter: counterfactual.differences.contains { $0.tighterTicks > 0 }
        ).sentence
    }

    static let caveat =
        "The beliefs are those under the policy that ran. What other exposure would have done to them is not in here; "
        + "reckon compare answers that in simulation."

    /// Lines for a terminal.
    package func text(colour: Bool) -> [String] {
        let ink = Ink(isOn: colour)
        let ran = source.recorded.map { String($0.prefix(12)) }.joined(separator: ", ")
        var lines = [
            "a  what ran: \(ran)  (\(source.journal))",
            "b  \(source.candidate)  (\(source.path), \(source.digest.prefix(12)))",
            "", ink.bold(sentence), "",
            CounterfactualReport.line("", "a", "b"),
        ]
        lines += rows.map { row in
            CounterfactualReport.line(row.name, Self.short(row.a), Self.short(row.b)) + "  \(row.unit)"
        }
        let differing = counterfactual.differences.filter { $0.looserTicks + $0.tighterTicks > 0 }
        if !differing.isEmpty {
            lines += ["", CounterfactualReport.line("b against a", "looser", "tighter") + "  ticks"]
            lines += differing.map { row in
                CounterfactualReport.line(row.knob.rawValue, "\(row.looserTicks)", "\(row.tighterTicks)")
            }
        }
        let entries = counterfactual.entries
        lines += [
            "",
            "Of \(entries.admitted) entries taken on, b would have refused \(entries.wouldRefuse); "
                + "of \(entries.refused) refused by a knob, it would have let \(entries.wouldAdmit) by.",
            ink.dim(CounterfactualReport.caveat),
        ]
        return lines
    }

    private static func line(_ name: String, _ a: String, _ b: String) -> String {
        func right(_ text: String) -> String {
            String(repeating: " ", count: max(12 - text.count, 0)) + text
        }
        return name + String(repeating: " ", count: max(28 - name.count, 1)) + right(a) + right(b)
    }

    static func short(_ value: Double) -> String {
        let size = value.magnitude
        let unit: Double = size >= 100 ? 1 : size >= 1 ? 100 : 10_000
        let rounded = (value * unit).rounded() / unit
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}

extension CounterfactualReport {
    private struct Document: Encodable {
        struct Policy: Encodable {
            let name: String
            let path: String
            let digest: String
        }
        struct Figure: Encodable {
            let figure: String
            let unit: String
            let a: Double
            let b: Double
        }
        struct Knob: Encodable {
            let knob: String
            let looser_ticks: Int
            let tighter_ticks: Int
            let looser_seconds: Double
            let tighter_seconds: Double
        }
        struct Entries: Encodable {
            let admitted: Int
            let would_refuse: Int
            let refused: Int
            let would_admit: Int
        }

        let journal: String
        let recorded: [String]
        let policy: Policy
        let ticks: Int
        let agreeing_ticks: Int
        let figures: [Figure]
        let knobs: [Knob]
        let entries: Entries
        let summary: String
    }

    /// One document, with its keys in order.
    package func json() throws -> String {
        String(decoding: try SimulationText.json(document), as: UTF8.self)
    }

    /// Writes the page; a path that cannot be written is a wrong use.
    package func write(to path: String) throws { try PageFrame.write(html, to: path) }

    private var document: Document {
        let entries = counterfactual.entries
        return Document(
            journal: source.journal,
            recorded: source.recorded,
            policy: Document.Policy(name: source.candidate, path: source.path, digest: source.digest),
            ticks: counterfactual.ticks,
            agreeing_ticks: counterfactual.agreeingTicks,
            figures: rows.map { Document.Figure(figure: $0.name, unit: $0.unit, a: $0.a, b: $0.b) },
            knobs: counterfactual.differences.map { row in
                Document.Knob(
                    knob: row.knob.rawValue,
                    looser_ticks: row.looserTicks,
                    tighter_ticks: row.tighterTicks,
                    looser_seconds: row.looserSeconds,
                    tighter_seconds: row.tighterSeconds
                )
            },
            entries: Document.Entries(
                admitted: entries.admitted,
                would_refuse: entries.wouldRefuse,
                refused: entries.refused,
                would_admit: entries.wouldAdmit
            ),
            summary: sentence
        )
    }
}
