import ReckonEngine
import ReckonModel

/// I-07, I-09: a full close ends on a list that was asked for after its last change; a stop that rests speaks for its position.
struct ConfirmationChecker {
    private var believed: Table<Symbol, Quantity> = Table()
    private var changedAt: Table<Symbol, Instant> = Table()
    /// When the last list of positions that came was asked for.
    private var shownAt: Instant?
    /// Sides of the whole stops that the last list of them showed.
    private var stops: Table<Symbol, Side> = Table()
    private var missedSince: Table<Symbol, Instant> = Table()
    /// When the venue last found nothing to reduce for an exit: no proof of flat, and no reason to go on blindly.
    private var refusedAt = Lookup<ClientOrderID, Instant>()
    private let speaksFor = Span.seconds(58)

    /// The engine is about to be told something.
    mutating func told(_ input: Input) {
        guard case .snapshot(let question, .success(let content)) = input, case .round = question.purpose
        else { return }
        switch (question.part, content) {
        case (.positions, _): shownAt = max(shownAt ?? question.askedAt, question.askedAt)
        case (.openAlgoOrders, .orders(let rows)):
            stops = Table()
            note(rows)
        case (.symbolAlgoOrders(let symbol), .orders(let rows)):
            stops[symbol] = nil
            note(rows)
        default: break
        }
    }

    private mutating func note(_ rows: [OrderReport]) {
        for row in rows where row.closesPosition { stops[row.symbol] = row.side }
    }

    /// The disk came back without its last facts.
    mutating func forget() {
        believed = Table()
        changedAt = Table()
        missedSince = Table()
        refusedAt.removeAll()
    }

    mutating func published(
        _ stamped: StampedFact,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        switch stamped.fact {
        case .roundConcluded(let conclusion):
            let missed = conclusion.differences.filter { $0.kind == .phantomPosition }.map(\.symbol)
            for symbol in missedSince.keys where conclusion.isComplete && !missed.contains(symbol) {
                missedSince[symbol] = nil
            }
            for symbol in missed { missedSince[symbol] = missedSince[symbol] ?? stamped.at }
        case .positionCorrected(let correction) where correction.kind == .phantomPosition:
            checkStop(correction.symbol, stamped.at, &findings)
        case .intentEnded(let id, let end): checkEnd(id, end, stamped.at, book, &findings)
        case .order(let id, .refused(let failure)):
            guard failure.outcome == .idempotentSafe(.reduceOnlyRejected) else { return }
            refusedAt[id] = stamped.at
        case .orderPlanned(let ticket, .some(let intent), _) where ticket.role == .exit:
            // Another that went out before the refusal may have said otherwise since.
            let earlier = (book.intents[intent]?.orders ?? []).last { $0 != ticket.id }
            guard let refused = earlier.flatMap({ refusedAt[$0] }), shownAt.map({ $0 < refused }) ?? true
            else { return }
            let sentence =
                "exit \(ticket.id) follows one that had nothing to reduce, and no list was asked for"
            findings.breach("I-07", stamped.at, sentence)
        default: break
        }
    }

    private func checkStop(_ symbol: Symbol, _ now: Instant, _ findings: inout Findings) {
        guard let held = believed[symbol], !held.isZero,
            stops[symbol] == (held.isPositive ? Side.sell : .buy), let since = missedSince[symbol],
            now - since < speaksFor
        else { return }
        findings.breach(
            "I-09",
            now,
            "\(symbol) is held for gone after \((now - since).seconds) s, and its stop still is on the list"
        )
    }

    private func checkEnd(
        _ id: IntentID,
        _ end: IntentEnd,
        _ now: Instant,
        _ book: PublishedBook,
        _ findings: inout Findings
    ) {
        guard let story = book.intents[id], case .exit(let exit) = story.acceptance.intent,
            exit.extent == .close, end.kind == .done || end.kind == .nothingToReduce
        else { return }
        let since = max(changedAt[exit.symbol] ?? .epoch, story.acceptedAt)
        guard shownAt.map({ $0 <= since }) ?? true else { return }
        findings.breach(
            "I-07",
            now,
            "exit \(id) is called \(end.kind.rawValue), and no list was asked for since"
        )
    }

    /// After the turn.
    mutating func settled(_ sight: Sight) {
        for index in sight.holdings.keys.indices {
            let symbol = sight.holdings.keys[index]
            let quantity = sight.holdings.values[index].position.quantity
            guard believed[symbol] != quantity else { continue }
            if believed[symbol] != nil { changedAt[symbol] = sight.now }
            believed[symbol] = quantity
        }
    }
}
