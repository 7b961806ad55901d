import ReckonModel

/// Reconcile: ask, fence, compare, repair, tell the policy.
extension Engine {
    mutating func roundOverdue(_ number: Int64, _ turn: inout Turn) {
        guard session.round?.number == number else { return }
        concludeRound(&turn)
    }

    mutating func answered(
        _ question: SnapshotQuestion,
        _ result: Result<SnapshotContent, VenueFailure>,
        _ turn: inout Turn
    ) {
        if case .failure(let failure) = result { heed(failure, &turn) }
        switch question.purpose {
        case .doubt(let id): history(id, question, result, &turn)
        case .round(let number):
            guard session.round?.number == number else { return }
            session.round?.take(question.part, result)
            guard session.round?.hasAll ?? false else { return }
            if !asksWhy(&turn) { concludeRound(&turn) }
        }
    }

    /// Where positions differ, what traded is asked for before anything is concluded: it may be our own late word.
    private mutating func asksWhy(_ turn: inout Turn) -> Bool {
        guard var round = session.round, !round.hasAskedWhy, !isPaused(turn.now) else { return false }
        learnOrders(round, &turn)
        let symbols = Comparison(state: state, session: session, round: round, now: turn.now).unexplained()
        let parts = symbols.flatMap { symbol -> [SnapshotQuestion.Part] in
            let since = tradesSince(symbol, at: turn.now)
            return [.trades(symbol, since: since), .orderHistory(symbol, since: since)]
        }
        let cost = parts.reduce(0) { $0 + RequestCost($1).weight }
        let venue = session.clock.venueTime(at: turn.now)
        guard !parts.isEmpty,
            session.budget.roundMayStart(cost, at: turn.now, venue: venue) <= turn.now
        else { return false }
        round.hasAskedWhy = true
        session.round = round
        ask(parts, &turn)
        return true
    }

    /// The last step of a doubt: absence from the history counts only while no position change is unexplained (I-08).
    private mutating func history(
        _ id: ClientOrderID,
        _ question: SnapshotQuestion,
        _ result: Result<SnapshotContent, VenueFailure>,
        _ turn: inout Turn
    ) {
        guard case .success(.orders(let reports)) = result, let order = state.orders[id] else { return }
        if let found = reports.first(where: {
            $0.id == id && order.matches($0, clockError: session.clock.uncertainty)
        }) {
            return stepOrder(id, .history(found), &turn)
        }
        let symbol = order.ticket.symbol
        let holding = state.holding(symbol)
        let isExplained =
            session.streamed[symbol].map { streamed in
                let report = streamed.report
                return report.quantity == holding.position.quantity
                    || holding.asOf.map { report.updatedAt < $0 } ?? false
            } ?? true
        guard isExplained, !state.ledger.hasPositionMismatch(symbol) else { return hintRound(&turn) }
        stepOrder(id, .history(nil), &turn)
    }

    mutating func concludeRound(_ turn: inout Turn) {
        guard let round = session.round else { return }
        session.round = nil
        learnOrders(round, &turn)
        learnStrangers(round, &turn)
        learnFills(round, &turn)
        learnMarks(round, &turn)
        forgetAnswered(round)
        let comparison = Comparison(state: state, session: session, round: round, now: turn.now)
        var finding = comparison.finding()
        let missed = session.missedFills
        session.missedFills = []
        let isComplete = !finding.seen.differences.contains { $0.kind == .evidenceFailure }
        finding.seen.differences += missed
        // A stream that is known to be silent contradicts nothing by its silence.
        if session.trustsStream(configuration.evidence, at: turn.now) {
            finding.seen.contradicted += missed.count
        }
        let conclusion = RoundConclusion(
            round.number,
            askedAt: round.askedAt,
            isComplete: isComplete,
            finding.seen
        )
        note(.roundConcluded(conclusion), &turn)
        if isComplete, session.hasRoundFailed { session.venueBackAt = turn.now }
        session.hasRoundFailed = !isComplete
        if isComplete {
            session.listsAskedAt = round.askedAt
            session.isOpen = true
        }
        repair(finding, &turn)
        watchFlattens(round, isComplete: isComplete, &turn)
        summarise(conclusion, finding, &turn)
        reopenDeadStream(&turn)
        touchAll(&turn)
        askPolicy(&turn)
    }

    /// Looks anew at every symbol on which anything is configured, held or wanted.
    func touchAll(_ turn: inout Turn) {
        for symbol in configuration.symbols { turn.touch(symbol) }
        for symbol in state.openIntents.values { turn.touch(symbol) }
        for holding in state.holdings.values where !holding.position.isFlat { turn.touch(holding.symbol) }
    }

