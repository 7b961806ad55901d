package import ReckonEngine
package import ReckonModel

/// Counts changes of mode, and those up that are followed by one down too soon.
package struct FlapCount: Sendable {
    package private(set) var changes = 0
    package private(set) var flaps = 0
    private let within: Double
    private var raisedAt: Instant?

    /// A move up and down within so many seconds is a flap.
    package init(within seconds: Double) { within = seconds }

    /// Takes a move from one mode to another.
    package mutating func take(from last: GuardMode, to next: GuardMode, at now: Instant) {
        changes += 1
        if next > last { raisedAt = now }
        if next < last, let raised = raisedAt, (now - raised).seconds <= within {
            flaps += 1
            raisedAt = nil
        }
    }
}
