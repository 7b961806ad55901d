package import ArgumentParser
import Foundation
import ReckonPolicy
import ReckonSimulation
import Synchronization

/// `reckon batch FILE`: the seeds that a file lists, under one total.
package struct BatchCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Simulate the seeds that a file lists.",
        discussion: """
            Each line names a scenario, a policy's directory, seeds A..B or one seed, and if need be hours; what \
            follows # is for readers. Exit codes as for simulate: the worst verdict of any seed; and 1 with --all-met \
            if no seed met a situation that an invariant is about, or with --conduct if the engine does otherwise in \
            any seed than the file keeps. That is no fault by itself: whoever means the change writes the file anew, \
            and its difference shows what moved.
            """
    )

    @Argument(help: "The file.")
    var file: String

    @Option(help: "How many seeds run at once; all cores by default.")
    var jobs: Int?

    @Flag(help: "Fail if a situation that an invariant is about was never met.")
    var allMet = false

    @Option(help: "Fail if the engine does otherwise than this file keeps.")
    var conduct: String?

    @Option(help: "Write down what the engine does.")
    var writeConduct: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    package init() {}

    package func validate() throws {
        try PolicyPath.requireReadable(file)
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs must be 1 to 256") }
    }

    package func run() throws {
        let list: SeedList
        do throws(ScenarioProblem) {
            list = try SeedList(reading: file)
        } catch {
            throw ValidationError(error.text)
        }
        let kept: KeptConduct?
        do throws(ScenarioProblem) {
            kept = if let conduct { try KeptConduct(reading: conduct) } else { nil }
        } catch {
            throw ValidationError(error.text)
        }
        let progress = ProgressLine()
        let (tally, found) = run(list, progress)
        let text = TallyText(title: "Seeds of \(file)", tally: tally, seconds: progress.seconds)
        if json {
            try SimulationText.printJSON(tally)
        } else {
            for line in text.lines { PolicyOutput.print(line) }
        }
        if let failure = tally.foremost {
            PolicyOutput.complain("repeat: \(failure.command)")
            throw ExitCode(tally.worstVerdict.exitCode)
        }
        if let writeConduct {
            try Data(found.text.utf8).write(to: URL(fileURLWithPath: writeConduct), options: .atomic)
        }
        try judge(tally, found, against: kept)
    }

    private func judge(_ tally: Tally, _ found: KeptConduct, against kept: KeptConduct?) throws {
        let differences = kept?.differences(from: found) ?? []
        for line in differences { PolicyOutput.complain(line) }
        if let conduct, !differences.isEmpty {
            PolicyOutput.complain(
                "the engine does otherwise than \(conduct) keeps; if that is meant, repeat with --write-conduct \(conduct)"
            )
        }
        let isUnmet = allMet && !tally.unmet.isEmpty
        if isUnmet {
            PolicyOutput.complain(
                "never met by any seed of \(file): \(tally.unmet.joined(separator: "; "))"
            )
        }
        if isUnmet || !differences.isEmpty { throw ExitCode(1) }
    }

    private func run(_ list: SeedList, _ progress: ProgressLine) -> (Tally, KeptConduct) {
        let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        let lots = list.rows.flatMap { SeedLot.lots(of: $0.lane.command, $0.seeds, jobs: jobs) }
        let count = list.rows.reduce(0) { $0 + $1.seeds.count }
        let tally = Mutex(Tally())
        let conduct = Mutex(KeptConduct())
        SeedPool(jobs: jobs).run(lots) { lot, report in
            conduct.withLock { $0.add(report, SeedLane(lot.command)) }
            let (done, failed) = tally.withLock { tally in
                tally.add(report, SeedLane(lot.command))
                return (tally.seeds, tally.failed)
            }
            progress.show(done: done, of: count, failed: failed)
        }
        progress.clear()
        return (tally.withLock { $0 }, conduct.withLock { $0 })
    }
}
