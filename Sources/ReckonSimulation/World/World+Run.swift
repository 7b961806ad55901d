import ReckonEngine
import ReckonExchange
import ReckonModel

extension World {
    /// Runs both phases: faults rage, then end, and everything must come to rest.
    package mutating func run() -> RunResult {
        trace.say(now, "policy \(seat.identity.name) \(seat.identity.digest)")
        for line in scenario.options { trace.say(now, line) }
        tellPrices()
        seedEvents()
        let safeUntil = start + scenario.length
        advance(to: safeUntil)
        calm()
        trace.say(now, "faults end")
        let deadline = safeUntil + scenario.restWithin
        var unrest = reasonsForUnrest()
        while now < deadline, !unrest.isEmpty {
            advance(to: now + .seconds(1))
            unrest = reasonsForUnrest()
        }
        unrest += prices.problems
        if let engine { board.replayed(engine.state == Engine(configuration, replaying: facts).state, sight) }
        board.atRest(sight, lostOrders: lostOrders)
        for reason in unrest { trace.say(now, "not at rest: \(reason)") }
        tellNaked()
        for breach in board.findings.breaches {
            trace.say(breach.at, "breach of \(breach.invariant): \(breach.sentence)")
        }
        return result(unrest, restedAfter: now - safeUntil)
    }

    /// Where the naked seconds of the figures are to be found in the trace, longest first.
    private mutating func tellNaked() {
        let intervals = exchange.record.nakedIntervals.map { ($0, $0.length(asOf: exchange.now)) }
        for (interval, length) in intervals.sorted(by: { $0.1 > $1.1 }).prefix(5) {
            let since = now - .milliseconds(exchange.now.milliseconds - interval.from.milliseconds)
            let at = "\((since - start).seconds) s"
            trace.say(now, "\(interval.symbol) stood bare for \(length.seconds) s from \(at)")
        }
    }

    private func result(_ unrest: [String], restedAfter: Span) -> RunResult {
        let evidence = RunEvidence(
            record: exchange.record,
            facts: facts,
            configuration: configuration,
            until: exchange.now,
            refusedExits: refusedExits,
            pauses: pauses,
            lostOrders: lostOrders
        )
        let beliefs = BeliefTimeline(facts, configuration: configuration)
        var report = ReliabilityReport(evidence, beliefs: beliefs)
        let figures = RunFigures(
            evidence: evidence,
            beliefs: beliefs,
            wrong: report["wrong_exposure_usdt_sec"] ?? 0,
            attempts: attempts,
            replacedTicks: replacedTicks,
            start: start,
            end: now
        )
        report.add(figures.figures())
        report.add([Figure("convergence_seconds", restedAfter.seconds, .seconds)])
        return RunResult(
            seed: draws.seed,
            report: report,
            breaches: board.findings.breaches,
            unrest: unrest,
            trace: RunResult.TraceEnd(hash: trace.hash, events: trace.events, length: now - start),
            coverage: board.findings.coverage,
            counters: counters,
            conduct: conduct
        )
    }

    private mutating func seedEvents() {
        for (index, strike) in schedule.strikes.enumerated() { heap.push(.strike(index), at: strike.from) }
        for (index, job) in workload.jobs.enumerated() { heap.push(.job(index), at: job.at) }
        for (index, job) in workload.jobs.enumerated() {
            for (number, move) in job.moves.enumerated() {
                heap.push(.move(index, number: number), at: move.at)
            }
            for (number, amend) in job.amends.enumerated() {
                heap.push(.amend(index, number: number), at: amend.at)
            }
            if let withdrawal = job.withdrawAt { heap.push(.withdraw(index), at: withdrawal) }
            if let again = job.withdrawAgainAt { heap.push(.withdraw(index), at: again) }
            if let withdrawal = job.withdrawExitAt { heap.push(.withdrawExit(index), at: withdrawal) }
            if let limit = job.limitExit { heap.push(.limitExit(index), at: limit.at) }
        }
        for (index, mistake) in workload.mistakes.enumerated() { heap.push(.mistake(index), at: mistake.at) }
        heap.push(.marketMoves, at: start + .seconds(1))
        heap.push(.heartbeat, at: start + .seconds(10))
        heap.push(.measureClock, at: start + .seconds(60))
        heap.push(.restart, at: start)
    }

