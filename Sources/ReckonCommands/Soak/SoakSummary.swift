import Foundation

/// What a soak came to, as a document and as text.
struct SoakSummary: Encodable {
    let program: String
    let policies: [String]
    let first_seed: UInt64
    let wall_hours: Double
    let virtual_hours: Double
    let totals: Tally
    let unmet: [String]

    init(_ state: SoakState) {
        program = state.terms.program
        policies = state.terms.policies
        first_seed = state.first
        wall_hours = state.seconds / 3_600
        virtual_hours = state.tally.virtual_seconds / 3_600
        totals = state.tally
        unmet = state.tally.unmet
    }

    var text: TallyText {
        TallyText(
            title:
                "Soak from seed \(first_seed); program \(program); policies \(policies.joined(separator: ", "))",
            tally: totals,
            seconds: wall_hours * 3_600
        )
    }

    func write(to folder: URL) throws {
        try SimulationText.json(self).write(
            to: folder.appendingPathComponent("summary.json"),
            options: .atomic
        )
        let lines = text.lines.joined(separator: "\n") + "\n"
        try Data(lines.utf8).write(to: folder.appendingPathComponent("summary.txt"), options: .atomic)
    }
}
