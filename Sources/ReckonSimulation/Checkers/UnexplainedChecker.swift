import ReckonEngine
import ReckonModel

/// I-08: absence from the history proves nothing while a change of the position is unexplained.
struct UnexplainedChecker {
    private let settle: Span
    /// What the stream last said of a position, by the venue's time, and when it did.
    private var streamed: Table<Symbol, Word> = Table()
    private var differing = Lookup<Symbol, Bool>()
    private var corrected = Lookup<Symbol, VenueInstant>()
    private static let kinds: [Difference.Kind] = [.orphanPosition, .phantomPosition, .sizeDrift, .sideFlip]

    private struct Word {
        let report: PositionReport
        let at: Instant
    }

    init(_ rules: FenceRules) { settle = rules.settle }

    /// The engine is about to be told something.
    mutating func told(_ input: Input, _ sight: Sight) {
        switch input {
        case .wake: streamed = Table()
        case .positionsChanged(let rows):
            for row in rows where streamed[row.symbol].map({ $0.report.updatedAt <= row.updatedAt }) ?? true {
                streamed[row.symbol] = Word(report: row, at: sight.now)
            }
        default: break
        }
    }

    /// The disk came back without its last facts.
    mutating func forget() {
        streamed = Table()
        differing.removeAll()
    }

    mutating func published(
        _ stamped: StampedFact,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        switch stamped.fact {
        case .roundConcluded(let conclusion): conclude(conclusion)
        case .positionCorrected(let correction):
            streamed[correction.symbol] = nil
            differing[correction.symbol] = nil
            corrected[correction.symbol] = correction.asOf ?? corrected[correction.symbol]
        case .order(let id, .lapsed):
            guard let symbol = book.orders[id]?.ticket.symbol else { return }
            if differing[symbol] != nil {
                let sentence = "order \(id) is held for never arrived while the position of \(symbol) differs"
                findings.breach("I-08", stamped.at, sentence)
            }
            guard let word = streamed[symbol], word.report.quantity != sight.believed(symbol) else { return }
            let known = [book.fills[symbol]?.at, corrected[symbol]].compactMap { $0 }.max()
            guard known.map({ word.report.updatedAt >= $0 }) ?? true else { return }
            let sentence =
                "order \(id) is held for never arrived, and the stream told of \(word.report.quantity)"
            findings.breach("I-08", stamped.at, sentence)
        default: break
        }
    }

    private mutating func conclude(_ conclusion: RoundConclusion) {
        differing.removeAll()
        for difference in conclusion.differences where UnexplainedChecker.kinds.contains(difference.kind) {
            differing[difference.symbol] = true
        }
        for (symbol, word) in streamed
        where word.at <= conclusion.askedAt - settle && differing[symbol] == nil {
            streamed[symbol] = nil
        }
    }
}
