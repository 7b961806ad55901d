import ReckonModel

/// Stops and take-profits. Nothing in this file reads a knob, a halt or an entry limit (I-03).
extension Engine {
    /// Compares the protection that a symbol should have with what rests or is under way, and takes the next step.
    mutating func ensureProtection(_ symbol: Symbol, _ turn: inout Turn) {
        let holding = state.holding(symbol)
        guard !holding.isLeftAlone else { return }
        guard let side = holding.position.closingSide else {
            if mayDropBracket(symbol) { dropBracket(symbol, &turn) }
            return
        }
        guard let plan = coverPlan(holding, side, &turn) else { return }
        tendTakeProfit(holding, plan, &turn)
        let stops = state.liveOrders(symbol).filter { $0.ticket.role == .stop }
        for stop in stops where isStray(stop, holding) && !stop.cancelWanted {
            stepOrder(stop.id, .cancel, &turn)
        }
        let own = stops.filter { !isStray($0, holding) }
        let whole = own.filter { $0.ticket.extent == .wholePosition }
        let bridges = own.filter { $0.ticket.extent != .wholePosition }
        let isWell = whole.contains {
            $0.ticket.pricing == .stopMarket(trigger: plan.trigger) && !$0.cancelWanted
        }
        if isWell {
            guard whole.contains(where: \.isResting) else {
                return replaceDoubtful(holding, plan, own, &turn)
            }
            for bridge in bridges where !bridge.cancelWanted { stepOrder(bridge.id, .cancel, &turn) }
        } else if let old = whole.first {
            moveStop(old, bridges, holding, plan, &turn)
        } else {
            placeStop(holding, plan, .wholePosition, &turn)
        }
    }

    /// A stop from before this position was opened, or on the wrong side, covers nothing.
    private func isStray(_ stop: OrderMachine, _ holding: Holding) -> Bool {
        guard let openedAt = holding.openedAt else { return true }
        return stop.ticket.side != holding.position.closingSide || stop.plannedAt < openedAt
    }

    /// The plan in force, or a new one where the position has none: an entry's own stop, else the operator's default.
    private mutating func coverPlan(_ holding: Holding, _ side: Side, _ turn: inout Turn) -> CoverPlan? {
        if let plan = holding.plan { return plan }
        let symbol = holding.symbol
        guard let instrument = state.instruments[symbol] else { return nil }
        let entry = holding.isOurs ? latestEntry(symbol) : nil
        // An adopted position says nothing about what loss is meant; its stop starts from where the market is.
        let base =
            holding.isOurs
            ? holding.position.entryPrice : (session.marks[symbol] ?? holding.position.entryPrice)
        guard base.isPositive else { return nil }
        let distance = entry?.stop ?? .basisPoints(configuration.protection.defaultDistance)
        let plan = CoverPlan(
            symbol: symbol,
            side: side,
            trigger: distance.trigger(entry: base, closing: side, tick: instrument.tickSize),
            takeProfit: entry?.takeProfit
        )
        note(.coverPlanned(plan), &turn)
        return plan
    }

    private func latestEntry(_ symbol: Symbol) -> EntryIntent? {
        for record in state.intents.values.reversed() where record.symbol == symbol {
            if case .entry(let entry) = record.intent, !state.executed(record).isZero { return entry }
        }
        return nil
    }

    /// A stop in doubt is placed again at once: the venue holds only one of its kind, so the second is refused or needed.
    private mutating func replaceDoubtful(
        _ holding: Holding,
        _ plan: CoverPlan,
        _ own: [OrderMachine],
        _ turn: inout Turn
    ) {
        guard own.allSatisfy({ $0.state == .doubtful }), own.count < configuration.router.maxGenerations
        else { return }
        placeStop(holding, plan, .wholePosition, &turn)
    }

