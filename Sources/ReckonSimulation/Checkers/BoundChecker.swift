import ReckonEngine
import ReckonModel

/// I-07: every series of attempts is bounded, and nothing is asked or sent in a hot loop.
struct BoundChecker {
    private let rules: RouterRules
    private var second: Int64 = 0
    private var requests = 0
    /// More requests within one second are a loop and no work, whatever the number of symbols.
    private let mostPerSecond: Int

    init(_ rules: RouterRules, symbols: Int) {
        self.rules = rules
        mostPerSecond = 60 + 20 * symbols
    }

    mutating func sent(
        _ placement: Placement,
        _ book: PublishedBook,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        count(sight, &findings)
        checkTimes(placement, sight, &findings)
        let id = placement.ticket.id
        guard let story = book.orders[id] else { return }
        if placement.attempt > 1 { findings.coverage.note(.retried) }
        if placement.attempt > rules.maxAttempts {
            findings.breach("I-07", sight.now, "order \(id) goes out for the \(placement.attempt)th time")
        }
        // A wait that the venue asked for may stretch the series by its own length; a ban is longer than any of those.
        let most = rules.maxElapsed + rules.backoff.cap + .seconds(40)
        let begun = story.firstSentAt.map { max($0, min(wire.freeSince, sight.now)) }
        if placement.attempt > 1, let first = begun, sight.now - first > most {
            findings.breach(
                "I-07",
                sight.now,
                "order \(id) goes out again after \((sight.now - first).seconds) s"
            )
        }
        guard let (intent, _) = book.entry(of: id),
            intent.orders.count - intent.ordersBefore > rules.maxGenerations
        else { return }
        findings.breach(
            "I-07",
            sight.now,
            "intent \(intent.acceptance.id) is in its \(intent.orders.count)th generation"
        )
    }

    /// For how long the wire and the venue may still take it on: what a not-found says hangs on it (I-08).
    private func checkTimes(_ placement: Placement, _ sight: Sight, _ findings: inout Findings) {
        func breach(_ why: String) {
            findings.breach("I-08", sight.now, "order \(placement.ticket.id) \(why)")
        }
        if placement.transmitBy > sight.now + rules.transmitWithin {
            breach("may leave up to \((placement.transmitBy - sight.now).milliseconds) ms late")
        }
        if placement.window > rules.window {
            breach("may be taken on for \(placement.window.milliseconds) ms")
        }
    }

    mutating func asked(_ sight: Sight, _ findings: inout Findings) { count(sight, &findings) }

    func published(_ stamped: StampedFact, _ findings: inout Findings) {
        switch stamped.fact {
        case .order(_, .gaveUp), .exitSeriesEnded: findings.coverage.note(.gaveUp)
        default: break
        }
    }

    private mutating func count(_ sight: Sight, _ findings: inout Findings) {
        let now = sight.now.nanoseconds / 1_000_000_000
        if now != second {
            second = now
            requests = 0
        }
        requests += 1
        guard requests == mostPerSecond + 1 else { return }
        findings.breach("I-07", sight.now, "more than \(mostPerSecond) requests within one second")
    }
}
