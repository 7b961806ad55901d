import ReckonEngine
import ReckonExchange
import ReckonModel

/// I-07: a flatten ends only when the venue truly is flat, with nothing resting; stops go only after the position.
struct FlattenChecker {
    private let symbols: [Symbol]
    private var scopes: Table<CommandScope, Bool> = Table()
    /// Whoever opens a position behind our back may do so between a list and its use.
    private static let unseen = Span.seconds(10)

    init(_ symbols: [Symbol]) { self.symbols = symbols }

    mutating func published(
        _ stamped: StampedFact,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        switch stamped.fact {
        case .operatorCommanded(.flatten(let scope, _)): scopes[scope] = true
        case .operatorCommanded(.releaseFlatten(let scope, _)): scopes[scope] = nil
        case .operatorCommanded(.resume):
            if scopes.contains(where: { $0.value }) {
                findings.breach("I-07", sight.now, "resumed before the flatten was done")
            }
            scopes.removeAll()
        case .flatten(_, .closing): findings.coverage.note(.flattenedPosition)
        case .flatten(let scope, .done(_, let lastAskedAt)):
            scopes[scope] = false
            findings.coverage.note(.flattened)
            checkDone(scope, since: sight.now - lastAskedAt, sight, &findings)
        case .order(let id, .cancelSent): checkStop(id, book, sight, &findings)
        default: break
        }
    }

    /// From the order to the resume no entry leaves, also where only one symbol is to be flat.
    func sent(_ placement: Placement, _ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        let symbol = placement.ticket.symbol
        guard placement.ticket.role == .entry, book.flattens.contains(where: { $0.key.covers(symbol) })
        else { return }
        findings.breach(
            "I-05",
            sight.now,
            "entry \(placement.ticket.id) left while a flatten held \(symbol) closed"
        )
    }

    /// What stood when the last list was asked for must have kept the flatten from its end.
    private func checkDone(
        _ scope: CommandScope,
        since span: Span,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard sight.listsUntrueFor == .zero else { return }
        for symbol in symbols where scope.covers(symbol) {
            if let row = sight.record.positions.last(where: { $0.symbol == symbol }), !row.quantity.isZero,
                row.at + span < sight.venueNow
            {
                findings.breach(
                    "I-07",
                    sight.now,
                    "flatten of \(scope.name) is called done, and \(symbol) holds \(row.quantity)"
                )
            }
        }
        for order in sight.record.orders.values + sight.record.algoOrders.values
        where order.endedAt == nil && scope.covers(order.symbol) && order.createdAt + span < sight.venueNow {
            findings.breach(
                "I-07",
                sight.now,
                "flatten of \(scope.name) is called done, and order \(order.clientID) rests"
            )
        }
    }

    private func checkStop(
        _ id: ClientOrderID,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard let story = book.orders[id], story.ticket.role == .stop, sight.listsUntrueFor == .zero else {
            return
        }
        let symbol = story.ticket.symbol
        guard scopes.contains(where: { $0.value && $0.key.covers(symbol) }),
            let row = sight.record.positions.last(where: { $0.symbol == symbol }), !row.quantity.isZero,
            row.quantity.isPositive == (story.ticket.side == .sell),
            row.at + FlattenChecker.unseen < sight.venueNow
        else { return }
        // The bridge of a stop that is moved covers the moment between the old and the new one.
        let isBridged = book.liveOrders(symbol).contains {
            $0.ticket.role == .stop && $0.ticket.id != id && $0.ticket.side == story.ticket.side
                && $0.standing == .resting
        }
        guard !isBridged else { return }
        findings.breach(
            "I-10",
            sight.now,
            "a flatten takes stop \(id) off while \(symbol) holds \(row.quantity)"
        )
    }
}
