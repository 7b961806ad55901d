import ReckonEngine
import ReckonExchange
import ReckonModel

/// I-08: an order is called ended only when it is; silence and an early not-found are doubt.
struct EvidenceChecker {
    /// Each fact about an order is held against what the venue has at that instant.
    func published(
        _ stamped: StampedFact,
        _ truth: VenueTruth,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard case .order(let id, let fact) = stamped.fact, let story = book.orders[id] else { return }
        switch fact {
        case .notFound(conclusive: false): findings.coverage.note(.tooEarlyNotFound)
        case .reported(let report):
            if story.attempts > 0, report.status.isTerminal { findings.coverage.note(.resolvedByVenue) }
        case .lapsed:
            findings.coverage.note(.lapsed)
            checkLapsed(id, story, truth, sight, &findings)
        default: break
        }
        guard story.standing == .ended else { return }
        for order in truth.orders(under: id, in: sight.record)
        where order.endedAt == nil && isSame(order, story) {
            findings.breach(
                "I-08",
                sight.now,
                "order \(id) is called ended (\(name(fact))) and lives at the venue"
            )
        }
    }

    private func checkLapsed(
        _ id: ClientOrderID,
        _ story: PublishedBook.OrderStory,
        _ truth: VenueTruth,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        if !truth.orders(under: id, in: sight.record).filter({ isSame($0, story) }).isEmpty {
            findings.breach("I-08", sight.now, "order \(id) is held for never arrived, and the venue has it")
        }
        guard let timestamp = story.lastTimestamp, sight.venueNow <= timestamp + story.lastWindow else {
            return
        }
        findings.breach("I-08", sight.now, "order \(id) is held for never arrived, and could still be taken")
    }

    /// The child of a conditional order bears its parent's id and has a life of its own.
    private func isSame(_ order: RecordedOrder, _ story: PublishedBook.OrderStory) -> Bool {
        order.isConditional == story.ticket.role.isConditional
    }

    private func name(_ fact: OrderFact) -> String {
        switch fact {
        case .refused(let failure): "refused \(failure.code)"
        case .lapsed: "lapsed"
        case .gaveUp(let reason): "gave up: \(reason)"
        case .abandoned(let rule): "abandoned \(rule.rawValue)"
        case .reported(let report): "reported \(report.status.rawValue)"
        default: "-"
        }
    }
}