    private mutating func advance(to end: Instant) {
        while let next = heap.nextAt, next <= end, let (at, event) = heap.pop() {
            now = max(now, at)
            let venueNow = network.clock.venueTime(at: now)
            prices.supply(&exchange, upTo: venueNow)
            exchange.advance(to: venueNow)
            publishEvents()
            happen(event)
        }
        now = max(now, end)
    }

    private mutating func happen(_ event: Event) {
        switch event {
        case .deliver(let input, let incarnation):
            guard incarnation == self.incarnation else { return }
            if case .snapshot(let question, .success) = input, question.part == .positions {
                listTruth.told(at: now, askedAt: question.askedAt)
            }
            if case .stream(.connected) = input {
                guard stream.refusedUntil.map({ now >= $0 }) ?? true else {
                    return connectStream(after: .seconds(1))
                }
                stream.isConnected = true
            }
            turn(input)
        case .timer(let timer, let number):
            guard timers[TimerKey(timer)] == number else { return }
            timers[TimerKey(timer)] = nil
            turn(.timer(timer))
        case .arrive(let call): arrive(call)
        case .strike(let index): strike(schedule.strikes[index], index)
        case .strikeEnds(let index): strikeEnds(schedule.strikes[index], index)
        case .job(let index): submitEntry(index)
        case .exit(let index): submitExit(index)
        case .move(let index, let number): submitMove(index, workload.jobs[index].moves[number])
        case .amend(let index, let number): submitAmendment(index, workload.jobs[index].amends[number])
        case .withdraw(let index): submitWithdrawal(index)
        case .withdrawExit(let index):
            turn(.cancellation(key: workload.jobs[index].exit.key, ticket: Int64(index)))
        case .limitExit(let index): submitLimitExit(index)
        case .withdrawLimitExit(let index): withdrawLimitExit(index)
        case .mistake(let index): makeMistake(workload.mistakes[index], ticket: Int64(-2 - index))
        case .marketMoves:
            tellMarks()
            others.use(scenario.rateLimits, at: exchange.now)
            tellUsage()
            heap.push(.marketMoves, at: now + .seconds(1))
        case .heartbeat:
            if stream.isConnected, !stream.isSilent { turn(.stream(.heard)) }
            obeyOperator()
            heap.push(.heartbeat, at: now + .seconds(10))
        case .measureClock:
            measureClock()
            heap.push(.measureClock, at: now + .seconds(60))
        case .restart: boot()
        }
    }

    // MARK: The workload

    private mutating func submitEntry(_ index: Int) {
        let job = workload.jobs[index]
        guard engine != nil else { return retry(.job(index), index) }
        var entry = job.entry
        guard let market = exchange.markets[entry.symbol.instrument] else { return }
        let ahead: Int64 = entry.side == .buy ? 1 : -1
        let tick = market.instrument.tickSize
        if let behind = job.limitBehind {
            let price = market.mark.scaled(by: 10_000 - ahead * behind, over: 10_000, rounding: .down)
            entry.pricing = .limit(price.rounded(.down, toMultipleOf: tick), .goodTillCancel)
        }
        entry.takeProfit = job.takeProfitAhead.map { distance in
            market.mark.scaled(by: 10_000 + ahead * distance, over: 10_000, rounding: .down)
                .rounded(.down, toMultipleOf: tick)
        }
        if let asked = jobStates[index].entry { entry = asked }
        jobStates[index].entry = entry
        let isRight = isBeliefRight
        let answer = submit(.entry(entry), index)
        noteAttempt(entry, answer, isRight)
        switch answer {
        case .accepted:
            counters.entriesAccepted += 1
            jobStates[index].isAccepted = true
            heap.push(.exit(index), at: max(job.exitAt, now))
        case .refused: counters.entriesRefused += 1
        // Died before it could say so: a strategy tries its key again with the very same body.
        case .done, nil: retry(.job(index), index)
        }
    }

    private mutating func submitMove(_ index: Int, _ move: Workload.Move) {
        guard engine != nil else { return }
        turn(.intent(Submission(intent: .protect(move.protect), ticket: Int64(index))))
    }

