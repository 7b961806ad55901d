import ReckonModel

extension Engine {
    /// A caller's intent: taken on and answered once durable, or refused with the rule that said no.
    mutating func take(_ submission: Submission, _ turn: inout Turn) {
        let intent = submission.intent
        if let known = state.keys[intent.key], let record = state.intents[known] {
            let answer: Answer =
                record.intent == intent
                ? .accepted(receipt(record, isRepeat: true))
                : .refused(
                    Refusal(
                        .keyReused,
                        symbol: intent.symbol,
                        found: "key \(intent.key) with another body",
                        allowed: "a new key, or the very same body"
                    )
                )
            return turn.outbox.perform(.answer(ticket: submission.ticket, answer))
        }
        do throws(Refusal) {
            let record = try accept(intent, origin: nil, &turn)
            turn.outbox.perform(
                .answer(ticket: submission.ticket, .accepted(receipt(record, isRepeat: false)))
            )
        } catch {
            note(.intentRefused(key: intent.key, error), &turn)
            if case .entry = intent {
                turn.notify(.entryRefused, nil, intent.symbol, [.init("rule", error.rule.rawValue)])
            }
            turn.outbox.perform(.answer(ticket: submission.ticket, .refused(error)))
        }
    }

    private func receipt(_ record: IntentRecord, isRepeat: Bool) -> IntentReceipt {
        IntentReceipt(intent: record.id, correlation: record.correlation, isRepeat: isRepeat)
    }

    /// Checks an intent by its own kind's rules and stores it.
    mutating func accept(_ intent: Intent, origin: String?, _ turn: inout Turn) throws(Refusal)
        -> IntentRecord
    {
        guard !intent.key.isEmpty, intent.key.utf8.count <= 128 else {
            throw Refusal(
                .malformed,
                symbol: intent.symbol,
                found: "key of \(intent.key.utf8.count) bytes",
                allowed: "1 to 128"
            )
        }
        var quantity = Quantity.zero
        var target = Quantity.zero
        try checkLifetime(intent)
        switch intent {
        case .entry(let entry):
            try checkAge(entry, turn.now)
            quantity = try EntryGate.admit(entry, wanting: nil, gateView(entry, nil, turn.now))
        case .exit(let exit): target = try exitTarget(exit)
        case .protect(let protect): try checkProtect(protect)
        }
        let id = IntentID(Int64(state.intents.count) + 1)
        let acceptance = IntentAcceptance(
            id: id,
            correlation: CorrelationID("c-\(configuration.engineID)-\(id)"),
            intent: intent,
            quantity: quantity,
            target: target,
            origin: origin
        )
        note(.intentAccepted(acceptance), &turn)
        turn.touch(intent.symbol)
        switch intent {
        case .entry(let entry): turn.outbox.perform(.arm(.intent(id), at: turn.now + entry.lifetime))
        case .exit(let exit): turn.outbox.perform(.arm(.intent(id), at: turn.now + exit.lifetime))
        case .protect: break
        }
        return state.intents[id] ?? IntentRecord(acceptance, at: turn.now)
    }

    /// Instants are added up with it, so a figure from outside has to be one that can be added.
    private func checkLifetime(_ intent: Intent) throws(Refusal) {
        let lifetime: Span
        switch intent {
        case .entry(let entry): lifetime = entry.lifetime
        case .exit(let exit): lifetime = exit.lifetime
        case .protect: return
        }
        guard lifetime > .zero, lifetime <= .seconds(30 * 86_400) else {
            throw Refusal(
                .malformed,
                symbol: intent.symbol,
                found: "a lifetime of \(lifetime.seconds) s",
                allowed: "above 0 and at most 30 days"
            )
        }
    }

    private func checkAge(_ entry: EntryIntent, _ now: Instant) throws(Refusal) {
        guard let issuedAt = entry.issuedAt else { return }
        guard issuedAt >= .epoch, now - issuedAt <= configuration.maxIntentAge else {
            guard issuedAt >= .epoch else {
                throw Refusal(
                    .tooOld,
                    symbol: entry.symbol,
                    found: "issued before 1970",
                    allowed: "a recent time"
                )
            }
            throw Refusal(
                .tooOld,
                symbol: entry.symbol,
                found: "issued \((now - issuedAt).seconds) s ago",
                allowed: "at most \(configuration.maxIntentAge.seconds) s"
            )
        }
    }

