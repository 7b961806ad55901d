import Foundation
import ReckonEngine

/// What a journal tells of policies that looked on, as text, as one JSON document, and as a page; a is what ran, b looked on.
package struct ShadowReport: Sendable {
    let journal: String
    let record: ShadowRecord

    package init(_ record: ShadowRecord, of journal: String) {
        self.record = record
        self.journal = journal
    }

    static let caveat =
        "Both answered on the same live beliefs, those under the policy that ran; compared after the operator's limits, before "
        + "ratchet and holds. After a crash the last ticks may be missing."

    /// Lines for a terminal.
    package func text(colour: Bool) -> [String] {
        let ink = Ink(isOn: colour)
        var lines: [String] = []
        for sitting in record.sittings {
            lines += [
                ink.bold(sitting.sentence),
                "  \(sitting.tally.identity.digest.prefix(12)), \(sitting.times); reason: \(sitting.tally.reason)",
                "  against \(sitting.champions.map { String($0.prefix(12)) }.joined(separator: ", "))",
                "  \(sitting.tally.faults) faults, \(sitting.tally.skipped) questions skipped",
            ]
            for row in sitting.rows {
                lines.append(
                    "    " + row.knob.padded(28) + "looser \(row.looser)".led(14)
                        + "tighter \(row.tighter)".led(14)
                )
            }
            if !sitting.stretches.isEmpty { lines.append("    " + strip(sitting, ink)) }
            lines.append("")
        }
        return lines + [ink.dim(ShadowReport.caveat)]
    }

    /// The ways to differ over time, 60 columns wide.
    private func strip(_ sitting: ShadowRecord.Sitting, _ ink: Ink) -> String {
        let length = max(sitting.until - sitting.from, 1e-9)
        return (0..<60).map { column in
            let at = sitting.from + (Double(column) + 0.5) / 60 * length
            return switch sitting.stretches.last(where: { $0.at <= at })?.way {
            case .looser: ink.orange("▲")
            case .tighter: ink.blue("▼")
            case .mixed: ink.yellow("◆")
            case .same, nil: ink.dim("·")
            }
        }.joined()
    }

    /// One document, with its keys in order.
    package func json() throws -> String {
        String(decoding: try SimulationText.json(Document(self)), as: UTF8.self)
    }

    /// Writes the page; a path that cannot be written is a wrong use.
    package func write(to path: String) throws { try PageFrame.write(html, to: path) }
}

extension ShadowRecord.Sitting {
    /// A knob that was ever looser or tighter, most often first.
    struct Row: Sendable {
        let knob: String
        let looser: Int64
        let tighter: Int64
    }

    var rows: [Row] {
        tally.knobs.map { Row(knob: $0.key, looser: $0.value.looser, tighter: $0.value.tighter) }
            .sorted { ($1.looser + $1.tighter, $0.knob) < ($0.looser + $0.tighter, $1.knob) }
    }

    /// What it comes to in a sentence.
    var sentence: String {
        Agreement(
            name: tally.identity.name,
            ticks: Int(tally.compared),
            agreeing: Int(tally.compared - tally.disagreements),
            isLooser: rows.contains { $0.looser > 0 },
            isTighter: rows.contains { $0.tighter > 0 }
        ).sentence
    }

    var times: String {
        "from \(CounterfactualReport.short(from)) s to \(CounterfactualReport.short(until)) s of the journal"
    }
}

extension ShadowReport {
    private struct Document: Encodable {
        struct Knob: Encodable {
            let knob: String
            let looser_ticks: Int64
            let tighter_ticks: Int64
        }
        struct Stretch: Encodable {
            let from_sec: Double
            let until_sec: Double
            let way: String
        }
        struct Sitting: Encodable {
            let name: String
            let version: String
            let digest: String
            let reason: String
            let champions: [String]
            let from_sec: Double
            let until_sec: Double
            let compared: Int64
            let disagreements: Int64
            let faults: Int64
            let skipped: Int64
            let knobs: [Knob]
            let stretches: [Stretch]
            let summary: String
        }

        let journal: String
        let shadows: [Sitting]

        init(_ report: ShadowReport) {
            journal = report.journal
            shadows = report.record.sittings.map { sitting in
                let tally = sitting.tally
                return Sitting(
                    name: tally.identity.name,
                    version: tally.identity.version,
                    digest: tally.identity.digest,
                    reason: tally.reason,
                    champions: sitting.champions,
                    from_sec: sitting.from,
                    until_sec: sitting.until,
                    compared: tally.compared,
                    disagreements: tally.disagreements,
                    faults: tally.faults,
                    skipped: tally.skipped,
                    knobs: sitting.rows.map {
                        Knob(knob: $0.knob, looser_ticks: $0.looser, tighter_ticks: $0.tighter)
                    },
                    stretches: sitting.stretches.map {
                        Stretch(from_sec: $0.at, until_sec: $0.until, way: $0.way.rawValue)
                    },
                    summary: sitting.sentence
                )
            }
        }
    }
}
