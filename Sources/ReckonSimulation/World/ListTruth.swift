import ReckonModel

/// Since when the lists that the engine gets have not been telling the truth of the moment.
///
/// A stretch ends only once the engine has been told a true list: what it did not see cannot have taught it better.
struct ListTruth: Sendable {
    private var from: Instant?
    private var endedAt: Instant?
    private var to: Instant?
    private var reasons = 0
    /// An answer from before the end may be used by a round that ends so much later.
    private static let echo = Span.seconds(6)

    mutating func fails(at now: Instant) {
        let isApart = to.map { now - $0 >= ListTruth.echo } ?? false
        if from == nil || (reasons == 0 && isApart) { from = now }
        to = nil
        endedAt = nil
        reasons += 1
    }

    mutating func isBack(at now: Instant) {
        reasons -= 1
        if reasons == 0 { endedAt = now }
    }

    /// The engine has got a list of positions.
    mutating func told(at now: Instant, askedAt: Instant) {
        guard let endedAt, to == nil, askedAt >= endedAt else { return }
        to = now
    }

    /// How long the stretch has lasted that a round of this moment may still have seen.
    func untrueFor(at now: Instant) -> Span {
        guard let from else { return .zero }
        guard let to else { return now - from }
        return now - to < ListTruth.echo ? to - from : .zero
    }
}