    /// The magnitude that an exit is to leave.
    ///
    /// Asks nothing of guard, halt or budget (I-03).
    private func exitTarget(_ exit: ExitIntent) throws(Refusal) -> Quantity {
        guard let instrument = state.instruments[exit.symbol] else {
            throw Refusal(
                .unknownSymbol,
                symbol: exit.symbol,
                found: exit.symbol.name,
                allowed: "a configured symbol"
            )
        }
        if case .limit(let price, _) = exit.pricing {
            guard price.isPositive, price.rounded(.down, toMultipleOf: instrument.tickSize) == price else {
                throw Refusal(
                    .priceOffTick,
                    symbol: exit.symbol,
                    found: "\(price)",
                    allowed: "a multiple of \(instrument.tickSize)"
                )
            }
        }
        let held = state.holding(exit.symbol).position.quantity.magnitude
        switch exit.extent {
        case .close: return .zero
        case .reduce(let amount):
            try checkStep(amount, instrument, exit.symbol)
            try checkLeast(amount, instrument, exit.symbol)
            return max(held - amount, .zero)
        case .down(let rest):
            if !rest.isZero { try checkStep(rest, instrument, exit.symbol) }
            return rest
        }
    }

    private func checkStep(_ amount: Quantity, _ instrument: Instrument, _ symbol: Symbol) throws(Refusal) {
        guard amount.isPositive else {
            throw Refusal(.malformed, symbol: symbol, found: "quantity \(amount)", allowed: "above 0")
        }
        guard amount.rounded(.down, toMultipleOf: instrument.stepSize) == amount else {
            throw Refusal(
                .sizeOffStep,
                symbol: symbol,
                found: "\(amount)",
                allowed: "a multiple of \(instrument.stepSize)"
            )
        }
    }

    /// A part that no order of the venue's can take away; the whole always goes by a close.
    private func checkLeast(_ amount: Quantity, _ instrument: Instrument, _ symbol: Symbol) throws(Refusal) {
        guard amount < instrument.minQuantity else { return }
        throw Refusal(
            .sizeOffStep,
            symbol: symbol,
            found: "\(amount)",
            allowed: "at least \(instrument.minQuantity), or a close of all of it"
        )
    }

    private func checkProtect(_ protect: ProtectIntent) throws(Refusal) {
        let holding = state.holding(protect.symbol)
        guard let instrument = state.instruments[protect.symbol] else {
            throw Refusal(
                .unknownSymbol,
                symbol: protect.symbol,
                found: protect.symbol.name,
                allowed: "a configured symbol"
            )
        }
        guard let side = holding.position.closingSide else {
            throw Refusal(
                .nothingToReduce,
                symbol: protect.symbol,
                found: "no position",
                allowed: "an open position"
            )
        }
        guard protect.stop != nil || protect.takeProfit != nil else {
            throw Refusal(
                .malformed,
                symbol: protect.symbol,
                found: "neither stop nor take_profit",
                allowed: "one or both"
            )
        }
        if let takeProfit = protect.takeProfit {
            try EntryGate.checkTakeProfit(takeProfit, protect.symbol, instrument.tickSize)
        }
        guard let stop = protect.stop else { return }
        guard stop.isUsable(at: holding.position.entryPrice, tick: instrument.tickSize) else {
            throw Refusal(
                .stopInvalid,
                symbol: protect.symbol,
                found: "\(stop)",
                allowed: StopDistance.usableRange
            )
        }
        let trigger = stop.trigger(
            entry: holding.position.entryPrice,
            closing: side,
            tick: instrument.tickSize
        )
        guard trigger.isPositive, trigger.rounded(.down, toMultipleOf: instrument.tickSize) == trigger else {
            throw Refusal(
                .stopInvalid,
                symbol: protect.symbol,
                found: "\(trigger)",
                allowed: "a multiple of \(instrument.tickSize)"
            )
        }
    }

    /// Everything that the gate looks at, without what the entry itself has under way.
    func gateView(_ entry: EntryIntent, _ own: IntentID?, _ now: Instant) -> GateView {
        let exits = state.openIntents.contains { row in
            guard row.value == entry.symbol, case .exit = state.intents[row.key]?.intent else { return false }
            return true
        }
        var view = GateView(
            now: now,
            notReady: notReady(at: now),
            haltedByOperator: state.guarding.memory.haltedByOperator
                ?? state.flattens.reason(covering: entry.symbol),
            knobs: state.guarding.enforced,
            instrument: state.instruments[entry.symbol],
            mark: session.marks[entry.symbol],
            holding: state.holding(entry.symbol),
            otherOrders: state.liveOrders(entry.symbol).filter { own == nil || $0.intent != own },
            hasOpenExit: exits,
            listsAge: session.listsAskedAt.map { now - $0 },
            evidence: configuration.evidence
        )
        view.marginMode = configuration.marginMode
        view.otherLeg = entry.symbol.sibling.map { sibling in
            GateView.OtherLeg(position: state.holding(sibling).position, orders: state.liveOrders(sibling))
        }
        view.stopSlots = stopSlots(for: entry)
        return view
    }

    private func notReady(at now: Instant) -> Refusal.Rule? {
        if state.journalDown != nil { return .journalDown }
        if !session.isOpen { return .starting }
        if state.sharing.isShared { return .accountShared }
        if let until = session.pausedUntil, now < until { return .throttled }
        return nil
    }
}
