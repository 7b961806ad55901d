import ArgumentParser
import Foundation
import ReckonModel
import ReckonPolicy

/// `reckon policy eval DIR --trace FILE`: one line of JSON per tick of the trace.
struct PolicyEvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Run a belief trace through a policy and the engine's guard.",
        discussion: """
            The trace is JSON lines: a header {"trace": name, "params": {…}, "limits": {…}} starts afresh,
            a tick {"now": seconds, "belief": {…}} is evaluated. Prints raw and enforced knobs per tick, the
            same bytes for the same trace on every run. A script's fault is a fallback verdict; what cannot
            be loaded or read exits with 1.
            """
    )

    @Argument(help: "The policy's directory, with its policy.lua.")
    var directory: String

    @Option(help: "The trace, as JSON lines.")
    var trace: String

    @Option(name: .customLong("set"), help: "Override a parameter; may be given several times.")
    var settings: [ParameterSetting] = []

    @Flag(help: "Print one JSON document, with each tick's log, instead of a line a tick.")
    var json = false

    func validate() throws {
        try PolicyPath.requireDirectory(directory)
        try PolicyPath.requireReadable(trace)
    }

    func run() throws {
        try TraceRun(directory: directory, trace: trace, settings: settings, json: json).print()
    }
}

/// A belief trace through a policy, printed tick by tick.
package struct TraceRun: Sendable {
    private let directory: String
    private let trace: String
    private let settings: [ParameterSetting]
    private let json: Bool

    package init(directory: String, trace: String, settings: [ParameterSetting], json: Bool) {
        self.directory = directory
        self.trace = trace
        self.settings = settings
        self.json = json
    }

    /// Ends with exit code 1 where the policy or the trace cannot be read.
    package func print() throws {
        do throws(PolicyProblem) {
            try evaluate()
        } catch {
            PolicyOutput.complain(error.text)
            throw ExitCode(1)
        }
    }

    private func evaluate() throws(PolicyProblem) {
        let overrides = settings.table
        let runtime = try PolicyRuntime(try PolicyDirectory(reading: directory), overrides: overrides)
        guard let bytes = FileManager.default.contents(atPath: trace) else {
            throw PolicyProblem(code: "trace_unreadable", file: trace, message: "the trace cannot be read")
        }
        var evaluation = TraceEvaluation(runtime, overrides: overrides, file: trace)
        var said = 0
        var ticks: [String] = []
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let answer = try evaluation.take(Array(line))
            for warning in evaluation.warnings[said...] { PolicyOutput.complain(warning.text) }
            said = evaluation.warnings.count
            guard let answer else { continue }
            if json {
                let log = JSONText.array(evaluation.log.map(JSONText.string))
                ticks.append(JSONText.object([("log", log)]).dropLast() + ", " + answer.dropFirst())
                continue
            }
            PolicyOutput.print(answer)
            for line in evaluation.log { PolicyOutput.complain("log: \(line)") }
        }
        if json { PolicyOutput.print(JSONText.object([("ticks", JSONText.array(ticks))])) }
    }
}

/// `NAME=VALUE` on the command line.
package struct ParameterSetting: ExpressibleByArgument, Sendable {
    package let name: String
    package let value: Double

    package init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let value = Double(parts[1]), value.isFinite else { return nil }
        name = String(parts[0])
        self.value = value
    }
}