    /// Another price and size for an entry that may still rest; what the engine makes of it is its own.
    private mutating func submitAmendment(_ index: Int, _ amend: Workload.Amend) {
        let job = workload.jobs[index]
        guard let market = exchange.markets[job.entry.symbol.instrument],
            let state = engine?.state, let id = state.keys[job.entry.key], let record = state.intents[id]
        else { return }
        let ahead: Int64 = job.entry.side == .buy ? 1 : -1
        let price = market.mark.scaled(by: 10_000 - ahead * amend.behind, over: 10_000, rounding: .down)
            .rounded(.down, toMultipleOf: market.instrument.tickSize)
        let total = amend.share.map { share in
            record.quantity.scaled(by: share, over: 100, rounding: .down)
                .rounded(.down, toMultipleOf: market.instrument.stepSize)
        }
        let amendment = Amendment(.key(job.entry.key), price: price, quantity: total)
        turn(.amendment(amendment, ticket: Int64(index)))
    }

    private mutating func submitWithdrawal(_ index: Int) {
        guard engine != nil else { return retry(.withdraw(index), index) }
        let ticket = Int64(index)
        answers[ticket] = nil
        turn(.cancellation(key: workload.jobs[index].entry.key, ticket: ticket))
        // Only where the same is asked twice: what the worlds before it keep of their conduct stays as it is.
        if workload.jobs[index].withdrawAgainAt != nil, let answer = answers[ticket] {
            conduct.note("answers withdrawal", at: now - start, World.text(answer))
        }
    }

    static func text(_ answer: Answer) -> String {
        switch answer {
        case .accepted: "accepted"
        case .done: "done"
        case .refused(let refusal): "refused \(refusal.rule.rawValue) \(refusal.found)"
        }
    }

    private mutating func submitExit(_ index: Int) {
        guard engine != nil else { return retry(.exit(index), index) }
        var exit = workload.jobs[index].exit
        if let amount = workload.jobs[index].exitAmount {
            if exitQuantities[index] == nil { exitQuantities[index] = quantity(amount, of: exit.symbol) }
            if let part = exitQuantities[index], part.isPositive { exit.extent = .reduce(by: part) }
        }
        switch submit(.exit(exit), index) {
        case .accepted: counters.exitsAccepted += 1
        case .refused(let refusal):
            refusedExits.append("\(exit.key) \(refusal.message)")
            board.refused(exit, refusal, sight)
        case .done, nil: retry(.exit(index), index)
        }
    }

    /// Whether the engine believes in the very positions that there are.
    private var isBeliefRight: Bool {
        guard let engine else { return false }
        return scenario.symbols.allSatisfy { symbol in
            engine.state.holding(symbol).position.quantity
                == exchange.record.position(of: symbol, asOf: exchange.now)
        }
    }

    private mutating func noteAttempt(_ entry: EntryIntent, _ answer: Answer?, _ isRight: Bool) {
        guard case .notional(let wish) = entry.sizing else { return }
        var attempt = EntryAttempt(at: now, wish: wish, isBeliefRight: isRight)
        if case .accepted(let receipt) = answer, let record = engine?.state.intents[receipt.intent] {
            let mark = exchange.markets[entry.symbol.instrument]?.mark ?? .zero
            attempt.admitted = min(Notional(of: record.quantity, at: mark, rounding: .down), wish)
        }
        attempt.isAnswered = answer != nil
        attempts.append(attempt)
    }

    private mutating func submit(_ intent: Intent, _ index: Int) -> Answer? {
        let ticket = Int64(index)
        answers[ticket] = nil
        turn(.intent(Submission(intent: intent, ticket: ticket)))
        return answers[ticket]
    }

    private mutating func retry(_ event: Event, _ index: Int) {
        jobStates[index].tries += 1
        guard jobStates[index].tries < 60 else { return }
        heap.push(event, at: now + .seconds(1))
    }

    // MARK: Faults that come by themselves

