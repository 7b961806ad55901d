import ArgumentParser
import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy

/// `reckon policy explain DIR`: one belief, from its fields to the knobs in force.
struct PolicyExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show why a belief came to the knobs that are enforced.",
        discussion: """
            The belief is one tick of a case or of a trace, or stands on the command line; then it comes after the
            case or trace, if one is given. Shows what each field adds, the raw knobs, each clamp and hold, and what
            is enforced.
            """
    )

    @Argument(help: "The policy's directory, with its policy.lua.")
    var directory: String

    @Option(help: "The belief as JSON, such as '{\"debt_sec\": 40, \"debt_symbols\": 2}', or a file of it.")
    var belief: String?

    @Option(name: .customLong("case"), help: "A case of cases.lua, by a part of its name.")
    var example: String?

    @Option(help: "A trace of JSON lines, as for eval; its last trace counts.")
    var trace: String?

    @Option(help: "The tick of the case or trace, from 1; the last one otherwise.")
    var at: Int?

    @Option(help: "Seconds from the last tick to --belief.")
    var after = 5.0

    @Option(name: .customLong("set"), help: "Override a parameter; may be given several times.")
    var settings: [ParameterSetting] = []

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try PolicyPath.requireDirectory(directory)
        if let trace { try PolicyPath.requireReadable(trace) }
        if example != nil, trace != nil { throw ValidationError("give --case or --trace, not both") }
        if belief == nil, example == nil, trace == nil {
            throw ValidationError("give --belief, --case or --trace")
        }
        if let at, at < 1 { throw ValidationError("--at is \(at); ticks count from 1") }
        guard (0...9e9).contains(after) else {
            throw ValidationError("--after is \(after); it is 0 or more seconds")
        }
    }

    func run() throws {
        let text: ExplanationText
        do throws(PolicyProblem) {
            text = try explained()
        } catch {
            throw PolicyOutput.failure(error)
        }
        PolicyOutput.print(json ? text.json : text.text(Ink.output))
    }

    private func explained() throws(PolicyProblem) -> ExplanationText {
        let past = try BeliefSource(directory: directory, example: example, trace: trace).ticks()
        let runtime = try PolicyRuntime(try PolicyDirectory(reading: directory), overrides: settings.table)
        var ticks = past.ticks
        if let at {
            guard at <= ticks.count else {
                throw PolicyProblem(
                    code: "tick",
                    message: "there are \(ticks.count) ticks, and no tick \(at)"
                )
            }
            ticks = Array(ticks.prefix(at))
        }
        if let belief {
            let now = ticks.last.map { $0.now + after } ?? 0
            ticks.append(LeadTick(now: now, belief: try BeliefSource.belief(reading: belief)))
        }
        guard let last = ticks.popLast() else {
            throw PolicyProblem(code: "tick", message: "there is no tick to explain")
        }
        var values = past.parameters
        for (name, value) in settings.table { values[name] = value }
        try runtime.setParameters(values)
        runtime.reset()
        var walk = PolicyWalk(runtime, limits: past.limits)
        for tick in ticks { walk.step(tick.belief, at: tick.now) }
        let explanation = Explanation(last.belief, at: last.now, after: walk)
        return ExplanationText(policy: runtime.name, ticks: ticks.count, explanation: explanation)
    }
}
