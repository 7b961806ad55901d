import ReckonEngine
import ReckonModel

/// I-07: a stop without an answer is placed again, and not without end nor without a pause.
struct StopSeriesChecker {
    private let rules: ProtectionRules
    private var sentAt = Lookup<ClientOrderID, Instant>()

    init(_ rules: ProtectionRules) { self.rules = rules }

    mutating func published(
        _ stamped: StampedFact,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        if case .order(let id, .submitted) = stamped.fact { sentAt[id] = stamped.at }
        guard case .orderPlanned(let ticket, _, _) = stamped.fact, ticket.role == .stop,
            ticket.extent == .wholePosition, let openedAt = sight.holdings[ticket.symbol]?.openedAt
        else { return }
        let waiting = book.stops(ticket.symbol, closing: ticket.side, since: openedAt).filter {
            $0.ticket.id != ticket.id && $0.isUnresolved && $0.ticket.pricing == ticket.pricing
                && $0.ticket.extent == .wholePosition
        }
        if waiting.count >= rules.mostUnanswered {
            let sentence = "stop \(ticket.id) joins \(waiting.count) of its kind without an answer"
            findings.breach("I-07", stamped.at, sentence)
        }
        let isFirst = waiting.count == 1 && waiting.allSatisfy { $0.standing == .doubtful }
        guard !isFirst, let last = waiting.compactMap({ sentAt[$0.ticket.id] }).max(),
            stamped.at - last < rules.resendStopAfter
        else { return }
        findings.breach(
            "I-07",
            stamped.at,
            "stop \(ticket.id) follows one without an answer after \((stamped.at - last).milliseconds) ms"
        )
    }
}
