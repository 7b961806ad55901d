package import ReckonModel

/// What one commit did and how long it took.
package struct CommitReceipt: Sendable, Hashable {
    /// Facts that were written; those of an earlier try that turned out to be stored are not counted.
    package let facts: Int
    /// Number of the last fact that is durable now.
    package let through: Int64
    package let duration: Span

    package init(facts: Int, through: Int64, duration: Span) {
        self.facts = facts
        self.through = through
        self.duration = duration
    }

    /// A disk that takes longer for one turn cannot be relied on for entries (I-01).
    package static let slowAfter = Span.milliseconds(250)

    package var isSlow: Bool { duration > CommitReceipt.slowAfter }
}

/// What commits have taken since the journal was opened.
package struct CommitStatistics: Sendable, Hashable {
    package internal(set) var commits: Int64 = 0
    package internal(set) var facts: Int64 = 0
    package internal(set) var failures: Int64 = 0
    package internal(set) var slow: Int64 = 0
    package internal(set) var slowest = Span.zero
    package internal(set) var total = Span.zero
    /// Number of the last durable fact.
    package internal(set) var through: Int64 = 0

    init() {}

    mutating func add(_ receipt: CommitReceipt) {
        commits += 1
        facts += Int64(receipt.facts)
        if receipt.isSlow { slow += 1 }
        slowest = max(slowest, receipt.duration)
        total = total + receipt.duration
        through = receipt.through
    }
}

extension Span {
    static func since(_ start: ContinuousClock.Instant) -> Span {
        let parts = (ContinuousClock.now - start).components
        return Span(nanoseconds: parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}
