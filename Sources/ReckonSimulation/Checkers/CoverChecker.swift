import ReckonEngine
import ReckonExchange
import ReckonModel

/// I-10: an open position has a stop that rests at the venue, or its symbol takes no entries and a stop is on its way.
struct CoverChecker {
    private let symbols: [Symbol]
    /// Bare for longer, whatever the venue does in between, means that nobody tries.
    private let longest = Span.seconds(240)
    /// An entry on a symbol that truly is bare for so long went past the gate.
    private let longestUnnoticed = Span.seconds(60)
    private var complained: Table<Symbol, VenueInstant> = Table()
    private var stops: Table<Symbol, Int> = Table()

    init(_ symbols: [Symbol]) { self.symbols = symbols }

    func sent(
        _ placement: Placement,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        let symbol = placement.ticket.symbol
        guard placement.ticket.role == .entry else { return }
        let believed = sight.believed(symbol)
        if !believed.isZero, !hasRestingStop(symbol, book, closing: believed.isPositive ? .sell : .buy) {
            findings.breach(
                "I-10",
                sight.now,
                "entry \(placement.ticket.id) left while \(symbol) stood without a stop"
            )
        }
        guard let bare = sight.record.openNakedInterval(symbol), believed == sight.held(symbol) else {
            return
        }
        let length = bare.length(asOf: sight.venueNow)
        guard length > longestUnnoticed else { return }
        findings.breach(
            "I-10",
            sight.now,
            "entry \(placement.ticket.id) left while \(symbol) was bare for \(length.seconds) s"
        )
    }

    private func hasRestingStop(_ symbol: Symbol, _ book: PublishedBook, closing side: Side) -> Bool {
        book.liveOrders(symbol).contains { story in
            story.ticket.role == .stop && story.standing == .resting && story.ticket.side == side
        }
    }

    mutating func happened(_ sight: Sight, _ findings: inout Findings) {
        for symbol in symbols {
            guard let bare = sight.record.openNakedInterval(symbol) else { continue }
            findings.coverage.note(.naked)
            guard bare.length(asOf: sight.venueNow) > longest, complained[symbol] != bare.from else {
                continue
            }
            complained[symbol] = bare.from
            findings.breach(
                "I-10",
                sight.now,
                "\(symbol) stands without a stop for over \(longest.seconds) s"
            )
        }
    }

    mutating func published(_ stamped: StampedFact, _ findings: inout Findings) {
        switch stamped.fact {
        case .coverFailed(let symbol, _): stops[symbol] = 1
        case .orderPlanned(let ticket, _, _) where ticket.role == .stop && stops[ticket.symbol] != nil:
            stops[ticket.symbol] = nil
            findings.coverage.note(.stopPlacedAgain)
        case .intentRefused(_, let refusal) where refusal.rule == .unprotectedPosition:
            findings.coverage.note(.entryRefusedNaked)
        default: break
        }
    }
}
