package import ReckonModel

/// What can happen to one order.
package enum OrderInput: Sendable, Hashable {
    /// Send it now, or again.
    case submit
    case answered(attempt: Int, Result<OrderReport, VenueFailure>)
    case dropped(attempt: Int)
    case queried(OrderQuery, Result<OrderReport, VenueFailure>)
    /// The venue's history since the first send: the matching order, or none.
    case history(OrderReport?)
    case report(OrderReport)
    /// The reconcile round misses it at the venue.
    case missed
    case due
    case restart
    case cancel
    case cancelAnswered(attempt: Int, Result<OrderReport?, VenueFailure>)
}

/// What a step of one order asks for.
package struct OrderOutbox: Sendable {
    package var facts: [OrderFact] = []
    package var actions: [Action] = []

    package init() {}
}

/// What a step may look at beyond the order itself.
package struct OrderContext: Sendable {
    package let now: Instant
    package let clock: ClockOffset
    package let rules: RouterRules

    package init(now: Instant, clock: ClockOffset, rules: RouterRules) {
        self.now = now
        self.clock = clock
        self.rules = rules
    }
}

extension OrderMachine {
    /// Decides what an input means; writes only through `apply`.
    package mutating func step(_ input: OrderInput, in context: OrderContext, into out: inout OrderOutbox) {
        switch input {
        case .submit: submit(in: context, into: &out)
        case .answered(let attempt, let result): answered(attempt, result, in: context, into: &out)
        case .dropped(let attempt):
            guard state == .inFlight, attempt == attempts else { break }
            let failure = VenueFailure(.retryable, code: 0, message: "not transmitted in time")
            setBack(failure, in: context, into: &out)
        case .queried(let query, let result): queried(query, result, in: context, into: &out)
        case .history(let report): history(report, in: context, into: &out)
        case .report(let report): learn(report, in: context, into: &out)
        case .missed, .restart: loseSight(input, in: context, into: &out)
        case .due: due(in: context, into: &out)
        case .cancel: cancel(in: context, into: &out)
        case .cancelAnswered(let attempt, let result):
            cancelAnswered(attempt, result, in: context, into: &out)
        }
        if let dueAt = dueAt(context.rules) {
            out.actions.append(.arm(.order(id), at: max(dueAt, context.now)))
        }
    }

    /// A market order, or the child of a conditional one.
    private var executesAtOnce: Bool { ticket.pricing == .market || isTriggered }

    /// When the order wants to be looked at again if nothing is heard.
    package func dueAt(_ rules: RouterRules) -> Instant? {
        switch state {
        case .planned:
            let wait = max(rules.backoff.wait(after: attempts, of: id.text), setBackWait ?? .zero)
            return setBackAt.map { $0 + wait } ?? plannedAt
        case .inFlight: return sentAt.map { $0 + rules.answerWithin }
        case .doubtful:
            let last = lastAskAt ?? doubtSince ?? changedAt
            // The last question was answered by a first conclusive not-found: the second may come soon.
            if notFounds > 0, notFounds < rules.notFoundsNeeded, let lastNotFoundAt, last <= lastNotFoundAt {
                return lastNotFoundAt + rules.notFoundSpacing + .milliseconds(1)
            }
            return last + rules.askBackoff.wait(after: asks, of: id.text)
        case .working:
            // What should execute at once and only said "new" so far may have lost its word on the way.
            guard cancelWanted, let cancelSentAt else {
                guard executesAtOnce else { return nil }
                return (lastAskAt ?? changedAt)
                    + max(rules.answerWithin, rules.askBackoff.wait(after: asks, of: id.text))
            }
            return cancelSentAt + rules.askBackoff.wait(after: cancelAttempts + 1, of: id.text)
        case .ended: return nil
        }
    }

    private mutating func note(_ fact: OrderFact, in context: OrderContext, into out: inout OrderOutbox) {
        apply(fact, at: context.now)
        out.facts.append(fact)
    }

    private mutating func submit(in context: OrderContext, into out: inout OrderOutbox) {
        guard state == .planned else { return }
        let placement = Placement(
            ticket: ticket,
            attempt: attempts + 1,
            timestamp: context.clock.venueTime(at: context.now),
            window: context.rules.window,
            transmitBy: context.now + context.rules.transmitWithin
        )
        note(
            .submitted(attempt: placement.attempt, timestamp: placement.timestamp, window: placement.window),
            in: context,
            into: &out
        )
        out.actions.append(.place(placement))
    }

