/// Evidence, at any time of looking, that one side wins more often than the other.
///
/// A bet against a fair coin whose stake is spread evenly over every other coin (beta-binomial mixture). While wins and losses are
/// equally likely its capital is a martingale: it exceeds 1 / level at any time at all with a chance of at most the level.
/// Only directions count, so it says nothing of how far differences go. Ties are no evidence.
package struct WinsAgainstLosses: Sendable, Hashable {
    package private(set) var wins = 0
    package private(set) var losses = 0
    private var logCapital = 0.0
    private var mostForWins = 0.0
    private var mostForLosses = 0.0

    package init() {}

    package init(_ differences: some Sequence<Double>) {
        for difference in differences { add(difference) }
    }

    /// Takes up one difference; above zero is a win.
    package mutating func add(_ difference: Double) {
        guard difference != 0, !difference.isNaN else { return }
        let alike = difference > 0 ? wins : losses
        logCapital += Elementary.log(Double(2 * (alike + 1)) / Double(wins + losses + 2))
        if difference > 0 { wins += 1 } else { losses += 1 }
        if wins > losses { mostForWins = max(mostForWins, logCapital) }
        if losses > wins { mostForLosses = max(mostForLosses, logCapital) }
    }

    /// One over the greatest capital so far, to be held against the level.
    package var p: Double { Elementary.exp(-max(mostForWins, mostForLosses)) }

    /// The same for wins alone: valid also where losses are the likelier.
    package var pForWins: Double { Elementary.exp(-mostForWins) }

    /// Whether the greatest capital was reached while wins led.
    package var favoursWins: Bool { mostForWins > mostForLosses }
}
