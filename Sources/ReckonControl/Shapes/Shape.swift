import ReckonEngine
import ReckonHost
import ReckonModel

/// Answers as JSON.
///
/// Money is text, scores and knobs are numbers, times are RFC 3339.
enum Shape {
    static func time(_ instant: Instant?) -> JSON { instant.map { .text($0.rfc3339) } ?? .null }

    static func seconds(_ span: Span) -> JSON { .figure(span.seconds) }

    /// The whole picture of an engine.
    static func state(of engine: EngineHost) -> JSON {
        state(engine.snapshot, reasons: engine.reasonsNotReady, journal: engine.journalHealth)
    }

    static func journal(_ health: JournalHealth) -> JSON {
        [
            "down": .flag(health.isDown),
            "down_since": time(health.downSince),
            "reason": .optional(health.reason),
            "unwritten_facts": .whole(health.unwritten),
            "durable_through": .whole(health.durableThrough),
        ]
    }

    static func state(_ snapshot: Snapshot, reasons: [String], journal: JournalHealth) -> JSON {
        [
            "at": time(snapshot.at),
            "engine": .text(snapshot.identity.engine),
            "epoch": .text(snapshot.identity.epoch),
            "ready": .flag(reasons.isEmpty),
            "reasons": .texts(reasons),
            "mode": .text(snapshot.enforced.mode.rawValue),
            "entries_allowed": .flag(snapshot.mayEnter),
            "halted": .optional(snapshot.haltedByOperator),
            "kill_switch": [
                "tripped": .flag(snapshot.enforced.killSwitchTrip),
                "tripped_at": time(snapshot.killSwitchTrippedAt),
            ],
            "flattens": flattens(snapshot.flattens),
            "sharing": sharing(snapshot.sharing),
            "pacing": pacing(snapshot.pacing),
            "naked_total_sec": seconds(
                snapshot.holdings.reduce(Span.zero) { $0 + naked($1, snapshot.at) }
            ),
            "stream_connected": .flag(snapshot.isStreamConnected),
            "rounds": .whole(snapshot.rounds),
            "facts": .whole(snapshot.factCount),
            "journal": self.journal(journal),
            "policy": policy(snapshot.policy),
            "policy_change": latest(snapshot.policies),
            "policy_quarantined": .flag(
                snapshot.policy.map { snapshot.policies.isQuarantined($0.digest) } ?? false
            ),
            "belief": belief(snapshot.belief),
            "knobs": knobs(snapshot.enforced),
            "positions": positions(snapshot),
            "orders": orders(snapshot),
            "open_intents": .list(snapshot.openIntents.map { .text("\($0.id)") }),
            "mismatches": mismatches(snapshot.mismatches),
        ]
    }

    static func policy(_ identity: PolicyIdentity?) -> JSON {
        guard let identity else { return .null }
        return [
            "name": .text(identity.name), "version": .text(identity.version),
            "digest": .text(identity.digest),
        ]
    }

    static func positions(_ snapshot: Snapshot) -> JSON {
        .list(snapshot.holdings.filter { !$0.position.isFlat }.map { position($0, snapshot) })
    }

    private static func position(_ holding: Holding, _ snapshot: Snapshot) -> JSON {
        let position = holding.position
        let mark = snapshot.marks[holding.symbol]
        let worth = mark.map { Notional(of: position.quantity.magnitude, at: $0, rounding: .up) }
        return [
            "symbol": .text(holding.symbol.name),
            "instrument": .text(holding.symbol.instrument.name),
            "position_side": .text(holding.symbol.leg?.rawValue.lowercased() ?? "both"),
            "side": position.quantity.isPositive ? "long" : "short",
            "quantity": .text("\(position.quantity.magnitude)"),
            "entry_price": .text("\(position.entryPrice)"),
            "mark_price": .optional(mark),
            "notional_usdt": .optional(worth),
            "leverage": holding.leverage.map { .whole($0) } ?? .null,
            "opened_by_us": .flag(holding.isOurs),
            "stop_price": .optional(holding.plan?.trigger),
            "stop_asked": .optional(holding.plan?.asked),
            "take_profit": .optional(holding.plan?.takeProfit),
            "covered": .flag(holding.nakedSince == nil),
            "coverage": .figure(holding.coverage),
            "covered_quantity": .text("\(holding.covered)"),
            "left_alone": .flag(holding.isLeftAlone),
            "naked_sec": holding.nakedSince.map { seconds(snapshot.at - $0) } ?? .figure(0),
            "naked_total_sec": seconds(naked(holding, snapshot.at)),
            "changed_at": time(holding.changedAt),
            "confirmed_at": time(holding.confirmedAt),
        ]
    }

    static func orders(_ snapshot: Snapshot) -> JSON { .list(snapshot.orders.map { order($0) }) }

    static func order(_ order: OrderMachine) -> JSON {
        let ticket = order.ticket
        return [
            "client_order_id": .text(order.id.text),
            "venue_order_id": .optional(order.venueID),
            "intent_id": .optional(order.intent),
            "symbol": .text(ticket.symbol.name),
            "role": .text(word(ticket.role)),
            "side": .text(ticket.side.rawValue),
            "type": .text(type(ticket.pricing)),
            "price": price(ticket.pricing),
            "quantity": ticket.extent == .wholePosition ? .null : .text("\(ticket.quantity)"),
            "closes_position": .flag(ticket.extent == .wholePosition),
            "executed": .text("\(order.executed)"),
            "average_price": order.averagePrice.isPositive ? .text("\(order.averagePrice)") : .null,
            "state": .text(word(order.state)),
            "generation": .whole(order.generation),
            "attempts": .whole(order.attempts),
            "cancel_wanted": .flag(order.cancelWanted),
            "planned_at": time(order.plannedAt),
            "changed_at": time(order.changedAt),
        ]
    }

    private static func word(_ role: OrderRole) -> String {
        role == .takeProfit ? "take_profit" : role.rawValue
    }

    static func word(_ state: OrderMachine.State) -> String {
        switch state {
        case .planned: "planned"
        case .inFlight: "in_flight"
        case .doubtful: "in_doubt"
        case .working: "working"
        case .ended(let end): end.code
        }
    }

    private static func type(_ pricing: Pricing) -> String {
        switch pricing {
        case .market: "market"
        case .limit: "limit"
        case .stopMarket: "stop_market"
        case .takeProfitMarket: "take_profit_market"
        }
    }

    private static func price(_ pricing: Pricing) -> JSON {
        switch pricing {
        case .market: .null
        case .limit(let price, _), .stopMarket(let price), .takeProfitMarket(let price): .text("\(price)")
        }
    }

    static func mismatches(_ ledger: Ledger) -> JSON {
        .list(
            ledger.rows.map { key, row in
                [
                    "symbol": .text(key.symbol.name), "kind": .text(key.kind.rawValue),
                    "client_order_id": .optional(key.order), "first_seen": time(row.firstSeen),
                    "last_seen": time(row.lastSeen), "count": .whole(row.count),
                    "counted": .flag(row.isMismatch),
                ]
            }
        )
    }
}
