import ArgumentParser
import Foundation
package import ReckonModel
import ReckonPolicy

/// `reckon policy test DIR`: exit 0 if every case holds and enough lines ran.
struct PolicyTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run a policy's cases.lua.",
        discussion: """
            cases.lua returns a list of cases: { name, params, limits, ticks = { { now, restart, belief, knobs, enforced,
            fault } }, pair = { now, better, worse } }. What is not named may be anything; { at_least, at_most } is
            a range. A pair asks that the worse of two beliefs gets no looser knob.
            """
    )

    @Argument(help: "The policy's directory, with its policy.lua and cases.lua.")
    var directory: String

    @Option(name: .customLong("case"), help: "Only cases whose name holds this text.")
    var only: String?

    @Flag(help: "Say which lines ran.")
    var coverage = false

    @Option(help: "Fail if fewer percent of the lines ran; implies --coverage.")
    var threshold: Double?

    @Option(name: .customLong("set"), help: "Override a parameter; may be given several times.")
    var settings: [ParameterSetting] = []

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try PolicyPath.requireDirectory(directory)
        if let threshold, !(0...100).contains(threshold) {
            throw ValidationError("--threshold is \(threshold); it is a percentage, 0 to 100")
        }
    }

    func run() throws {
        let report: PolicyTestReport
        do throws(PolicyProblem) {
            report = try tested()
        } catch {
            throw PolicyOutput.failure(error)
        }
        PolicyOutput.print(json ? report.json : report.text(Ink.output))
        if !report.isGood { throw ExitCode(1) }
    }

    private func tested() throws(PolicyProblem) -> PolicyTestReport {
        let overrides = settings.table
        let runtime = try PolicyRuntime(try PolicyDirectory(reading: directory), overrides: overrides)
        guard let file = try CaseFile(besidePolicyIn: directory) else {
            throw PolicyProblem(
                code: "no_cases",
                file: "cases.lua",
                message: "the directory has no cases.lua; `reckon policy new` writes one to begin with"
            )
        }
        let chosen = file.cases.filter { only.map($0.name.contains) ?? true }
        guard !chosen.isEmpty else {
            throw PolicyProblem(code: "no_cases", file: "cases.lua", message: "no case is named so")
        }
        if coverage || threshold != nil { try runtime.noteLines() }
        var runs: [CaseRun] = []
        for example in chosen { runs.append(try CaseRun(example, with: runtime, overrides: overrides)) }
        let lines = coverage || threshold != nil ? runtime.coverage : nil
        return PolicyTestReport(policy: runtime.name, runs: runs, coverage: lines, threshold: threshold)
    }
}

/// What came of the cases.
struct PolicyTestReport {
    let policy: String
    let runs: [CaseRun]
    let coverage: PolicyCoverage?
    let threshold: Double?

    private var isCovered: Bool {
        guard let coverage, let threshold else { return true }
        return coverage.percent >= threshold
    }

    var isGood: Bool { isCovered && runs.allSatisfy(\.passed) }

    func text(_ ink: Ink) -> String {
        var lines: [String] = []
        for run in runs {
            lines.append((run.passed ? ink.green("✓") : ink.red("✗")) + " " + run.name)
            for line in run.log { lines.append(ink.dim("    \(line.now.fixed(1)) s  log: \(line.text)")) }
            for failure in run.failures {
                let place = failure.tick == 0 ? "pair" : "tick \(failure.tick)"
                lines.append("    " + ink.red("\(place) at \(failure.now.fixed(1)) s: ") + failure.message)
            }
        }
        if let coverage { lines += [""] + table(of: coverage, ink) }
        let failed = runs.count { !$0.passed }
        let most = runs.map(\.mostInstructions).max() ?? 0
        let summary =
            "\(policy): \(runs.count) case\(runs.count == 1 ? "" : "s"), \(failed) failed; at most \(most) of "
            + "\(PolicyRuntime.instructionBudget) instructions a tick"
        lines += ["", isGood ? ink.bold(summary) : ink.red(summary)]
        if let threshold, !isCovered {
            lines.append(ink.red("fewer lines ran than the \(threshold.fixed(1)) % that are asked for"))
        }
        return lines.joined(separator: "\n")
    }

    private func table(of coverage: PolicyCoverage, _ ink: Ink) -> [String] {
        let width = max(12, coverage.files.map(\.name.count).max() ?? 0)
        var lines = coverage.files.map { file -> String in
            let share = file.active.isEmpty ? 1 : Double(file.covered) / Double(file.active.count)
            let missed = file.missed.isEmpty ? "" : "  missed \(file.missedText)"
            let bar =
                share == 1 ? ink.green(Plot.bar(share, width: 20)) : ink.yellow(Plot.bar(share, width: 20))
            return file.name.padded(width) + " \(bar) " + (share * 100).fixed(1).led(5) + " %"
                + " \(file.covered)/\(file.active.count)" + ink.dim(missed)
        }
        lines.append("lines".padded(width + 22) + coverage.percent.fixed(1).led(6) + " %")
        return lines
    }

    var json: String {
        let cases = runs.map { run in
            let failures = run.failures.map { failure in
                JSONText.object([
                    ("tick", failure.tick == 0 ? "null" : "\(failure.tick)"),
                    ("now", JSONText.number(failure.now)), ("message", JSONText.string(failure.message)),
                ])
            }
            let log = run.log.map { line in
                JSONText.object([("now", JSONText.number(line.now)), ("text", JSONText.string(line.text))])
            }
            return JSONText.object([
                ("name", JSONText.string(run.name)), ("ok", "\(run.passed)"),
                ("failures", JSONText.array(failures)), ("log", JSONText.array(log)),
                ("instructions", "\(run.mostInstructions)"),
            ])
        }
        return JSONText.object([
            ("ok", "\(isGood)"), ("policy", JSONText.string(policy)), ("cases", JSONText.array(cases)),
            ("coverage", coverage?.json ?? "null"), ("threshold", threshold.map(JSONText.number) ?? "null"),
        ])
    }
}

extension PolicyCoverage {
    var json: String {
        let rows = files.map { file in
            JSONText.object([
                ("file", JSONText.string(file.name)), ("lines", "\(file.active.count)"),
                ("covered", "\(file.covered)"), ("missed", JSONText.array(file.missed.map { "\($0)" })),
            ])
        }
        return JSONText.object([
            ("percent", JSONText.number(percent)), ("lines", "\(active)"), ("covered", "\(covered)"),
            ("files", JSONText.array(rows)),
        ])
    }
}

extension [ParameterSetting] {
    /// By name; of two for one parameter the later counts.
    package var table: Table<String, Double> {
        var values: Table<String, Double> = Table()
        for setting in self { values[setting.name] = setting.value }
        return values
    }
}

extension PolicyOutput {
    /// Says what is wrong on standard error; the exit is that of a negative result.
    static func failure(_ problem: PolicyProblem) -> ExitCode {
        complain(problem.text)
        return ExitCode(1)
    }
}
