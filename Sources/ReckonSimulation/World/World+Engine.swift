import ReckonEngine
import ReckonExchange
import ReckonModel

/// The crank of the simulated process: step, commit, act; and death at any point of it.
extension World {
    /// One turn: the input is decided upon, its facts go to disk, and only then its actions leave.
    mutating func turn(_ input: Input) {
        guard engine != nil else { return }
        board.told(input, sight)
        outbox.clear()
        engine?.step(input, at: now, into: &outbox)
        if outbox.facts.isEmpty, outbox.actions.isEmpty { return }
        let facts = outbox.facts
        let actions = outbox.actions
        if case .beforeCommit = doom {
            board.note(.crashBeforeCommit)
            return die(hasCommitted: facts.isEmpty)
        }
        commit(facts)
        if case .afterCommit = doom {
            if !actions.isEmpty { board.note(.crashAfterCommit) }
            return die(hasCommitted: true)
        }
        for (index, action) in actions.enumerated() {
            if case .afterActions(let count) = doom, index >= count {
                board.note(.crashAmidActions)
                return die(hasCommitted: true)
            }
            perform(action)
        }
        if doom != nil { die(hasCommitted: true) }
    }

    private mutating func commit(_ facts: [StampedFact]) {
        guard !facts.isEmpty else { return }
        turnStarts.append(self.facts.count)
        self.facts += facts
        for fact in facts {
            let subject = trace.isRead ? subject(of: fact) : ""
            let text = FactToken.text(fact.fact)
            trace.note(now, text, subject: subject)
            conduct.note(FactToken.kind(fact.fact), at: now - start, FactToken.words(fact.fact, text))
            if case .verdictEnforced = fact.fact { seat.store(after: self.facts.count) }
        }
        board.published(facts, sight)
    }

    /// What checkers may look at: the venue's truth, what the engine published, and what the wire carries.
    var sight: Sight {
        Sight(
            now: now,
            venueNow: exchange.now,
            record: exchange.record,
            marks: engine?.session.marks ?? Table(),
            holdings: engine?.state.holdings ?? Table(),
            listsUntrueFor: listTruth.untrueFor(at: now)
        )
    }

    mutating func die(hasCommitted: Bool) {
        doom = nil
        board.died()
        guard let dying = engine else { return }
        // What was decided and not committed dies with the process; what was committed has to come back.
        lastState = hasCommitted ? dying.state : nil
        engine = nil
        incarnation += 1
        counters.crashes += 1
        timers.removeAll()
        stream.isConnected = false
        stream.lastArrival = nil
        trace.note(now, "crash")
        var dice = draws.dice("downtime", "\(incarnation)")
        let restart = now + Span(nanoseconds: dice.roll(in: 200_000_000...15_000_000_000))
        pauses.append(Pause(from: now, to: restart))
        heap.push(.restart, at: restart)
    }

    /// The process dies and its volume comes back as it was so many turns ago.
    ///
    /// Ids of orders bear the epoch of their start, so what is sent from then on repeats none of those that are forgotten (I-02).
    mutating func loseTail(turns: Int) {
        guard engine != nil, turnStarts.count > turns else { return }
        // A turn is one transaction: it is there or it is not.
        let tail = facts.suffix(facts.count - turnStarts[turnStarts.count - turns])
        turnStarts.removeLast(turns)
        for case .orderPlanned(let ticket, _, _) in tail.map(\.fact) { lostOrders.append(ticket.id) }
        trace.note(now, "the last \(tail.count) facts are lost")
        facts.removeLast(tail.count)
        die(hasCommitted: false)
        board.rebuilt(from: facts)
    }

    /// A process starts with what the disk holds and nothing else.
    mutating func boot() {
        let replayed = Engine(configuration, replaying: facts)
        if let lastState { board.replayed(lastState == replayed.state, sight) }
        lastState = nil
        engine = replayed
        seat.restart(factCount: facts.count)
        trace.note(now, "boot")
        board.restarted(sight)
        turn(.instruments(exchange.instruments))
        measureClock()
        tellMarks()
        turn(.rates(.limits(scenario.rateLimits)))
        tellUsage()
        turn(.policyLoaded(seat.identity))
        turn(.wake(epoch: "e\(incarnation)"))
        turn(.journal(weather.journalFails ? .failed("the disk is full") : .healthy))
        obeyOperator()
        connectStream(after: .milliseconds(300))
    }

