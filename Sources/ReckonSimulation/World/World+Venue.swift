import ReckonEngine
import ReckonExchange
import ReckonModel

/// Requests on the wire: fates drawn by cause, executed on the exchange when they arrive.
extension World {
    mutating func send(_ request: VenueCall.Request, cause: String) {
        let call = VenueCall(request: request, cause: cause, sentAt: now, incarnation: incarnation)
        let timeout = now + scenario.network.timeout
        if isFaultTime, draws.chance(scenario.faults.requestLost, "request lost", cause) {
            counters.faults += 1
            return deliver(call.failed(VenueWords.noAnswer), at: timeout)
        }
        heap.push(.arrive(call), at: now + network.latency("request", cause))
    }

    var isFaultTime: Bool { now < start + scenario.length }

    mutating func arrive(_ call: VenueCall) {
        let faults = scenario.faults
        let giveUp = call.sentAt + scenario.network.timeout
        func strikes(_ ratio: Ratio, _ purpose: String) -> Bool {
            isFaultTime && draws.chance(ratio, purpose, call.cause)
        }
        if weather.isOutage { return answer(call, call.failed(VenueWords.unavailable)) }
        if isTooLate(call) { return answer(call, call.failed(VenueWords.staleTimestamp)) }
        if let refusal = refusal(call, strikes) {
            counters.faults += 1
            return answer(call, call.failed(refusal))
        }
        if call.isOrder, strikes(faults.unknown, "unknown") {
            counters.faults += 1
            if draws.chance(Ratio(1, in: 2), "unknown executed", call.cause) { _ = execute(call) }
            return answer(call, call.failed(VenueWords.unknown))
        }
        let input = execute(call)
        if strikes(faults.answerLost, "answer lost") {
            counters.faults += 1
            return deliver(call.failed(VenueWords.noAnswer), at: max(giveUp, now), incarnation: call.incarnation)
        }
        if strikes(faults.slowAnswer, "slow answer") {
            counters.faults += 1
            let late = now + network.latency("slow", call.cause) + .seconds(2)
            let said = late >= giveUp ? call.failed(VenueWords.noAnswer) : input
            return deliver(said, at: min(late, giveUp), incarnation: call.incarnation)
        }
        answer(call, input)
    }

    private func refusal(_ call: VenueCall, _ strikes: (Ratio, String) -> Bool) -> VenueFailure? {
        let faults = scenario.faults
        if strikes(faults.unavailable, "unavailable") { return VenueWords.unavailable }
        if strikes(faults.rateLimited, "rate limited") { return VenueWords.rateLimited }
        if call.isOpening, strikes(faults.overloaded, "overloaded") { return VenueWords.overloaded }
        if call.isOrder, strikes(faults.staleTimestamp, "stale timestamp") { return VenueWords.staleTimestamp }
        return nil
    }

    /// The venue takes a placement only within its window: the ground of every conclusive not-found.
    private func isTooLate(_ call: VenueCall) -> Bool {
        guard case .place(let placement) = call.request else { return false }
        let venueNow = network.clock.venueTime(at: now)
        return venueNow > placement.timestamp + placement.window || placement.timestamp > venueNow + .seconds(1)
    }

    private mutating func answer(_ call: VenueCall, _ input: Input) {
        let arrival = now + network.latency("answer", call.cause)
        let giveUp = call.sentAt + scenario.network.timeout
        let said = arrival > giveUp ? call.failed(VenueWords.noAnswer) : input
        deliver(said, at: min(arrival, giveUp), incarnation: call.incarnation)
    }

    mutating func deliver(_ input: Input, at instant: Instant, incarnation: Int? = nil) {
        heap.push(.deliver(input, incarnation: incarnation ?? self.incarnation), at: max(instant, now))
    }

