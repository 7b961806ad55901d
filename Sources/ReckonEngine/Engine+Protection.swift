import ReckonModel

/// Stops. Nothing in this file reads a knob, a halt or an entry limit (I-03).
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
        tendTakeProfit(state.holding(symbol), plan, &turn)
        if awaitsTriggered(holding, &turn) { return }
        if answersCrossing(state.holding(symbol), plan, &turn) { return }
        let cover = StopBook(state, holding: state.holding(symbol), plan: plan)
        for stop in cover.strays { stepOrder(stop.id, .cancel, &turn) }
        if let whole = cover.fitting {
            if whole.isResting {
                for bridge in cover.bridges + cover.leftovers where !bridge.cancelWanted {
                    stepOrder(bridge.id, .cancel, &turn)
                }
            } else {
                awaitStop(cover, &turn)
            }
        } else if let old = cover.old {
            moveStop(old, cover, &turn)
        } else if isPlaceTaken(cover.holding, turn.now) {
            extendBridge(cover, &turn)
        } else if !cover.isForeignEnough(configuration.protection.minCoverage) {
            placeStop(cover, .wholePosition, &turn)
        }
    }

    /// A stop that the venue owes us word of for too long is placed again: the venue keeps only one of its kind, so the
    /// second is refused or needed.
    private mutating func awaitStop(_ cover: StopBook, _ turn: inout Turn) {
        let rules = configuration.protection
        let waiting = cover.whole.filter { $0.state != .planned }
        // One that the venue set back goes out again by itself.
        guard waiting.count == cover.whole.count, let last = waiting.compactMap(\.outstandingSince).max()
        else { return }
        guard waiting.count < rules.mostUnanswered else { return }
        let isDoubtful = waiting.allSatisfy { $0.state == .doubtful }
        let pause = configuration.router.seriesBackoff.wait(after: waiting.count, of: cover.symbol.name)
        let dueAt = last + (isDoubtful && waiting.count == 1 ? .zero : max(rules.resendStopAfter, pause))
        guard turn.now >= dueAt else {
            return turn.outbox.perform(.arm(.protection(cover.symbol), at: dueAt))
        }
        if isPlaceTaken(cover.holding, turn.now) { return extendBridge(cover, &turn) }
        placeStop(cover, .wholePosition, &turn)
    }

    /// closePosition stops can't overlap, so quantity stops bridge the moment between the old and the new one.
    private mutating func moveStop(_ old: OrderMachine, _ cover: StopBook, _ turn: inout Turn) {
        let least = cover.holding.leastCover(configuration.protection.minCoverage)
        if cover.restingBridge >= least || cover.isBridgedAsFarAsPossible {
            if old.isResting, !old.cancelWanted { stepOrder(old.id, .cancel, &turn) }
        } else {
            extendBridge(cover, &turn)
        }
    }

    /// Adds quantity stops until what they cover is enough; a drift too small to matter is gathered.
    private mutating func extendBridge(_ cover: StopBook, _ turn: inout Turn) {
        let rules = configuration.protection
        let missing = cover.missingBridge
        let least = cover.holding.leastCover(rules.minCoverage)
        guard cover.placedBridge < least, cover.bridges.count < StopBook.mostBridges else { return }
        let isForced = cover.placedBridge < cover.holding.leastCover(rules.forcedBelow)
        if !isForced, let last = cover.bridges.map(\.plannedAt).max(), turn.now < last + rules.refreshPause {
            return turn.outbox.perform(.arm(.protection(cover.symbol), at: last + rules.refreshPause))
        }
        let instrument = state.instruments[cover.symbol]
        var amount = missing.rounded(.down, toMultipleOf: instrument?.stepSize ?? .zero)
        if let most = instrument?.maxMarketQuantity, most.isPositive { amount = min(amount, most) }
        guard amount.isPositive else { return }
        // Of dust no order may be made; in one-way mode the venue cuts a larger one to the position.
        if let least = instrument?.minQuantity, cover.symbol.leg == nil { amount = max(amount, least) }
        placeStop(cover, .reducing(amount), &turn)
    }

    private func isPlaceTaken(_ holding: Holding, _ now: Instant) -> Bool {
        holding.placeTakenAt.map { now - $0 < configuration.protection.placeTakenFor } ?? false
    }

    /// The end of the pause after a failure; a venue that was away and is back ends it at once.
    private func stopWaitsUntil(_ holding: Holding, _ extent: Extent) -> Instant? {
        guard let failedAt = holding.coverFailedAt else { return nil }
        if let back = session.venueBackAt, back > failedAt { return nil }
        // Where the place of a whole stop is taken, its substitute does not wait for what that one's refusal costs.
        if extent != .wholePosition, let taken = holding.placeTakenAt, taken >= failedAt { return nil }
        let wait = configuration.router.seriesBackoff.wait(
            after: holding.coverFailures,
            of: holding.symbol.name
        )
        // A bare position is worth more requests than one whose old stop still rests.
        let longest = configuration.protection.longestBareWait
        return failedAt + (holding.nakedSince == nil ? wait : min(wait, longest))
    }

    private mutating func placeStop(_ cover: StopBook, _ extent: Extent, _ turn: inout Turn) {
        if let until = stopWaitsUntil(cover.holding, extent), turn.now < until {
            return turn.outbox.perform(.arm(.protection(cover.symbol), at: until))
        }
        place(.stop, cover.plan, extent, .stopMarket(trigger: cover.plan.trigger), &turn)
    }

    mutating func place(
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

    /// Without a position nothing needs a bracket; the venue expires its own, the rest is cancelled.
    private mutating func dropBracket(_ symbol: Symbol, _ turn: inout Turn) {
        let live = state.liveOrders(symbol)
        // While an exit or entry is unresolved the position may yet turn out to be there.
        guard !live.contains(where: { $0.isUnresolved && !$0.ticket.role.isConditional }) else { return }
        let bracket = live.filter { $0.ticket.role.isConditional && $0.isResting && !$0.cancelWanted }
        guard !bracket.isEmpty else { return }
        let holding = state.holding(symbol)
        let span = configuration.protection.keepAfterVanish
        if holding.mayReturn(at: turn.now, within: span), let since = holding.changedAt {
            return turn.outbox.perform(.arm(.protection(symbol), at: since + span))
        }
        for order in bracket { stepOrder(order.id, .cancel, &turn) }
    }

    // MARK: The plan

    /// The plan in force, or a new one where the position has none: an entry's own stop, else the operator's default.
    private mutating func coverPlan(_ holding: Holding, _ side: Side, _ turn: inout Turn) -> CoverPlan? {
        let symbol = holding.symbol
        guard let instrument = state.instruments[symbol] else { return holding.plan }
        if let given = foreignPlan(holding, side) {
            if given != holding.plan { note(.coverPlanned(given), &turn) }
            return given
        }
        guard let wanted = holding.plan ?? freshPlan(holding, side, instrument) else { return nil }
        var plan = wanted
        // Said of the other side's position, it would put the stop beyond the market.
        if let liquidation = session.liquidations[symbol], liquidation.closing == side {
            let mark = session.marks[symbol] ?? holding.position.entryPrice
            plan = wanted.tightened(before: liquidation.price, mark: mark, tick: instrument.tickSize)
        }
        guard plan != holding.plan else { return plan }
        note(.coverPlanned(plan), &turn)
        if let asked = plan.asked, plan != wanted {
            let fields: [Notice.Field] = [
                .init("asked", asked.description), .init("trigger", plan.trigger.description),
                .init("reason", "the stop lay beyond the liquidation price"),
            ]
            turn.notify(.protectionTightened, nil, symbol, fields)
        }
        return plan
    }

    /// A stop that somebody else placed is respected as it is, until a later wish of a caller says otherwise.
    private func foreignPlan(_ holding: Holding, _ side: Side) -> CoverPlan? {
        let found = state.liveOrders(holding.symbol).first { order in
            order.ticket.role == .stop && order.ticket.extent == .wholePosition && order.ticket.side == side
                && order.isResting && !order.isTriggered && !order.cancelWanted
                && !state.identity.isOurs(order.id)
                && holding.plannedAt.map { $0 <= order.plannedAt } ?? true
        }
        guard let found, case .stopMarket(let trigger) = found.ticket.pricing else { return nil }
        guard trigger != holding.plan?.trigger else { return holding.plan }
        return CoverPlan(
            symbol: holding.symbol,
            side: side,
            trigger: trigger,
            takeProfit: holding.plan?.takeProfit
        )
    }

    private func freshPlan(_ holding: Holding, _ side: Side, _ instrument: Instrument) -> CoverPlan? {
        let symbol = holding.symbol
        let entry = holding.isOurs ? latestEntry(symbol) : nil
        // An adopted position says nothing about what loss is meant; its stop starts from where the market is.
        let base =
            holding.isOurs
            ? holding.position.entryPrice : (session.marks[symbol] ?? holding.position.entryPrice)
        guard base.isPositive else { return nil }
        let distance = entry?.stop ?? .basisPoints(configuration.protection.defaultDistance)
        return CoverPlan(
            symbol: symbol,
            side: side,
            trigger: distance.trigger(entry: base, closing: side, tick: instrument.tickSize),
            takeProfit: entry?.takeProfit
        )
    }

    private func latestEntry(_ symbol: Symbol) -> EntryIntent? {
        for record in state.intents.values.reversed() where record.symbol == symbol {
            if case .entry(let entry) = record.intent, !state.executed(record).isZero { return entry }
        }
        return nil
    }

    mutating func settleProtect(_ protect: ProtectIntent, _ record: IntentRecord, _ turn: inout Turn) {
        let holding = state.holding(protect.symbol)
        guard !record.isWithdrawn else { return finish(record, .cancelled, "withdrawn", &turn) }
        guard let side = holding.position.closingSide, let instrument = state.instruments[protect.symbol]
        else {
            return finish(record, .nothingToReduce, "the position is gone", &turn)
        }
        let entry = holding.position.entryPrice
        let wish = protect.stop?.trigger(entry: entry, closing: side, tick: instrument.tickSize)
        guard let trigger = wish ?? holding.plan.map({ $0.asked ?? $0.trigger }) else { return }
        let wanted = CoverPlan(
            symbol: protect.symbol,
            side: side,
            trigger: trigger,
            takeProfit: protect.takeProfit ?? holding.plan?.takeProfit
        )
        let isInForce = holding.plan?.isSameWish(as: wanted) ?? false
        if !isInForce {
            guard record.acceptedAt == turn.now else {
                return finish(record, .cancelled, "replaced by a later plan", &turn)
            }
            note(.coverPlanned(wanted), &turn)
        }
        let pricing = state.holding(protect.symbol).pricing
        let isResting = state.liveOrders(protect.symbol).contains { order in
            order.isResting && order.ticket.extent == .wholePosition && order.ticket.pricing == pricing
        }
        if isResting { finish(record, .done, "", &turn) }
    }
}
