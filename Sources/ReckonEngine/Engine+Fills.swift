import ReckonModel

/// What traded while nobody told us: fills from the venue's own record, and positions that it closed itself.
extension Engine {
    /// Takes up the trades that a round brought.
    ///
    /// Each list reaches back to before the orders that are still live, so the trades of one add up to its total. A total is
    /// taken once however often it is told, so no trade counts twice.
    mutating func learnFills(_ round: Session.Round, _ turn: inout Turn) {
        for (symbol, trades) in round.trades {
            session.fillsHeardAt[symbol] = round.askedAt
            for order in state.liveOrders(symbol) { backfill(order, trades, &turn) }
        }
        for (_, rows) in round.histories {
            for row in rows { recogniseForced(row, &turn) }
        }
    }

    private mutating func backfill(_ order: OrderMachine, _ trades: [AccountTrade], _ turn: inout Turn) {
        let ids = [order.ticket.role.isConditional ? nil : order.venueID, order.childID].compactMap { $0 }
        var own: Table<Int64, AccountTrade> = Table()
        for trade in trades where ids.contains(trade.orderID) && trade.side == order.ticket.side {
            own[trade.number] = trade
        }
        let total = own.values.reduce(into: Quantity.zero) { $0 += $1.quantity }
        guard total > order.executed, let last = own.values.max(by: { $0.at < $1.at }) else { return }
        let isDone = order.ticket.quantity.isPositive && total >= order.ticket.quantity
        var report = OrderReport(
            id: order.id,
            venueID: last.orderID,
            symbol: order.ticket.symbol,
            side: order.ticket.side,
            status: isDone && !order.ticket.role.isConditional ? .filled : .partiallyFilled,
            quantity: order.ticket.quantity,
            executed: total,
            updatedAt: last.at
        )
        report.averagePrice = average(own.values)
        report.isReduceOnly = !order.ticket.role.opensExposure
        session.missedFills.append(Difference(.missedFill, order.ticket.symbol, order: order.id))
        stepOrder(order.id, .report(report), &turn)
    }

    /// Rounds: down.
    private func average(_ trades: [AccountTrade]) -> Price {
        var worth = Int128(0)
        var total = Int128(0)
        for trade in trades {
            worth += Int128(trade.quantity.units) * Int128(trade.price.units)
            total += Int128(trade.quantity.units)
        }
        return total > 0 ? Price(units: Int64(worth / total)) : .zero
    }

    /// The venue itself closed a position or a part of it.
    ///
    /// What was to be opened on the symbol ends, and nothing is opened for a while. The stop needs no word: it goes with the
    /// position, or rests on for what is left.
    mutating func recogniseForced(_ report: OrderReport, _ turn: inout Turn) {
        guard let close = ForcedClose(report) else { return }
        let known = state.holding(close.symbol).forced
        // Told again, or of less than known already.
        if let known, known.orderID == close.orderID || known.orderID > close.orderID { return }
        note(.positionForced(close), &turn)
        turn.notify(
            .positionForced,
            nil,
            close.symbol,
            [.init("kind", close.kind.rawValue), .init("executed", close.executed.description)]
        )
        for (id, symbol) in state.openIntents where symbol == close.symbol {
            guard case .entry = state.intents[id]?.intent, state.intents[id]?.isWithdrawn == false else {
                continue
            }
            note(.intentWithdrawn(id), &turn)
        }
        turn.touch(close.symbol)
        session.isStreamHintPending = true
        turn.outbox.perform(.arm(.hint, at: turn.now + configuration.hintDelay))
    }
}
