import ReckonEngine
import ReckonModel

/// I-07: what reduces or protects and was planned goes out, whenever the process died in between.
struct LeftoverChecker {
    private let rules: RouterRules
    private var planned: Table<ClientOrderID, Instant> = Table()
    private let slack = Span.seconds(3)

    init(_ rules: RouterRules) { self.rules = rules }

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook, _ findings: inout Findings) {
        switch stamped.fact {
        case .orderPlanned(let ticket, _, _) where ticket.role != .entry: planned[ticket.id] = stamped.at
        case .order(let id, let fact):
            guard let story = book.orders[id] else { return }
            if case .setBack = fact {
                if story.ticket.role != .entry { planned[id] = stamped.at }
                checkElapsed(story, stamped.at, &findings)
            } else if story.standing != .planned || !story.isWanted {
                planned[id] = nil
            }
        default: break
        }
    }

    /// A series that has lasted its time ends, and does not go round once more.
    private func checkElapsed(
        _ story: PublishedBook.OrderStory,
        _ now: Instant,
        _ findings: inout Findings
    ) {
        guard now - story.plannedAt > rules.maxElapsed else { return }
        let seconds = (now - story.plannedAt).seconds
        findings.breach("I-07", now, "order \(story.ticket.id) is to go out again after \(seconds) s")
    }

    /// The engine is about to be told something.
    mutating func settled(
        _ book: PublishedBook,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for (id, since) in planned
        where sight.now - max(since, wire.freeSince) > rules.backoff.cap + slack {
            planned[id] = nil
            guard let story = book.orders[id], story.standing == .planned, story.isWanted else { continue }
            findings.breach(
                "I-07",
                sight.now,
                "\(story.ticket.role.rawValue) \(id) is planned and does not go out"
            )
        }
    }
}
