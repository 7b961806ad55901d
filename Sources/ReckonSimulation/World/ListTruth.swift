import ReckonModel

/// Since when the venue's lists have not been telling the truth of the moment.
struct ListTruth: Sendable {
    private var from: Instant?
    private var to: Instant?
    private var reasons = 0
    /// An answer from before the end may be used by a round that ends so much later; what follows sooner is one stretch.
    private static let echo = Span.seconds(6)

    mutating func fails(at now: Instant) {
        if reasons == 0, to.map({ now - $0 >= ListTruth.echo }) ?? true { from = now }
        reasons += 1
    }

    mutating func isBack(at now: Instant) {
        reasons -= 1
        if reasons == 0 { to = now }
    }

    /// How long the stretch has lasted that a round of this moment may still have seen.
    func untrueFor(at now: Instant) -> Span {
        guard let from else { return .zero }
        if reasons > 0 { return now - from }
        guard let to, now - to < ListTruth.echo else { return .zero }
        return to - from
    }
}
