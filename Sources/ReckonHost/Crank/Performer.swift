package import ReckonEngine
package import ReckonModel

/// Sends each action to whoever performs it.
///
/// Never waits.
package struct Performer: Sendable {
    package var request: @Sendable (Request) -> Void
    package var arm: @Sendable (EngineTimer, Instant) -> Void
    package var evaluate: @Sendable (PolicyQuestion) -> Void
    package var putBack: @Sendable ([PolicyIdentity]) -> Void
    package var resyncClock: @Sendable () -> Void
    package var reopenStream: @Sendable () -> Void
    package var notify: @Sendable (Notice) -> Void

    package init(request: @escaping @Sendable (Request) -> Void) {
        self.request = request
        arm = { _, _ in }
        evaluate = { _ in }
        putBack = { _ in }
        resyncClock = {}
        reopenStream = {}
        notify = { _ in }
    }

    func perform(_ action: Action) {
        switch action {
        case .place(let placement): request(.place(placement))
        case .query(let query): request(.query(query))
        case .cancel(let cancellation): request(.cancel(cancellation))
        case .snapshot(let question): request(.snapshot(question))
        case .setLeverage(let change): request(.setLeverage(change))
        case .setMarginMode(let change): request(.setMarginMode(change))
        case .arm(let timer, let instant): arm(timer, instant)
        case .evaluate(let question): evaluate(question)
        case .putBack(let versions): putBack(versions)
        case .resyncClock: resyncClock()
        case .reopenStream: reopenStream()
        case .notify(let notice): notify(notice)
        case .setCountdown(let countdown): request(.setCountdown(countdown))
        case .answer: break
        }
    }
}
