import ReckonModel

extension Engine {
    /// Compares what each open intent of a symbol wants with what is under way for it.
    mutating func settleIntents(_ symbol: Symbol, _ turn: inout Turn) {
        for (id, owner) in state.openIntents where owner == symbol {
            guard let record = state.intents[id], record.end == nil else { continue }
            switch record.intent {
            case .entry(let entry): settleEntry(record.entry ?? entry, record, &turn)
            case .exit(let exit): settleExit(exit, record, &turn)
            case .protect(let protect): settleProtect(protect, record, &turn)
            }
        }
    }

    private mutating func settleEntry(_ entry: EntryIntent, _ record: IntentRecord, _ turn: inout Turn) {
        guard let last = record.orders.last.flatMap({ state.order($0) }) else {
            return sendGeneration(entry, record, remaining: record.quantity, &turn)
        }
        guard let end = last.end else { return tendEntry(entry, record, last, &turn) }
        if settleReplacement(record, end, &turn) { return }
        let executed = state.executed(record)
        switch end {
        case .filled: finish(record, executed >= record.quantity ? .filled : .partlyFilled, "", &turn)
        case .cancelled:
            let kind: IntentEnd.Kind = isPastDeadline(entry, record, turn.now) ? .expired : .cancelled
            finish(record, executed.isPositive ? .partlyFilled : kind, "cancelled", &turn)
        case .expired:
            finish(record, executed.isPositive ? .partlyFilled : .expired, "expired at the venue", &turn)
        case .gaveUp(let reason):
            let doubt = last.doubtSince.map { last.changedAt - $0 } ?? .zero
            let kind: IntentEnd.Kind = doubt >= configuration.router.giveUpDoubtAfter ? .expired : .rejected
            finish(record, executed.isPositive ? .partlyFilled : kind, reason, &turn)
        case .abandoned(let rule):
            let kind: IntentEnd.Kind =
                rule == .expired ? .expired : rule == .withdrawn ? .cancelled : .rejected
            finish(record, executed.isPositive ? .partlyFilled : kind, rule.rawValue, &turn)
        case .refused(let failure):
            guard failure.outcome == .retryableWith(.newID), isStillWanted(entry, record, turn.now) else {
                let kind: IntentEnd.Kind = executed.isPositive ? .partlyFilled : .rejected
                return finish(record, kind, "\(failure.code) \(failure.message)", &turn)
            }
            sendGeneration(entry, record, remaining: record.quantity - executed, &turn)
        case .lapsed:
            guard isStillWanted(entry, record, turn.now) else {
                let kind: IntentEnd.Kind = record.isWithdrawn ? .cancelled : .expired
                return finish(
                    record,
                    executed.isPositive ? .partlyFilled : kind,
                    "never reached the venue",
                    &turn
                )
            }
            sendGeneration(entry, record, remaining: record.quantity - executed, &turn)
        }
    }

    /// Sends what a replacement creates.
    mutating func createReplacement(_ entry: EntryIntent, _ record: IntentRecord, _ turn: inout Turn) {
        sendGeneration(entry, record, remaining: record.quantity - state.executed(record), &turn)
    }

    private func isPastDeadline(_ entry: EntryIntent, _ record: IntentRecord, _ now: Instant) -> Bool {
        !record.isWithdrawn && now >= record.acceptedAt + entry.lifetime
    }

    private func isStillWanted(_ entry: EntryIntent, _ record: IntentRecord, _ now: Instant) -> Bool {
        !record.isWithdrawn && now < record.acceptedAt + entry.lifetime
            && record.orders.count - record.seriesStart < configuration.router.maxGenerations
    }

    /// An entry under way: taken off the book when it is no longer wanted or may no longer stand.
    private mutating func tendEntry(
        _ entry: EntryIntent,
        _ record: IntentRecord,
        _ order: OrderMachine,
        _ turn: inout Turn
    ) {
        let isPastDeadline = turn.now >= record.acceptedAt + entry.lifetime
        if let since = order.doubtSince, turn.now - since >= configuration.router.giveUpDoubtAfter {
            note(.order(order.id, .gaveUp("in doubt for too long")), &turn)
            return turn.touch(order.ticket.symbol)
        }
        let isHalted = configuration.cancelsEntriesOnHalt && areEntriesHalted
        guard isPastDeadline || record.isWithdrawn || isHalted, !order.cancelWanted else {
            return tendReplacement(record, order, &turn)
        }
        if order.state == .planned {
            // Nothing of it is at the venue: it ends here, under the rule that ends it.
            let rule: Refusal.Rule = record.isWithdrawn ? .withdrawn : isPastDeadline ? .expired : .halted
            note(.order(order.id, .abandoned(rule)), &turn)
            return turn.touch(order.ticket.symbol)
        }
        stepOrder(order.id, .cancel, &turn)
    }

    private var areEntriesHalted: Bool {
        let knobs = state.guarding.enforced
        return state.guarding.isHaltedByOperator || knobs.killSwitchTrip || knobs.mode == .red
    }

