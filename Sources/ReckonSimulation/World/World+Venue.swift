import ReckonEngine
import ReckonExchange
import ReckonModel

/// Requests on the wire: fates drawn by cause, executed on the exchange when they arrive.
extension World {
    mutating func send(_ request: VenueCall.Request, cause: String) {
        let call = VenueCall(request: request, cause: cause, sentAt: now, incarnation: incarnation)
        let timeout = now + scenario.network.timeout
        board.left(call, sight)
        conduct.note(call.kind, at: now - start, call.isSnapshot ? "" : call.text)
        trace.say(now, "> \(call.text)", subject: subject(of: call))
        if call.isPlacement && weather.isGatewayDown || strikes(.requestLost, call) {
            trace.say(now, "lost on the way: \(call.text)", subject: subject(of: call))
            // A runner that hangs says nothing at all, and the engine has to see to it by itself.
            if draws.chance(Ratio(1, in: 4), "runner hangs", cause) { return }
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
        if let refusal = VirtualDoor.refusal(of: call.request, at: network.clock.venueTime(at: now)) {
            return answer(call, call.failed(refusal))
        }
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
        if strikes(.banned, call) { return VenueWords.banned(for: scenario.ban) }
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
        // Carried out first: as an argument it would run while `self` is held for the call, and copy the exchange to change it.
        let answer = VirtualDoor.carryOut(call.request, on: &exchange)
        return clouded(answer)
    }

    /// An answer as the weather lets it through: stale, or with holes.
    private func clouded(_ answer: Input) -> Input {
        switch answer {
        case .queried(let query, .success(let report)):
            let old = weather.staleQueries
            let list = query.endpoint == .order ? old?.orders : old?.algoOrders
            guard case .orders(let rows) = list else { return answer }
            return .queried(query, .success(rows.first { $0.venueID == report.venueID } ?? report))
        case .snapshot(let question, .success(let content)):
            return .snapshot(question, .success(clouded(content, of: question.part)))
        default: return answer
        }
    }

    private func clouded(_ truth: SnapshotContent, of part: SnapshotQuestion.Part) -> SnapshotContent {
        switch part {
        case .positions: cut(weather.staleSince?.positions ?? truth)
        case .openOrders: cut(weather.staleSince?.orders ?? truth)
        case .openAlgoOrders: cut(weather.staleSince?.algoOrders ?? truth)
        case .symbolOrders(let symbol): cut(World.of(symbol, weather.staleSince?.orders) ?? truth)
        case .symbolAlgoOrders(let symbol): cut(World.of(symbol, weather.staleSince?.algoOrders) ?? truth)
        case .orderHistory, .algoHistory, .trades, .settings: truth
        }
    }

    /// A partial list lacks every other row.
    private func cut(_ content: SnapshotContent) -> SnapshotContent {
        guard weather.hasPartialLists else { return content }
        return switch content {
        case .positions(let rows): .positions(World.everyOther(rows))
        case .orders(let rows): .orders(World.everyOther(rows))
        case .trades, .settings: content
        }
    }

    private static func everyOther<Row>(_ rows: [Row]) -> [Row] {
        rows.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }

    private static func of(_ symbol: Symbol, _ content: SnapshotContent?) -> SnapshotContent? {
        guard case .orders(let rows) = content else { return nil }
        return .orders(rows.filter { $0.symbol == symbol })
    }

    func frozenLists() -> Frozen {
        Frozen(
            positions: VirtualDoor.list(.positions, on: exchange),
            orders: VirtualDoor.list(.openOrders, on: exchange),
            algoOrders: VirtualDoor.list(.openAlgoOrders, on: exchange)
        )
    }

    // MARK: The user stream

    /// Sends what has happened at the exchange down the user stream, as far as it stands.
    mutating func publishEvents() {
        let events = exchange.drainEvents()
        guard !events.isEmpty else { return }
        board.happened(sight)
        for event in events {
            guard let input = VirtualDoor.heard(event) else { continue }
            let cause = World.cause(of: event, at: now)
            var isLate = false
            if case .algo(let order, _) = event {
                isLate = order.report.status == .triggered && strikes(.triggerLate, cause: cause)
            }
            publish(input, cause, extra: isLate ? .milliseconds(1_500) : .zero)
        }
    }

    /// What the draws about an event hang on.
    private static func cause(of event: ExchangeEvent, at now: Instant) -> String {
        switch event {
        case .order(let update): cause("o", update.order.report)
        case .algo(let order, _): cause("a", order.report)
        case .account(let update):
            "p \(update.position.map { "\($0.symbol) \($0.quantity.units)" } ?? "-") \(update.at)"
        case .leverage(let symbol, let leverage, _): "l \(symbol) \(leverage) \(now.nanoseconds)"
        case .trade(let trade, _): "t \(trade.number)"
        }
    }

    private static func cause(_ kind: String, _ report: OrderReport) -> String {
        "\(kind) \(report.id) \(report.executed.units) \(report.status.rawValue)"
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
