import ArgumentParser
import Foundation
import ReckonCommands
import ReckonEngine
import ReckonHost
import ReckonJournal
import ReckonModel
import ReckonPolicy

/// `reckon policy eval DIR`: a trace tick by tick, or what the policy would have done on the beliefs of a journal.
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Run a belief trace, or the beliefs of a journal, through a policy and the engine's guard.",
        discussion: """
            The trace is JSON lines: a header {"trace": name, "params": {…}, "limits": {…}} starts afresh,
            a tick {"now": seconds, "belief": {…}} is evaluated. Prints raw and enforced knobs per tick, the
            same bytes for the same trace on every run. A script's fault is a fallback verdict; what cannot
            be loaded or read exits with 1.

            Of a journal, every belief that an engine asked its policy about is asked again, within the limits of the
            configuration, and what this policy answers is held against what was enforced. The journal is only
            read, and may be that of a running engine.
            """
    )

    @Argument(help: "The policy's directory, with its policy.lua.")
    var directory: String

    @Option(help: "The trace, as JSON lines.")
    var trace: String?

    @Option(help: "A journal that an engine has written.")
    var journal: String?

    @Option(help: "The configuration whose limits hold for a journal's beliefs; without it the defaults.")
    var config: String?

    @Option(name: .customLong("set"), help: "Override a parameter; may be given several times.")
    var settings: [ParameterSetting] = []

    @Flag(help: "Print one JSON document.")
    var json = false

    @Option(help: "Write what came of a journal as a page to this file, too.")
    var html: String?

    func validate() throws {
        try PolicyPath.requireDirectory(directory)
        guard (trace == nil) != (journal == nil) else { throw ValidationError("give --trace or --journal") }
        for path in [trace, journal, config] { if let path { try PolicyPath.requireReadable(path) } }
        if trace != nil, html != nil || config != nil {
            throw ValidationError("--html and --config go with --journal")
        }
    }

    func run() throws {
        if let trace {
            return try TraceRun(directory: directory, trace: trace, settings: settings, json: json).print()
        }
        do {
            try tell(try report(of: journal ?? ""))
        } catch let problem as PolicyProblem {
            throw failure(problem.text)
        } catch let problem as JournalFailure {
            throw failure("\(problem)")
        } catch let problem as Misconfiguration {
            throw failure("\(problem)")
        }
    }

    private func failure(_ text: String) -> ExitCode {
        FileHandle.standardError.write(Data((text + "\n").utf8))
        return ExitCode(1)
    }

    private func report(of journal: String) throws -> CounterfactualReport {
        let policy = try PolicyDirectory(reading: directory)
        let runtime = try PolicyRuntime(policy, overrides: settings.table)
        let limits =
            try config.map { try HostConfiguration(reading: $0) }?.engine.limits
            ?? HostConfiguration().engine.limits
        var record = BeliefRecord()
        try JournalReader(path: journal).forEachFact { record.take($0) }
        guard !record.ticks.isEmpty else {
            throw PolicyProblem(
                code: "journal_empty",
                file: journal,
                message: "no belief stands in it: no engine has asked a policy yet"
            )
        }
        let source = CounterfactualReport.Source(
            journal: journal,
            recorded: record.policies,
            candidate: (runtime.name, directory, policy.digest),
            limits: limits
        )
        return CounterfactualReport(Counterfactual(record, runtime, limits: limits), of: source)
    }

    private func tell(_ report: CounterfactualReport) throws {
        if let html { try report.write(to: html) }
        if json {
            print(try report.json())
        } else {
            let isTerminal = isatty(STDOUT_FILENO) == 1
            for line in report.text(
                colour: isTerminal && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
            ) {
                print(line)
            }
        }
    }
}

/// `reckon policy …` with an `eval` that reads journals as well.
struct FullPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: PolicyCommand.configuration.abstract,
        subcommands: PolicyCommand.configuration.subcommands.map { command in
            command.configuration.commandName == EvalCommand.configuration.commandName
                ? EvalCommand.self : command
        }
    )
}
