import ReckonEngine
import ReckonModel

/// I-03: no exit, stop or take-profit is kept back by a knob, a halt or an entry limit.
struct ExitChecker {
    /// The only grounds on which an exit may be refused: it cannot be understood, or its key is taken.
    private static let grounds: [Refusal.Rule] = [
        .keyReused, .malformed, .unknownSymbol, .sizeOffStep, .priceOffTick, .nothingToReduce,
    ]

    func sent(_ placement: Placement, _ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        checkRoom(placement.ticket, book, sight, &findings)
        guard book.areEntriesClosed else { return }
        switch placement.ticket.role {
        case .exit: findings.coverage.note(.exitWhileClosed)
        case .stop, .takeProfit: findings.coverage.note(.stopWhileClosed)
        case .entry: break
        }
    }

    /// What rests at a limit and claims the position is to go before one at market.
    private func checkRoom(
        _ ticket: OrderTicket,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard ticket.role == .exit, ticket.pricing == .market else { return }
        let resting = book.liveOrders(ticket.symbol).filter { story in
            story.ticket.role == .exit && !story.isMarket && story.standing == .resting && story.isWanted
        }
        let claimed = resting.reduce(into: Quantity.zero) { $0 += $1.open }
        let held = sight.believed(ticket.symbol).magnitude
        guard claimed.isPositive, held - claimed < ticket.quantity else { return }
        let sentence =
            "exit \(ticket.id) left for \(ticket.quantity) beside others at rest for \(claimed) of \(held)"
        findings.breach("I-03", sight.now, sentence)
    }

    func refused(_ exit: ExitIntent, _ refusal: Refusal, _ sight: Sight, _ findings: inout Findings) {
        guard !ExitChecker.grounds.contains(refusal.rule) else { return }
        findings.breach("I-03", sight.now, "exit \(exit.key) was refused: \(refusal.message)")
    }

    /// An order that reduces and was given up by a rule was kept back by it.
    func published(_ stamped: StampedFact, _ book: PublishedBook, _ findings: inout Findings) {
        guard case .order(let id, .abandoned(let rule)) = stamped.fact, let story = book.orders[id],
            story.ticket.role != .entry, rule != .withdrawn
        else { return }
        findings.breach(
            "I-03",
            stamped.at,
            "\(story.ticket.role.rawValue) \(id) was given up by \(rule.rawValue)"
        )
    }
}
