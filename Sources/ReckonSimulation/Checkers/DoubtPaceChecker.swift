import ReckonEngine
import ReckonModel

/// I-07, I-08: silence becomes doubt in time, and what is in doubt is asked about in time.
struct DoubtPaceChecker {
    private let rules: RouterRules
    private var sentAt = Lookup<ClientOrderID, Instant>()
    private var doubts = Lookup<ClientOrderID, Doubt>()
    private let slack = Span.milliseconds(2_500)

    private struct Doubt {
        var askedAt: Instant
        var asks = 0
    }

    init(_ rules: RouterRules) { self.rules = rules }

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook, _ findings: inout Findings) {
        guard case .order(let id, let fact) = stamped.fact else { return }
        switch fact {
        case .submitted:
            sentAt[id] = stamped.at
            doubts[id] = nil
        case .doubted:
            doubts[id] = doubts[id] ?? Doubt(askedAt: stamped.at)
            if let since = sentAt[id], stamped.at - since == rules.answerWithin {
                findings.coverage.note(.unanswered)
            }
        case .asked:
            doubts[id]?.askedAt = stamped.at
            doubts[id]?.asks += 1
        default: if book.orders[id]?.standing != .doubtful { doubts[id] = nil }
        }
    }

    /// The disk came back without its last facts.
    mutating func forget() {
        sentAt.removeAll()
        doubts.removeAll()
    }

    /// A second has passed.
    mutating func ticked(
        _ book: PublishedBook,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for id in book.live.keys {
            switch book.orders[id]?.standing {
            case .sent:
                guard let since = sentAt[id] else { continue }
                let from = max(since, wire.freeSince)
                guard sight.now - from > rules.answerWithin + slack else { continue }
                sentAt[id] = nil
                let seconds = (sight.now - since).seconds
                findings.breach("I-08", sight.now, "no word of order \(id) for \(seconds) s, and no doubt")
            case .doubtful:
                guard let doubt = doubts[id] else { continue }
                let doublings = Int64(min(max(doubt.asks - 1, 0), 20))
                let wait = Span(
                    nanoseconds: min(
                        rules.askBackoff.first.nanoseconds << doublings,
                        rules.askBackoff.cap.nanoseconds
                    )
                )
                let from = max(doubt.askedAt, wire.freeSince)
                guard sight.now - from > wait + slack else { continue }
                doubts[id]?.askedAt = sight.now
                let seconds = (sight.now - from).seconds
                findings.breach(
                    "I-08",
                    sight.now,
                    "order \(id) is in doubt and not asked about for \(seconds) s"
                )
            default: continue
            }
        }
    }
}
