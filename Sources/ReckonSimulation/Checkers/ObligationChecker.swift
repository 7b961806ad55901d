import ReckonEngine
import ReckonModel

/// I-02, I-03, I-07: an exit does not wait as an entry does, ends only when nothing is left, and takes no more than asked.
struct ObligationChecker {
    /// Full closes in doubt, and since when.
    private var doubts: Table<ClientOrderID, Instant> = Table()
    private var seriesStart: Table<IntentID, Int> = Table()
    private let mostInSeries = 4
    /// It goes out again after 300 ms; the rest is for what it may have to wait for within the turn.
    private let longestWait = Span.milliseconds(1_500)

    mutating func published(
        _ stamped: StampedFact,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        switch stamped.fact {
        case .exitSeriesEnded(let id): seriesStart[id] = book.intents[id]?.orders.count ?? 0
        case .orderPlanned(let ticket, .some(let intent), _) where ticket.role == .exit:
            checkSeries(ticket, intent, stamped.at, book, &findings)
            if book.intents[intent]?.isWithdrawn ?? false {
                findings.breach(
                    "I-07",
                    stamped.at,
                    "exit \(ticket.id) goes out, and its intent was taken back"
                )
            }
            checkSize(ticket, intent, stamped.at, book, &findings)
            checkBeside(ticket, intent, stamped.at, (book, sight), &findings)
        case .order(let id, .doubted):
            if isClose(id, book) { doubts[id] = stamped.at }
        case .order(let id, _):
            if book.orders[id]?.standing != .doubtful { doubts[id] = nil }
        case .intentEnded(let id, let end): checkEnd(id, end, book, sight, &findings)
        default: break
        }
    }

    /// The process is dead: what it owed, it owes from its next start.
    mutating func died() { doubts.removeAll() }

    private func exit(_ intent: IntentID, _ book: PublishedBook) -> ExitIntent? {
        guard case .exit(let exit) = book.intents[intent]?.acceptance.intent else { return nil }
        return exit
    }

    private func isClose(_ id: ClientOrderID, _ book: PublishedBook) -> Bool {
        book.orders[id]?.intent.flatMap { exit($0, book) }?.extent == .close
    }

    private func checkSeries(
        _ ticket: OrderTicket,
        _ intent: IntentID,
        _ now: Instant,
        _ book: PublishedBook,
        _ findings: inout Findings
    ) {
        let orders = (book.intents[intent]?.orders ?? []).dropFirst(seriesStart[intent] ?? 0)
        let idle = orders.count { book.orders[$0].map { !$0.isFilled } ?? true }
        let unanswered = (book.intents[intent]?.orders ?? []).count { book.orders[$0]?.isUnresolved ?? false }
        if unanswered > 2 * mostInSeries {
            findings.breach(
                "I-07",
                now,
                "exit \(ticket.id) follows \(unanswered) of its kind without an answer"
            )
        }
        guard idle > mostInSeries else { return }
        findings.breach("I-07", now, "exit \(ticket.id) is the \(idle)th of its series that came to nothing")
    }

    private func checkSize(
        _ ticket: OrderTicket,
        _ intent: IntentID,
        _ now: Instant,
        _ book: PublishedBook,
        _ findings: inout Findings
    ) {
        guard let exit = exit(intent, book), case .reduce(let amount) = exit.extent else { return }
        let isFirst = book.intents[intent]?.orders.first == ticket.id
        if isFirst, book.intents[intent]?.acceptedAt == now, ticket.quantity > amount {
            findings.breach("I-02", now, "exit \(ticket.id) takes \(ticket.quantity); asked for \(amount)")
        }
        let earlier = (book.intents[intent]?.orders ?? []).filter { $0 != ticket.id }
        guard earlier.contains(where: { book.orders[$0]?.isUnresolved ?? false }) else { return }
        findings.breach("I-02", now, "partial exit \(ticket.id) follows one that is not resolved")
    }

    /// Exits of two intents do not take the same part of a position away.
    private func checkBeside(
        _ ticket: OrderTicket,
        _ intent: IntentID,
        _ now: Instant,
        _ told: (book: PublishedBook, sight: Sight),
        _ findings: inout Findings
    ) {
        guard ticket.pricing == .market else { return }
        // One that has been unanswered for longer may have come to nothing.
        let young = told.book.liveOrders(ticket.symbol).filter { story in
            story.ticket.role == .exit && story.isMarket && story.intent != intent
                && story.ticket.side == ticket.side && now - story.plannedAt < .milliseconds(300)
        }
        let taken = young.reduce(into: Quantity.zero) { $0 += $1.open }
        let held = told.sight.believed(ticket.symbol).magnitude
        guard !taken.isZero, ticket.quantity + taken > held else { return }
        findings.breach(
            "I-02",
            now,
            "exit \(ticket.id) takes \(ticket.quantity) beside \(taken) under way; \(held) is held"
        )
    }

    /// What was to be left in whole is left only once nothing is believed to be there.
    private func checkEnd(
        _ id: IntentID,
        _ end: IntentEnd,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard let exit = exit(id, book), end.kind != .cancelled else { return }
        let left = sight.believed(exit.symbol)
        guard exit.extent == .close else {
            // What says why is dust that no order can take away.
            let target = book.intents[id]?.acceptance.target ?? .zero
            guard end.detail.isEmpty, left.magnitude > target else { return }
            let sentence = "exit \(id) ended as \(end.kind.rawValue) with \(left); it was to leave \(target)"
            return findings.breach("I-07", sight.now, sentence)
        }
        guard !left.isZero else { return }
        findings.breach("I-07", sight.now, "exit \(id) ended as \(end.kind.rawValue) with \(left) left")
    }

    /// Whether its series has ended with it: the next one comes after a pause.
    private func hasPaused(_ story: PublishedBook.OrderStory, _ intent: PublishedBook.IntentStory) -> Bool {
        guard let id = story.intent, let start = seriesStart[id] else { return false }
        return start >= intent.orders.count
    }

    /// Time has passed.
    mutating func settled(
        _ book: PublishedBook,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for (id, since) in doubts where sight.now - since > longestWait {
            guard let story = book.orders[id], let intent = story.intent.flatMap({ book.intents[$0] }) else {
                continue
            }
            doubts[id] = nil
            let symbol = story.ticket.symbol
            let isAlone = book.liveOrders(symbol).allSatisfy { $0.ticket.role != .exit || $0.ticket.id == id }
            // One at a limit follows the rule of entries: first it has to be known gone.
            guard story.isMarket, story.standing == .doubtful, intent.end == nil, !intent.isWithdrawn,
                isAlone,
                intent.orders.last == id, !hasPaused(story, intent), !sight.believed(symbol).isZero,
                wire.wasFree(since: since, at: sight.now)
            else { continue }
            findings.breach(
                "I-03",
                sight.now,
                "the close \(id) has been in doubt for over \(longestWait.milliseconds) ms and was not sent again"
            )
        }
    }
}
