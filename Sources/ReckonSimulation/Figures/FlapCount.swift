package import ReckonEngine
package import ReckonModel

/// Counts changes of mode, and those up that are followed by one down within a minute and a half.
///
/// One window for all policies, the reference's `mode_recover_sec`: by its own measure one that comes down sooner would
/// flap less.
package struct FlapCount: Sendable {
    package private(set) var changes = 0
    package private(set) var flaps = 0
    private static let window = Span.seconds(90)
    private var raisedAt: Instant?

    package init() {}

    /// Takes a move from one mode to another.
    package mutating func take(from last: GuardMode, to next: GuardMode, at now: Instant) {
        changes += 1
        if next > last { raisedAt = now }
        if next < last, let raised = raisedAt, now - raised <= FlapCount.window {
            flaps += 1
            raisedAt = nil
        }
    }
}