    private mutating func answered(
        _ attempt: Int,
        _ result: Result<OrderReport, VenueFailure>,
        in context: OrderContext,
        into out: inout OrderOutbox
    ) {
        switch result {
        case .success(let report): learn(report, in: context, into: &out)
        case .failure(let failure):
            guard attempt == attempts, isUnresolved else { return }
            switch failure.outcome {
            case .doubt: doubt(failure.message, in: context, into: &out)
            case .idempotentSafe(.duplicateID):
                if !isDuplicate { note(.duplicateAnswered, in: context, into: &out) }
                doubt("an open order carries the id", in: context, into: &out)
            case .retryable: setBack(failure, in: context, into: &out)
            case .retryableWith(.resyncClock):
                out.actions.append(.resyncClock)
                setBack(failure, in: context, into: &out)
            case .retryableWith, .idempotentSafe, .fatal: note(.refused(failure), in: context, into: &out)
            }
        }
    }

    /// Not executed: back to planned, unless the series has reached its bound.
    private mutating func setBack(
        _ failure: VenueFailure,
        in context: OrderContext,
        into out: inout OrderOutbox
    ) {
        let elapsed = context.now - plannedAt
        guard attempts < context.rules.maxAttempts, elapsed < context.rules.maxElapsed else {
            note(
                .gaveUp("\(attempts) attempts; last: \(failure.code) \(failure.message)"),
                in: context,
                into: &out
            )
            return
        }
        note(.setBack(failure), in: context, into: &out)
    }

    private mutating func doubt(_ reason: String, in context: OrderContext, into out: inout OrderOutbox) {
        if state != .doubtful { note(.doubted(reason), in: context, into: &out) }
        ask(in: context, into: &out)
    }

    private mutating func ask(in context: OrderContext, into out: inout OrderOutbox) {
        note(.asked, in: context, into: &out)
        let query = OrderQuery(id: id, symbol: ticket.symbol, endpoint: endpoint, askedAt: context.now)
        out.actions.append(.query(query))
        if isTriggered || (endpoint == .algo && asks > 1) {
            let child = OrderQuery(id: id, symbol: ticket.symbol, endpoint: .order, askedAt: context.now)
            out.actions.append(.query(child))
        }
    }

    private mutating func loseSight(
        _ input: OrderInput,
        in context: OrderContext,
        into out: inout OrderOutbox
    ) {
        switch state {
        case .inFlight:
            let reason = input == .restart ? "restart while in flight" : "no word of it, and another rests"
            doubt(reason, in: context, into: &out)
        case .doubtful: ask(in: context, into: &out)
        case .working:
            if input == .missed { ask(in: context, into: &out) }
            // Wanted, and stored without the sending that was to follow it.
            if input == .restart, cancelWanted, cancelAttempts == 0 { sendCancel(in: context, into: &out) }
        case .planned:
            if input == .restart { suspectSent(in: context, into: &out) }
        case .ended: break
        }
    }

    /// Where a disk lost what it had confirmed, a planned order may have been sent, and filled, since.
    ///
    /// Sent again under its id it could fill twice (I-02), as the venue knows ids of open orders only. So it counts as
    /// sent at any time from when it was first due until now.
    private mutating func suspectSent(in context: OrderContext, into out: inout OrderOutbox) {
        let since = setBackAt ?? plannedAt
        let sent = OrderFact.submitted(
            attempt: attempts + 1,
            timestamp: context.clock.venueTime(at: since),
            window: max(context.now - since, .zero) + context.rules.window
        )
        note(sent, in: context, into: &out)
        doubt("restart while planned", in: context, into: &out)
    }

    private mutating func queried(
        _ query: OrderQuery,
        _ result: Result<OrderReport, VenueFailure>,
        in context: OrderContext,
        into out: inout OrderOutbox
    ) {
        switch result {
        case .success(let report):
            // Something under our id that does not agree with what we sent is no proof of absence: the doubt stays.
            guard matches(report, clockError: context.clock.uncertainty) else {
                return collide(with: report, in: context, into: &out)
            }
            learn(report, in: context, into: &out)
        case .failure(let failure):
            let isAbsence =
                failure.outcome == .idempotentSafe(.noSuchOrder)
                || failure.outcome == .idempotentSafe(.unknownOrder)
            // A child that is not there says nothing about the conditional order itself.
            guard isAbsence, query.endpoint == endpoint, !isEnded else { return }
            missing(query, in: context, into: &out)
        }
    }

    /// The venue refused our id because of an order that is surely not ours: the next generation bears another id.
    ///
    /// Only a refusal of the only attempt counts, and only a found order that ours could not be (I-02).
    private mutating func collide(
        with report: OrderReport,
        in context: OrderContext,
        into out: inout OrderOutbox
    ) {
        guard isDuplicate, isUnresolved, cannotBe(report) else { return }
        let message = "an order of somebody else's bears the id"
        note(
            .refused(VenueFailure(.retryableWith(.newID), code: -4116, message: message)),
            in: context,
            into: &out
        )
    }

