/// Growing pauses between attempts to connect, with jitter so that many clients don't come back as one.
struct StreamBackoff: Sendable {
    private let first: Duration
    private let most: Duration
    private var failures = 0

    init(_ limits: StreamLimits) {
        first = limits.firstBackoff
        most = limits.maxBackoff
    }

    /// The pause before the next attempt: half of the step is certain, half is drawn.
    ///
    /// A connection that fell at once counts as a failure, else a venue that takes us and drops us would be
    /// asked without pause.
    mutating func next(after lifetime: Duration) -> Duration {
        if lifetime > .seconds(10) { failures = 0 }
        let step = min(first * (1 << min(failures, 16)), most)
        failures += 1
        return step / 2 + step / 2 * Double.random(in: 0...1)
    }
}