    private mutating func sendGeneration(
        _ entry: EntryIntent,
        _ record: IntentRecord,
        remaining: Quantity,
        _ turn: inout Turn
    ) {
        guard remaining.isPositive else { return finish(record, .filled, "", &turn) }
        let generation = record.orders.count + 1
        var view = gateView(entry, record.id, turn.now)
        view.holding.lastEntryAt = nil
        let quantity: Quantity
        do throws(Refusal) {
            quantity = generation == 1 ? remaining : try EntryGate.admit(entry, wanting: remaining, view)
        } catch {
            let kind: IntentEnd.Kind = state.executed(record).isPositive ? .partlyFilled : .rejected
            return finish(record, kind, error.rule.rawValue, &turn)
        }
        let id = state.identity.clientID(.intent, number: record.id.number, generation: generation)
        Invariant.require(
            state.executed(record) + quantity <= record.quantity,
            "I-02 intent \(record.id): a generation of \(quantity) would exceed \(record.quantity)"
        )
        let ticket = OrderTicket(
            id: id,
            symbol: entry.symbol,
            role: .entry,
            side: entry.side,
            extent: .opening(quantity),
            pricing: entry.pricing
        )
        plan(ticket, intent: record.id, generation: generation, &turn)
    }

    /// The gate, asked anew before each transmission, and the leverage that has to be right before it.
    mutating func mayTransmitEntry(_ order: OrderMachine, _ turn: inout Turn) -> Bool {
        guard let intent = order.intent, let record = state.intents[intent],
            let entry = record.entry
        else { return false }
        if !session.isOpen, turn.now < record.acceptedAt + entry.lifetime, !record.isWithdrawn {
            turn.outbox.perform(.arm(.order(order.id), at: turn.now + .milliseconds(500)))
            return false
        }
        if let rule = reasonToAbandon(entry, record, order, turn.now) {
            note(.order(order.id, .abandoned(rule)), &turn)
            turn.touch(order.ticket.symbol)
            return false
        }
        let holding = state.holding(entry.symbol)
        let isBusy = state.booksSharing(entry.symbol).contains { book in
            (book != entry.symbol && !state.holding(book).position.isFlat)
                || state.liveOrders(book).contains { !$0.ticket.role.isConditional && $0.id != order.id }
        }
        if !isBusy, let wish = entry.leverage, wish == holding.leverage, wish != holding.leverageWish {
            note(.leverageWished(entry.symbol, wish), &turn)
        }
        guard !isBusy,
            let leverage = EntryGate.leverageToSet(entry, knobs: state.guarding.enforced, holding: holding)
        else { return true }
        let retryAt = turn.now + .seconds(2)
        if session.leverageAskedAt[entry.symbol].map({ turn.now - $0 >= .seconds(2) }) ?? true {
            setLeverage(LeverageChange(symbol: entry.symbol, leverage: leverage), &turn)
        }
        turn.outbox.perform(.arm(.order(order.id), at: retryAt))
        return false
    }

    private func reasonToAbandon(
        _ entry: EntryIntent,
        _ record: IntentRecord,
        _ order: OrderMachine,
        _ now: Instant
    ) -> Refusal.Rule? {
        if record.isWithdrawn { return .withdrawn }
        if now >= record.acceptedAt + entry.lifetime { return .expired }
        // An earlier generation that was held for lapsed has filled after all.
        if state.committed(record) > record.quantity { return .unresolvedIntent }
        var view = gateView(entry, record.id, now)
        view.holding.lastEntryAt = nil
        do throws(Refusal) {
            let admitted = try EntryGate.admit(entry, wanting: order.ticket.quantity, view)
            return admitted == order.ticket.quantity ? nil : .notional
        } catch {
            return error.rule
        }
    }

    mutating func leverageSet(
        _ change: LeverageChange,
        _ result: Result<Int, VenueFailure>,
        _ turn: inout Turn
    ) {
        switch result {
        case .success(let leverage):
            for book in state.booksSharing(change.symbol) { session.settingsChangedAt[book] = turn.now }
            if state.holding(change.symbol).leverage != leverage {
                note(.leverageKnown(change.symbol, leverage), &turn)
            }
            // A venue that sets another leverage than asked for is not asked again at once.
            guard leverage == change.leverage else { break }
            for book in state.booksSharing(change.symbol) { session.leverageAskedAt[book] = nil }
        case .failure(let failure):
            heed(failure, &turn)
            return
        }
        for book in state.booksSharing(change.symbol) {
            for order in state.liveOrders(book)
            where order.ticket.role == .entry && order.state == .planned {
                orderDue(order.id, &turn)
            }
        }
    }

    mutating func finish(_ record: IntentRecord, _ kind: IntentEnd.Kind, _ detail: String, _ turn: inout Turn)
    {
        let end = IntentEnd(kind, executed: state.executed(record), detail: detail)
        note(.intentEnded(record.id, end), &turn)
        turn.touch(record.symbol)
    }
}
