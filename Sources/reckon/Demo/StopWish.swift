import Synchronization

/// A wish that is uttered once and may be looked at from anywhere.
final class StopWish: Sendable {
    private let raised = Mutex(false)

    var isRaised: Bool { raised.withLock { $0 } }

    func raise() { raised.withLock { $0 = true } }
}
