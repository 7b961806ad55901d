package import ReckonModel

/// What the host is to do once the facts of the turn are durable.
package enum Action: Sendable, Hashable {
    case place(Placement)
    case query(OrderQuery)
    case cancel(Cancellation)
    case snapshot(SnapshotQuestion)
    case setLeverage(LeverageChange)
    /// Wind up, or with a span of zero stop, the venue's own countdown for a symbol.
    case setCountdown(Countdown)
    case setMarginMode(MarginChange)
    case arm(EngineTimer, at: Instant)
    case evaluate(PolicyQuestion)
    /// Put the first of these versions to work that still can be, in place of one that faults.
    case putBack([PolicyIdentity])
    /// The venue's clock must be measured anew before the next signature.
    case resyncClock
    /// The user stream is dead or its key is gone: open it anew.
    case reopenStream
    /// Back to the caller whose ticket it is.
    case answer(ticket: Int64, Answer)
    case notify(Notice)
}

/// What a caller is told.
///
/// It is sent only after the facts behind it are durable.
package enum Answer: Sendable, Hashable {
    case accepted(IntentReceipt)
    case refused(Refusal)
    case done
}

/// What the caller of an accepted intent gets.
package struct IntentReceipt: Sendable, Hashable {
    package let intent: IntentID
    package let correlation: CorrelationID
    /// Whether the same key had been accepted before.
    package let isRepeat: Bool

    package init(intent: IntentID, correlation: CorrelationID, isRepeat: Bool) {
        self.intent = intent
        self.correlation = correlation
        self.isRepeat = isRepeat
    }
}

/// The two lists of a turn.
///
/// Reused, so that a turn allocates nothing.
package struct Outbox: Sendable {
    package private(set) var facts: [StampedFact] = []
    package private(set) var actions: [Action] = []

    package init() {}

    package mutating func record(_ fact: StampedFact) { facts.append(fact) }

    package mutating func perform(_ action: Action) { actions.append(action) }

    package mutating func clear() {
        facts.removeAll(keepingCapacity: true)
        actions.removeAll(keepingCapacity: true)
    }
}