    private mutating func execute(_ call: VenueCall) -> Input {
        defer { publishEvents() }
        do throws(VenueRejection) {
            switch call.request {
            case .place(let placement):
                return .placed(placement, .success(try exchange.place(placement.ticket)))
            case .query(let query): return .queried(query, .success(try lookUp(query)))
            case .cancel(let cancellation): return .cancelled(cancellation, .success(try cancel(cancellation)))
            case .snapshot(let question): return .snapshot(question, .success(list(question.part)))
            case .leverage(let change):
                let setting = try exchange.setLeverage(change.symbol, change.leverage)
                return .leverageSet(change, .success(setting.leverage))
            }
        } catch {
            return call.failed(VenueWords.failure(error))
        }
    }

    private func lookUp(_ query: OrderQuery) throws(VenueRejection) -> OrderReport {
        switch query.endpoint {
        case .order: try exchange.order(query.symbol, .client(query.id)).report
        case .algo: try exchange.algoOrder(.client(query.id)).report
        }
    }

    private mutating func cancel(_ cancellation: Cancellation) throws(VenueRejection) -> OrderReport? {
        switch cancellation.endpoint {
        case .order: return try exchange.cancel(cancellation.symbol, .client(cancellation.id)).report
        // The venue acknowledges the cancel of a conditional order without saying how it stands.
        case .algo:
            _ = try exchange.cancelAlgo(.client(cancellation.id))
            return nil
        }
    }

    private func list(_ part: SnapshotQuestion.Part) -> SnapshotContent {
        switch part {
        case .positions: return .positions(weather.staleSince?.positions ?? positions)
        case .openOrders: return .orders(weather.staleSince?.orders ?? exchange.openOrders().map(\.report))
        case .openAlgoOrders:
            return .orders(weather.staleSince?.algoOrders ?? exchange.openAlgoOrders().map(\.report))
        case .orderHistory(let symbol, let since):
            var query = HistoryQuery(symbol: symbol, limit: 1_000)
            query.from = since
            return .orders(exchange.allOrders(query).map(\.report))
        case .algoHistory(let symbol, let since):
            var query = HistoryQuery(symbol: symbol, limit: 1_000)
            query.from = since
            return .orders(exchange.allAlgoOrders(query).map(\.report))
        }
    }

    var positions: [PositionReport] { exchange.activePositions().map(\.report) }

    func frozenLists() -> Frozen {
        Frozen(
            positions: positions,
            orders: exchange.openOrders().map(\.report),
            algoOrders: exchange.openAlgoOrders().map(\.report)
        )
    }

    // MARK: The user stream

    /// Sends what has happened at the exchange down the user stream, as far as it stands.
    mutating func publishEvents() {
        for event in exchange.drainEvents() {
            switch event {
            case .order(let update):
                let report = update.order.report
                publish(.report(report), "o \(report.id) \(report.executed.units) \(report.status.rawValue)")
            case .algo(let order, _):
                let report = order.report
                publish(.report(report), "a \(report.id) \(report.executed.units) \(report.status.rawValue)")
            case .account(let update):
                guard let report = update.position?.report else { continue }
                publish(.positionsChanged([report]), "p \(report.symbol) \(report.quantity.units) \(update.at)")
            case .leverage(let symbol, let leverage, _):
                let change = LeverageChange(symbol: symbol, leverage: leverage)
                publish(.leverageSet(change, .success(leverage)), "l \(symbol) \(leverage) \(now.nanoseconds)")
            case .trade: continue
            }
        }
    }

    private mutating func publish(_ input: Input, _ cause: String) {
        guard stream.isConnected, !stream.isSilent else { return }
        let faults = scenario.faults
        if isFaultTime, draws.chance(faults.dropped, "event dropped", cause) {
            counters.faults += 1
            return
        }
        var delay = network.latency("stream", cause)
        if isFaultTime, draws.chance(faults.delayed, "event delayed", cause) {
            counters.faults += 1
            delay = delay + .seconds(2)
        }
        deliver(input, at: now + delay)
        if isFaultTime, draws.chance(faults.duplicated, "event duplicated", cause) {
            counters.faults += 1
            deliver(input, at: now + delay + network.latency("duplicate", cause))
        }
    }
}
