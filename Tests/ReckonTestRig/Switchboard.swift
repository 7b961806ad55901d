package import ReckonEngine
package import ReckonHost
package import ReckonJournal
package import ReckonModel
import Synchronization

/// Where a test watches and disturbs the seams of a running engine.
package final class Switchboard: Sendable {
    package enum Disk: Sendable, Equatable {
        case well
        case failing
        /// Each commit takes so many milliseconds.
        case slow(Int)
        /// A commit that has begun hangs, with its locks held, until the disk is well again.
        case hanging
    }

    struct DiskTrouble: Error {}

    private struct State {
        var disk = Disk.well
        var committed: [StampedFact] = []
        var placements: [(placement: Placement, committedThrough: Int64)] = []
        var isVenueDown = false
    }

    private let state = Mutex(State())

    package init() {}

    package var disk: Disk {
        get { state.withLock { $0.disk } }
        set { state.withLock { $0.disk = newValue } }
    }

    /// Whether every request to the venue ends unanswered.
    package var isVenueDown: Bool {
        get { state.withLock { $0.isVenueDown } }
        set { state.withLock { $0.isVenueDown = newValue } }
    }

    /// What the journal holds, as far as it has told.
    package var committed: [StampedFact] { state.withLock { $0.committed } }

    /// What left for the venue, and up to which fact the journal held then.
    package var placements: [(placement: Placement, committedThrough: Int64)] {
        state.withLock { $0.placements }
    }

    package func placed(_ role: OrderRole) -> Int { placements.count { $0.placement.ticket.role == role } }

    package func watching(_ port: JournalPort) -> JournalPort {
        var watched = port
        watched.commit = { [self] facts in
            switch disk {
            case .well: break
            case .failing: throw DiskTrouble()
            case .slow(let milliseconds): blockThread(milliseconds: milliseconds)
            case .hanging: break
            }
            try port.commit(facts)
            state.withLock { $0.committed += facts }
        }
        return watched
    }

    /// In the way of each transaction, just before it is committed.
    package var door: DiskDoor {
        DiskDoor { [self] in while disk == .hanging { blockThread(milliseconds: 5) } }
    }

    package func watching(_ port: VenuePort) -> VenuePort {
        var watched = port
        watched.place = { [self] placement in
            state.withLock { $0.placements.append((placement, $0.committed.last?.number ?? 0)) }
            return isVenueDown ? .failure(.unknown("down")) : await port.place(placement)
        }
        watched.clockOffset = { [self] in isVenueDown ? .failure(.unknown("down")) : await port.clockOffset()
        }
        watched.instruments = { [self] in isVenueDown ? .failure(.unknown("down")) : await port.instruments()
        }
        watched.marks = { [self] in isVenueDown ? .failure(.unknown("down")) : await port.marks() }
        watched.verifyAccess = { [self] in isVenueDown ? .unreachable("down") : await port.verifyAccess() }
        watched.snapshot = { [self] question in
            isVenueDown ? .failure(.unknown("down")) : await port.snapshot(question)
        }
        return watched
    }
}

extension Switchboard {
    /// What a disk in trouble throws.
    package static var trouble: any Error { DiskTrouble() }
}
