import ReckonSimulation
import Synchronization

/// Reports as they come in from several threads.
final class SeedReports: Sendable {
    private let reports = Mutex<[SeedReport]>([])

    /// Takes one up; how many there are now, and how many of them failed.
    @discardableResult
    func add(_ report: SeedReport) -> (done: Int, failed: Int) {
        reports.withLock { reports in
            reports.append(report)
            return (reports.count, reports.count { $0.outcome != .held })
        }
    }

    var sorted: [SeedReport] { reports.withLock { $0.sorted { $0.seed < $1.seed } } }
}
