import ReckonModel

extension Engine {
    /// Lets one order take an input, stores what it notes, and passes on what it wants done.
    mutating func stepOrder(_ id: ClientOrderID, _ input: OrderInput, _ turn: inout Turn) {
        guard var machine = state.order(id) else { return }
        var out = OrderOutbox()
        machine.step(input, in: orderContext(turn), into: &out)
        for fact in out.facts {
            note(.order(id, fact), &turn)
            announce(fact, of: machine, &turn)
        }
        Invariant.require(state.order(id) == machine, "I-11 order \(id): stored facts give another order")
        for action in out.actions { send(action, &turn) }
        guard !out.facts.isEmpty else { return }
        turn.touch(machine.ticket.symbol)
        if machine.isEnded { considerFailure(id, &turn) }
        if machine.isEnded { considerCountdown(machine, &turn) }
        if input == .submit { checkEntryBound(machine) }
        retire(machine, &turn)
    }

    /// An order that turned out to be alive after its intent had ended has nobody who would take it off the book.
    private mutating func retire(_ machine: OrderMachine, _ turn: inout Turn) {
        guard machine.isResting, !machine.cancelWanted, let intent = machine.intent,
            state.intents[intent]?.end != nil
        else { return }
        stepOrder(machine.id, .cancel, &turn)
    }

    private func orderContext(_ turn: Turn) -> OrderContext {
        OrderContext(now: turn.now, clock: session.clock, rules: configuration.router)
    }

    /// What all generations of an entry have executed and may still execute stays within its quantity (I-02).
    ///
    /// Asked of our own sends. What the venue does beyond that is its fact, to be shown and not to die of.
    private func checkEntryBound(_ machine: OrderMachine) {
        guard machine.ticket.role == .entry, let intent = machine.intent, let record = state.intents[intent]
        else {
            return
        }
        let committed = state.committed(record)
        Invariant.require(
            committed <= record.quantity,
            "I-02 intent \(intent): \(committed) executed or possibly live exceed \(record.quantity)"
        )
    }

    /// Requests to a venue that asked us to wait are not sent; whoever wants them asks again when due.
    ///
    /// Likewise for what the budget has no room for. Orders have passed `transmit` and rounds their own bucket before.
    ///
    /// Gives whether it went out.
    @discardableResult
    mutating func send(_ action: Action, _ turn: inout Turn) -> Bool {
        guard let cost = RequestCost(action), let lane = PacingLane(action) else {
            turn.outbox.perform(action)
            return true
        }
        switch lane {
        case .protective: break
        case .entries where cost.orders > 0: break
        case .rounds:
            if isPaused(turn.now) { return false }
        case .cancels, .questions, .entries:
            let venue = session.clock.venueTime(at: turn.now)
            guard !isPaused(turn.now), session.budget.admits(cost, lane, at: turn.now, venue: venue) else {
                return false
            }
        }
        session.budget.spend(cost, lane, at: turn.now)
        turn.outbox.perform(action)
        return true
    }

    /// Plans an order and, unless something has to come first, sends it in the same turn.
    mutating func plan(
        _ ticket: OrderTicket,
        intent: IntentID?,
        generation: Int,
        _ turn: inout Turn
    ) {
        note(.orderPlanned(ticket, intent: intent, generation: generation), &turn)
        turn.touch(ticket.symbol)
        transmit(ticket.id, &turn)
    }

    /// Sends a planned order if it may go now; else arms its timer.
    ///
    /// Every transmission of an entry passes the gate with the knobs of this moment. Nothing else is ever asked.
    mutating func transmit(_ id: ClientOrderID, _ turn: inout Turn) {
        guard let order = state.orders[id], order.state == .planned else { return }
        if let until = session.pausedUntil, turn.now < until {
            turn.outbox.perform(.arm(.order(id), at: until))
            return
        }
        if order.ticket.role == .entry {
            if let until = entriesWait(turn.now) { return turn.outbox.perform(.arm(.order(id), at: until)) }
            guard mayTransmitEntry(order, &turn) else { return }
        }
        stepOrder(id, .submit, &turn)
    }

    /// Until when opening orders wait: the venue is overloaded, or what is left of its limits is kept for exits.
    private func entriesWait(_ now: Instant) -> Instant? {
        if let until = session.entriesPausedUntil, now < until { return until }
        let venue = session.clock.venueTime(at: now)
        let hasRoom = session.budget.admits(RequestCost(orders: 1), .entries, at: now, venue: venue)
        return hasRoom ? nil : now + .seconds(1)
    }

    mutating func orderDue(_ id: ClientOrderID, _ turn: inout Turn) {
        guard let order = state.orders[id] else { return }
        guard order.state == .planned else {
            if let until = session.pausedUntil, turn.now < until {
                turn.outbox.perform(.arm(.order(id), at: until))
                return
            }
            return stepOrder(id, .due, &turn)
        }
        if let dueAt = order.dueAt(configuration.router), dueAt > turn.now {
            return turn.outbox.perform(.arm(.order(id), at: dueAt))
        }
        transmit(id, &turn)
    }

