package import ReckonModel

/// Which lists a round asks for, and when it may: often and cheaply what is traded, the whole account now and then.
extension Engine {
    mutating func reconcileDue(_ turn: inout Turn) {
        // One that a hint began just before still gets its time; `roundOverdue` ends it if its answers never come.
        if let round = session.round, turn.now - round.askedAt < configuration.roundWithin {
            return turn.outbox.perform(.arm(.reconcile, at: turn.now + configuration.reconcileEvery))
        }
        if !isPaused(turn.now) {
            let (_, mayStart) = nextRound(turn.now)
            tellStretch(until: mayStart, &turn)
            guard mayStart <= turn.now else { return turn.outbox.perform(.arm(.reconcile, at: mayStart)) }
        }
        turn.outbox.perform(.arm(.reconcile, at: turn.now + configuration.reconcileEvery))
        startRound(&turn)
    }

    func isPaused(_ now: Instant) -> Bool { session.pausedUntil.map { now < $0 } ?? false }

    /// What the next round asks for, and when it may.
    ///
    /// Where the budget has no room for the whole account, the tracked symbols alone are better than waiting blind.
    private mutating func nextRound(_ now: Instant) -> (parts: [SnapshotQuestion.Part], at: Instant) {
        let rules = configuration.rounds
        let age = session.accountAskedAt.map { now - $0 }
        // What somebody else has resting on a symbol that we do not track holds up a flatten of the account.
        let isFlattening = flattenWantsAccount
        let isDue = isFlattening || age.map { $0 >= rules.accountEvery } ?? true
        let latest = isFlattening ? rules.accountWithinWhileFlattening : rules.accountEvery * 2
        let mustBeWhole = age.map { $0 >= latest } ?? true
        // Symbol by symbol is cheaper only below the weight of both account-wide lists.
        let symbols = state.tracked
        let isMany = symbols.count >= 40
        if isMany || isDue || session.hasGap {
            let whole = parts(ofAccount: true, symbols, at: now)
            let mayStart = mayStart(whole, now)
            if isMany || mustBeWhole || mayStart <= now { return (whole, mayStart) }
        }
        let tracked = parts(ofAccount: false, symbols, at: now)
        return (tracked, mayStart(tracked, now))
    }

    private mutating func mayStart(_ parts: [SnapshotQuestion.Part], _ now: Instant) -> Instant {
        let cost = parts.reduce(0) { $0 + RequestCost($1).weight }
        return session.budget.roundMayStart(cost, at: now, venue: session.clock.venueTime(at: now))
    }

    /// Says when the budget stretches the interval, and when it no longer does.
    private mutating func tellStretch(until mayStart: Instant, _ turn: inout Turn) {
        let isStretched = mayStart > turn.now
        guard isStretched != session.isStretched else { return }
        session.isStretched = isStretched
        let venue = session.clock.venueTime(at: turn.now)
        turn.notify(
            .reconcileStretched,
            nil,
            nil,
            [
                .init("stretched", "\(isStretched)"),
                .init("wait_ms", "\((mayStart - turn.now).milliseconds)"),
                .init("used_weight", "\(session.budget.usedWeight(at: turn.now, venue: venue))"),
            ]
        )
    }

    /// A hint from the stream that has not settled by itself, or an exit that waits for the venue's word.
    mutating func hintDue(_ turn: inout Turn) {
        guard isRoundWanted else { return }
        if let until = session.pausedUntil, turn.now < until {
            // Only the regular round counts what a pause leaves unconfirmed.
            return turn.outbox.perform(.arm(.hint, at: until))
        }
        if let started = session.roundStartedAt, turn.now - started < configuration.roundSpacing {
            return turn.outbox.perform(.arm(.hint, at: started + configuration.roundSpacing))
        }
        guard session.round == nil else {
            return turn.outbox.perform(.arm(.hint, at: turn.now + configuration.hintDelay))
        }
        let (_, mayStart) = nextRound(turn.now)
        guard mayStart <= turn.now else { return turn.outbox.perform(.arm(.hint, at: mayStart)) }
        startRound(&turn)
    }

    private var isRoundWanted: Bool {
        if session.isStreamHintPending { return true }
        let hasDrift = session.streamed.values.contains { streamed in
            let report = streamed.report
            let holding = state.holding(report.symbol)
            return report.quantity != holding.position.quantity
                && holding.asOf.map { report.updatedAt >= $0 } ?? true
        }
        if hasDrift { return true }
        return state.openIntents.keys.contains { id in
            if case .exit = state.intents[id]?.intent { return true }
            return false
        }
    }

    private mutating func startRound(_ turn: inout Turn) {
        if isPaused(turn.now) {
            // A round that may not be asked is a failed one: the belief ages either way.
            session.round = Session.Round(number: state.rounds + 1, askedAt: turn.now)
            return concludeRound(&turn)
        }
        if session.round != nil { concludeRound(&turn) }
        let number = state.rounds + 1
        let (parts, _) = nextRound(turn.now)
        session.isStreamHintPending = false
        session.hasGap = false
        session.round = Session.Round(number: number, askedAt: turn.now)
        session.roundStartedAt = turn.now
        ask(parts, &turn)
        turn.outbox.perform(.arm(.roundOverdue(number), at: turn.now + configuration.roundWithin))
    }

