import ArgumentParser
import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy

/// `reckon policy search DIR`: exit 0 if nothing was found, 1 with each kind of counterexample, shrunk.
struct PolicySearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Look for beliefs on which a policy errs, or loosens where belief is worse.",
        discussion: """
            Reaches states by running traces and compares pairs of beliefs there, one worse than the other in some
            fields and better in none; half of them lie within 1 % of a threshold found by bisection. Counterexamples
            are shrunk and printed as cases for cases.lua. The same seed finds the same.
            """
    )

    @Argument(help: "The policy's directory, with its policy.lua.")
    var directory: String

    @Option(help: "Pairs of beliefs to compare.")
    var pairs = 20_000

    @Option(help: "The seed of all draws.")
    var seed: UInt64 = 1

    @Option(name: .customLong("not-looser-than"), help: "Also ask that no knob is looser than this policy's.")
    var rival: String?

    @Flag(help: "Stop at the first counterexample.")
    var first = false

    @Option(name: .customLong("set"), help: "Override a parameter; may be given several times.")
    var settings: [ParameterSetting] = []

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        try PolicyPath.requireDirectory(directory)
        if let rival { try PolicyPath.requireDirectory(rival) }
        guard (1...100_000_000).contains(pairs) else {
            throw ValidationError("--pairs is \(pairs); allowed 1 to 100000000")
        }
    }

    func run() throws {
        let text: SearchText
        do throws(PolicyProblem) {
            text = try searched()
        } catch {
            throw PolicyOutput.failure(error)
        }
        PolicyOutput.print(json ? text.json : text.text(Ink.output))
        if !text.report.findings.isEmpty { throw ExitCode(1) }
    }

    private func searched() throws(PolicyProblem) -> SearchText {
        var plan = SearchPlan()
        plan.pairs = pairs
        plan.seed = seed
        plan.stopsAtFirst = first
        plan.overrides = settings.table
        let policy = try PolicyDirectory(reading: directory)
        if let rival { plan.rival = try PolicyDirectory(reading: rival) }
        let progress = ProgressLine()
        var search = try PolicySearch(policy, plan)
        let report = search.run { progress.show(done: $0, of: pairs, unit: "pairs") }
        progress.clear()
        return SearchText(directory: directory, digest: policy.digest, seed: seed, report: report)
    }
}

/// What a search has to say.
struct SearchText {
    let directory: String
    let digest: String
    let seed: UInt64
    let report: SearchReport

    func text(_ ink: Ink) -> String {
        var lines: [String] = []
        for (index, finding) in report.findings.enumerated() {
            lines += self.lines(of: finding, name: name(index), ink) + [""]
        }
        let near = report.pairs == 0 ? 0 : Double(report.nearThreshold) * 100 / Double(report.pairs)
        lines.append(
            "\(report.pairs) pairs, \(near.fixed(0)) % of them at one of \(report.thresholds) thresholds; "
                + "\(report.evaluations) evaluations on \(report.traces) traces, \(report.ways) ways through the policy"
        )
        if let coverage = report.coverage {
            let missed = coverage.files.filter { !$0.missed.isEmpty }.map { "\($0.name):\($0.missedText)" }
            let never = missed.isEmpty ? "" : "; never reached: \(missed.joined(separator: "; "))"
            lines.append("\(coverage.percent.fixed(1)) % of the lines ran\(never)")
        }
        lines.append(verdict(ink))
        return lines.joined(separator: "\n")
    }

    private func verdict(_ ink: Ink) -> String {
        guard !report.findings.isEmpty else {
            return ink.green("\(directory): no counterexample with seed \(seed)")
        }
        let count = report.findings.count
        return ink.red(
            "\(directory): \(count) kind\(count == 1 ? "" : "s") of counterexample with seed \(seed)"
        )
    }

    private func short(_ knobs: Knobs, _ knob: KnobName) -> String {
        knob == .symbols ? "\(knobs.symbols.count) symbols" : knobs.text(knob)
    }

    private func name(_ index: Int) -> String {
        "search \(seed)-\(index + 1): \(headline(report.findings[index]))"
    }

    private func headline(_ finding: SearchReport.Finding) -> String {
        switch finding.law {
        case .monotone: "worse belief must not loosen \(finding.kind)"
        case .neverErrs: "every belief gets a verdict"
        case .notLooser: "\(finding.kind) must be no looser than the other policy's"
        }
    }

    private func lines(of finding: SearchReport.Finding, name: String, _ ink: Ink) -> [String] {
        var lines = [
            ink.red("✗ \(finding.law.rawValue): \(finding.kind)") + ink.dim(", found \(finding.count) times")
        ]
        guard let witness = finding.witness else { return lines + ["  not shrunk; run it with --first"] }
        if let fault = witness.fault { lines.append("  fault \(fault.code.rawValue): \(fault.message)") }
        if let bound = witness.bound, let found = witness.found {
            let (left, right) = finding.law == .monotone ? ("better", "worse") : ("other", "this")
            lines.append(ink.dim("  " + "".padded(28) + left.padded(20) + right))
            for knob in witness.knobs {
                let words = [short(bound, knob), short(found, knob)]
                lines.append("  " + knob.rawValue.padded(28) + words[0].padded(20) + ink.yellow(words[1]))
            }
        }
        if let enforced = witness.enforced, let knob = witness.knobs.first {
            let held = witness.held.isEmpty ? "nothing held" : "held: \(witness.held.joined(separator: ", "))"
            let change = "\(short(witness.last, knob)) before, \(short(enforced, knob)) now"
            lines.append(ink.dim("  the guard enforces \(knob.rawValue) \(change); \(held)"))
        }
        lines.append(ink.dim("  paste into cases.lua:"))
        lines += finding.example.caseText(witness, named: name).split(separator: "\n").map { "  \($0)" }
        return lines
    }

    var json: String {
        let rows = report.findings.enumerated().map { index, finding in json(finding, name: name(index)) }
        return JSONText.object([
            ("ok", "\(report.findings.isEmpty)"), ("policy", JSONText.string(directory)),
            ("digest", JSONText.string(digest)), ("seed", "\(seed)"), ("pairs", "\(report.pairs)"),
            ("near_threshold", "\(report.nearThreshold)"), ("thresholds", "\(report.thresholds)"),
            ("evaluations", "\(report.evaluations)"), ("traces", "\(report.traces)"),
            ("ways", "\(report.ways)"),
            ("coverage", report.coverage?.json ?? "null"), ("counterexamples", JSONText.array(rows)),
        ])
    }

    private func json(_ finding: SearchReport.Finding, name: String) -> String {
        let witness = finding.witness
        let fault = witness?.fault.map { fault in
            JSONText.object([
                ("code", JSONText.string(fault.code.rawValue)), ("message", JSONText.string(fault.message)),
            ])
        }
        return JSONText.object([
            ("law", JSONText.string(finding.law.rawValue)), ("kind", JSONText.string(finding.kind)),
            ("count", "\(finding.count)"), ("ticks", "\(finding.example.lead.count)"),
            ("looser", JSONText.array((witness?.knobs ?? []).map { JSONText.string($0.rawValue) })),
            ("fault", fault ?? "null"), ("bound", witness?.bound?.json ?? "null"),
            ("found", witness?.found?.json ?? "null"), ("enforced", witness?.enforced?.json ?? "null"),
            ("case", witness.map { JSONText.string(finding.example.caseText($0, named: name)) } ?? "null"),
        ])
    }
}
