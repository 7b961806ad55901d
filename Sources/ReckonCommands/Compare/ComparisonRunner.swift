import Foundation
import Synchronization

/// Runs what a comparison still lacks, on all cores, each result going to disk at once.
final class ComparisonRunner: Sendable {
    private struct State {
        var runs: RunTable
        var done = 0
        var failed = 0
        var problem: String?
    }

    private let terms: ComparisonTerms
    private let jobs: Int
    private let pool: SeedPool
    private let part: PartWriter?
    private let line = ProgressLine()
    private let state: Mutex<State>

    init(_ terms: ComparisonTerms, runs: RunTable, jobs: Int, part: PartWriter?) {
        self.terms = terms
        self.jobs = jobs
        self.part = part
        pool = SeedPool(jobs: jobs)
        state = Mutex(State(runs: runs))
    }

    var runs: RunTable { state.withLock(\.runs) }
    var isStopped: Bool { pool.isStopped }
    var seconds: Double { line.seconds }
    /// Why it could not go on, where that was not Ctrl-C.
    var problem: String? { state.withLock(\.problem) }

    /// Runs all policies on these seeds, those left out that are known.
    func run(_ seeds: ClosedRange<UInt64>) {
        let ends = endings()
        defer {
            for end in ends { end.cancel() }
            for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
        }
        let lots = lots(seeds)
        let count = lots.reduce(0) { $0 + $1.seeds.count }
        state.withLock { state in
            state.done = 0
            state.failed = 0
        }
        pool.run(lots) { lot, report in note(report, lot, of: count) }
        line.clear()
    }

    private func lots(_ seeds: ClosedRange<UInt64>) -> [SeedLot] {
        let runs = runs
        var lots: [SeedLot] = []
        for (place, scenario) in terms.scenarios.enumerated() {
            for (number, policy) in terms.policies.enumerated() {
                guard let own = terms.seeds(of: policy, within: seeds) else { continue }
                for stretch in runs.missing(scenario.name, policy.label, own) {
                    lots += SeedLot.lots(
                        of: policy.command(scenario, hours: terms.hours),
                        stretch,
                        jobs: jobs,
                        index: place * terms.policies.count + number
                    )
                }
            }
        }
        return lots
    }

    private func note(_ report: SeedReport, _ lot: SeedLot, of count: Int) {
        let run = ComparedRun(
            report,
            scenario: terms.scenarios[lot.index / terms.policies.count].name,
            policy: terms.policies[lot.index % terms.policies.count].label
        )
        let isWritten = part?.write(run) ?? true
        let (done, failed) = state.withLock { state in
            _ = state.runs.add(run)
            state.done += 1
            if !run.held { state.failed += 1 }
            if !isWritten { state.problem = "\(part?.path ?? ""): cannot be written any more" }
            return (state.done, state.failed)
        }
        if !isWritten { pool.stop() }
        line.show(done: done, of: count, failed: failed, unit: "runs")
    }

    /// Ctrl-C and a polite kill.
    private func endings() -> [any DispatchSourceProtocol] {
        let pool = pool
        return [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { pool.stop() }
            source.resume()
            return source as any DispatchSourceProtocol
        }
    }
}