    /// Adds questions to the round in hand.
    mutating func ask(_ parts: [SnapshotQuestion.Part], _ turn: inout Turn) {
        guard let number = session.round?.number else { return }
        for part in parts {
            session.round?.expect(part)
            switch part {
            case .openOrders: session.accountAskedAt = turn.now
            case .settings: session.settingsAskedAt = turn.now
            case .trades(let symbol, _): session.tradesAskedAt[symbol] = turn.now
            case .positions, .openAlgoOrders, .symbolOrders, .symbolAlgoOrders, .orderHistory, .algoHistory:
                break
            }
            send(.snapshot(SnapshotQuestion(purpose: .round(number), part: part, askedAt: turn.now)), &turn)
        }
    }

    private func parts(
        ofAccount isWhole: Bool,
        _ tracked: [Symbol],
        at now: Instant
    ) -> [SnapshotQuestion.Part] {
        var parts: [SnapshotQuestion.Part] = [.positions]
        if isWhole {
            parts += [.openOrders, .openAlgoOrders]
        } else {
            parts += tracked.flatMap { [.symbolOrders($0), .symbolAlgoOrders($0)] }
        }
        let isDue = session.settingsAskedAt.map { now - $0 >= configuration.rounds.settingsEvery } ?? true
        if isDue { parts.append(.settings) }
        // In the order of `tracked`, which holds every symbol that has an order.
        for (symbol, since) in state.expectedFills {
            if let part = trades(symbol, since, at: now) { parts.append(part) }
        }
        return parts
    }

    /// Trades are asked for where a fill is expected and has not shown for a while, and after a gap.
    private func trades(_ symbol: Symbol, _ since: Instant, at now: Instant) -> SnapshotQuestion.Part? {
        let known = [session.tradesAskedAt[symbol], session.fillsHeardAt[symbol], since].compactMap { $0 }
            .max()
        let isDue = known.map { now - $0 >= configuration.rounds.tradesEvery } ?? true
        return isDue || session.hasGap ? .trades(symbol, since: tradesSince(symbol, at: now)) : nil
    }

    /// From before the oldest order that may have traded, so that its trades add up to its total.
    func tradesSince(_ symbol: Symbol, at now: Instant) -> VenueInstant {
        let venueNow = session.clock.venueTime(at: now)
        let oldest = state.liveOrders(symbol).compactMap(\.firstTimestamp).min() ?? venueNow
        let known = state.holding(symbol).asOf ?? venueNow
        let slack = session.clock.uncertainty + .seconds(60)
        // The venue keeps longer, but an order that old has been asked about by its id long since.
        return max(min(oldest, known) - slack, venueNow - .seconds(86_400))
    }
}

extension EngineState {
    /// Every symbol on which anything is configured, held, working, wanted or unresolved; in order.
    package var tracked: [Symbol] {
        // By index: a loop over values copies each order and holding to look at its symbol.
        var symbols: [Symbol] = []
        for symbol in configuration.symbols { symbols.include(symbol) }
        for symbol in openIntents.values { symbols.include(symbol) }
        let held = holdings.values
        for index in held.indices where !held[index].position.isFlat { symbols.include(held[index].symbol) }
        let live = orders.values
        for index in live.indices { symbols.include(live[index].ticket.symbol) }
        for key in ledger.rows.keys { symbols.include(key.symbol) }
        return symbols
    }

    /// Since when orders have been working or in doubt that may fill, by symbol; only those that have one.
    package var expectedFills: Table<Symbol, Instant> {
        var since = Table<Symbol, Instant>()
        let live = orders.values
        for index in live.indices where !live[index].ticket.role.isConditional {
            guard live[index].isResting || live[index].isUnresolved else { continue }
            let at = live[index].sentAt ?? live[index].plannedAt
            let symbol = live[index].ticket.symbol
            since[symbol] = min(since[symbol] ?? at, at)
        }
        return since
    }

    /// Whether leverage and margin mode of a symbol may not be touched now.
    package func isBusy(_ symbol: Symbol) -> Bool {
        let books = booksSharing(symbol)
        let isFlat = books.allSatisfy { holdings[$0]?.position.isFlat ?? true }
        guard isFlat else { return true }
        let live = orders.values
        for index in live.indices where books.contains(live[index].ticket.symbol) { return true }
        return false
    }

    /// The books that share leverage, margin mode and cap with this one: both legs of its instrument, or itself alone.
    package func booksSharing(_ symbol: Symbol) -> [Symbol] { [symbol] + (symbol.sibling.map { [$0] } ?? []) }
}

extension [Symbol] {
    /// Puts a symbol into its place in a sorted list, unless it is there.
    fileprivate mutating func include(_ symbol: Symbol) {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < symbol { low = middle + 1 } else { high = middle }
        }
        if low == count || self[low] != symbol { insert(symbol, at: low) }
    }
}

/// How often a round looks at what.
package struct RoundRules: Sendable, Codable, Hashable {
    /// The order lists of the whole account; in between only tracked symbols are asked for.
    package var accountEvery: Span = .seconds(60)
    /// While the whole account is being flattened every round looks at all of it that has room; after so long one waits
    /// for room, since the end takes two such looks.
    package var accountWithinWhileFlattening: Span = .seconds(16)
    package var settingsEvery: Span = .seconds(60)
    /// Trades of a symbol on which a fill is expected and none was heard of.
    package var tradesEvery: Span = .seconds(60)

    package init() {}
}
