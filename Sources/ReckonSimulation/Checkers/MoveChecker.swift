import ReckonEngine
import ReckonModel

/// I-07, I-10: a stop that is to be moved is moved: while another still rests in its place, something is being done about it.
struct MoveChecker {
    private var plans: Table<Symbol, CoverPlan> = Table()
    /// When word last came that had to do with a symbol's stops or its size.
    private var stirredAt = Lookup<Symbol, Instant>()
    /// Since when a symbol's stop has been waiting for its move.
    private var waitsSince: Table<Symbol, Instant> = Table()
    /// The longest wait between two tries, a round, and questions about what is in doubt.
    private let longest = Span.seconds(60)

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook) {
        switch stamped.fact {
        case .coverPlanned(let plan):
            plans[plan.symbol] = plan
            stirredAt[plan.symbol] = stamped.at
        case .orderPlanned(let ticket, _, _), .orderAdopted(let ticket, _):
            stirredAt[ticket.symbol] = stamped.at
        case .order(let id, _):
            if let symbol = book.orders[id]?.ticket.symbol { stirredAt[symbol] = stamped.at }
        case .positionCorrected(let correction): stirredAt[correction.symbol] = stamped.at
        case .started, .roundConcluded: break
        default: if let symbol = stamped.symbol { stirredAt[symbol] = stamped.at }
        }
    }

    /// The engine is about to be told something.
    mutating func settled(
        _ book: PublishedBook,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for (symbol, since) in waitsSince {
            let from = max(since, stirredAt[symbol] ?? since, wire.freeSince)
            guard sight.now - from > longest else { continue }
            waitsSince[symbol] = sight.now
            let trigger = plans[symbol]?.trigger.description ?? ""
            findings.breach(
                "I-07",
                sight.now,
                "the stop of \(symbol) is to be moved to \(trigger), and nothing is done for \(longest.seconds) s"
            )
        }
    }

    /// After the turn.
    mutating func endTurn(_ book: PublishedBook, _ sight: Sight) {
        for (symbol, plan) in plans {
            guard let holding = sight.holdings[symbol], let openedAt = holding.openedAt,
                holding.position.closingSide == plan.side
            else {
                waitsSince[symbol] = nil
                continue
            }
            let whole = book.stops(symbol, closing: plan.side, since: openedAt).filter {
                $0.ticket.extent == .wholePosition
            }
            let isThere = whole.contains { $0.ticket.pricing == .stopMarket(trigger: plan.trigger) }
            let isOccupied = whole.contains { $0.standing == .resting }
            waitsSince[symbol] = isThere || !isOccupied ? nil : waitsSince[symbol] ?? sight.now
        }
    }
}
