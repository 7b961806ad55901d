import Foundation
import Synchronization

/// Rounds of fresh seeds until the time is up, with its state on disk all the while.
final class Soak: Sendable {
    private struct Progress {
        var state: SoakState
        /// Of this session.
        var began: Date
        var savedAt: Date
        var problem: String?
    }

    private let folder: URL
    private let limit: Double
    private let pool: SeedPool
    private let line = ProgressLine()
    private let progress: Mutex<Progress>
    private let isSwarm: @Sendable (SeedLane) -> Bool

    init(
        _ state: SoakState,
        folder: URL,
        hours: Double,
        jobs: Int,
        isSwarm: @escaping @Sendable (SeedLane) -> Bool
    ) {
        self.folder = folder
        self.isSwarm = isSwarm
        limit = hours * 3_600
        pool = SeedPool(jobs: jobs)
        progress = Mutex(Progress(state: state, began: Date(), savedAt: Date()))
    }

    /// Runs until the time is up or somebody ends it; what came of it so far.
    func run() throws(ScenarioProblem) -> SoakState {
        let ends = endings()
        defer { for end in ends { end.cancel() } }
        while !pool.isStopped {
            let (lots, remaining) = progress.withLock { progress in
                let lots = progress.state.lots(isSwarm: isSwarm)
                if progress.state.done.isEmpty { progress.state.done = lots.map { _ in 0 } }
                return (lots, progress.state.remaining(lots))
            }
            pool.run(remaining) { lot, report in note(report, lot, lots.count) }
            guard !pool.isStopped else { break }
            progress.withLock { progress in
                progress.state.round += 1
                progress.state.done = []
            }
        }
        line.clear()
        return try progress.withLock { progress throws(ScenarioProblem) in
            save(&progress)
            if let problem = progress.problem { throw ScenarioProblem(text: problem) }
            return progress.state
        }
    }

    /// Ctrl-C, a polite kill, and the end of the time.
    private func endings() -> [any DispatchSourceProtocol] {
        let pool = pool
        let signals = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { pool.stop() }
            return source as any DispatchSourceProtocol
        }
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + max(limit - progress.withLock { $0.state.seconds }, 0))
        timer.setEventHandler { pool.stop() }
        let all = signals + [timer]
        for source in all { source.resume() }
        return all
    }

    private func note(_ report: SeedReport, _ lot: SeedLot, _ count: Int) {
        progress.withLock { progress in
            let lane = SeedLane(lot.command)
            progress.state.tally.add(report, lane)
            progress.state.done[lot.index] += 1
            if progress.savedAt.timeIntervalSinceNow < -2 { save(&progress) }
            let spent = progress.state.seconds - progress.began.timeIntervalSinceNow
            let tally = progress.state.tally
            line.show(seconds: spent, of: limit, seeds: tally.seeds, failed: tally.failed)
        }
    }

    private func save(_ progress: inout Progress) {
        progress.state.seconds -= progress.began.timeIntervalSinceNow
        progress.began = Date()
        progress.savedAt = Date()
        do {
            let state = progress.state
            try SimulationText.json(state).write(
                to: folder.appendingPathComponent("state.json"),
                options: .atomic
            )
            try SoakSummary(state).write(to: folder)
        } catch {
            progress.problem = "\(folder.path): cannot be written: \(error)"
            pool.stop()
        }
    }
}
