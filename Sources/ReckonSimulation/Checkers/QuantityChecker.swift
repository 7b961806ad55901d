import ReckonEngine
import ReckonExchange
import ReckonModel

/// I-02: no entry executes, or lives, for more than was asked; no exit flips a position.
struct QuantityChecker {
    private var positionsSeen = 0
    private var positions: Table<Symbol, Quantity> = Table()
    private var keys: Table<String, IntentID> = Table()

    /// An id is new at the venue when it goes out first, whatever the engine has forgotten.
    func sent(_ placement: Placement, _ truth: VenueTruth, _ sight: Sight, _ findings: inout Findings) {
        let id = placement.ticket.id
        guard placement.attempt == 1, !truth.orders(under: id, in: sight.record).isEmpty else { return }
        findings.breach("I-02", sight.now, "id \(id) goes out first and the venue has it already")
    }

    mutating func happened(
        _ fresh: [RecordedOrder],
        _ truth: VenueTruth,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for order in fresh { checkEntry(order.clientID, truth, book, sight, &findings) }
        while positionsSeen < sight.record.positions.count {
            let row = sight.record.positions[positionsSeen]
            positionsSeen += 1
            let before = positions[row.symbol] ?? .zero
            positions[row.symbol] = row.quantity
            checkEntry(row.clientID, truth, book, sight, &findings)
            checkExit(row, before, book, sight, &findings)
        }
    }

    private func checkEntry(
        _ id: ClientOrderID,
        _ truth: VenueTruth,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard let (story, _) = book.entry(of: id) else { return }
        var total = Quantity.zero
        for order in story.orders.flatMap({ truth.orders(under: $0, in: sight.record) }) {
            total += order.endedAt == nil ? max(order.quantity, order.executed) : order.executed
            if order.executions.count > 1 { findings.coverage.note(.partialFill) }
        }
        guard total > story.quantity else { return }
        findings.breach(
            "I-02",
            sight.now,
            "intent \(story.acceptance.id): \(total) executed or live, \(story.quantity) asked for"
        )
    }

    private func checkExit(
        _ row: RecordedPosition,
        _ before: Quantity,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        let parent = sight.record.orders[row.orderID]?.parentID.flatMap {
            sight.record.algoOrders[$0]?.clientID
        }
        guard let story = book.orders[row.clientID] ?? parent.flatMap({ book.orders[$0] }),
            story.ticket.role != .entry
        else { return }
        findings.coverage.note(.exitReduced)
        let isSmaller = row.quantity.magnitude < before.magnitude
        let keepsSide = row.quantity.isZero || row.quantity.isPositive == before.isPositive
        guard !isSmaller || !keepsSide else { return }
        findings.breach(
            "I-02",
            sight.now,
            "\(story.ticket.role.rawValue) \(row.clientID) took \(row.symbol) from \(before) to \(row.quantity)"
        )
    }

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook, _ findings: inout Findings) {
        switch stamped.fact {
        case .intentAccepted(let acceptance):
            let key = acceptance.intent.key
            if let known = keys[key], book.intents[known]?.acceptance.intent.key == key {
                findings.breach("I-02", stamped.at, "intent \(acceptance.id) repeats the key of \(known)")
            }
            keys[key] = acceptance.id
        case .order(let id, .doubted) where book.orders[id]?.ticket.role == .entry:
            findings.coverage.note(.entryInDoubt)
        case .orderPlanned(let ticket, _, let generation) where ticket.role == .entry && generation > 1:
            findings.coverage.note(.laterGeneration)
        default: break
        }
    }
}
