import ReckonEngine
import ReckonModel

/// I-08: a conditional order that has triggered lives on as an ordinary one: there it is asked for, and taken off.
///
/// One in doubt may have triggered unheard, so that from the second question on it is asked for at both places.
struct TriggeredChecker {
    private var triggered: Table<ClientOrderID, Instant> = Table()
    /// How often those in doubt have been asked about.
    private var asks = Lookup<ClientOrderID, Int>()
    /// Asked for as a conditional order in this very turn, and not yet as an ordinary one.
    private var halfAsked: [ClientOrderID] = []

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook) {
        guard case .order(let id, let fact) = stamped.fact, let story = book.orders[id],
            story.ticket.role.isConditional
        else { return }
        switch fact {
        case .doubted: asks[id] = asks[id] ?? 0
        case .asked: asks[id]? += 1
        default: if story.standing != .doubtful { asks[id] = nil }
        }
        guard case .reported(let report) = fact else { return }
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
                "\(id) has triggered, or may have, and is asked for only where it was placed"
            )
        }
        halfAsked.removeAll()
    }

    /// The disk came back without its last facts.
    mutating func forget() { asks.removeAll() }

    /// The process is dead.
    mutating func died() { halfAsked.removeAll() }

    /// Where the budget is short one of the two questions may have to wait.
    mutating func left(_ call: VenueCall, hasRoom: Bool, _ sight: Sight, _ findings: inout Findings) {
        switch call.request {
        case .query(let query):
            guard triggered[query.id] != nil || asks[query.id] ?? 0 > 1 else { return }
            if query.endpoint == .order {
                halfAsked.removeAll { $0 == query.id }
            } else if hasRoom {
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
