import ReckonEngine
import ReckonModel

/// I-07, I-10: what strategies and operators take back or change comes to an end, and costs no protection.
struct CommandChecker {
    private let rules: RouterRules
    private let settleWithin = Span.seconds(30)
    private var replacing: Table<IntentID, Instant> = Table()
    /// Scopes of which everything was ordered off the book in this very turn.
    private var scopes: [CommandScope] = []
    /// Stops that were given up in this very turn.
    private var dropped: [ClientOrderID] = []

    init(_ rules: RouterRules) { self.rules = rules }

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook, _ findings: inout Findings) {
        switch stamped.fact {
        case .operatorCommanded(.cancelAll(let scope, _)):
            scopes.append(scope)
            findings.coverage.note(.cancelledAll)
        case .order(let id, .cancelWanted):
            if let story = book.orders[id], story.ticket.role.isConditional { dropped.append(id) }
        case .replacement(let id, .wanted): replacing[id] = stamped.at
        case .replacement(let id, .applied):
            replacing[id] = nil
            findings.coverage.note(.replaced)
            let hasFilled = book.intents[id]?.orders.contains {
                book.orders[$0]?.executed.isPositive ?? false
            }
            if hasFilled ?? false { findings.coverage.note(.replacedInPart) }
        case .replacement(let id, .gaveUp):
            replacing[id] = nil
            findings.coverage.note(.replaceGaveUp)
        case .intentWithdrawn(let id):
            findings.coverage.note(isEntry(id, book) ? .withdrawn : .exitWithdrawn)
        case .intentEnded(let id, _): replacing[id] = nil
        default: break
        }
    }

    private func isEntry(_ id: IntentID, _ book: PublishedBook) -> Bool {
        if case .entry = book.intents[id]?.acceptance.intent { true } else { false }
    }

    /// A turn is over.
    mutating func settled(
        _ book: PublishedBook,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for scope in scopes { checkAllGone(scope, book, sight, &findings) }
        if !scopes.isEmpty { checkProtection(book, sight, &findings) }
        scopes.removeAll()
        dropped.removeAll()
        for (id, since) in replacing where isLate(max(since, wire.freeSince), rules.replaceWithin, sight) {
            replacing[id] = nil
            findings.breach("I-07", sight.now, "the replacement of \(id) goes on past its bound")
        }
    }

    private func isLate(_ since: Instant, _ bound: Span, _ sight: Sight) -> Bool {
        sight.now - since > bound + settleWithin
    }

    /// What rests or is planned, and is no protection, is on its way off within the very turn of the order.
    private func checkAllGone(
        _ scope: CommandScope,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for (id, symbol) in book.live where scope.covers(symbol) {
            guard let story = book.orders[id], !story.ticket.role.isConditional,
                story.ticket.role == .entry || !story.isMarket, story.isWanted, story.standing != .ended,
                !(story.intent.flatMap { book.intents[$0]?.isWithdrawn } ?? false)
            else { continue }
            findings.breach("I-07", sight.now, "everything of \(scope.name) was taken back, and \(id) stays")
        }
    }

    private func checkProtection(_ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        for id in dropped {
            guard let story = book.orders[id], story.ticket.role == .stop else { continue }
            let symbol = story.ticket.symbol
            let held = sight.believed(symbol)
            guard !held.isZero, held.isPositive == (story.ticket.side == .sell) else { continue }
            let isBridged = book.liveOrders(symbol).contains {
                $0.ticket.role == .stop && $0.ticket.id != id && $0.ticket.side == story.ticket.side
                    && $0.standing == .resting
            }
            guard !isBridged else { continue }
            findings.breach("I-10", sight.now, "taking everything off the book took stop \(id) of \(symbol)")
        }
    }
}
