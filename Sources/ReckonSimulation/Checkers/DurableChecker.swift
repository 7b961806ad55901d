import ReckonEngine
import ReckonExchange
import ReckonModel

/// I-01: nothing that can increase exposure leaves before its facts are durable.
struct DurableChecker {
    func sent(_ placement: Placement, _ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        let id = placement.ticket.id
        findings.coverage.note(.placementSent)
        guard let story = book.orders[id], story.attempts >= placement.attempt,
            story.ticket == placement.ticket
        else {
            return findings.breach("I-01", sight.now, "order \(id) left and no durable fact speaks of it")
        }
        guard placement.ticket.role == .entry, let reason = book.journalDown else { return }
        findings.breach("I-01", sight.now, "entry \(id) left while the journal is down: \(reason)")
    }

    func published(_ stamped: StampedFact, _ findings: inout Findings) {
        if case .journalLatched = stamped.fact { findings.coverage.note(.journalDown) }
    }

    /// At the end: no order of this engine at the venue that no fact had planned.
    ///
    /// Those whose plan went with a lost tail are the disk's loss and not a breach.
    func atRest(
        _ sight: Sight,
        _ book: PublishedBook,
        _ own: (prefix: String, lost: [ClientOrderID]),
        _ findings: inout Findings
    ) {
        for order in sight.record.orders.values where order.clientID.text.hasPrefix(own.prefix) {
            // Another engine may call its orders whatever it likes.
            guard order.origin != .byHand else { continue }
            guard book.orders[order.clientID] == nil, !own.lost.contains(order.clientID) else { continue }
            findings.breach("I-01", sight.now, "order \(order.clientID) is at the venue and in no fact")
        }
    }
}
