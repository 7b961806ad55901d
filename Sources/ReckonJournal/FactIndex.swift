import ReckonEngine
import ReckonModel

/// Whose story a fact belongs to.
///
/// Facts name their intent or order, not the correlation id: an accepted intent ties its number to it, a planned order
/// ties its client id to the intent.
struct FactIndex: Sendable {
    /// Where a fact belongs.
    struct Subject: Sendable, Hashable {
        var intent: IntentID?
        var correlation: CorrelationID?
        var symbol: Symbol?
    }

    private var intents: [IntentID: Subject] = [:]
    private var orders: [ClientOrderID: Subject] = [:]

    /// Learns from a fact, and says where it belongs.
    mutating func take(_ stamped: StampedFact) -> Subject {
        switch stamped.fact {
        case .intentAccepted(let acceptance):
            let subject = Subject(
                intent: acceptance.id,
                correlation: acceptance.correlation,
                symbol: acceptance.intent.symbol
            )
            learn(subject, intent: acceptance.id)
            return subject
        case .orderPlanned(let ticket, let intent, _):
            var subject = intent.flatMap { intents[$0] } ?? Subject(intent: intent)
            subject.symbol = ticket.symbol
            learn(subject, order: ticket.id)
            return subject
        case .orderAdopted(let ticket, _):
            var subject = orders[ticket.id] ?? Subject()
            subject.symbol = ticket.symbol
            learn(subject, order: ticket.id)
            return subject
        case .order(let id, _), .countdownFired(_, let id): return orders[id] ?? Subject()
        case .intentWithdrawn(let id), .exitOverdue(let id), .exitSeriesEnded(let id),
            .intentEnded(let id, _), .replacement(let id, _):
            return intents[id] ?? Subject(intent: id)
        case .started, .instrumentsLoaded, .intentRefused, .positionCorrected, .coverPlanned, .coverFailed,
            .roundConcluded, .leverageKnown, .leverageWished, .marginModeKnown, .repairMade,
            .repairSeriesEnded,
            .positionForced, .pauseAsked, .policyLoaded, .policyChanged, .shadowCompared, .verdictEnforced,
            .operatorCommanded,
            .journalLatched,
            .journalRecovered, .flatten, .sharing:
            return Subject(symbol: stamped.symbol)
        }
    }

    mutating func learn(_ subject: Subject, intent: IntentID) { intents[intent] = subject }

    mutating func learn(_ subject: Subject, order: ClientOrderID) { orders[order] = subject }
}
