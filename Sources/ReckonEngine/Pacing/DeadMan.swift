package import ReckonModel

/// How the venue's dead-man switch is used.
///
/// It counts down by itself for one symbol and then cancels that symbol's *regular* orders: entries, and exits that rest
/// at a limit. Orders on the algo endpoint (our stops and take-profits) are not touched.
package struct DeadManRules: Sendable, Codable, Hashable {
    /// How often the countdown is wound up while entries work.
    package var every: Span
    /// What it counts down from; several times `every`.
    package var countdown: Span

    package init(every: Span = .seconds(30), countdown: Span = .seconds(120)) {
        self.every = every
        self.countdown = countdown
    }
}

/// What we know of a countdown that may be running at the venue.
struct RunningCountdown: Sendable, Hashable {
    /// When it was last wound up, or could not be stopped.
    var woundAt: Instant
    /// When the last winding left.
    var windingSentAt: Instant
    /// Windings that have had no answer: while the venue may accept them they can arrive behind what is sent later.
    var unanswered = 0
    /// When the wish to stop it left, while it is on its way.
    var stopSentAt: Instant?
    /// Whether no winding could arrive behind that wish.
    var isStopSure = false
}

/// A wish to wind up the venue's countdown for a symbol; zero stops it.
package struct Countdown: Sendable, Codable, Hashable {
    package let symbol: Symbol
    package let span: Span

    package init(symbol: Symbol, span: Span) {
        self.symbol = symbol
        self.span = span
    }
}
