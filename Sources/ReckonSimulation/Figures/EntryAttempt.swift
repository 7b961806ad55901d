import ReckonModel

/// One entry that a strategy asked for, whatever became of it.
struct EntryAttempt: Sendable {
    let at: Instant
    let wish: Notional
    /// Whether the engine believed in the very positions that there were.
    let isBeliefRight: Bool
    /// Absent where it was refused, or where the process died over it.
    var admitted: Notional?
    var isAnswered = false

    init(at: Instant, wish: Notional, isBeliefRight: Bool) {
        self.at = at
        self.wish = wish
        self.isBeliefRight = isBeliefRight
    }
}