    /// closePosition stops can't overlap, so a quantity stop bridges the moment between the old and the new one.
    private mutating func moveStop(
        _ old: OrderMachine,
        _ bridges: [OrderMachine],
        _ holding: Holding,
        _ plan: CoverPlan,
        _ turn: inout Turn
    ) {
        guard old.isResting else { return }
        if bridges.contains(where: \.isResting) {
            if !old.cancelWanted { stepOrder(old.id, .cancel, &turn) }
        } else if bridges.isEmpty {
            placeStop(holding, plan, .reducing(holding.position.quantity.magnitude), &turn)
        }
    }

    private mutating func placeStop(
        _ holding: Holding,
        _ plan: CoverPlan,
        _ extent: Extent,
        _ turn: inout Turn
    ) {
        let symbol = holding.symbol
        if let failedAt = holding.coverFailedAt {
            let wait = configuration.router.seriesBackoff.wait(after: holding.coverFailures, of: symbol.name)
            if turn.now < failedAt + wait {
                return turn.outbox.perform(.arm(.protection(symbol), at: failedAt + wait))
            }
        }
        place(.stop, plan, extent, .stopMarket(trigger: plan.trigger), &turn)
    }

    private mutating func place(
        _ role: OrderRole,
        _ plan: CoverPlan,
        _ extent: Extent,
        _ pricing: Pricing,
        _ turn: inout Turn
    ) {
        let ticket = OrderTicket(
            id: state.identity.clientID(.cover, number: state.plannedOrders + 1, generation: 1),
            symbol: plan.symbol,
            role: role,
            side: plan.side,
            extent: extent,
            pricing: pricing
        )
        self.plan(ticket, intent: nil, generation: 1, &turn)
    }

    /// One take-profit where the plan has one; moved by cancel and place, since nothing is naked meanwhile.
    private mutating func tendTakeProfit(_ holding: Holding, _ plan: CoverPlan, _ turn: inout Turn) {
        let live = state.liveOrders(holding.symbol).filter { $0.ticket.role == .takeProfit }
        let wanted = plan.takeProfit.map { Pricing.takeProfitMarket(trigger: $0) }
        for order in live where order.ticket.pricing != wanted || order.ticket.side != plan.side {
            if !order.cancelWanted { stepOrder(order.id, .cancel, &turn) }
        }
        guard let wanted, live.isEmpty, !hasSpentTakeProfit(holding, wanted) else { return }
        place(.takeProfit, plan, .wholePosition, wanted, &turn)
    }

    /// A take-profit that the venue refused or took off is not forced upon it again.
    private func hasSpentTakeProfit(_ holding: Holding, _ pricing: Pricing) -> Bool {
        state.endedOrders.values.contains { order in
            order.ticket.symbol == holding.symbol && order.ticket.pricing == pricing
                && order.plannedAt >= (holding.openedAt ?? order.plannedAt)
                && order.end != .lapsed && !order.cancelWanted
        }
    }

    /// Without a position nothing needs a bracket; the venue expires its own, the rest is cancelled.
    private mutating func dropBracket(_ symbol: Symbol, _ turn: inout Turn) {
        let live = state.liveOrders(symbol)
        // While an exit or entry is unresolved the position may yet turn out to be there.
        guard !live.contains(where: { $0.isUnresolved && !$0.ticket.role.isConditional }) else { return }
        for order in live where order.ticket.role.isConditional && order.isResting && !order.cancelWanted {
            stepOrder(order.id, .cancel, &turn)
        }
    }