    mutating func placed(
        _ placement: Placement,
        _ result: Result<OrderReport, VenueFailure>,
        _ turn: inout Turn
    ) {
        switch result {
        case .failure(let failure): heed(failure, &turn)
        case .success:
            if placement.ticket.role.opensExposure { session.overloads = 0 }
        }
        stepOrder(placement.ticket.id, .answered(attempt: placement.attempt, result), &turn)
    }

    mutating func queried(
        _ query: OrderQuery,
        _ result: Result<OrderReport, VenueFailure>,
        _ turn: inout Turn
    ) {
        if case .failure(let failure) = result { heed(failure, &turn) }
        stepOrder(query.id, .queried(query, result), &turn)
    }

    mutating func cancelled(
        _ cancellation: Cancellation,
        _ result: Result<OrderReport?, VenueFailure>,
        _ turn: inout Turn
    ) {
        if case .failure(let failure) = result { heed(failure, &turn) }
        stepOrder(cancellation.id, .cancelAnswered(attempt: cancellation.attempt, result), &turn)
    }

    /// A wait that binds more than the request that met it: limits and bans bind all, overload binds what opens.
    mutating func heed(_ failure: VenueFailure, _ turn: inout Turn) {
        if failure.stopsEntries {
            session.overloads += 1
            let wait = configuration.pacing.overload.wait(after: session.overloads, of: "entries")
            let until = turn.now + max(wait, failure.retryAfter ?? .zero)
            session.entriesPausedUntil = max(session.entriesPausedUntil ?? until, until)
        }
        guard failure.stopsAllRequests else { return }
        let wait = failure.retryAfter ?? .seconds(1)
        let until = turn.now + wait
        session.pausedUntil = max(session.pausedUntil ?? until, until)
        // A short wait is over before a restart is; a ban is not, and asking during one makes it longer.
        guard wait > .seconds(5), state.pausedUntil.map({ until > $0 + .seconds(1) }) ?? true else { return }
        note(.pauseAsked(until: until), &turn)
        let fields: [Notice.Field] = [
            .init("code", "\(failure.code)"), .init("wait_ms", "\(wait.milliseconds)"),
        ]
        turn.notify(.venuePause, nil, nil, fields)
    }

    /// The stream speaks of an order: ours, or somebody else's that may have moved a position.
    mutating func heard(_ report: OrderReport, _ turn: inout Turn) {
        session.streamHeardAt = turn.now
        session.fillsHeardAt[report.symbol] = turn.now
        recogniseForced(report, &turn)
        if state.order(report.id) != nil {
            stepOrder(report.id, .report(report), &turn)
        } else if let parent = conditionalParent(of: report) {
            stepOrder(parent, .report(report), &turn)
        } else {
            learnStranger(report, &turn)
            session.isStreamHintPending = true
            turn.outbox.perform(.arm(.hint, at: turn.now + configuration.hintDelay))
        }
    }

    /// The conditional order whose trigger created the reported one, where the venue gave the child an id of its own.
    private func conditionalParent(of report: OrderReport) -> ClientOrderID? {
        guard !report.isConditional else { return nil }
        return state.orders.values.first { $0.ticket.role.isConditional && $0.childID == report.venueID }?.id
    }

    private func announce(_ fact: OrderFact, of machine: OrderMachine, _ turn: inout Turn) {
        let correlation = machine.intent.flatMap { state.intents[$0]?.correlation }
        func notify(_ name: Notice.Name, _ fields: [Notice.Field]) {
            turn.notify(name, correlation, machine.ticket.symbol, [.init("order", machine.id.text)] + fields)
        }
        switch fact {
        case .submitted(let attempt, _, _):
            let fields: [Notice.Field] = [
                .init("attempt", "\(attempt)"), .init("role", machine.ticket.role.rawValue),
            ]
            notify(attempt == 1 ? .orderCreate : .orderRetry, fields)
        case .doubted(let reason): notify(.orderDoubt, [.init("reason", reason)])
        case .refused(let failure):
            notify(.orderCreateFailed, [.init("code", "\(failure.code)"), .init("reason", failure.message)])
        case .gaveUp(let reason): notify(.orderCreateFailed, [.init("reason", reason)])
        case .lapsed: notify(.orderResolved, [.init("outcome", "never_reached_the_venue")])
        case .cancelSent(let attempt): notify(.orderCancel, [.init("attempt", "\(attempt)")])
        case .reported(let report):
            let fields: [Notice.Field] = [
                .init("status", report.status.rawValue), .init("executed", report.executed.description),
            ]
            notify(.orderResolved, fields)
            if machine.ticket.role == .stop, report.status == .new { notify(.protectionPlaced, fields) }
        case .cancelSeriesEnded(let attempts): notify(.cancelOverdue, [.init("attempts", "\(attempts)")])
        case .setBack, .asked, .notFound, .absentFromHistory, .cancelWanted, .abandoned, .duplicateAnswered:
            break
        }
    }
}
