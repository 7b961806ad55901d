import ReckonModel

/// What goes wrong with stops, and take-profits. Nothing in this file reads a knob, a halt or an entry limit (I-03).
extension Engine {
    // MARK: Triggered and not filled

    /// A stop that has come alive is left to fill for a while; what it leaves is closed at market.
    mutating func awaitsTriggered(_ holding: Holding, _ turn: inout Turn) -> Bool {
        let fired = state.liveOrders(holding.symbol).filter { order in
            order.ticket.role == .stop && order.isTriggered
                && order.ticket.side == holding.position.closingSide
        }
        guard let first = fired.min(by: { ($0.triggeredAt ?? .epoch) < ($1.triggeredAt ?? .epoch) }) else {
            return false
        }
        let dueAt = (first.triggeredAt ?? turn.now) + configuration.protection.finishTriggeredWithin
        if turn.now < dueAt {
            turn.outbox.perform(.arm(.protection(holding.symbol), at: dueAt))
        } else {
            closeAtMarket(holding.symbol, "stop-unfilled", first.id, &turn)
        }
        // A quantity stop may leave a rest that needs cover of its own.
        return first.ticket.extent == .wholePosition
    }

    // MARK: Ends that we did not want

    /// What the end of a stop that we did not want gone means.
    mutating func considerFailure(_ id: ClientOrderID, _ turn: inout Turn) {
        guard let order = state.endedOrders[id], order.ticket.role == .stop, !order.cancelWanted else {
            return
        }
        let symbol = order.ticket.symbol
        let holding = state.holding(symbol)
        guard let openedAt = holding.openedAt, order.plannedAt >= openedAt else { return }
        switch order.end {
        case .refused(let failure):
            if failure.outcome == .idempotentSafe(.protectionExists) { seekCover(symbol, &turn) }
            if failure.outcome == .retryableWith(.cancelConflicting) { freeSlot(symbol, &turn) }
            note(.coverFailed(symbol, "\(failure.code) \(failure.message)"), &turn)
        case .expired where order.isTriggered:
            closeAtMarket(symbol, "stop-unfilled", id, &turn)
            note(.coverFailed(symbol, "triggered and not filled"), &turn)
        case .cancelled, .expired, .lapsed, .gaveUp, .abandoned:
            note(.coverFailed(symbol, order.end?.code ?? ""), &turn)
        case .filled, nil: return
        }
        turn.touch(symbol)
        guard state.holding(symbol).nakedSince != nil else { return }
        let fields: [Notice.Field] = [.init("order", id.text), .init("end", order.end?.code ?? "")]
        turn.notify(.protectionNaked, nil, symbol, fields)
    }

    /// A stop rests that we have no word of: one of ours in doubt is asked about, anybody's is looked for in the lists.
    private mutating func seekCover(_ symbol: Symbol, _ turn: inout Turn) {
        let doubtful = state.liveOrders(symbol).filter {
            $0.ticket.role == .stop && $0.ticket.extent == .wholePosition && $0.isUnresolved
        }
        for stop in doubtful { stepOrder(stop.id, .missed, &turn) }
        session.isStreamHintPending = true
        turn.outbox.perform(.arm(.hint, at: turn.now + configuration.hintDelay))
        turn.outbox.perform(.arm(.protection(symbol), at: turn.now + configuration.protection.placeTakenFor))
        turn.touch(symbol)
    }

    /// The account has no room for another conditional order: a take-profit gives way, the symbol's own first.
    private mutating func freeSlot(_ symbol: Symbol, _ turn: inout Turn) {
        session.slotsShortUntil = turn.now + .seconds(60)
        let resting = state.orders.values.filter {
            $0.ticket.role == .takeProfit && $0.isResting && !$0.cancelWanted && state.identity.isOurs($0.id)
        }
        guard let victim = resting.first(where: { $0.ticket.symbol == symbol }) ?? resting.first else {
            return
        }
        stepOrder(victim.id, .cancel, &turn)
    }

    /// Conditional orders that an entry finds room for, and how many it takes (the last ones stay free for bridges).
    func stopSlots(for entry: EntryIntent) -> GateView.Slots {
        let rules = configuration.protection
        let live = state.orders.values.filter(\.ticket.role.isConditional)
        let opening = state.orders.values.filter { order in
            order.ticket.role == .entry && order.ticket.symbol != entry.symbol
                && !live.contains { $0.ticket.symbol == order.ticket.symbol }
        }
        let own = live.filter { $0.ticket.symbol == entry.symbol }
        var slots = GateView.Slots()
        let used = max(live.count, session.conditionalsListed) + opening.count
        slots.free = rules.mostConditionals - rules.freeConditionals - used
        slots.needed = own.contains { $0.ticket.role == .stop } ? 0 : 1
        if entry.takeProfit != nil, !own.contains(where: { $0.ticket.role == .takeProfit }) {
            slots.needed += 1
        }
        return slots
    }

    // MARK: Beyond the stop already

