package import ArgumentParser
import Foundation
import ReckonPolicy
import ReckonSimulation

/// `reckon compare`: policies on the very same seeds, and which of them is better.
package struct CompareCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Say which policy is better, by how much and how surely, on the very same seeds.",
        discussion: """
            Each policy after the first is held against the first. Policies are called a, b, c, … in the order given; \
            `never` and `always` are built in. Ctrl-C ends it, and --resume goes on where it was. Exits with 0, with 1 \
            if the first challenger is worse or a run did not hold.
            """
    )

    @Option(help: "A policy's directory, `never` or `always`; give two or more.")
    var policy: [String] = []

    @Option(help: "A scenario's name or file; may be given several times. Default: all that are built in.")
    var scenario: [String] = []

    @Option(help: "Seeds A..B, or the seeds 1 to N; with --until-decided the most of them.")
    var seeds: SeedRange?

    @Option(help: "Virtual hours for which faults rage, instead of each scenario's own length.")
    var hours: Double?

    @Option(
        name: .customLong("set"),
        help: "NAME=VALUE for every policy that has the parameter, b.NAME=VALUE for one."
    )
    var settings: [ParameterSetting] = []

    @Option(help: "b.NAME=FROM:TO:STEP makes a challenger of each value; may be given several times.")
    var sweep: [Sweep] = []

    @Option(help: "How many runs go on at once; all cores by default.")
    var jobs: Int?

    @Flag(help: "Add seeds in blocks until there is a verdict, under a rule that is valid at any look.")
    var untilDecided = false

    @Option(help: "Run only the I-th of N parts of the seeds, I/N, and write them to --out.")
    var shard: Shard?

    @Option(help: "The part file of --shard.")
    var out: String?

    @Option(help: "Keep runs in this file, and go on with those that it has.")
    var resume: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @Option(help: "Write every pair of values to a file.")
    var csv: String?

    @Option(help: "Write a page that shows it all to a file.")
    var html: String?

    package init() {}

    package func validate() throws {
        if policy.count < 2, sweep.isEmpty {
            throw ValidationError("give --policy twice or more, or a --sweep")
        }
        if policy.isEmpty { throw ValidationError("give --policy") }
        if let hours, !(hours > 0 && hours <= 10_000) {
            throw ValidationError("--hours must lie above 0 and within 10,000")
        }
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs must be 1 to 256") }
        if (shard == nil) != (out == nil) { throw ValidationError("--shard and --out go together") }
        if shard != nil, untilDecided || resume != nil || json || csv != nil || html != nil {
            throw ValidationError(
                "--shard writes a part and no report: leave --until-decided, --resume, --json, --csv, --html"
            )
        }
        if Set(scenario).count < scenario.count { throw ValidationError("a scenario is given twice") }
        for path in policy { try PolicyChoice.require(path) }
    }

    package func run() throws {
        let terms = try terms()
        let part = try part(of: terms)
        let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        let runner = ComparisonRunner(terms, runs: part.known, jobs: jobs, part: part.writer)
        if let shard {
            if let seeds = shard.seeds(of: terms.seeds) { runner.run(seeds) }
            try requireFinished(runner, part.writer)
            PolicyOutput.complain("\(part.writer.path): \(runner.runs.count) runs; join parts with merge")
            return
        }
        let seeds: ClosedRange<UInt64>
        if untilDecided {
            seeds = UntilDecided.run(terms, runner)
        } else {
            seeds = terms.seeds
            runner.run(seeds)
        }
        try requireFinished(runner, part.writer)
        if resume == nil { part.writer.remove() }
        let comparison = Comparison(terms, runner.runs, seeds: seeds)
        if let csv { try ComparisonTable(comparison: comparison).write(to: csv) }
        if let html { try ComparisonPage(comparison).write(to: html) }
        try ComparisonOutput.print(comparison, asJSON: json, took: runner.seconds)
    }

    private func terms() throws -> ComparisonTerms {
        let list = ContenderList(paths: policy, settings: settings, sweeps: sweep)
        let contenders = try list.contenders()
        let controls = try Contender.controls.map { try Contender(label: $0, path: $0, settings: []) }
            .filter { control in !contenders.contains { $0.digest == control.digest } }
        let names = scenario.isEmpty ? Scenario.named.map(\.name) : scenario
        let scenarios = try names.map { try ScenarioTerms($0, hours: hours) }
        if Set(scenarios.map(\.name)).count < scenarios.count {
            throw ValidationError("two scenarios have the same name")
        }
        let range = seeds?.seeds ?? 1...(untilDecided ? 1_000 : 100)
        return ComparisonTerms(
            build: OwnProgram.digest,
            lua: PolicyRuntime.luaRelease,
            policies: contenders + controls,
            scenarios: scenarios,
            first: range.lowerBound,
            last: range.upperBound,
            hours: hours,
            isUntilDecided: untilDecided
        )
    }

    /// Where runs go as they end, and those that are there already.
    private func part(of terms: ComparisonTerms) throws -> (writer: PartWriter, known: RunTable) {
        let name = "reckon-compare-\(terms.digest)-\(ProcessInfo.processInfo.processIdentifier)"
        let own = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        let path = resume ?? out ?? own
        let head = ComparisonPart.Head(terms: terms, shard: shard?.text)
        var known = RunTable()
        if FileManager.default.fileExists(atPath: path), path != own {
            let part = try ComparisonPart(reading: path)
            guard part.head == head else {
                throw ValidationError(
                    "\(path): is of another comparison: policy, scenario, seeds, hours, shard or program differ; "
                        + "give another file, or remove it to start afresh"
                )
            }
            known = part.runs
        }
        return (try PartWriter(path, head: head, known: known.sorted), known)
    }

    private func requireFinished(_ runner: ComparisonRunner, _ writer: PartWriter) throws {
        if let problem = runner.problem {
            PolicyOutput.complain("Error: \(problem)")
            throw ExitCode(1)
        }
        guard runner.isStopped else { return }
        let option = out == nil ? " with --resume \(writer.path)" : ""
        PolicyOutput.complain(
            "\(runner.runs.count) runs are kept in \(writer.path); the same command\(option) goes on"
        )
        throw ExitCode(130)
    }
}

/// `2/5`: the second of five parts.
struct Shard: ExpressibleByArgument {
    let index: Int
    let count: Int

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], count <= 100_000,
            index >= 1, index <= count
        else { return nil }
        self.index = index
        self.count = count
    }

    var text: String { "\(index)/\(count)" }

    /// Its stretch of the seeds; none where there are fewer seeds than parts.
    func seeds(of all: ClosedRange<UInt64>) -> ClosedRange<UInt64>? {
        let total = UInt64(all.count)
        let from = total * UInt64(index - 1) / UInt64(count)
        let to = total * UInt64(index) / UInt64(count)
        return from < to ? (all.lowerBound + from)...(all.lowerBound + to - 1) : nil
    }
}