    /// A not-found counts only when asked after the venue can no longer accept the request (I-08).
    private mutating func missing(_ query: OrderQuery, in context: OrderContext, into out: inout OrderOutbox)
    {
        if state == .working { note(.doubted("the venue no longer knows it"), in: context, into: &out) }
        guard state == .doubtful, let lastTimestamp else { return }
        let rules = context.rules
        let askedAt = context.clock.venueTime(at: query.askedAt) - context.clock.uncertainty
        let isConclusive = askedAt > lastTimestamp + lastWindow + rules.settle(endpoint)
        let isSpaced = lastNotFoundAt.map { context.now - $0 >= rules.notFoundSpacing } ?? true
        note(.notFound(conclusive: isConclusive && (notFounds == 0 || isSpaced)), in: context, into: &out)
        guard notFounds >= rules.notFoundsNeeded, let firstTimestamp else { return }
        let since = firstTimestamp - context.clock.uncertainty - .seconds(1)
        let part: SnapshotQuestion.Part =
            endpoint == .algo
            ? .algoHistory(ticket.symbol, since: since) : .orderHistory(ticket.symbol, since: since)
        out.actions.append(.snapshot(SnapshotQuestion(purpose: .doubt(id), part: part, askedAt: context.now)))
    }

    private mutating func history(
        _ report: OrderReport?,
        in context: OrderContext,
        into out: inout OrderOutbox
    ) {
        guard state == .doubtful else { return }
        if let report {
            learn(report, in: context, into: &out)
        } else if notFounds >= context.rules.notFoundsNeeded {
            note(.absentFromHistory, in: context, into: &out)
            note(.lapsed, in: context, into: &out)
        }
    }

    private mutating func learn(_ report: OrderReport, in context: OrderContext, into out: inout OrderOutbox)
    {
        guard isNews(report) else { return }
        note(.reported(report), in: context, into: &out)
        if cancelWanted, isResting, cancelAttempts == 0 { sendCancel(in: context, into: &out) }
    }

    private mutating func due(in context: OrderContext, into out: inout OrderOutbox) {
        guard let dueAt = dueAt(context.rules), dueAt <= context.now else { return }
        switch state {
        case .planned: submit(in: context, into: &out)
        case .inFlight:
            doubt("no answer in \(context.rules.answerWithin.milliseconds) ms", in: context, into: &out)
        case .doubtful: ask(in: context, into: &out)
        case .working:
            ask(in: context, into: &out)
            guard cancelWanted else { break }
            if cancelAttempts > 0, cancelAttempts.isMultiple(of: max(context.rules.maxCancelAttempts, 1)) {
                note(.cancelSeriesEnded(attempts: cancelAttempts), in: context, into: &out)
            }
            sendCancel(in: context, into: &out)
        case .ended: break
        }
    }

    private mutating func cancel(in context: OrderContext, into out: inout OrderOutbox) {
        switch state {
        case .planned where attempts == 0 || setBackAt != nil:
            note(.abandoned(.withdrawn), in: context, into: &out)
        case .planned, .inFlight, .doubtful:
            if !cancelWanted { note(.cancelWanted, in: context, into: &out) }
        case .working:
            guard !cancelWanted || cancelAttempts == 0 else { return }
            if !cancelWanted { note(.cancelWanted, in: context, into: &out) }
            sendCancel(in: context, into: &out)
        case .ended: break
        }
    }

    private mutating func sendCancel(in context: OrderContext, into out: inout OrderOutbox) {
        // The wish to have it gone ends only on the venue's evidence; the wait between attempts is capped (I-07).
        note(.cancelSent(attempt: cancelAttempts + 1), in: context, into: &out)
        let target: OrderEndpoint = isTriggered ? .order : endpoint
        out.actions.append(
            .cancel(Cancellation(id: id, symbol: ticket.symbol, endpoint: target, attempt: cancelAttempts))
        )
    }

    /// "Unknown order" is success, unless a query says that it is still open or has filled.
    private mutating func cancelAnswered(
        _ attempt: Int,
        _ result: Result<OrderReport?, VenueFailure>,
        in context: OrderContext,
        into out: inout OrderOutbox
    ) {
        if case .success(.some(let report)) = result, report.status.isTerminal {
            learn(report, in: context, into: &out)
            return
        }
        guard !isEnded, attempt == cancelAttempts else { return }
        switch result {
        case .success: ask(in: context, into: &out)
        case .failure(let failure):
            switch failure.outcome {
            case .idempotentSafe, .doubt: ask(in: context, into: &out)
            case .retryable, .retryableWith, .fatal: break
            }
        }
    }
}
