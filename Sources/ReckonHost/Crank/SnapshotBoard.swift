package import ReckonEngine
import Synchronization

/// Where the latest picture hangs for readers.
package final class SnapshotBoard: Sendable {
    private let latest: Mutex<Snapshot>

    package init(_ first: Snapshot) { latest = Mutex(first) }

    package var snapshot: Snapshot { latest.withLock { $0 } }

    func publish(_ snapshot: Snapshot) { latest.withLock { $0 = snapshot } }
}
