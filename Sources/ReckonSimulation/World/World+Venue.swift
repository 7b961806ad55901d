import ReckonEngine
import ReckonExchange
import ReckonModel

/// Requests on the wire: fates drawn by cause, executed on the exchange when they arrive.
extension World {
    mutating func send(_ request: VenueCall.Request, cause: String) {
        let call = VenueCall(request: request, cause: cause, sentAt: now, incarnation: incarnation)
        let timeout = now + scenario.network.timeout
        trace.say(now, "> \(call.text)", subject: subject(of: call))
        if strikes(.requestLost, call) {
            trace.say(now, "lost on the way: \(call.text)", subject: subject(of: call))
            return deliver(call.failed(VenueWords.noAnswer), at: timeout)
        }
        heap.push(.arrive(call), at: now + network.latency("request", cause))
    }

    var isFaultTime: Bool { now < start + scenario.length }

    /// Whether a fault strikes this very call.
    private mutating func strikes(_ fault: RequestFault, _ call: VenueCall) -> Bool {
        strikes(fault, cause: call.cause)
    }

    private mutating func strikes(_ fault: RequestFault, cause: String) -> Bool {
        guard isFaultTime, draws.chance(scenario.faults[fault], fault.purpose, cause) else { return false }
        counters.faults += 1
        counters.strikes[fault.rawValue, default: 0] += 1
        return true
    }

    mutating func arrive(_ call: VenueCall) {
        let giveUp = call.sentAt + scenario.network.timeout
        board.arrived(call.request, sight)
        if weather.isOutage { return answer(call, call.failed(VenueWords.unavailable)) }
        if isTooLate(call) { return answer(call, call.failed(VenueWords.staleTimestamp)) }
        if let refusal = refusal(call) { return answer(call, call.failed(refusal)) }
        if let doubt = doubtfulAnswer(call) {
            if draws.chance(Ratio(1, in: 2), "unknown executed", call.cause) { _ = execute(call) }
            return answer(call, call.failed(doubt))
        }
        let input = execute(call)
        if strikes(.answerLost, call) {
            trace.say(now, "the answer is lost: \(call.text)", subject: subject(of: call))
            return deliver(
                call.failed(VenueWords.noAnswer),
                at: max(giveUp, now),
                incarnation: call.incarnation
            )
        }
        if strikes(.slowAnswer, call) {
            let late = now + network.latency("slow", call.cause) + .seconds(2)
            let said = late >= giveUp ? call.failed(VenueWords.noAnswer) : input
            return deliver(said, at: min(late, giveUp), incarnation: call.incarnation)
        }
        answer(call, input)
    }

    private mutating func refusal(_ call: VenueCall) -> VenueFailure? {
        if strikes(.unavailable, call) { return VenueWords.unavailable }
        if strikes(.rateLimited, call) { return VenueWords.rateLimited }
        if strikes(.banned, call) { return VenueWords.banned }
        if call.isOpening, strikes(.overloaded, call) { return VenueWords.overloaded }
        if call.isOrder, strikes(.staleTimestamp, call) { return VenueWords.staleTimestamp }
        if call.isStop, strikes(.stopRefused, call) {
            let isCrossed = draws.chance(Ratio(1, in: 2), "stop crossed", call.cause)
            return VenueWords.failure(isCrossed ? .wouldTrigger : .tooManyStops)
        }
        return nil
    }

    /// An answer that leaves open whether the request was executed.
    private mutating func doubtfulAnswer(_ call: VenueCall) -> VenueFailure? {
        guard call.isOrder else { return nil }
        let isSecond = draws.chance(Ratio(1, in: 2), "which words", call.cause)
        if strikes(.unknown, call) { return VenueWords.unknown }
        if strikes(.timedOut, call) {
            return isSecond ? VenueWords.backendTimeout : VenueWords.requestTimeout
        }
        if strikes(.serverError, call) { return isSecond ? VenueWords.badGateway : VenueWords.unexpected }
        return nil
    }

    /// The venue takes a placement only within its window: the ground of every conclusive not-found.
    private func isTooLate(_ call: VenueCall) -> Bool {
        guard case .place(let placement) = call.request else { return false }
        let venueNow = network.clock.venueTime(at: now)
        return venueNow > placement.timestamp + placement.window
            || placement.timestamp > venueNow + .seconds(1)
    }

