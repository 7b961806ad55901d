import ReckonEngine
import ReckonModel

/// I-08: a conditional order that has triggered lives on as an ordinary one: there it is asked for, and taken off.
struct TriggeredChecker {
    private var triggered: Table<ClientOrderID, Instant> = Table()
    /// Asked for as a conditional order in this very turn, and not yet as an ordinary one.
    private var halfAsked: [ClientOrderID] = []

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook) {
        guard case .order(let id, .reported(let report)) = stamped.fact, let story = book.orders[id],
            story.ticket.role.isConditional
        else { return }
        if story.standing == .ended {
            triggered[id] = nil
        } else if report.status == .triggered || !report.isConditional {
            triggered[id] = triggered[id] ?? stamped.at
        }
    }

    /// The engine is about to be told something: the turn before is over.
    mutating func settled(_ sight: Sight, _ findings: inout Findings) {
        for id in halfAsked {
            findings.breach(
                "I-08",
                sight.now,
                "\(id) has triggered and is asked for only where it was placed"
            )
        }
        halfAsked.removeAll()
    }

    /// The process is dead.
    mutating func died() { halfAsked.removeAll() }

    mutating func left(_ call: VenueCall, _ sight: Sight, _ findings: inout Findings) {
        switch call.request {
        case .query(let query):
            guard triggered[query.id] != nil else { return }
            if query.endpoint == .order {
                halfAsked.removeAll { $0 == query.id }
            } else {
                halfAsked.append(query.id)
            }
        case .cancel(let cancellation):
            guard triggered[cancellation.id] != nil, cancellation.endpoint == .algo else { return }
            findings.breach(
                "I-08",
                sight.now,
                "\(cancellation.id) has triggered and is taken off where it was placed"
            )
        default: break
        }
    }
}
