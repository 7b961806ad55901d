import ReckonEngine
import ReckonHost
import ReckonModel

/// One intent as its facts tell it.
struct IntentStory {
    private let rows: [StoryRow]
    private let acceptance: IntentAcceptance
    private var orders: Table<ClientOrderID, OrderMachine> = Table()
    private var isWithdrawn = false
    private var isOverdue = false
    private var isReplacing = false
    /// The price and the total after replacements; absent while they are the caller's own.
    private var amended: (pricing: Pricing, quantity: Quantity)?
    private var end: IntentEnd?

    /// Absent where the facts hold no accepted intent.
    init?(_ rows: [StoryRow], of id: IntentID) {
        var found: IntentAcceptance?
        for row in rows {
            if case .intentAccepted(let acceptance) = row.fact.fact, acceptance.id == id {
                found = acceptance
            }
        }
        guard let found else { return nil }
        self.rows = rows
        acceptance = found
        for row in rows { take(row.fact, id) }
    }

    private mutating func take(_ stamped: StampedFact, _ id: IntentID) {
        switch stamped.fact {
        case .orderPlanned(let ticket, let intent, let generation) where intent == id:
            orders[ticket.id] = OrderMachine(
                ticket: ticket,
                intent: id,
                generation: generation,
                at: stamped.at
            )
        case .order(let order, let fact): orders.update(order) { $0.apply(fact, at: stamped.at) }
        case .intentWithdrawn(id): isWithdrawn = true
        case .replacement(id, let fact): take(fact)
        case .exitOverdue(id): isOverdue = true
        case .intentEnded(id, let end): self.end = end
        default: break
        }
    }

    private mutating func take(_ fact: ReplacementFact) {
        switch fact {
        case .wanted: isReplacing = true
        case .applied(let pricing, let quantity):
            isReplacing = false
            amended = (pricing, quantity)
        case .gaveUp:
            isReplacing = false
            isWithdrawn = true
        }
    }

    /// `open`, or how it ended.
    var state: String { end?.kind.rawValue ?? "open" }

    /// Where an open one stands.
    private var phase: String {
        if end != nil { return "ended" }
        if orders.values.contains(where: { $0.state == .doubtful }) { return "in_doubt" }
        if orders.values.contains(where: { !$0.isEnded }) {
            return isWithdrawn ? "cancelling" : isReplacing ? "replacing" : "working"
        }
        return "accepted"
    }

    /// The short answer to who has changed something about it.
    var standing: JSON {
        [
            "intent_id": .text("\(acceptance.id)"), "key": .text(acceptance.intent.key),
            "state": .text(state), "phase": .text(phase),
        ]
    }

    private var quantity: Quantity { amended?.quantity ?? acceptance.quantity }

    /// The limit that it stands at now.
    private var price: JSON {
        let own: Pricing? =
            switch acceptance.intent {
            case .entry(let entry): entry.pricing
            case .exit(let exit): exit.pricing
            case .protect: nil
            }
        guard case .limit(let price, _) = amended?.pricing ?? own else { return .null }
        return .text("\(price)")
    }

    var json: JSON {
        let executed = orders.values.reduce(Quantity.zero) { $0 + $1.executed }
        return [
            "intent_id": .text("\(acceptance.id)"),
            "correlation_id": .text(acceptance.correlation.text),
            "key": .text(acceptance.intent.key),
            "kind": .text(kind),
            "symbol": .text(acceptance.intent.symbol.name),
            "state": .text(state),
            "phase": .text(phase),
            "detail": end.map { .text($0.detail) } ?? .null,
            "quantity": quantity.isPositive ? .text("\(quantity)") : .null,
            "price": price,
            "executed": .text("\(end?.executed ?? executed)"),
            "overdue": .flag(isOverdue),
            "origin": .optional(acceptance.origin),
            "accepted_at": Shape.time(rows.first?.fact.at),
            "orders": .list(orders.values.map { Shape.order($0) }),
            "timeline": .list(rows.map { line($0) }),
        ]
    }

    private var kind: String {
        switch acceptance.intent {
        case .entry: "entry"
        case .exit: "exit"
        case .protect: "protect"
        }
    }

    private func line(_ row: StoryRow) -> JSON {
        [
            "number": .whole(row.fact.number), "at": Shape.time(row.fact.at), "kind": .text(row.kind),
            "client_order_id": .optional(row.order), "fact": .raw(row.body),
        ]
    }
}
