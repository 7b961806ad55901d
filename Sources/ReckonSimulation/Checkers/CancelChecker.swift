import ReckonEngine
import ReckonModel

/// I-07, I-08: what is to go is taken off, again and again; and what the venue has ended is over.
struct CancelChecker {
    private let longest: Span
    private var wishedAt = Lookup<ClientOrderID, Instant>()
    private var sentAt = Lookup<ClientOrderID, Instant>()
    private let slack = Span.seconds(3)

    init(_ rules: RouterRules) { longest = rules.askBackoff.cap }

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook, _ findings: inout Findings) {
        guard case .order(let id, let fact) = stamped.fact, let story = book.orders[id] else { return }
        switch fact {
        case .cancelSent: sentAt[id] = stamped.at
        case .submitted:
            sentAt[id] = nil
            wishedAt[id] = nil
        default: break
        }
        guard story.isEndedByVenue else { return }
        switch fact {
        case .asked, .doubted, .cancelSent, .cancelWanted, .submitted:
            findings.breach("I-08", stamped.at, "the venue has ended order \(id), and it is gone after")
        default: break
        }
    }

    /// A second has passed.
    mutating func ticked(
        _ book: PublishedBook,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for id in book.live.keys {
            guard let story = book.orders[id], story.standing == .resting else {
                wishedAt[id] = nil
                continue
            }
            let isOver = story.intent.flatMap { book.intents[$0]?.end } != nil
            guard !story.isWanted || isOver else { continue }
            let since = wishedAt[id] ?? sight.now
            wishedAt[id] = since
            let bound = sentAt[id] == nil ? slack : longest + slack
            let from = max(since, sentAt[id] ?? since, wire.freeSince)
            guard sight.now - from > bound else { continue }
            wishedAt[id] = sight.now
            let seconds = (sight.now - from).seconds
            findings.breach("I-07", sight.now, "order \(id) is to go, and nothing is done for \(seconds) s")
        }
    }
}
