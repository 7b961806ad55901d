import ReckonModel

/// The venue's dead-man switch: wound up while entries work, stopped when none does, noticed when it fires.
extension Engine {
    /// The venue counts by instrument, so one countdown runs while either leg has an entry working.
    mutating func tendCountdown(_ symbol: Symbol, _ turn: inout Turn) {
        guard let rules = configuration.deadMan else { return }
        if let until = session.pausedUntil, turn.now < until {
            return turn.outbox.perform(.arm(.keepAlive(symbol), at: until))
        }
        let counted = symbol.instrument
        let isWorking = state.booksSharing(symbol).contains { book in
            state.liveOrders(book).contains { $0.ticket.role == .entry && $0.state != .planned }
        }
        let running = session.countdowns[counted]
        let stopGivenUp = running?.stopSentAt.map { $0 + configuration.router.answerWithin }
        let isStopping = stopGivenUp.map { turn.now < $0 } ?? false
        if isWorking {
            if let running, running.stopSentAt == nil, turn.now < running.woundAt + rules.every {
                return turn.outbox.perform(.arm(.keepAlive(symbol), at: running.woundAt + rules.every))
            }
            guard send(.setCountdown(Countdown(symbol: counted, span: rules.countdown)), &turn) else {
                return turn.outbox.perform(.arm(.keepAlive(symbol), at: turn.now + .seconds(1)))
            }
            session.countdowns[counted] = RunningCountdown(
                woundAt: turn.now,
                windingSentAt: turn.now,
                unanswered: (running?.unanswered ?? 0) + 1
            )
            turn.outbox.perform(.arm(.keepAlive(symbol), at: turn.now + rules.every))
        } else if let running, !isStopping {
            // A resting exit must not fall to a countdown that was wound up for an entry.
            guard turn.now >= running.woundAt + .seconds(1),
                send(.setCountdown(Countdown(symbol: counted, span: .zero)), &turn)
            else {
                return turn.outbox.perform(.arm(.keepAlive(symbol), at: turn.now + .seconds(1)))
            }
            var stopped = running
            stopped.stopSentAt = turn.now
            stopped.isStopSure = running.unanswered == 0 || isTooOldToArrive(running, turn.now)
            session.countdowns[counted] = stopped
            // Nobody may ever answer it.
            turn.outbox.perform(.arm(.keepAlive(symbol), at: turn.now + configuration.router.answerWithin))
        }
    }

    /// Whether the venue would refuse the last winding by its timestamp if it came only now.
    private func isTooOldToArrive(_ countdown: RunningCountdown, _ now: Instant) -> Bool {
        let rules = configuration.router
        return now > countdown.windingSentAt + rules.answerWithin + rules.window + session.clock.uncertainty
    }

    /// After a start nobody knows whether a countdown of the last process still runs: each is wound up or stopped.
    mutating func suspectCountdowns() {
        guard configuration.deadMan != nil else { return }
        for symbol in configuration.symbols {
            session.countdowns[symbol.instrument] = RunningCountdown(woundAt: .epoch, windingSentAt: .epoch)
        }
    }

    /// A winding that failed is tried again at the next one: at worst the countdown fires, which takes entries off.
    mutating func countdownSet(
        _ countdown: Countdown,
        _ result: Result<Span, VenueFailure>,
        _ turn: inout Turn
    ) {
        if case .failure(let failure) = result { heed(failure, &turn) }
        guard var running = session.countdowns[countdown.symbol] else { return }
        if countdown.span > .zero { running.unanswered = max(running.unanswered - 1, 0) }
        guard countdown.span == .zero, running.stopSentAt != nil else {
            session.countdowns[countdown.symbol] = running
            return
        }
        if case .success = result, running.isStopSure {
            session.countdowns[countdown.symbol] = nil
            return
        }
        // One that could not be stopped, or that a winding on its way behind the wish starts anew, is stopped again.
        running.stopSentAt = nil
        running.woundAt = turn.now
        session.countdowns[countdown.symbol] = running
        let legs = configuration.symbols.filter { $0.leg != nil && countdown.symbol.includes($0) }
        for book in legs.isEmpty ? [countdown.symbol] : legs { turn.touch(book) }
    }

    /// A regular order that ended without our wish while the countdown ran may be its work: protection is looked at now.
    mutating func considerCountdown(_ machine: OrderMachine, _ turn: inout Turn) {
        let symbol = machine.ticket.symbol
        guard configuration.deadMan != nil, session.countdowns[symbol.instrument] != nil else { return }
        guard machine.restsRegularly, !machine.cancelWanted,
            machine.end == .cancelled || machine.end == .expired
        else { return }
        note(.countdownFired(symbol, machine.id), &turn)
        turn.notify(.countdownFired, nil, symbol, [.init("order", machine.id.text)])
        turn.touch(symbol)
        session.isStreamHintPending = true
        turn.outbox.perform(.arm(.hint, at: turn.now))
    }
}

extension OrderMachine {
    /// Whether it rests among the regular orders, where the countdown reaches.
    fileprivate var restsRegularly: Bool {
        switch ticket.pricing {
        case .limit(_, .goodTillCancel), .limit(_, .postOnly): true
        case .limit, .market, .stopMarket, .takeProfitMarket: false
        }
    }
}