    /// What the end of a stop that we did not want gone means.
    mutating func considerFailure(_ id: ClientOrderID, _ turn: inout Turn) {
        guard let order = state.endedOrders[id], order.ticket.role == .stop, !order.cancelWanted else {
            return
        }
        let symbol = order.ticket.symbol
        let holding = state.holding(symbol)
        guard let openedAt = holding.openedAt, order.plannedAt >= openedAt else { return }
        let last = holding.coverFailedAt ?? .epoch
        guard order.changedAt > last || holding.coverFailedAt == nil else { return }
        switch order.end {
        case .refused(let failure):
            if failure.outcome == .retryableWith(.wouldTrigger) { exitAtMarket(holding, order, &turn) }
            if failure.outcome == .idempotentSafe(.protectionExists) { seekCover(&turn) }
            note(.coverFailed(symbol, "\(failure.code) \(failure.message)"), &turn)
        case .cancelled, .expired, .lapsed, .gaveUp, .abandoned:
            note(.coverFailed(symbol, order.end?.code ?? ""), &turn)
        case .filled, nil: return
        }
        turn.notify(
            .protectionNaked,
            nil,
            symbol,
            [.init("order", id.text), .init("end", order.end?.code ?? "")]
        )
        turn.touch(symbol)
    }

    /// A stop rests that we do not know, or that is on its way out: the next round shows which.
    private mutating func seekCover(_ turn: inout Turn) {
        session.isStreamHintPending = true
        turn.outbox.perform(.arm(.hint, at: turn.now + configuration.hintDelay))
    }

    /// The market is already beyond the stop: a position of our own goes, an adopted one gets a stop from the mark.
    private mutating func exitAtMarket(_ holding: Holding, _ stop: OrderMachine, _ turn: inout Turn) {
        guard holding.isOurs else {
            guard let side = holding.position.closingSide, let mark = session.marks[holding.symbol],
                let instrument = state.instruments[holding.symbol]
            else { return }
            let distance = StopDistance.basisPoints(configuration.protection.defaultDistance)
            let trigger = distance.trigger(entry: mark, closing: side, tick: instrument.tickSize)
            let plan = CoverPlan(symbol: holding.symbol, side: side, trigger: trigger, takeProfit: nil)
            if plan != holding.plan { note(.coverPlanned(plan), &turn) }
            return
        }
        let exit = ExitIntent(key: "reckon/stop-crossed/\(stop.id)", symbol: holding.symbol)
        guard state.keys[exit.key] == nil, !isClosing(holding.symbol) else { return }
        _ = try? accept(.exit(exit), origin: "stop would trigger at once", &turn)
    }

    /// Whether a full close is under way already; one obligation is enough.
    func isClosing(_ symbol: Symbol) -> Bool {
        state.openIntents.contains { row in
            guard row.value == symbol, case .exit(let exit) = state.intents[row.key]?.intent else {
                return false
            }
            return exit.extent == .close && exit.pricing == .market
                && state.intents[row.key]?.isWithdrawn == false
        }
    }

    mutating func settleProtect(_ protect: ProtectIntent, _ record: IntentRecord, _ turn: inout Turn) {
        let holding = state.holding(protect.symbol)
        guard !record.isWithdrawn else { return finish(record, .cancelled, "withdrawn", &turn) }
        guard let side = holding.position.closingSide, let instrument = state.instruments[protect.symbol]
        else {
            return finish(record, .nothingToReduce, "the position is gone", &turn)
        }
        let trigger =
            protect.stop?.trigger(
                entry: holding.position.entryPrice,
                closing: side,
                tick: instrument.tickSize
            )
            ?? holding.plan?.trigger
        guard let trigger else { return }
        let wanted = CoverPlan(
            symbol: protect.symbol,
            side: side,
            trigger: trigger,
            takeProfit: protect.takeProfit ?? holding.plan?.takeProfit
        )
        if holding.plan != wanted, record.acceptedAt == turn.now { note(.coverPlanned(wanted), &turn) }
        guard holding.plan == wanted || record.acceptedAt == turn.now else {
            return finish(record, .cancelled, "replaced by a later plan", &turn)
        }
        let isResting = state.liveOrders(protect.symbol).contains { order in
            order.isResting && order.ticket.extent == .wholePosition
                && order.ticket.pricing == .stopMarket(trigger: trigger)
        }
        if isResting { finish(record, .done, "", &turn) }
    }
}
