import Synchronization

/// Counts from 0, from any thread.
final class TurnCounter: Sendable {
    private let turns = Mutex(0)

    var count: Int { turns.withLock { $0 } }

    func take() -> Int {
        turns.withLock { turns in
            defer { turns += 1 }
            return turns
        }
    }
}