    private mutating func strike(_ strike: FaultSchedule.Strike, _ index: Int) {
        counters.faults += 1
        counters.strikes[strike.kind.rawValue, default: 0] += 1
        trace.note(now, "strike \(strike.kind.rawValue)")
        var dice = strike.dice
        let symbol = scenario.symbols[Int(dice.roll(below: UInt64(scenario.symbols.count)))]
        switch strike.kind {
        case .silence: stream.isSilent = true
        case .disconnect:
            stream.isConnected = false
            stream.refusedUntil = strike.to
            deliver(.stream(.disconnected("cut")), at: now)
            connectStream(after: strike.to - now)
        case .staleLists:
            weather.staleSince = frozenLists()
            listTruth.fails(at: now)
        case .outage: weather.isOutage = true
        case .policyFault: weather.policyFails = true
        case .orderGatewayDown: weather.isGatewayDown = true
        case .policyNonsense: weather.policyIsMad = true
        case .policySlow: weather.policyIsSlow = true
        case .otherEngine: strangerCalls(on: symbol, index, &dice)
        case .othersOrdering: others.begin(&dice)
        case .handOrder: orderByHand(symbol, index, &dice)
        case .lineStalled: weather.isLineStalled = true
        case .journalTailLost: loseTail(turns: Int(dice.roll(in: 1...12)))
        case .partialLists:
            weather.hasPartialLists = true
            listTruth.fails(at: now)
        case .staleQueries: weather.staleQueries = frozenLists()
        case .listenKeyExpiry:
            stream.isConnected = false
            deliver(.stream(.keyExpired), at: now)
        case .clockJump: network.jumpClock(to: .milliseconds(dice.roll(in: -1_200...1_200)))
        case .deleveraging: deleverage(symbol)
        case .policyReplaced: replacePolicy()
        case .operatorHalt:
            weather.isHalted = true
            obeyOperator()
        case .operatorFlatten:
            weather.flatten = flattenScope(symbol, &dice)
            obeyOperator()
        case .operatorCancelAll:
            turn(.command(.cancelAll(flattenScope(symbol, &dice), reason: "drill"), ticket: -1))
        case .journalFault:
            weather.journalFails = true
            turn(.journal(.failed("the disk is full")))
        case .journalSlow: turn(.journal(.slow(.milliseconds(dice.roll(in: 1_000...9_000)))))
        case .crash: doom = doom(&dice)
        case .settingsChanged: changeSettings(symbol, &dice)
        case .stopCancelled: _ = exchange.cancelStopByHand(symbol)
        case .handTrade:
            let amount = Notional(units: 100 * Notional.scale)
            exchange.tradeByHand(symbol, dice.chance(1, in: 2) ? .buy : .sell, quantity(amount, of: symbol))
        case .handClose: closeByHand(symbol, isBoughtBack: dice.chance(1, in: 3))
        case .priceJump: jumpPrice(symbol, &dice)
        }
        publishEvents()
        heap.push(.strikeEnds(index), at: strike.to)
    }

    /// Sold and bought back in one go it is as large as before, and entered at another price.
    private mutating func closeByHand(_ symbol: Symbol, isBoughtBack: Bool) {
        let before = exchange.position(of: symbol)?.quantity ?? .zero
        exchange.closeByHand(symbol)
        guard isBoughtBack, !before.isZero else { return }
        exchange.tradeByHand(symbol, before.isPositive ? .buy : .sell, before.magnitude)
    }

    private mutating func jumpPrice(_ symbol: Symbol, _ dice: inout Dice) {
        let mark = exchange.markets[symbol.instrument]?.mark ?? .zero
        let most = scenario.faults.jumpBasisPoints
        let share = dice.roll(in: (10_000 - most)...(10_000 + most))
        let tick = exchange.markets[symbol.instrument]?.instrument.tickSize ?? mark
        exchange.jump(symbol, to: max(mark.scaled(by: share, over: 10_000, rounding: .down), tick))
    }

    private mutating func deleverage(_ symbol: Symbol) {
        let held = exchange.position(of: symbol)?.quantity.magnitude ?? .zero
        let step = exchange.markets[symbol.instrument]?.instrument.stepSize ?? held
        exchange.autoDeleverage(
            symbol,
            by: Quantity(units: held.units / 2).rounded(.down, toMultipleOf: step)
        )
    }

    /// The account, or one symbol; of a leg sometimes its whole instrument.
    private func flattenScope(_ symbol: Symbol, _ dice: inout Dice) -> CommandScope {
        if dice.chance(1, in: 2) { return .account }
        return .symbol(symbol.leg != nil && dice.chance(1, in: 2) ? symbol.instrument : symbol)
    }