    private mutating func answer(_ call: VenueCall, _ input: Input) {
        trace.say(now, "< \(call.text): \(VenueWords.text(input))", subject: subject(of: call))
        let arrival = now + network.latency("answer", call.cause)
        let giveUp = call.sentAt + scenario.network.timeout
        let said = arrival > giveUp ? call.failed(VenueWords.noAnswer) : input
        if arrival <= giveUp, call.incarnation == incarnation, let patience = VenueWords.patience(input) {
            pauses.append(Pause(from: arrival, to: arrival + patience))
        }
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
            case .cancel(let cancellation):
                return .cancelled(cancellation, .success(try cancel(cancellation)))
            case .snapshot(let question): return .snapshot(question, .success(list(question.part)))
            case .leverage(let change):
                let setting = try exchange.setLeverage(change.symbol, change.leverage)
                return .leverageSet(change, .success(setting.leverage))
            case .margin(let change):
                try exchange.setMarginType(change.symbol, change.isIsolated ? .isolated : .crossed)
                return .marginModeSet(change, .success(change.isIsolated))
            }
        } catch {
            return call.failed(VenueWords.failure(error))
        }
    }

    private func lookUp(_ query: OrderQuery) throws(VenueRejection) -> OrderReport {
        switch query.endpoint {
        case .order:
            let report = try exchange.order(query.symbol, .client(query.id)).report
            return weather.staleQueries?.orders.first { $0.venueID == report.venueID } ?? report
        case .algo:
            let report = try exchange.algoOrder(.client(query.id)).report
            return weather.staleQueries?.algoOrders.first { $0.venueID == report.venueID } ?? report
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
        case .positions: return .positions(cut(weather.staleSince?.positions ?? positions))
        case .openOrders:
            return .orders(cut(weather.staleSince?.orders ?? exchange.openOrders().map(\.report)))
        case .openAlgoOrders:
            return .orders(cut(weather.staleSince?.algoOrders ?? exchange.openAlgoOrders().map(\.report)))
        case .symbolOrders(let symbol):
            let rows = weather.staleSince?.orders ?? exchange.openOrders(symbol).map(\.report)
            return .orders(cut(rows.filter { $0.symbol == symbol }))
        case .symbolAlgoOrders(let symbol):
            let rows = weather.staleSince?.algoOrders ?? exchange.openAlgoOrders(symbol).map(\.report)
            return .orders(cut(rows.filter { $0.symbol == symbol }))
        case .trades(let symbol, let since):
            var query = HistoryQuery(symbol: symbol, limit: 1_000)
            query.from = since
            return .trades(exchange.userTrades(query).map(\.told))
        case .settings: return .settings(settings)
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

    /// A partial list lacks every other row.
    private func cut<Row>(_ rows: [Row]) -> [Row] {
        guard weather.hasPartialLists else { return rows }
        return rows.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }

    private var settings: [SymbolSettings] {
        exchange.configuration.markets.compactMap { market in
            guard let setting = try? exchange.setting(market.instrument.symbol) else { return nil }
            return SymbolSettings(
                symbol: setting.symbol,
                leverage: setting.leverage,
                isIsolated: setting.marginType == .isolated
            )
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
        let events = exchange.drainEvents()
        guard !events.isEmpty else { return }
        board.happened(sight)
        for event in events {
            switch event {
            case .order(let update):
                let report = update.order.report
                publish(.report(report), "o \(report.id) \(report.executed.units) \(report.status.rawValue)")
            case .algo(let order, _):
                let report = order.report
                let cause = "a \(report.id) \(report.executed.units) \(report.status.rawValue)"
                let isLate = report.status == .triggered && strikes(.triggerLate, cause: cause)
                publish(.report(report), cause, extra: isLate ? .milliseconds(1_500) : .zero)
            case .account(let update):
                guard let report = update.position?.report else { continue }
                publish(
                    .positionsChanged([report]),
                    "p \(report.symbol) \(report.quantity.units) \(update.at)"
                )
            case .leverage(let symbol, let leverage, _):
                let change = LeverageChange(symbol: symbol, leverage: leverage)
                publish(
                    .leverageSet(change, .success(leverage)),
                    "l \(symbol) \(leverage) \(now.nanoseconds)"
                )
            case .trade: continue
            }
        }
    }

    private mutating func publish(_ input: Input, _ cause: String, extra: Span = .zero) {
        trace.say(now, "venue: \(cause)")
        guard stream.isConnected, !stream.isSilent else { return }
        if strikes(.dropped, cause: cause) { return }
        var at = now + network.latency("stream", cause) + extra
        let overtakes = strikes(.reordered, cause: cause) || extra > .zero
        if strikes(.delayed, cause: cause) {
            at = at + .seconds(2)
        } else if !overtakes {
            at = max(at, stream.lastArrival ?? at)
            stream.lastArrival = at
        }
        deliver(input, at: at)
        if strikes(.duplicated, cause: cause) {
            deliver(input, at: at + network.latency("duplicate", cause))
        }
    }

    /// For readers: whose story a call belongs to.
    private func subject(of call: VenueCall) -> String {
        guard let id = call.orderID, let order = engine?.state.order(id) else { return "-" }
        return order.intent.flatMap { engine?.state.intents[$0]?.correlation.text }
            ?? order.ticket.symbol.name
    }
}

extension ExchangeTrade {
    /// The trade in the engine's words.
    fileprivate var told: AccountTrade {
        var told = AccountTrade(number: number, orderID: orderID, symbol: symbol, side: side, at: at)
        told.quantity = quantity
        told.price = price
        return told
    }
}
