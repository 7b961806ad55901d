import ReckonModel

/// Replace: cancel, confirm, create. Each create is an entry like any other and passes the gate of its moment.
extension Engine {
    mutating func replace(_ amendment: Amendment, ticket: Int64, _ turn: inout Turn) {
        do throws(Refusal) {
            let record = try find(amendment.target)
            if let wanted = try replacement(amendment, of: record, turn.now) {
                note(.replacement(record.id, wanted), &turn)
                turn.touch(record.symbol)
            }
            turn.outbox.perform(.answer(ticket: ticket, .done))
        } catch {
            turn.outbox.perform(.answer(ticket: ticket, .refused(error)))
        }
    }

    /// What an amendment asks for; `nil` where everything is as wished already.
    private func replacement(_ amendment: Amendment, of record: IntentRecord, _ now: Instant) throws(Refusal)
        -> ReplacementFact?
    {
        if let end = record.end { throw alreadyEnded(record, end) }
        if record.isWithdrawn {
            throw Refusal(.withdrawn, symbol: record.symbol, found: "taken back", allowed: "a wanted entry")
        }
        guard var entry = record.entry, case .limit(let price, let force) = entry.pricing else {
            let found = "an intent that does not rest"
            throw Refusal(.malformed, symbol: record.symbol, found: found, allowed: "a limit entry")
        }
        let wanted = Pricing.limit(amendment.price ?? price, force)
        let quantity = amendment.quantity ?? record.quantity
        guard wanted != entry.pricing || quantity != record.quantity else { return nil }
        try checkPace(record)
        try checkTotal(quantity, record)
        entry.pricing = wanted
        let rest = quantity - state.executed(record)
        // Asked before the old order goes: a wish that the gate would refuse must not cost its place in the queue.
        if rest.isPositive {
            var view = gateView(entry, record.id, now)
            view.holding.lastEntryAt = nil
            let admitted = try EntryGate.admit(entry, wanting: rest, view)
            return .wanted(pricing: wanted, quantity: state.executed(record) + admitted)
        }
        return .wanted(pricing: wanted, quantity: quantity)
    }

    private func checkPace(_ record: IntentRecord) throws(Refusal) {
        guard record.pending == nil else {
            let found = "a replacement under way"
            throw Refusal(.replaceUnderWay, symbol: record.symbol, found: found, allowed: "one at a time")
        }
        let most = configuration.router.maxReplacements
        guard record.replacements < most else {
            let found = "\(record.replacements) replacements"
            throw Refusal(.replaceBound, symbol: record.symbol, found: found, allowed: "at most \(most)")
        }
    }

    private func checkTotal(_ quantity: Quantity, _ record: IntentRecord) throws(Refusal) {
        guard quantity.isPositive, let step = state.instruments[record.symbol]?.stepSize,
            quantity.rounded(.down, toMultipleOf: step) == quantity
        else {
            let allowed = "a positive multiple of the step"
            throw Refusal(.sizeOffStep, symbol: record.symbol, found: "\(quantity)", allowed: allowed)
        }
    }

    // MARK: Cancel and confirm

    /// Sees to it that the old order goes; whether it has is for `settleReplacement`.
    mutating func tendReplacement(_ record: IntentRecord, _ order: OrderMachine, _ turn: inout Turn) {
        guard let pending = record.pending else { return }
        let rules = configuration.router
        let isOverdue = turn.now >= pending.since + rules.replaceWithin
        if isOverdue || order.cancelAttempts >= rules.maxReplaceCancels {
            let seconds = (turn.now - pending.since).seconds
            let reason =
                "\(order.cancelAttempts) cancels in \(seconds) s, and the order is not known to be gone"
            return giveUpReplacement(record, reason, &turn)
        }
        turn.outbox.perform(.arm(.intent(record.id), at: pending.since + rules.replaceWithin))
        if !order.cancelWanted { stepOrder(order.id, .cancel, &turn) }
    }

    private mutating func giveUpReplacement(_ record: IntentRecord, _ reason: String, _ turn: inout Turn) {
        note(.replacement(record.id, .gaveUp(reason)), &turn)
        turn.notify(.replaceGaveUp, record.correlation, record.symbol, [.init("reason", reason)])
        turn.touch(record.symbol)
    }

    /// The old order has ended: what it executed meanwhile comes off what is created, or ends the replacement.
    ///
    /// Gives whether the intent has been dealt with.
    mutating func settleReplacement(_ record: IntentRecord, _ end: OrderEnd, _ turn: inout Turn) -> Bool {
        guard let pending = record.pending, !record.isWithdrawn else { return false }
        guard isGone(end) else {
            giveUpReplacement(record, "the order ended: \(end.code)", &turn)
            return true
        }
        let protectBy = pending.since + configuration.router.replaceWithin
        if state.holding(record.symbol).nakedSince != nil, turn.now < protectBy {
            // What raced in gets its stop first; the gate would refuse to add to a bare position.
            turn.outbox.perform(.arm(.intent(record.id), at: protectBy))
            return true
        }
        let executed = state.executed(record)
        let total = max(pending.quantity, executed)
        note(.replacement(record.id, .applied(pricing: pending.pricing, quantity: total)), &turn)
        turn.notify(
            .orderReplace,
            record.correlation,
            record.symbol,
            [.init("executed", "\(executed)"), .init("created", "\(total - executed)")]
        )
        guard let amended = state.intents[record.id], let entry = amended.entry else { return true }
        createReplacement(entry, amended, &turn)
        if let ended = state.intents[record.id]?.end, ended.kind == .rejected || ended.kind == .partlyFilled {
            let reason = "not created: \(ended.detail)"
            turn.notify(.replaceGaveUp, record.correlation, record.symbol, [.init("reason", reason)])
        }
        return true
    }

    /// Ends that prove that nothing more of the old order can execute, and that leave the entry wanted.
    private func isGone(_ end: OrderEnd) -> Bool {
        switch end {
        case .cancelled, .filled, .lapsed, .abandoned(.withdrawn): true
        case .expired, .refused, .gaveUp, .abandoned: false
        }
    }
}