    /// An operator who finds the engine otherwise than wished says so again.
    mutating func obeyOperator() {
        guard let state = engine?.state else { return }
        if let scope = weather.flatten, state.flattens.rows[scope] == nil {
            turn(.command(.flatten(scope, reason: "drill"), ticket: -1))
        }
        // While a flatten is under way a resume would be refused.
        let isFlat = weather.flatten == nil && !state.flattens.rows.isEmpty && !state.flattens.hasUnfinished
        let mayResume = !weather.isHalted && weather.flatten == nil && !state.flattens.hasUnfinished
        if weather.isHalted, !state.guarding.isHaltedByOperator {
            turn(.command(.halt(reason: "drill"), ticket: -1))
        } else if mayResume, isFlat || state.guarding.isHaltedByOperator {
            turn(.command(.resume(reason: "drill over"), ticket: -1))
        }
        resolveSharing()
    }

    mutating func measureClock() {
        var dice = draws.dice("clock measured", "\(now.nanoseconds / 1_000_000_000)")
        let error = Span(nanoseconds: dice.roll(in: 0...40_000_000))
        turn(.clock(ClockOffset(offset: network.clock.offset + error, uncertainty: .milliseconds(40))))
    }

    /// What the headers of the venue's answers say.
    mutating func tellUsage() {
        var usage = RateUsage()
        let orders = board.usedOrders(at: exchange.now)
        let beside = others.used(at: exchange.now)
        usage.weightThisMinute = board.usedWeight(at: exchange.now)
        usage.ordersThisMinute = orders.minute + beside.minute
        usage.ordersTheseTenSeconds = orders.tenSeconds + beside.tenSeconds
        turn(.rates(.usage(usage)))
    }

