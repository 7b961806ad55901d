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
        let every = state.wantsAccountFlat ? rules.accountEveryWhileFlattening : rules.accountEvery
        let isDue = age.map { $0 >= every } ?? true
        let mustBeWhole = age.map { $0 >= every * 2 } ?? true
        // Symbol by symbol is cheaper only below the weight of both account-wide lists.
        let isMany = state.tracked.count >= 40
        let whole = parts(ofAccount: true, at: now)
        if isMany || isDue || session.hasGap {
            let mayStart = mayStart(whole, now)
            if isMany || mustBeWhole || mayStart <= now { return (whole, mayStart) }
        }
        let tracked = parts(ofAccount: false, at: now)
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

    private func parts(ofAccount isWhole: Bool, at now: Instant) -> [SnapshotQuestion.Part] {
        let tracked = state.tracked
        var parts: [SnapshotQuestion.Part] = [.positions]
        if isWhole {
            parts += [.openOrders, .openAlgoOrders]
        } else {
            parts += tracked.flatMap { [.symbolOrders($0), .symbolAlgoOrders($0)] }
        }
        let isDue = session.settingsAskedAt.map { now - $0 >= configuration.rounds.settingsEvery } ?? true
        if isDue { parts.append(.settings) }
        return parts + tracked.compactMap { trades($0, at: now) }
    }

    /// Trades are asked for where a fill is expected and has not shown for a while, and after a gap.
    private func trades(_ symbol: Symbol, at now: Instant) -> SnapshotQuestion.Part? {
        guard let since = state.expectsFillsSince(symbol) else { return nil }
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
    /// Every symbol on which anything is configured, held, working, wanted or unresolved.
    package var tracked: [Symbol] {
        var symbols = Table<Symbol, Bool>()
        for symbol in configuration.symbols { symbols[symbol] = true }
        for symbol in openIntents.values { symbols[symbol] = true }
        for holding in holdings.values where !holding.position.isFlat { symbols[holding.symbol] = true }
        for order in orders.values { symbols[order.ticket.symbol] = true }
        for key in ledger.rows.keys { symbols[key.symbol] = true }
        return symbols.keys
    }

    /// Since when an order of the symbol has been working or in doubt that may fill; absent where none is.
    package func expectsFillsSince(_ symbol: Symbol) -> Instant? {
        orders.values.filter {
            $0.ticket.symbol == symbol && !$0.ticket.role.isConditional && ($0.isResting || $0.isUnresolved)
        }.map { $0.sentAt ?? $0.plannedAt }.min()
    }

    /// Whether a flatten is under way that lists of tracked symbols alone may not be able to end.
    ///
    /// That of an instrument reaches both legs, of which perhaps only one is configured.
    var wantsAccountFlat: Bool {
        flattens.wantsAccount
            || flattens.rows.contains { scope, flatten in
                guard case .symbol(let symbol) = scope, !flatten.isDone, symbol.leg == nil else {
                    return false
                }
                let legs = configuration.symbols.filter { $0.leg != nil && symbol.includes($0) }
                return legs.count == 1
            }
    }

    /// Whether leverage and margin mode of a symbol may not be touched now.
    package func isBusy(_ symbol: Symbol) -> Bool {
        booksSharing(symbol).contains { book in
            !holding(book).position.isFlat || orders.values.contains { $0.ticket.symbol == book }
        }
    }

    /// The books that share leverage, margin mode and cap with this one: both legs of its instrument, or itself alone.
    package func booksSharing(_ symbol: Symbol) -> [Symbol] { [symbol] + (symbol.sibling.map { [$0] } ?? []) }
}

/// How often a round looks at what.
package struct RoundRules: Sendable, Codable, Hashable {
    /// The order lists of the whole account; in between only tracked symbols are asked for.
    package var accountEvery: Span = .seconds(60)
    /// Likewise while the whole account is being flattened: its end takes two such looks.
    package var accountEveryWhileFlattening: Span = .seconds(8)
    package var settingsEvery: Span = .seconds(60)
    /// Trades of a symbol on which a fill is expected and none was heard of.
    package var tradesEvery: Span = .seconds(60)

    package init() {}
}