    /// What the lists say of orders that we know is learnt before positions are compared: it may explain them.
    private mutating func learnOrders(_ round: Session.Round, _ turn: inout Turn) {
        let shown = round.orders.reports + round.algoOrders.reports
        for report in shown + round.histories.values.flatMap({ $0 }) { learn(report, &turn) }
    }

    private mutating func learn(_ report: OrderReport, _ turn: inout Turn) {
        guard let order = state.orders[report.id], order.isNews(report),
            order.matches(report, clockError: session.clock.uncertainty)
        else { return }
        if report.executed > order.executed {
            let missed = Difference(.missedFill, report.symbol, order: report.id)
            if !session.missedFills.contains(missed) { session.missedFills.append(missed) }
        }
        stepOrder(report.id, .report(report), &turn)
    }

    private mutating func learnMarks(_ round: Session.Round, _ turn: inout Turn) {
        // Lists of single symbols don't count the places that others take.
        if round.algoOrders.isWhole { session.conditionalsListed = round.algoOrders.reports.count }
        guard case .success(let reports) = round.positions else { return }
        for report in reports { learnMarket(report, askedAt: round.askedAt, &turn) }
    }

    /// What the stream said of a position is answered once a list that was asked for well after it agrees with belief.
    private mutating func forgetAnswered(_ round: Session.Round) {
        guard case .success(let reports) = round.positions else { return }
        for (symbol, streamed) in session.streamed
        where streamed.at <= round.askedAt - configuration.fence.settle {
            let shown = reports.first { $0.symbol == symbol }?.quantity ?? .zero
            if shown == state.holding(symbol).position.quantity { session.streamed[symbol] = nil }
        }
    }

    private mutating func summarise(
        _ conclusion: RoundConclusion,
        _ finding: Comparison.Finding,
        _ turn: inout Turn
    ) {
        let belief = belief(at: turn.now)
        let fields: [Notice.Field] = [
            .init("belief_debt_sec", "\(belief.debtSeconds)"),
            .init("belief_debt_symbols", "\(belief.debtSymbols)"),
            .init("mismatch_streak", "\(belief.mismatchStreak)"),
            .init("belief_confidence", "\(belief.confidence)"),
        ]
        turn.notify(.beliefState, nil, nil, fields)
        guard !conclusion.differences.isEmpty else { return }
        let actions = finding.corrections.count + finding.adoptions.count + finding.missing.count
        let kinds = conclusion.differences.map { "\($0.symbol):\($0.kind.rawValue)" }.joined(separator: " ")
        let skipped = conclusion.differences.count { $0.isFenced } + finding.cooling
        turn.notify(
            .reconcileSummary,
            nil,
            nil,
            fields + [
                .init("differences", kinds), .init("repair_actions", "\(actions)"),
                .init("repair_skipped", "\(skipped)"),
            ]
        )
    }

    /// A stream that keeps silent about what the lists show is dead, whatever its socket says; so is one that says nothing at
    /// all for too long.
    private mutating func reopenDeadStream(_ turn: inout Turn) {
        guard session.streamConnected else {
            session.contradictedRounds = 0
            return
        }
        session.contradictedRounds = state.ledger.contradictionScore > 0 ? session.contradictedRounds + 1 : 0
        let critical = configuration.evidence.stream.critical
        let heard = max(session.streamHeardAt ?? session.wokenAt, session.reopenedAt ?? session.wokenAt)
        guard session.contradictedRounds >= 2 || turn.now - heard >= critical else { return }
        session.contradictedRounds = 0
        session.reopenedAt = turn.now
        turn.outbox.perform(.reopenStream)
    }

    // MARK: What the stream tells

    mutating func heard(_ reports: [PositionReport], _ turn: inout Turn) {
        session.streamHeardAt = turn.now
        for report in reports {
            // Reports overtake each other on their way; the older one tells nothing.
            if let known = session.streamed[report.symbol], known.report.updatedAt > report.updatedAt {
                continue
            }
            session.streamed[report.symbol] = Session.Streamed(report: report, at: turn.now)
        }
        turn.outbox.perform(.arm(.hint, at: turn.now + configuration.hintDelay))
    }

    mutating func heard(_ signal: StreamSignal, _ turn: inout Turn) {
        switch signal {
        case .connected:
            session.streamConnected = true
            session.streamHeardAt = turn.now
            // Whatever was said while nobody listened is lost: ask.
            session.isStreamHintPending = true
            session.hasGap = true
            turn.outbox.perform(.arm(.hint, at: turn.now))
        case .heard: session.streamHeardAt = turn.now
        case .disconnected: session.streamConnected = false
        case .keyExpired:
            session.streamConnected = false
            turn.outbox.perform(.reopenStream)
        }
    }
}
