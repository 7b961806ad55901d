package import ReckonModel

/// What readers get to see: a value, published after each turn, that no longer changes.
package struct Snapshot: Sendable, Hashable {
    package let at: Instant
    package let identity: OrderIdentity
    /// Fit to take entries; the reasons why not, otherwise.
    package let reasonsNotReady: [String]
    package let holdings: [Holding]
    package let orders: [OrderMachine]
    package let openIntents: [IntentRecord]
    package let belief: Belief
    package let enforced: Knobs
    package let haltedByOperator: String?
    package let killSwitchTrippedAt: Instant?
    package let policy: PolicyIdentity?
    package let policies: PolicyHistory
    package let shadow: ShadowTally?
    package let rounds: Int64
    package let factCount: Int64
    package let mismatches: Ledger
    package let marks: Table<Symbol, Price>
    package let flattens: FlattenBook
    package let sharing: SharingBook
    package let pacing: PacingView
    package let isStreamConnected: Bool

    package var isReady: Bool { reasonsNotReady.isEmpty }
}

/// What holds requests back, as readers get to see it.
package struct PacingView: Sendable, Hashable {
    /// The venue wants no request before this; absent where it does not say so now.
    package let pausedUntil: Instant?
    /// The same for orders that open.
    package let entriesPausedUntil: Instant?
    /// Rounds lie further apart than configured, as the budget wants it.
    package let isStretched: Bool

    init(_ session: Session, at now: Instant) {
        pausedUntil = session.pausedUntil.flatMap { now < $0 ? $0 : nil }
        entriesPausedUntil = session.entriesPausedUntil.flatMap { now < $0 ? $0 : nil }
        isStretched = session.isStretched
    }
}
