import ReckonModel

/// Halt level 2. Nothing in this file reads a knob or an entry limit (I-03).
extension Engine {
    /// Takes the next steps of a flatten on one symbol; what is under way already is left to finish.
    mutating func tendFlatten(_ symbol: Symbol, _ turn: inout Turn) {
        guard let flatten = state.flattens.active(covering: symbol) else { return }
        withdrawResting(symbol, &turn)
        guard !state.holding(symbol).position.isFlat else { return }
        let settleBy = flatten.since + configuration.flatten.entriesSettleWithin
        guard areEntriesSettled(symbol) || turn.now >= settleBy else {
            return turn.outbox.perform(.arm(.protection(symbol), at: settleBy))
        }
        guard !isClosing(symbol) else { return }
        if let last = flatten.closes[symbol] {
            // A rest that no order can close must not be closed again without a pause (I-07).
            let wait = configuration.router.seriesBackoff.wait(after: last.count, of: symbol.name)
            guard turn.now >= last.at + wait else { return }
        }
        beginClose(symbol, &turn)
    }

    private mutating func beginClose(_ symbol: Symbol, _ turn: inout Turn) {
        for (scope, flatten) in state.flattens.rows where scope.covers(symbol) && !flatten.isDone {
            note(.flatten(scope, .closing(symbol)), &turn)
        }
        let exit = ExitIntent(key: "reckon/flatten/\(state.intents.count + 1)", symbol: symbol)
        _ = try? accept(.exit(exit), origin: "flatten", &turn)
    }

    /// Takes back every entry and every resting exit of a symbol; protection is spared.
    mutating func withdrawResting(_ symbol: Symbol, _ turn: inout Turn) {
        for (id, owner) in state.openIntents where owner == symbol {
            guard let record = state.intents[id], !record.isWithdrawn, record.rests else { continue }
            note(.intentWithdrawn(id), &turn)
            turn.touch(symbol)
        }
        for order in state.liveOrders(symbol)
        where !order.ticket.role.isConditional && !order.cancelWanted && isForsaken(order) {
            stepOrder(order.id, .cancel, &turn)
        }
    }

    /// Whether nobody stands behind a resting order any more, such as one that was adopted.
    private func isForsaken(_ order: OrderMachine) -> Bool {
        guard order.ticket.role == .entry || order.ticket.pricing != .market else { return false }
        guard let record = order.intent.flatMap({ state.intents[$0] }) else { return true }
        return record.end != nil
    }

    private func areEntriesSettled(_ symbol: Symbol) -> Bool {
        !state.liveOrders(symbol).contains { $0.ticket.role == .entry }
    }

    /// Whether a bracket may go: always, but during a flatten only once a snapshot has shown the position gone.
    func mayDropBracket(_ symbol: Symbol) -> Bool {
        guard state.flattens.active(covering: symbol) != nil else { return true }
        let holding = state.holding(symbol)
        guard let changedAt = holding.changedAt else { return true }
        return holding.confirmedAt.map { $0 > changedAt } ?? false
    }

    // MARK: The end

    /// Counts the rounds that show a flatten's scope flat, and ends it at the second in a row.
    mutating func watchFlattens(_ round: Session.Round, isComplete: Bool, _ turn: inout Turn) {
        guard isComplete else { return }
        for (scope, flatten) in state.flattens.rows where !flatten.isDone {
            guard round.askedAt >= flatten.since + configuration.fence.settle else {
                hurry(&turn)
                continue
            }
            watch(scope, flatten, round, &turn)
        }
    }

