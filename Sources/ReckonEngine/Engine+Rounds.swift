import ReckonModel

/// Reconcile: ask, fence, compare, repair, tell the policy.
extension Engine {
    mutating func reconcileDue(_ turn: inout Turn) {
        turn.outbox.perform(.arm(.reconcile, at: turn.now + configuration.reconcileEvery))
        // One that a hint began just before still gets its time; `roundOverdue` ends it if its answers never come.
        if let round = session.round, turn.now - round.askedAt < configuration.roundWithin { return }
        startRound(&turn)
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
        if let until = session.pausedUntil, turn.now < until {
            // A round that may not be asked is a failed one: the belief ages either way.
            session.round = Session.Round(number: state.rounds + 1, askedAt: turn.now)
            return concludeRound(&turn)
        }
        if session.round != nil { concludeRound(&turn) }
        let number = state.rounds + 1
        session.isStreamHintPending = false
        session.round = Session.Round(number: number, askedAt: turn.now)
        session.roundStartedAt = turn.now
        for part in [SnapshotQuestion.Part.positions, .openOrders, .openAlgoOrders] {
            let question = SnapshotQuestion(purpose: .round(number), part: part, askedAt: turn.now)
            send(.snapshot(question), &turn)
        }
        turn.outbox.perform(.arm(.roundOverdue(number), at: turn.now + configuration.roundWithin))
    }

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
            keep(question.part, result)
            if session.round?.hasAll ?? false { concludeRound(&turn) }
        }
    }

    private mutating func keep(_ part: SnapshotQuestion.Part, _ result: Result<SnapshotContent, VenueFailure>)
    {
        guard var round = session.round else { return }
        switch part {
        case .positions: round.positions = result.flatMap(\.asPositions)
        case .openOrders: round.orders = result.flatMap(\.asOrders)
        case .openAlgoOrders: round.algoOrders = result.flatMap(\.asOrders)
        case .orderHistory, .algoHistory: break
        }
        session.round = round
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

    private mutating func concludeRound(_ turn: inout Turn) {
        guard let round = session.round else { return }
        session.round = nil
        learnOrders(round, &turn)
        learnMarks(round, &turn)
        forgetAnswered(round)
        let comparison = Comparison(state: state, session: session, round: round, now: turn.now)
        let finding = comparison.finding()
        let missed = session.missedFills
        session.missedFills = []
        let isComplete = !finding.differences.contains { $0.kind == .evidenceFailure }
        let conclusion = RoundConclusion(
            round: round.number,
            askedAt: round.askedAt,
            differences: finding.differences + missed,
            confirmed: finding.confirmed,
            isComplete: isComplete,
            compared: finding.compared,
            contradicted: finding.contradicted + missed.count
        )
        note(.roundConcluded(conclusion), &turn)
        if isComplete, session.hasRoundFailed { session.venueBackAt = turn.now }
        session.hasRoundFailed = !isComplete
        if isComplete {
            session.listsAskedAt = round.askedAt
            session.isOpen = true
        }
        repair(finding, &turn)
        summarise(conclusion, finding, &turn)
        reopenContradictedStream(&turn)
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
        for answer in [round.orders, round.algoOrders] {
            guard case .success(let reports) = answer else { continue }
            for report in reports {
                guard let order = state.orders[report.id], order.isNews(report),
                    order.matches(report, clockError: session.clock.uncertainty)
                else { continue }
                if report.executed > order.executed {
                    session.missedFills.append(Difference(.missedFill, report.symbol, order: report.id))
                }
                stepOrder(report.id, .report(report), &turn)
            }
        }
    }

    private mutating func learnMarks(_ round: Session.Round, _ turn: inout Turn) {
        if case .success(let reports) = round.algoOrders { session.conditionalsListed = reports.count }
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

    private mutating func repair(_ finding: Comparison.Finding, _ turn: inout Turn) {
        for correction in finding.corrections {
            note(.positionCorrected(correction), &turn)
            // What the stream said before is answered by this; else it would stay unexplained for ever.
            session.streamed[correction.symbol] = nil
            turn.touch(correction.symbol)
        }
        for adoption in finding.adoptions {
            note(.orderAdopted(adoption.ticket, adoption.report), &turn)
            turn.touch(adoption.ticket.symbol)
            if adoption.isToBeCancelled { stepOrder(adoption.ticket.id, .cancel, &turn) }
        }
        for id in finding.missing { stepOrder(id, .missed, &turn) }
        for id in finding.strayOrders { stepOrder(id, .cancel, &turn) }
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
        let skipped = conclusion.differences.count { $0.isFenced }
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

    /// A stream that keeps silent about what the lists show is dead, whatever its socket says.
    private mutating func reopenContradictedStream(_ turn: inout Turn) {
        guard state.ledger.contradictionScore > 0, session.streamConnected else {
            session.contradictedRounds = 0
            return
        }
        session.contradictedRounds += 1
        guard session.contradictedRounds >= 2 else { return }
        session.contradictedRounds = 0
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
            turn.outbox.perform(.arm(.hint, at: turn.now))
        case .heard: session.streamHeardAt = turn.now
        case .disconnected: session.streamConnected = false
        case .keyExpired:
            session.streamConnected = false
            turn.outbox.perform(.reopenStream)
        }
    }
}

extension SnapshotContent {
    fileprivate var asPositions: Result<[PositionReport], VenueFailure> {
        if case .positions(let reports) = self { return .success(reports) }
        return .failure(.unknown("an answer of another kind"))
    }

    fileprivate var asOrders: Result<[OrderReport], VenueFailure> {
        if case .orders(let reports) = self { return .success(reports) }
        return .failure(.unknown("an answer of another kind"))
    }
}
