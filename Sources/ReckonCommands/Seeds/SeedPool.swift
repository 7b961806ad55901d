import Foundation
import Synchronization

/// Runs seeds in child processes, so that one that dies of a broken invariant takes no other with it.
final class SeedPool: Sendable {
    private struct Work {
        var waiting: [SeedLot] = []
        var children: [SeedChild] = []
        var isStopped = false
    }

    private let jobs: Int
    private let trace: String?
    private let work = Mutex(Work())

    init(jobs: Int, trace: String? = nil) {
        self.jobs = jobs
        self.trace = trace
    }

    /// Runs all of them and returns when they have ended; `note` is called from several threads, for each seed once.
    func run(_ lots: [SeedLot], note: @Sendable (SeedLot, SeedReport) -> Void) {
        work.withLock { $0.waiting = $0.isStopped ? [] : lots.reversed() }
        DispatchQueue.concurrentPerform(iterations: min(jobs, lots.count)) { _ in
            while let lot = work.withLock({ $0.waiting.popLast() }) { run(lot, note) }
        }
    }

    /// Ends what runs; seeds that were under way are not reported.
    func stop() {
        work.withLock { work in
            work.isStopped = true
            work.waiting = []
            for child in work.children { child.end() }
        }
    }

    var isStopped: Bool { work.withLock { $0.isStopped } }

    private func run(_ lot: SeedLot, _ note: (SeedLot, SeedReport) -> Void) {
        var next = lot.seeds.lowerBound
        let child: SeedChild?
        do {
            child = try start(lot)
        } catch {
            return note(lot, SeedReport(crashed: next, because: "no child process: \(error)"))
        }
        guard let child else { return }
        while let report = child.next() {
            next = report.seed + 1
            note(lot, report)
        }
        work.withLock { work in work.children.removeAll { $0 === child } }
        let words = child.lastWords()
        guard next <= lot.seeds.upperBound, !isStopped else { return }
        note(lot, SeedReport(crashed: next, because: words))
        guard next < lot.seeds.upperBound else { return }
        let rest = SeedLot(
            index: lot.index,
            command: lot.command,
            seeds: (next + 1)...lot.seeds.upperBound
        )
        work.withLock { if !$0.isStopped { $0.waiting.append(rest) } }
    }

    /// One after the other, so that no child inherits the pipes of another that starts beside it.
    private func start(_ lot: SeedLot) throws -> SeedChild? {
        try work.withLock { work in
            guard !work.isStopped else { return nil }
            let child = try SeedChild(lot.command.seeds(lot.seeds), trace: trace)
            work.children.append(child)
            return child
        }
    }
}
