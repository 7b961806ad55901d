package import ReckonModel

/// The core: inputs and the time come in, facts to store and actions to perform go out.
///
/// `step` decides and routes, `EngineState.apply` alone writes state, and recovery replays facts through that same
/// `apply`. The host commits all facts of a turn before it performs any action (I-01).
package struct Engine: Sendable {
    package private(set) var state: EngineState
    package internal(set) var session = Session()

    /// An engine that knows nothing yet.
    package init(_ configuration: EngineConfiguration) {
        state = EngineState(configuration)
        session = Session(configuration.pacing)
    }

    /// An engine that knows what its journal holds.
    package init(_ configuration: EngineConfiguration, replaying facts: some Sequence<StampedFact>) {
        self.init(configuration)
        for fact in facts { state.apply(fact) }
        // A restart does not end a ban.
        session.pausedUntil = state.pausedUntil
    }

    package var configuration: EngineConfiguration { state.configuration }

    /// Decides what an input means.
    ///
    /// `now` never goes backwards.
    package mutating func step(_ input: Input, at now: Instant, into outbox: inout Outbox) {
        var turn = Turn(now: now, outbox: Outbox())
        swap(&turn.outbox, &outbox)
        route(input, &turn)
        settle(&turn)
        swap(&turn.outbox, &outbox)
    }

    /// Stores a fact: the only way from a decision to the state.
    mutating func note(_ fact: Fact, _ turn: inout Turn) {
        let stamped = StampedFact(number: state.factCount + 1, at: turn.now, fact: fact)
        state.apply(stamped)
        turn.outbox.record(stamped)
    }

    private mutating func route(_ input: Input, _ turn: inout Turn) {
        switch input {
        case .wake(let epoch): wake(epoch, &turn)
        case .intent(let submission): take(submission, &turn)
        case .withdrawal(let id, let ticket): withdraw(.id(id), ticket: ticket, &turn)
        case .cancellation(let key, let ticket): withdraw(.key(key), ticket: ticket, &turn)
        case .amendment(let amendment, let ticket): replace(amendment, ticket: ticket, &turn)
        case .placed(let placement, let result): placed(placement, result, &turn)
        case .dropped(let placement):
            stepOrder(placement.ticket.id, .dropped(attempt: placement.attempt), &turn)
        case .queried(let query, let result): queried(query, result, &turn)
        case .cancelled(let cancellation, let result): cancelled(cancellation, result, &turn)
        case .snapshot(let question, let result): answered(question, result, &turn)
        case .leverageSet(let change, let result): leverageSet(change, result, &turn)
        case .countdownSet(let countdown, let result): countdownSet(countdown, result, &turn)
        case .marginModeSet(let change, let result): marginModeSet(change, result, &turn)
        case .rates(let news):
            session.budget.take(news, at: session.clock.venueTime(at: turn.now))
        case .report(let report): heard(report, &turn)
        case .positionsChanged(let reports): heard(reports, &turn)
        case .stream(let signal): heard(signal, &turn)
        case .clock(let offset): session.clock = offset
        case .instruments(let instruments):
            let changed = instruments.filter { state.instruments[$0.symbol] != $0 }
            if !changed.isEmpty { note(.instrumentsLoaded(changed), &turn) }
        case .marks(let marks):
            for mark in marks { hear(mark.price, of: mark.symbol, &turn) }
        case .timer(let timer): fire(timer, &turn)
        case .verdict(let verdict): enforce(verdict, &turn)
        case .policyLoaded(let identity): loaded(identity, as: .policyLoaded, &turn)
        case .policyChanged(let change, let ticket): changed(change, ticket: ticket, &turn)
        case .shadowCompared(let tally): note(.shadowCompared(tally), &turn)
        case .command(let command, let ticket): obey(command, ticket: ticket, &turn)
        case .journal(let signal): heard(signal, &turn)
        }
    }

    /// Brings every touched symbol to rest: what is wished for it is compared with what is under way, and the gap closed.
    private mutating func settle(_ turn: inout Turn) {
        // Each pass can touch a symbol again by what it sends; the bound is far above any honest chain.
        for _ in 0..<16 {
            let touched = turn.takeTouched()
            if touched.isEmpty { return }
            for symbol in touched {
                tendFlatten(symbol, &turn)
                settleIntents(symbol, &turn)
                ensureProtection(symbol, &turn)
                tendCountdown(symbol, &turn)
            }
        }
    }

    private mutating func fire(_ timer: EngineTimer, _ turn: inout Turn) {
        switch timer {
        case .reconcile: reconcileDue(&turn)
        case .roundOverdue(let number): roundOverdue(number, &turn)
        case .order(let id): orderDue(id, &turn)
        case .intent(let id):
            guard let record = state.intents[id], record.end == nil else { return }
            // The timer may have been borrowed for something earlier; the deadline must not get lost by that.
            if deadline(record) > turn.now { turn.outbox.perform(.arm(timer, at: deadline(record))) }
            turn.touch(record.symbol)
        case .protection(let symbol), .keepAlive(let symbol): turn.touch(symbol)
        case .hint: hintDue(&turn)
        }
    }

    private mutating func heard(_ signal: JournalSignal, _ turn: inout Turn) {
        switch signal {
        case .failed(let reason):
            if state.journalDown == nil { note(.journalLatched(reason), &turn) }
            turn.notify(.journalDown, nil, nil, [.init("reason", reason)])
        case .slow(let span):
            let reason = "a commit took \(span.milliseconds) ms"
            if state.journalDown == nil { note(.journalLatched(reason), &turn) }
            turn.notify(.journalDown, nil, nil, [.init("reason", reason)])
        case .healthy:
            if state.journalDown != nil { note(.journalRecovered, &turn) }
        }
    }

    /// What readers get to see of this moment.
    package func snapshot(at now: Instant) -> Snapshot {
        Snapshot(
            at: now,
            identity: state.identity,
            reasonsNotReady: reasonsNotReady(at: now),
            holdings: state.holdings.values,
            orders: state.orders.values,
            openIntents: state.openIntents.keys.compactMap { state.intents[$0] },
            belief: belief(at: now),
            enforced: state.guarding.enforced,
            haltedByOperator: state.guarding.memory.haltedByOperator,
            killSwitchTrippedAt: state.guarding.memory.trippedAt,
            policy: state.policy,
            policies: state.policies,
            shadow: state.shadow,
            rounds: state.rounds,
            factCount: state.factCount,
            mismatches: state.ledger,
            marks: session.marks,
            flattens: state.flattens,
            sharing: state.sharing,
            pacing: PacingView(session, at: now),
            isStreamConnected: session.streamConnected
        )
    }

    package func belief(at now: Instant) -> Belief {
        BeliefAssembly(state: state, session: session, now: now).belief()
    }

    private func reasonsNotReady(at now: Instant) -> [String] {
        var reasons: [String] = []
        if !session.isOpen { reasons.append("starting: no complete reconcile round yet") }
        if let reason = state.journalDown { reasons.append("journal down: \(reason)") }
        if let reason = state.guarding.memory.haltedByOperator {
            reasons.append("halted by operator: \(reason)")
        }
        for (scope, flatten) in state.flattens.rows {
            reasons.append("flatten of \(scope.name): \(flatten.isDone ? "done" : "under way")")
        }
        for (id, stranger) in state.sharing.strangers {
            reasons.append("account shared: order \(id) (\(stranger.rawValue))")
        }
        if let until = session.pausedUntil, now < until {
            reasons.append("the venue asked us to wait \((until - now).milliseconds) ms")
        }
        if let asked = session.listsAskedAt, now - asked > configuration.evidence.maxEntryEvidenceAge {
            reasons.append("the venue's lists are \((now - asked).milliseconds) ms old")
        }
        return reasons
    }
}