    /// The venue says that the market is beyond the stop.
    ///
    /// A fresh mark decides: a position of our own goes at market, an
    /// adopted one gets its stop from the mark; where the mark says otherwise the stop goes out again.
    mutating func answersCrossing(_ holding: Holding, _ plan: CoverPlan, _ turn: inout Turn) -> Bool {
        guard let crossedAt = holding.crossedAt else { return false }
        let symbol = holding.symbol
        let rules = configuration.protection
        let isFresh = session.marksHeardAt[symbol].map { turn.now - $0 <= rules.freshMark } ?? false
        let isOld = turn.now - crossedAt >= rules.freshMark
        guard isFresh || isOld, let mark = session.marks[symbol] else {
            session.isStreamHintPending = true
            turn.outbox.perform(.arm(.hint, at: turn.now))
            turn.outbox.perform(.arm(.protection(symbol), at: crossedAt + rules.freshMark))
            return !isOld
        }
        guard plan.isCrossed(at: mark) || !isFresh || holding.crossings >= 3 else { return false }
        if holding.isOurs {
            closeAtMarket(symbol, "stop-crossed", nil, &turn)
        } else if let instrument = state.instruments[symbol] {
            let distance = StopDistance.basisPoints(configuration.protection.defaultDistance)
            let trigger = distance.trigger(entry: mark, closing: plan.side, tick: instrument.tickSize)
            let next = CoverPlan(
                symbol: symbol,
                side: plan.side,
                trigger: trigger,
                takeProfit: plan.takeProfit
            )
            if next != plan { note(.coverPlanned(next), &turn) }
            turn.touch(symbol)
        }
        return true
    }

    /// A full close of the engine's own, unless one is under way: one obligation is enough.
    private mutating func closeAtMarket(
        _ symbol: Symbol,
        _ reason: String,
        _ order: ClientOrderID?,
        _ turn: inout Turn
    ) {
        guard !isClosing(symbol) else { return }
        let subject = order?.text ?? "\(symbol)/\(state.plannedOrders)"
        let exit = ExitIntent(key: "reckon/\(reason)/\(subject)", symbol: symbol)
        guard state.keys[exit.key] == nil else { return }
        _ = try? accept(.exit(exit), origin: reason, &turn)
    }

    /// Whether a full close is under way already.
    func isClosing(_ symbol: Symbol) -> Bool {
        state.openIntents.contains { row in
            guard row.value == symbol, case .exit(let exit) = state.intents[row.key]?.intent else {
                return false
            }
            return exit.extent == .close && exit.pricing == .market
                && state.intents[row.key]?.isWithdrawn == false
        }
    }

    // MARK: Take-profits

    /// One take-profit where the plan has one; moved by cancel and place, since nothing is naked meanwhile.
    mutating func tendTakeProfit(_ holding: Holding, _ plan: CoverPlan, _ turn: inout Turn) {
        let live = state.liveOrders(holding.symbol).filter { $0.ticket.role == .takeProfit }
        let wanted = plan.takeProfit.map { Pricing.takeProfitMarket(trigger: $0) }
        for order in live where order.ticket.pricing != wanted || order.ticket.side != plan.side {
            if !order.cancelWanted { stepOrder(order.id, .cancel, &turn) }
        }
        guard let wanted, live.isEmpty else { return }
        if let until = session.slotsShortUntil, turn.now < until {
            return turn.outbox.perform(.arm(.protection(holding.symbol), at: until))
        }
        let tries = failedTakeProfits(holding, wanted)
        guard let last = tries.last else { return place(.takeProfit, plan, .wholePosition, wanted, &turn) }
        guard tries.count < configuration.router.maxGenerations, case .refused(let failure) = last.end,
            failure.outcome != .idempotentSafe(.protectionExists)
        else { return }
        if failure.outcome == .retryableWith(.wouldTrigger), holding.isOurs,
            session.marks[holding.symbol].map(plan.isReached) ?? false
        {
            return closeAtMarket(holding.symbol, "take-profit-reached", last.id, &turn)
        }
        let dueAt =
            last.changedAt + configuration.router.seriesBackoff.wait(after: tries.count, of: last.id.text)
        guard turn.now >= dueAt else {
            return turn.outbox.perform(.arm(.protection(holding.symbol), at: dueAt))
        }
        place(.takeProfit, plan, .wholePosition, wanted, &turn)
    }

    /// Take-profits of this position that the venue refused or took off, oldest first.
    ///
    /// One taken off is not forced upon the venue again; one refused goes again within bounds.
    private func failedTakeProfits(_ holding: Holding, _ pricing: Pricing) -> [OrderMachine] {
        state.endedOrders.values.filter { order in
            order.ticket.symbol == holding.symbol && order.ticket.pricing == pricing
                && order.plannedAt >= (holding.openedAt ?? order.plannedAt)
                && order.end != .lapsed && !order.cancelWanted
        }.sorted { $0.changedAt < $1.changedAt }
    }

    // MARK: The market

    /// A mark price, as heard; a stop that waits for one looks at it at once.
    mutating func hear(_ mark: Price, of symbol: Symbol, _ turn: inout Turn) {
        session.marks[symbol] = mark
        session.marksHeardAt[symbol] = turn.now
        if state.holdings[symbol]?.crossedAt != nil { turn.touch(symbol) }
    }

    /// Mark and liquidation as the venue's list of positions tells them.
    mutating func learnMarket(_ report: PositionReport, askedAt: Instant, _ turn: inout Turn) {
        let isNewer = session.marksHeardAt[report.symbol].map { $0 < askedAt } ?? true
        if report.markPrice.isPositive, isNewer {
            hear(report.markPrice, of: report.symbol, &turn)
            session.marksHeardAt[report.symbol] = askedAt
        }
        let shown = Position(symbol: report.symbol, quantity: report.quantity, entryPrice: report.entryPrice)
        session.liquidations[report.symbol] = shown.closingSide.flatMap { side in
            guard report.liquidationPrice.isPositive else { return nil }
            return Session.Liquidation(price: report.liquidationPrice, closing: side)
        }
    }
}
