package import ArgumentParser
import Foundation

/// `reckon merge`: the parts of a comparison, joined to the very report that one run would have given.
package struct MergeCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Join the parts of a comparison to the very report of a single run.",
        discussion: """
            Refuses parts that differ in policies, scenarios, seeds, hours, build or Lua release, and an incomplete set. \
            Exits as compare does.
            """
    )

    @Argument(help: "Part files of compare --shard.")
    var parts: [String]

    @Flag(help: "Print one JSON document.")
    var json = false

    @Option(help: "Write every pair of values to a file.")
    var csv: String?

    @Option(help: "Write a page that shows it all to a file.")
    var html: String?

    package init() {}

    package func run() throws {
        var runs = RunTable()
        var terms: ComparisonTerms?
        for path in parts {
            let part = try ComparisonPart(reading: path)
            let build = part.head.terms.build
            guard build == OwnProgram.digest else {
                throw ValidationError("\(path): of another build (\(build)) than this program")
            }
            if let terms, let difference = MergeCommand.difference(terms, part.head.terms) {
                throw ValidationError("\(path): another \(difference) than in \(parts[0])")
            }
            terms = part.head.terms
            for run in part.runs.sorted where !runs.add(run) {
                throw ValidationError(
                    "\(path): another result than in an earlier part for \(run.scenario), \(run.policy), "
                        + "seed \(run.seed); a run must give the same everywhere"
                )
            }
        }
        guard let terms else { throw ValidationError("give part files") }
        guard !terms.isUntilDecided else {
            throw ValidationError("\(parts[0]): is of --until-decided, which goes on with compare --resume")
        }
        let missing = terms.runCount(within: terms.seeds) - runs.count
        guard missing == 0 else {
            throw ValidationError("\(missing) runs are missing; give the parts of all shards, each finished")
        }
        let comparison = Comparison(terms, runs, seeds: terms.seeds)
        if let csv { try ComparisonTable(comparison: comparison).write(to: csv) }
        if let html { try ComparisonPage(comparison).write(to: html) }
        try ComparisonOutput.print(comparison, asJSON: json, took: nil)
    }

    private static func difference(_ one: ComparisonTerms, _ other: ComparisonTerms) -> String? {
        if one.lua != other.lua { return "release of Lua (\(one.lua) and \(other.lua))" }
        if one.policies != other.policies { return "list of policies" }
        if one.scenarios != other.scenarios { return "list of scenarios" }
        return one == other ? nil : "range of seeds or number of hours"
    }
}

/// How a comparison is told and ends.
enum ComparisonOutput {
    static func print(_ comparison: Comparison, asJSON: Bool, took seconds: Double?) throws {
        if asJSON {
            try SimulationText.printJSON(ComparisonReport(comparison))
        } else {
            for line in ComparisonText(comparison).lines { PolicyOutput.print(line) }
            let spent = seconds.map { " in \(SimulationText.brief($0)) s" } ?? ""
            PolicyOutput.print("\(comparison.runs.count) runs\(spent)")
        }
        let failed = comparison.failures.contains { failure in
            !comparison.terms.controls.contains { $0.label == failure.run.policy }
        }
        if comparison.verdict == .worse || failed { throw ExitCode(1) }
    }
}
