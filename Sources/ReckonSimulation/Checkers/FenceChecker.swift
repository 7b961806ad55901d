import ReckonEngine
import ReckonExchange
import ReckonModel

/// I-09: a list does not overrule what has changed since, nor does one absence.
struct FenceChecker {
    private let rules: FenceRules
    /// What was believed before the facts at hand.
    private var believed: Table<Symbol, Quantity> = Table()
    /// Since when, in the venue's time.
    private var believedSince: Table<Symbol, VenueInstant> = Table()

    init(_ rules: FenceRules) { self.rules = rules }

    /// A correction that turns a right belief into a wrong one is a list believed too early.
    mutating func published(_ stamped: StampedFact, _ sight: Sight, _ findings: inout Findings) {
        if case .roundConcluded(let conclusion) = stamped.fact {
            for difference in conclusion.differences where difference.isFenced {
                findings.coverage.note(.fenced, difference)
            }
        }
        guard case .positionCorrected(let correction) = stamped.fact else { return }
        findings.coverage.note(.corrected)
        let symbol = correction.symbol
        let held = sight.held(symbol)
        guard believed[symbol] ?? .zero == held, correction.quantity != held else { return }
        // What was true at some moment since is news, though it may be overtaken already.
        let since = believedSince[symbol] ?? sight.record.startsAt
        let wasTrue = sight.record.positions.reversed().prefix { $0.at >= since }.contains { row in
            row.symbol == symbol && row.quantity == correction.quantity
        }
        if wasTrue { return }
        // A difference seen for so long overrides the fence, lest anything be blocked for ever: then a stale list wins.
        if sight.listsUntrueFor >= rules.missGrace - .seconds(1) { return }
        findings.breach(
            "I-09",
            sight.now,
            "\(symbol): the right belief of \(held) was corrected to \(correction.quantity) (\(correction.kind.rawValue))"
        )
    }

    /// After the turn: what is believed from now on.
    mutating func settled(_ sight: Sight, _ findings: inout Findings) {
        for (symbol, holding) in sight.holdings where believed[symbol] != holding.position.quantity {
            if sight.listsUntrueFor > .zero { findings.coverage.note(.correctedFromStale) }
            believed[symbol] = holding.position.quantity
            believedSince[symbol] = sight.venueNow
        }
    }
}

extension Coverage {
    /// Fenced differences of positions and orders count; a list that did not come is fenced by nothing.
    fileprivate mutating func note(_ mark: Mark, _ difference: Difference) {
        if difference.kind != .evidenceFailure { note(mark) }
    }
}
