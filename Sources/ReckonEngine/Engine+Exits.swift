import ReckonModel

/// Exits. Nothing in this file reads a knob, a halt or an entry limit (I-03).
extension Engine {
    mutating func settleExit(_ exit: ExitIntent, _ record: IntentRecord, _ turn: inout Turn) {
        let rules = configuration.router
        if turn.now >= record.acceptedAt + exit.lifetime, !record.isOverdue {
            note(.exitOverdue(record.id), &turn)
            turn.notify(.exitOverdue, record.correlation, record.symbol)
        }
        let own = record.orders.compactMap { state.order($0) }.filter { !$0.isEnded }
        if record.isWithdrawn { return withdrawExit(record, own, &turn) }
        if own.contains(where: { !isOverdueClose(exit, $0, turn.now) }) {
            return awaitExit(exit, own, record, &turn)
        }
        let held = state.holding(record.symbol).position.quantity.magnitude
        let need = held - record.target - claimed(record, exit, turn.now)
        guard held > record.target else { return concludeExit(exit, record, own, &turn) }
        guard need.isPositive else {
            return turn.outbox.perform(.arm(.intent(record.id), at: turn.now + rules.resendCloseAfter))
        }
        // With so many sends unanswered another one would tell no more; the first that resolves brings us back.
        guard own.count < 2 * rules.maxCloseGenerations else { return }
        guard !awaitsFreshPosition(record) else { return hintRound(&turn) }
        guard let allowed = room(exit, record, need: need, held: held, &turn) else {
            return turn.outbox.perform(.arm(.intent(record.id), at: turn.now + rules.resendCloseAfter))
        }
        // A slice that filled is progress; only sends that came to nothing count towards the bound.
        let series = record.orders.dropFirst(record.seriesStart).count { state.order($0)?.end != .filled }
        guard series < rules.maxCloseGenerations else {
            note(.exitSeriesEnded(record.id), &turn)
            return turn.touch(record.symbol)
        }
        if let wait = pauseBetweenSeries(record), turn.now < wait {
            return turn.outbox.perform(.arm(.intent(record.id), at: wait))
        }
        sendExit(exit, record, quantity: allowed, &turn)
    }

    /// A full close may go out again once an earlier send has had no answer for long enough: the venue itself caps it.
    private func isOverdueClose(_ exit: ExitIntent, _ order: OrderMachine, _ now: Instant) -> Bool {
        guard exit.extent == .close, exit.pricing == .market, let since = order.outstandingSince else {
            return false
        }
        return now - since >= configuration.router.resendCloseAfter
    }

    private func awaitExit(
        _ exit: ExitIntent,
        _ own: [OrderMachine],
        _ record: IntentRecord,
        _ turn: inout Turn
    ) {
        guard exit.extent == .close, exit.pricing == .market else { return }
        let waited = own.filter { !isOverdueClose(exit, $0, turn.now) }
        if let since = waited.compactMap(\.outstandingSince).max() {
            let resendAt = max(since + configuration.router.resendCloseAfter, turn.now + .milliseconds(1))
            turn.outbox.perform(.arm(.intent(record.id), at: resendAt))
        }
    }

    private mutating func withdrawExit(_ record: IntentRecord, _ own: [OrderMachine], _ turn: inout Turn) {
        guard !own.isEmpty else { return finish(record, .cancelled, "withdrawn", &turn) }
        for order in own where !order.cancelWanted { stepOrder(order.id, .cancel, &turn) }
    }

    /// What other market exits on the symbol are already taking away.
    private func claimed(_ record: IntentRecord, _ exit: ExitIntent, _ now: Instant) -> Quantity {
        state.liveOrders(record.symbol).reduce(into: Quantity.zero) { sum, order in
            guard order.ticket.role == .exit, order.ticket.pricing == .market, order.intent != record.id
            else { return }
            if !isOverdueClose(exit, order, now) { sum += order.possiblyLive }
        }
    }

    /// The venue said that nothing is left to reduce: not proof of flat, so the position is asked for first.
    private func awaitsFreshPosition(_ record: IntentRecord) -> Bool {
        guard let last = record.orders.last.flatMap({ state.order($0) }),
            case .refused(let failure) = last.end
        else {
            return false
        }
        guard failure.outcome.leavesNoRoom else { return false }
        return state.holding(record.symbol).confirmedAt.map { $0 < last.changedAt } ?? true
    }

    private func pauseBetweenSeries(_ record: IntentRecord) -> Instant? {
        guard let endedAt = record.seriesEndedAt, record.orders.count == record.seriesStart else {
            guard let last = record.orders.last.flatMap({ state.order($0) }),
                record.orders.count > record.seriesStart
            else { return nil }
            if case .filled = last.end { return nil }
            let tries = record.orders.count - record.seriesStart
            return last.isEnded
                ? last.changedAt + configuration.router.backoff.wait(after: tries, of: last.id.text) : nil
        }
        let wait = configuration.router.seriesBackoff.wait(
            after: record.seriesCount,
            of: record.correlation.text
        )
        // Where no stop covers, the exit is all that stands between the position and the market.
        let isBare = state.holding(record.symbol).nakedSince != nil
        return endedAt + (isBare ? min(wait, configuration.protection.longestBareWait) : wait)
    }

    /// A full close is done only once a snapshot asked for afterwards shows the position as we believe it.
    private mutating func concludeExit(
        _ exit: ExitIntent,
        _ record: IntentRecord,
        _ own: [OrderMachine],
        _ turn: inout Turn
    ) {
        guard own.isEmpty else { return }
        if exit.extent == .close {
            let holding = state.holding(record.symbol)
            let since = max(holding.changedAt ?? record.acceptedAt, record.acceptedAt)
            let isConfirmed = holding.confirmedAt.map { $0 > since } ?? false
            guard isConfirmed else { return hintRound(&turn) }
        }
        let executed = state.executed(record)
        finish(record, executed.isZero ? .nothingToReduce : .done, "", &turn)
    }

    /// Asks for a round as soon as the fence allows one to say something.
    func hintRound(_ turn: inout Turn) {
        turn.outbox.perform(.arm(.hint, at: turn.now + configuration.fence.settle + .milliseconds(50)))
    }

    private mutating func sendExit(
        _ exit: ExitIntent,
        _ record: IntentRecord,
        quantity: Quantity,
        _ turn: inout Turn
    ) {
        guard let side = state.holding(record.symbol).position.closingSide else { return }
        let instrument = state.instruments[record.symbol]
        var amount = quantity
        if let largest = instrument?.maxMarketQuantity, largest.isPositive, exit.pricing == .market {
            amount = min(amount, largest)
        }
        if let step = instrument?.stepSize { amount = amount.rounded(.down, toMultipleOf: step) }
        guard amount.isPositive else { return finish(record, .done, "less than one step is left", &turn) }
        if let least = instrument?.minQuantity, amount < least {
            guard record.target.isZero else {
                return finish(record, .done, "less than the venue's least order is left", &turn)
            }
            // The venue cuts a reduce-only order to the position; of a leg it refuses more than is held, whatever the size.
            if record.symbol.leg == nil { amount = least }
        }
        let generation = record.orders.count + 1
        let ticket = OrderTicket(
            id: state.identity.clientID(.intent, number: record.id.number, generation: generation),
            symbol: record.symbol,
            role: .exit,
            side: side,
            extent: .reducing(amount),
            pricing: exit.pricing
        )
        plan(ticket, intent: record.id, generation: generation, &turn)
    }
}
