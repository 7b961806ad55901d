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
    package let rounds: Int64
    package let factCount: Int64
    package let mismatches: Ledger
    package let marks: Table<Symbol, Price>
    package let flattens: FlattenBook
    package let sharing: SharingBook
    package let isStreamConnected: Bool

    package var isReady: Bool { reasonsNotReady.isEmpty }
}
