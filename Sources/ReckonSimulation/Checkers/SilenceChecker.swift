import ReckonEngine
import ReckonModel

/// I-08: an order that should execute at once and only said that it is there is asked about.
struct SilenceChecker {
    private var silent: Table<ClientOrderID, Instant> = Table()
    /// The rule is four seconds.
    private let longest = Span.milliseconds(4_800)

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook) {
        switch stamped.fact {
        case .order(let id, .reported(let report)):
            guard let story = book.orders[id], story.isMarket, story.standing == .resting,
                !report.isConditional, story.isWanted
            else {
                silent[id] = nil
                return
            }
            silent[id] = stamped.at
        case .order(let id, _): silent[id] = nil
        default: break
        }
    }

    /// The process is dead: what it owed, it owes from its next start.
    mutating func died() { silent.removeAll() }

    mutating func settled(_ wire: WireLog, _ sight: Sight, _ findings: inout Findings) {
        for (id, since) in silent where sight.now - since > longest {
            silent[id] = nil
            guard wire.wasFree(since: since, at: sight.now) else { continue }
            findings.breach("I-08", sight.now, "market order \(id) only said \"new\" and is not asked about")
        }
    }
}
