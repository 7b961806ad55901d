/// What must never be false.
///
/// A breach is our bug: the process dies and recovers from the journal, while protective orders rest at the
/// venue.
package enum Invariant {
    /// Traps, in release too, with the invariant's id first.
    package static func require(_ condition: Bool, _ sentence: @autoclosure () -> String) {
        precondition(condition, sentence())
    }
}
