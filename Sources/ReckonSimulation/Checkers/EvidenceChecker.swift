import ReckonEngine
import ReckonExchange
import ReckonModel

/// I-08: an order is called ended only when it is; silence and an early not-found are doubt.
struct EvidenceChecker {
    /// Each fact about an order is held against what the venue has at that instant.
    func published(
        _ stamped: StampedFact,
        _ told: (truth: VenueTruth, wire: WireLog),
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        let truth = told.truth
        if case .intentEnded(let id, let end) = stamped.fact {
            checkSum(id, end, (truth, book), sight, &findings)
        }
        guard case .order(let id, let fact) = stamped.fact, let story = book.orders[id] else { return }
        switch fact {
        case .notFound(conclusive: false): findings.coverage.note(.tooEarlyNotFound)
        case .reported(let report):
            if story.attempts > 0, report.status.isTerminal { findings.coverage.note(.resolvedByVenue) }
        case .lapsed:
            findings.coverage.note(.lapsed)
            checkLapsed(id, story, truth, sight, &findings)
            checkProof(id, story, told.wire, sight, &findings)
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

    /// What an intent is said to have executed, its orders did.
    private func checkSum(
        _ id: IntentID,
        _ end: IntentEnd,
        _ known: (truth: VenueTruth, book: PublishedBook),
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        let (truth, book) = known
        let sent = (book.intents[id]?.orders ?? []).flatMap { truth.orders(under: $0, in: sight.record) }
        let executed = sent.reduce(into: Quantity.zero) { $0 += $1.executed }
        guard end.executed > executed else { return }
        findings.breach("I-08", sight.now, "intent \(id) ended with \(end.executed), and it has \(executed)")
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

    /// Absence is proven by two not-founds, asked late enough and a second apart, and by a history asked after them.
    ///
    /// By what the engine was told alone: that the order truly is absent does not excuse a guess.
    private func checkProof(
        _ id: ClientOrderID,
        _ story: PublishedBook.OrderStory,
        _ wire: WireLog,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard let timestamp = story.lastTimestamp else { return }
        let isConditional = story.ticket.role.isConditional
        let settle: Span = isConditional ? .seconds(10) : .seconds(2)
        let doubt = wire.doubts[id]
        let late = (doubt?.absences ?? []).filter { absence in
            absence.endpoint == (isConditional ? .algo : .order)
                && absence.askedAt > timestamp + story.lastWindow + settle
        }
        let isTwice = zip(late.first.map { [$0] } ?? [], late.suffix(1)).contains { first, last in
            last.toldAt - first.toldAt >= .seconds(1)
        }
        let isInNoHistory = doubt?.missedAt.map { at in late.contains { $0.toldAt <= at } } ?? false
        guard !isTwice || !isInNoHistory else { return }
        findings.breach(
            "I-08",
            sight.now,
            "order \(id) is held for never arrived on \(late.count) not-founds that count"
                + (isInNoHistory ? "" : " and no history")
        )
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
