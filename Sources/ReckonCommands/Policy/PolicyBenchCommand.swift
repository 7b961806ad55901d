import ArgumentParser
import Foundation
import ReckonPolicy

/// `reckon policy bench DIR`: what an evaluation costs.
struct PolicyBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure what an evaluation costs.",
        discussion: """
            Runs one seeded trace of 200 ticks through the policy, by turns in the engine's host and in a plain one:
            the same chunk, arguments and decoding under Lua's standard libraries and allocator, without hook, limits
            and sandbox. Nanoseconds are of the middle round; instructions and bytes are of the engine's host. A debug
            build measures itself: use an optimised one.
            """
    )

    @Argument(help: "The policy's directory, with its policy.lua.")
    var directory: String

    @Option(help: "Another policy to measure beside it.")
    var against: String?

    @Option(help: "Rounds through the trace.")
    var rounds = 41

    @Option(
        name: .customLong("set"),
        help: "Override a parameter of the first policy; may be given several times."
    )
    var settings: [ParameterSetting] = []

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try PolicyPath.requireDirectory(directory)
        if let against { try PolicyPath.requireDirectory(against) }
        guard (1...100_000).contains(rounds) else {
            throw ValidationError("--rounds is \(rounds); allowed 1 to 100000")
        }
    }

    func run() throws {
        do throws(PolicyProblem) {
            var rows = [
                try PolicyBench(
                    try PolicyDirectory(reading: directory),
                    overrides: settings.table,
                    rounds: rounds
                )
            ]
            if let against {
                rows.append(
                    try PolicyBench(
                        try PolicyDirectory(reading: against),
                        overrides: [].table,
                        rounds: rounds
                    )
                )
            }
            PolicyOutput.print(json ? Self.json(rows) : Self.text(rows, Ink.output))
        } catch {
            throw PolicyOutput.failure(error)
        }
    }

    private static func text(_ rows: [PolicyBench], _ ink: Ink) -> String {
        let heading = ["ns", "(fastest", "slowest)", "plain ns", "ratio", "instructions", "(most)", "bytes"]
        let widths = [9, 10, 10, 10, 7, 14, 8, 9]
        var lines = [ink.dim("policy".padded(16) + zip(heading, widths).map { $0.led($1) }.joined())]
        let slowest = rows.map(\.hardened.nanoseconds).max() ?? 1
        for row in rows {
            let cells = [
                row.hardened.nanoseconds.fixed(0), row.hardened.fastest.fixed(0),
                row.hardened.slowest.fixed(0),
                row.plain.nanoseconds.fixed(0), row.ratio.fixed(2), row.instructions.fixed(0),
                "\(row.mostInstructions)", row.bytes.fixed(0),
            ]
            lines.append(row.name.padded(16) + zip(cells, widths).map { $0.led($1) }.joined())
        }
        lines.append("")
        for row in rows {
            for (label, value) in [
                ("engine's host", row.hardened.nanoseconds), ("plain host", row.plain.nanoseconds),
            ] {
                let bar = Plot.bar(value / slowest, width: 40)
                lines.append(
                    row.name.padded(16) + label.padded(15) + ink.blue(bar) + value.fixed(0).led(8) + " ns"
                )
            }
        }
        if rows.count == 2 {
            let share = rows[0].hardened.nanoseconds / rows[1].hardened.nanoseconds
            lines += ["", "\(rows[0].name) takes \(share.fixed(2)) times as long as \(rows[1].name)"]
        }
        lines.append(ink.dim("per evaluation, of \(rows[0].evaluations) each"))
        return lines.joined(separator: "\n")
    }

    private static func json(_ rows: [PolicyBench]) -> String {
        let policies = rows.map { row in
            JSONText.object([
                ("name", JSONText.string(row.name)), ("ns", JSONText.number(row.hardened.nanoseconds)),
                ("ns_fastest", JSONText.number(row.hardened.fastest)),
                ("ns_slowest", JSONText.number(row.hardened.slowest)),
                ("plain_ns", JSONText.number(row.plain.nanoseconds)), ("ratio", JSONText.number(row.ratio)),
                ("instructions", JSONText.number(row.instructions)),
                ("most_instructions", "\(row.mostInstructions)"), ("bytes", JSONText.number(row.bytes)),
                ("evaluations", "\(row.evaluations)"),
            ])
        }
        return JSONText.object([("policies", JSONText.array(policies))])
    }
}
