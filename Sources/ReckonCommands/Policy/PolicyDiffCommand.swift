import ArgumentParser
import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy

/// `reckon policy diff A B`: exit 0 if no knob differs on the grid, 1 if one does.
struct PolicyDiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show where the knobs of two policies differ, and by how much.",
        discussion: """
            Compares both on a grid of two fields of the belief, each cell from a fresh start, after the belief was held
            for a while. The map shows the notional, or another knob.
            """
    )

    @Argument(help: "A policy's directory.")
    var left: String

    @Argument(help: "Another policy's directory.")
    var right: String

    @Option(help: "The field from left to right, such as debt_sec or evidence.confidence.")
    var across = "debt_sec"

    @Option(help: "The field from top to bottom.")
    var down = "debt_symbols"

    @Option(help: "The worst value from left to right.")
    var acrossTo: Double?

    @Option(help: "The worst value from top to bottom.")
    var downTo: Double?

    @Option(help: "Seconds that each belief is held.")
    var hold = 60.0

    @Option(help: "What all beliefs have besides, as JSON.")
    var belief: String?

    @Option(help: "The knob that the map shows.")
    var knob = KnobName.maxNotional.rawValue

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try PolicyPath.requireDirectory(left)
        try PolicyPath.requireDirectory(right)
        for path in [across, down] where BeliefField.named(path) == nil {
            let known = BeliefField.all.map(\.path).joined(separator: ", ")
            throw ValidationError("there is no field \(path); there are \(known)")
        }
        guard across != down else { throw ValidationError("--across and --down are the same field") }
        guard KnobName(rawValue: knob) != nil else {
            let known = KnobName.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no knob \(knob); there are \(known)")
        }
        guard (0...86_400).contains(hold) else {
            throw ValidationError("--hold is \(hold); allowed 0 to 86400")
        }
    }

    func run() throws {
        let text: DiffText
        do throws(PolicyProblem) {
            text = try compared()
        } catch {
            throw PolicyOutput.failure(error)
        }
        PolicyOutput.print(json ? text.json : text.text(Ink.output))
        if text.diff.rows.contains(where: { $0.most != nil }) { throw ExitCode(1) }
    }

    private func compared() throws(PolicyProblem) -> DiffText {
        guard let x = BeliefField.named(across), let y = BeliefField.named(down),
            let knob = KnobName(rawValue: knob)
        else { preconditionFailure("validated before") }
        let most = (across: acrossTo ?? Self.far(x), down: downTo ?? Self.far(y))
        var plan = PolicyDiff.Plan(across: x, down: y, most: most)
        plan.hold = hold
        if let belief { plan.base = try BeliefSource.belief(reading: belief) }
        let policies = [
            try PolicyRuntime(try PolicyDirectory(reading: left)),
            try PolicyRuntime(try PolicyDirectory(reading: right)),
        ]
        let diff = try PolicyDiff(policies[0], policies[1], plan)
        return DiffText(names: (policies[0].name, policies[1].name), knob: knob, diff: diff)
    }

    /// How far an axis goes where nobody says: as far as policies commonly look.
    private static func far(_ field: BeliefField) -> Double {
        guard field.risesWhenWorse else { return 0 }
        if field.range.upperBound <= 40 { return field.range.upperBound }
        if field.path == "exposure.gross_usdt" { return 100_000 }
        return field.isWhole ? 12 : 300
    }
}

/// A comparison for a terminal or a program.
struct DiffText {
    let names: (left: String, right: String)
    let knob: KnobName
    let diff: PolicyDiff

    func text(_ ink: Ink) -> String {
        var lines = [
            ink.dim("knob".padded(28) + "tighter".led(8) + "looser".led(8) + "  where it differs most")
        ]
        let count = diff.cells.reduce(0) { $0 + $1.count }
        for row in diff.rows {
            var line = row.knob.rawValue.padded(28) + "\(row.tighter)".led(8) + "\(row.looser)".led(8)
            if let cell = row.most {
                line +=
                    "  \(short(cell.left, row.knob)) against \(short(cell.right, row.knob)) at \(place(cell))"
            }
            lines.append(row.most == nil ? ink.dim(line) : line)
        }
        lines.append(ink.dim("\(names.left) against \(names.right), of \(count) beliefs held for \(held)"))
        return (lines + [""] + map(ink)).joined(separator: "\n")
    }

    private var held: String { "\(diff.plan.hold.fixed(0)) s" }

    private func place(_ cell: PolicyDiff.Cell) -> String {
        "\(diff.plan.across.path) \(LuaNumber.text(cell.across)), \(diff.plan.down.path) \(LuaNumber.text(cell.down))"
    }

    private func short(_ knobs: Knobs, _ knob: KnobName) -> String {
        if knob == .symbols { return "\(knobs.symbols.count) symbols" }
        return Double(knobs.text(knob)).map(LuaNumber.text) ?? knobs.text(knob)
    }

    private func map(_ ink: Ink) -> [String] {
        var lines = [
            ink.dim("\(knob.rawValue): ") + "· same, " + ink.blue("▼ \(names.left) is tighter") + ", "
                + ink.yellow("▲ \(names.left) is looser")
        ]
        for row in diff.cells {
            let label = LuaNumber.text(row.first?.down ?? 0).led(10) + " "
            lines.append(ink.dim(label) + row.map { mark($0, ink) }.joined())
        }
        let values = diff.cells.first?.map(\.across) ?? []
        let width = values.count
        let most = LuaNumber.text(values.last ?? 0)
        lines.append(
            ink.dim(
                "".padded(11) + LuaNumber.text(values.first ?? 0).padded(max(1, width - most.count)) + most
            )
        )
        lines.append(ink.dim("".padded(11) + "\(diff.plan.across.path) →, \(diff.plan.down.path) ↓"))
        return lines
    }

    private func mark(_ cell: PolicyDiff.Cell, _ ink: Ink) -> String {
        if cell.left.looser(than: cell.right).contains(knob) { return ink.yellow("▲") }
        if cell.right.looser(than: cell.left).contains(knob) { return ink.blue("▼") }
        return "·"
    }

    var json: String {
        let rows = diff.rows.map { row in
            JSONText.object([
                ("knob", JSONText.string(row.knob.rawValue)), ("tighter", "\(row.tighter)"),
                ("looser", "\(row.looser)"),
                ("most", row.most.map { json($0) } ?? "null"),
            ])
        }
        return JSONText.object([
            ("left", JSONText.string(names.left)), ("right", JSONText.string(names.right)),
            ("across", JSONText.string(diff.plan.across.path)),
            ("down", JSONText.string(diff.plan.down.path)),
            ("hold_sec", JSONText.number(diff.plan.hold)), ("knobs", JSONText.array(rows)),
            ("cells", JSONText.array(diff.cells.flatMap { $0 }.map { json($0) })),
        ])
    }

    private func json(_ cell: PolicyDiff.Cell) -> String {
        JSONText.object([
            ("across", JSONText.number(cell.across)), ("down", JSONText.number(cell.down)),
            ("left", cell.left.json), ("right", cell.right.json),
        ])
    }
}