    private mutating func watch(
        _ scope: CommandScope,
        _ flatten: Flattening,
        _ round: Session.Round,
        _ turn: inout Turn
    ) {
        if let held = held(scope, round) {
            if flatten.sightings > 0 { note(.flatten(scope, .sawOpen(held)), &turn) }
            return
        }
        // Lists of single symbols say nothing of a whole account, for or against.
        guard round.orders.covers(scope), round.algoOrders.covers(scope) else { return hurry(&turn) }
        if let obstacle = obstacle(scope, round) {
            if flatten.sightings > 0 { note(.flatten(scope, .sawOpen(obstacle)), &turn) }
            return
        }
        guard !hasChangedLately(scope, round) else { return hurry(&turn) }
        note(.flatten(scope, .sawFlat(askedAt: round.askedAt)), &turn)
        guard let seen = state.flattens.rows[scope], let first = seen.firstFlatAt,
            seen.sightings >= configuration.flatten.snapshotsNeeded
        else { return hurry(&turn) }
        note(.flatten(scope, .done(firstAskedAt: first, lastAskedAt: round.askedAt)), &turn)
        turn.notify(.flattenDone, nil, nil, [.init("scope", scope.name), .init("reason", flatten.reason)])
    }

    /// The next round soon: an operator waits.
    private mutating func hurry(_ turn: inout Turn) {
        session.isStreamHintPending = true
        turn.outbox.perform(.arm(.hint, at: turn.now + configuration.roundSpacing))
    }

    /// A round that was asked for before the last change had settled says nothing, for or against (I-09).
    private func hasChangedLately(_ scope: CommandScope, _ round: Session.Round) -> Bool {
        let latest = round.askedAt - configuration.fence.settle
        let isMoved = state.holdings.values.contains { holding in
            scope.covers(holding.symbol) && holding.changedAt.map { $0 > latest } ?? false
        }
        return isMoved
            || state.endedOrders.values.contains { order in
                scope.covers(order.ticket.symbol) && order.changedAt > latest
            }
    }

    /// Whether the next round has to look at the whole account: once our own books show a flatten's scope flat.
    var flattenWantsAccount: Bool {
        state.flattens.rows.contains { scope, flatten in
            guard !flatten.isDone, ownObstacle(scope) == nil else { return false }
            guard case .symbol(let symbol) = scope else { return true }
            // Of an instrument perhaps only one leg is looked at.
            let tracked = state.tracked
            return !tracked.contains(symbol)
                && !Leg.allCases.allSatisfy { tracked.contains(symbol.leg($0)) }
        }
    }

    /// What the venue shows to be held within the scope.
    private func held(_ scope: CommandScope, _ round: Session.Round) -> String? {
        guard case .success(let positions) = round.positions else { return "the positions were not shown" }
        return positions.first { scope.covers($0.symbol) && !$0.quantity.isZero }
            .map { "\($0.symbol) holds \($0.quantity)" }
    }

    /// What still stands in the way of calling the scope flat, by the venue's lists and by our books.
    private func obstacle(_ scope: CommandScope, _ round: Session.Round) -> String? {
        // Somebody else's order too: it could open again what was closed.
        let resting = (round.orders.reports + round.algoOrders.reports).first {
            scope.covers($0.symbol) && !$0.status.isTerminal
        }
        if let resting { return "order \(resting.id) rests on \(resting.symbol)" }
        return ownObstacle(scope)
    }

    private func ownObstacle(_ scope: CommandScope) -> String? {
        if let held = state.holdings.values.first(where: { scope.covers($0.symbol) && !$0.position.isFlat }) {
            return "\(held.symbol) is believed to hold \(held.position.quantity)"
        }
        if let order = state.orders.values.first(where: { scope.covers($0.ticket.symbol) }) {
            return "order \(order.id) is not settled"
        }
        let entry = state.openIntents.first { row in
            guard scope.covers(row.value), case .entry = state.intents[row.key]?.intent else { return false }
            return true
        }
        return entry.map { "entry \($0.key) is open" }
    }
}

extension IntentRecord {
    /// Whether what is wanted may rest on the book: an entry, or an exit at a limit.
    fileprivate var rests: Bool {
        switch intent {
        case .entry: true
        case .exit(let exit): exit.pricing != .market
        case .protect: false
        }
    }
}
