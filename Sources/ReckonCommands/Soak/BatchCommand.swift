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
            if no seed met a situation that an invariant is about.
            """
    )

    @Argument(help: "The file.")
    var file: String

    @Option(help: "How many seeds run at once; all cores by default.")
    var jobs: Int?

    @Flag(help: "Fail if a situation that an invariant is about was never met.")
    var allMet = false

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
        let progress = ProgressLine()
        let tally = tally(of: list, progress)
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
        guard allMet, !tally.unmet.isEmpty else { return }
        PolicyOutput.complain(
            "never met by any seed of \(file): \(tally.unmet.joined(separator: "; "))"
        )
        throw ExitCode(1)
    }

    private func tally(of list: SeedList, _ progress: ProgressLine) -> Tally {
        let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        let lots = list.rows.flatMap { SeedLot.lots(of: $0.lane.command, $0.seeds, jobs: jobs) }
        let count = list.rows.reduce(0) { $0 + $1.seeds.count }
        let tally = Mutex(Tally())
        SeedPool(jobs: jobs).run(lots) { lot, report in
            let (done, failed) = tally.withLock { tally in
                tally.add(report, SeedLane(lot.command))
                return (tally.seeds, tally.failed)
            }
            progress.show(done: done, of: count, failed: failed)
        }
        progress.clear()
        return tally.withLock { $0 }
    }
}
