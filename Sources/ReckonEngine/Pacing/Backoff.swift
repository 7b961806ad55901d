package import ReckonModel

/// Doubling waits with a cap and a jitter that hangs on what is waited for, never on dice with a memory.
package struct Backoff: Sendable, Codable, Hashable {
    package let first: Span
    package let cap: Span

    package init(first: Span, cap: Span) {
        self.first = first
        self.cap = cap
    }

    /// The wait before attempt `attempt + 1`: between half and all of `first · 2^(attempt − 1)`, capped.
    package func wait(after attempt: Int, of subject: String) -> Span {
        let doublings = min(max(attempt - 1, 0), 20)
        let full = min(first.nanoseconds << Int64(doublings), cap.nanoseconds)
        var dice = Dice(seed: Dice.digest(subject, from: UInt64(doublings)))
        let half = full / 2
        return Span(nanoseconds: half + Int64(dice.roll(below: UInt64(full - half) + 1)))
    }
}