    mutating func tellMarks() {
        let marks = exchange.markets.flatMap { symbol, market in
            exchange.names(of: symbol).map { Mark(symbol: $0, price: market.mark) }
        }
        turn(.marks(marks))
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .place(let placement) where weather.isLineStalled:
            trace.say(now, "dropped before it left: \(placement.ticket.id)")
            deliver(.dropped(placement), at: now + .milliseconds(500))
        case .place(let placement):
            counters.placements += 1
            board.sent(placement, sight)
            send(.place(placement), cause: cause(placement))
        case .query(let query):
            send(.query(query), cause: slot("query \(query.endpoint.rawValue)", cause(of: query.id)))
        case .cancel(let cancellation):
            send(.cancel(cancellation), cause: "cancel \(cause(of: cancellation.id)) \(cancellation.attempt)")
        case .snapshot(let question): send(.snapshot(question), cause: slot("list", name(question.part)))
        case .setLeverage(let change): send(.leverage(change), cause: slot("leverage", change.symbol.name))
        case .setMarginMode(let change): send(.margin(change), cause: slot("margin", change.symbol.name))
        case .arm(let timer, let at): arm(timer, at: at)
        case .evaluate(let question): evaluate(question)
        case .putBack(let versions): putBack(versions)
        case .resyncClock:
            board.resynced()
            deliver(.clock(network.clock), at: now + network.latency("resync", slot("clock", "")))
        case .reopenStream:
            stream.isConnected = false
            deliver(.stream(.disconnected("reopened")), at: now)
            connectStream(after: .milliseconds(500))
        case .answer(let ticket, let answer):
            conduct.note("answers \(FactToken.kind(answer))", at: now - start)
            answers[ticket] = answer
            board.answered(ticket, answer, sight)
        case .setCountdown(let wish): send(.countdown(wish), cause: slot("countdown", wish.symbol.name))
        case .notify(let notice):
            conduct.note("notice \(notice.name.rawValue)", at: now - start)
            if notice.name == .reconcileStretched { board.note(.paced) }
            if notice.name == .positionForced { board.note(.forcedClose) }
            if notice.name == .settingDrift { board.note(.settingDrift) }
        }
    }

    /// Re-arming replaces, as in the host.
    private mutating func arm(_ timer: EngineTimer, at instant: Instant) {
        timerCount += 1
        timers[TimerKey(timer)] = timerCount
        heap.push(.timer(timer, number: timerCount), at: max(instant, now))
    }

    private mutating func evaluate(_ question: PolicyQuestion) {
        counters.verdicts += 1
        board.questioned(question, sight)
        var verdict = seat.evaluate(question)
        if weather.policyFails {
            verdict = PolicyVerdict(
                tick: question.tick,
                policyDigest: verdict.policyDigest,
                answer: .failure(PolicyFault(code: .error, message: "made to fail")),
                instructions: 0,
                stateDigest: verdict.stateDigest
            )
        }
        if weather.policyIsMad { verdict = nonsense(question, verdict) }
        if weather.policyFails || weather.policyIsMad { replacedTicks[question.tick] = true }
        deliver(.verdict(verdict), at: now + .milliseconds(1) + verdictDelay(question, verdict))
    }

    /// How long a slow policy takes beyond the usual; some of its answers come once more after that.
    private mutating func verdictDelay(_ question: PolicyQuestion, _ verdict: PolicyVerdict) -> Span {
        guard weather.policyIsSlow else { return .zero }
        var dice = draws.dice("slow policy", "\(question.tick)")
        let delay = Span(nanoseconds: dice.roll(in: 0...9_000_000_000))
        if dice.chance(1, in: 3) { deliver(.verdict(verdict), at: now + delay + .milliseconds(900)) }
        return delay
    }

    /// The last version that ran clean and is still at hand takes the place of one that faults, as in the host.
    private mutating func putBack(_ versions: [PolicyIdentity]) {
        let from = seat.identity
        board.putsBack(versions, from: from.digest, sight)
        guard let to = versions.first(where: { seat.putBack($0.digest) }) else { return }
        let outcome = PolicyChange.Outcome.swapped(PolicyHandover(.carried))
        let change = PolicyChange(.quarantine, reason: "faults", from: from, to: to, outcome: outcome)
        board.note(.putBack)
        deliver(.policyChanged(change, ticket: nil), at: now)
    }

    /// What no sane policy would say: everything wide open, beyond all limits, or no number.
    private func nonsense(_ question: PolicyQuestion, _ sane: PolicyVerdict) -> PolicyVerdict {
        var dice = draws.dice("nonsense", "\(question.tick)")
        var knobs = Knobs(mode: .green, allowEntries: true, limits: question.limits)
        switch dice.roll(below: 4) {
        case 0: knobs.maxNotional = question.limits.maxNotional * 50
        case 1: knobs.maxNotional = .nan
        case 2:
            knobs.maxLeverage = question.limits.maxLeverage + 100
            knobs.entryCooldownSeconds = -5
            knobs.maxOpenOrdersPerSymbol = 1_000
        default: knobs.mode = .red
        }
        return PolicyVerdict(
            tick: question.tick,
            policyDigest: sane.policyDigest,
            answer: .success(knobs),
            instructions: sane.instructions,
            stateDigest: sane.stateDigest
        )
    }

    mutating func connectStream(after delay: Span) {
        let at = max(now + delay, stream.refusedUntil ?? now)
        deliver(.stream(.connected), at: at)
    }

    /// For readers: whose story a fact belongs to.
    private func subject(of stamped: StampedFact) -> String {
        func of(_ intent: IntentID?) -> String? {
            intent.flatMap { engine?.state.intents[$0]?.correlation.text }
        }
        func of(_ id: ClientOrderID) -> String? {
            guard let order = engine?.state.order(id) else { return nil }
            return of(order.intent) ?? order.ticket.symbol.name
        }
        let found: String? =
            switch stamped.fact {
            case .intentAccepted(let acceptance): acceptance.correlation.text
            case .intentWithdrawn(let id), .exitOverdue(let id), .exitSeriesEnded(let id): of(id)
            case .intentEnded(let id, _): of(id)
            case .orderPlanned(let ticket, let intent, _): of(intent) ?? ticket.symbol.name
            case .order(let id, _): of(id)
            default: stamped.symbol?.name
            }
        return found ?? "-"
    }

    // MARK: Causes

    /// What a placement's draws hang on: the caller's key and not our numbers, which shift with every other decision.
    private mutating func cause(_ placement: Placement) -> String {
        let own = cause(of: placement.ticket.id)
        guard placement.ticket.role.isConditional else { return "place \(own) \(placement.attempt)" }
        return slot("place", own)
    }

    private func cause(of id: ClientOrderID) -> String {
        guard let order = engine?.state.order(id) else { return "order \(id)" }
        guard let intent = order.intent, let record = engine?.state.intents[intent] else {
            return "\(order.ticket.role.rawValue) \(order.ticket.symbol)"
        }
        return "\(record.intent.key) \(order.generation)"
    }

    private func name(_ part: SnapshotQuestion.Part) -> String {
        switch part {
        case .positions: "positions"
        case .openOrders: "open orders"
        case .openAlgoOrders: "open algo orders"
        case .orderHistory(let symbol, _): "orders \(symbol)"
        case .algoHistory(let symbol, _): "algo orders \(symbol)"
        case .symbolOrders(let symbol): "open orders \(symbol)"
        case .symbolAlgoOrders(let symbol): "open algo orders \(symbol)"
        case .trades(let symbol, _): "trades \(symbol)"
        case .settings: "settings"
        }
    }

    /// The cause of a call that no single order stands behind: what, in which second, and the how-manieth in it.
    private mutating func slot(_ endpoint: String, _ subject: String) -> String {
        let second = now.nanoseconds / 1_000_000_000
        if second != slotSecond {
            slotSecond = second
            slotCounts.removeAll()
        }
        let key = "\(endpoint) \(subject)"
        let count = (slotCounts[key] ?? 0) + 1
        slotCounts[key] = count
        return "\(key) \(second) \(count)"
    }
}