    /// What the venue forbids then is simply not done.
    private mutating func changeSettings(_ symbol: Symbol, _ dice: inout Dice) {
        _ = try? exchange.setLeverage(symbol, Int(dice.roll(in: 1...20)))
        if dice.chance(1, in: 2) {
            try? exchange.setMarginType(symbol, dice.chance(1, in: 2) ? .isolated : .crossed)
        }
    }

    /// An amount in whole steps at the present mark.
    private func quantity(_ amount: Notional, of symbol: Symbol) -> Quantity {
        guard let market = exchange.markets[symbol.instrument] else { return .zero }
        return amount.quantity(at: market.mark).rounded(.down, toMultipleOf: market.instrument.stepSize)
    }

    private func doom(_ dice: inout Dice) -> Doom {
        switch dice.roll(below: 4) {
        case 0: .beforeCommit
        case 1: .afterCommit
        default: .afterActions(Int(dice.roll(below: 4)))
        }
    }

    private mutating func strikeEnds(_ strike: FaultSchedule.Strike, _ index: Int) {
        switch strike.kind {
        case .silence: stream.isSilent = false
        case .staleLists:
            weather.staleSince = nil
            listTruth.isBack(at: now)
        case .outage: weather.isOutage = false
        case .policyFault: weather.policyFails = false
        case .orderGatewayDown: weather.isGatewayDown = false
        case .policyNonsense: weather.policyIsMad = false
        case .policySlow: weather.policyIsSlow = false
        case .otherEngine: strangerLeaves(index)
        case .othersOrdering: others.end()
        case .handOrder: takeBackByHand(index)
        case .lineStalled: weather.isLineStalled = false
        case .partialLists:
            weather.hasPartialLists = false
            listTruth.isBack(at: now)
        case .staleQueries: weather.staleQueries = nil
        case .policyReplaced: replacePolicy()
        case .operatorHalt:
            weather.isHalted = false
            obeyOperator()
        case .operatorFlatten:
            weather.flatten = nil
            obeyOperator()
        case .journalFault:
            weather.journalFails = false
            turn(.journal(.healthy))
        case .journalSlow:
            if !weather.journalFails { turn(.journal(.healthy)) }
        case .disconnect, .crash, .stopCancelled, .handTrade, .handClose, .priceJump, .listenKeyExpiry,
            .clockJump,
            .deleveraging, .settingsChanged, .journalTailLost, .operatorCancelAll:
            break
        }
    }

    /// A version that cannot be loaded leaves the old one in its seat, as in the host.
    private mutating func replacePolicy() {
        try? seat.replace()
        turn(.policyLoaded(seat.identity))
    }

    /// The end of all faults.
    private mutating func calm() {
        weather = Weather()
        others.end()
        stream.isSilent = false
        doom = nil
        obeyOperator()
        turn(.journal(.healthy))
    }

    // MARK: Rest

    /// Why the world has not come to rest yet.
    private func reasonsForUnrest() -> [String] {
        guard let engine else { return ["the engine is down"] }
        var reasons: [String] = []
        for (id, symbol) in engine.state.openIntents { reasons.append("intent \(id) on \(symbol) is open") }
        for order in engine.state.orders.values where order.isUnresolved || order.state == .planned {
            reasons.append("order \(order.id) is \(order.state)")
        }
        for symbol in scenario.symbols {
            let held = exchange.position(of: symbol)?.quantity ?? .zero
            let believed = engine.state.holding(symbol).position.quantity
            if held != believed { reasons.append("\(symbol): \(believed) believed, \(held) held") }
            if exchange.record.openNakedInterval(symbol) != nil { reasons.append("\(symbol) is naked") }
        }
        for (scope, flatten) in engine.state.flattens.rows where !flatten.isDone {
            reasons.append("the flatten of \(scope.name) is not done")
        }
        for (key, _) in engine.state.ledger.rows where !(key.kind == .overCovered && isHeldUp(key.symbol)) {
            reasons.append("\(key.symbol) has \(key.kind.rawValue)")
        }
        return reasons
    }

    /// Whether a stop is in the way that the journal does not know of: it is left to the operator, and reported till then.
    private func isHeldUp(_ symbol: Symbol) -> Bool {
        exchange.openAlgoOrders(symbol).contains { engine?.state.order($0.clientID) == nil }
    }
}
