import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonSimulation

/// One step of a story: something asked or something that happens, and what is said to it.
struct Step: Sendable {
    enum Act: Sendable {
        /// Signed at the moment of sending, less `age`.
        case place(OrderTicket, age: Span)
        case query(ClientOrderID, Symbol, OrderEndpoint)
        case cancel(ClientOrderID, Symbol, OrderEndpoint)
        case list(SnapshotQuestion.Part)
        case leverage(Symbol, Int)
        case margin(Symbol, isIsolated: Bool)
        case countdown(Symbol, Span)
        case happening(Happening)
    }

    let act: Act
    /// The answer in short, where the story fixes it.
    private(set) var answer: String?
    /// What the stream tells in short, where the story fixes it.
    private(set) var told: String?

    init(_ act: Act) { self.act = act }

    func says(_ text: String) -> Step {
        var step = self
        step.answer = text
        return step
    }

    func tells(_ text: String) -> Step {
        var step = self
        step.told = text
        return step
    }

    /// The request, sent at an instant of the venue's; absent where nothing is asked.
    func request(at now: VenueInstant) -> VenueCall.Request? {
        let instant = Instant(nanoseconds: now.milliseconds * 1_000_000)
        switch act {
        case .place(let ticket, let age):
            return .place(
                Placement(
                    ticket: ticket,
                    attempt: 1,
                    timestamp: now - age,
                    window: .seconds(5),
                    transmitBy: instant + .seconds(1)
                )
            )
        case .query(let id, let symbol, let endpoint):
            return .query(OrderQuery(id: id, symbol: symbol, endpoint: endpoint, askedAt: instant))
        case .cancel(let id, let symbol, let endpoint):
            return .cancel(Cancellation(id: id, symbol: symbol, endpoint: endpoint, attempt: 1))
        case .list(let part):
            return .snapshot(SnapshotQuestion(purpose: .round(1), part: part, askedAt: instant))
        case .leverage(let symbol, let leverage):
            return .leverage(LeverageChange(symbol: symbol, leverage: leverage))
        case .margin(let symbol, let isIsolated):
            return .margin(MarginChange(symbol: symbol, isIsolated: isIsolated))
        case .countdown(let symbol, let span): return .countdown(Countdown(symbol: symbol, span: span))
        case .happening: return nil
        }
    }

    /// The same about the long leg of bitcoin.
    var long: Step { on(.long) }

    /// The same about the short leg of bitcoin.
    var short: Step { on(.short) }

    func on(_ leg: Leg) -> Step { about(Premises.bitcoin.leg(leg)) }

    /// The same about another book.
    func about(_ book: Symbol) -> Step {
        var step = Step(act.about(book))
        step.answer = answer
        step.told = told
        return step
    }

    var elapsed: Span { if case .happening(let event) = act { event.elapsed } else { .zero } }
}

extension Step.Act {
    fileprivate func about(_ book: Symbol) -> Step.Act {
        switch self {
        case .place(let ticket, let age):
            let other = OrderTicket(
                id: ticket.id,
                symbol: book,
                role: ticket.role,
                side: ticket.side,
                extent: ticket.extent,
                pricing: ticket.pricing
            )
            return .place(other, age: age)
        case .query(let id, _, let endpoint): return .query(id, book, endpoint)
        case .cancel(let id, _, let endpoint): return .cancel(id, book, endpoint)
        case .list(.orderHistory(_, let since)): return .list(.orderHistory(book, since: since))
        case .list(.algoHistory(_, let since)): return .list(.algoHistory(book, since: since))
        case .list(.symbolOrders): return .list(.symbolOrders(book))
        case .list(.symbolAlgoOrders): return .list(.symbolAlgoOrders(book))
        case .list(.trades(_, let since)): return .list(.trades(book, since: since))
        case .list: return self
        case .margin(_, let isIsolated): return .margin(book, isIsolated: isIsolated)
        case .countdown(_, let span): return .countdown(book, span)
        case .leverage(_, let leverage): return .leverage(book, leverage)
        case .happening(let event): return .happening(event.about(book))
        }
    }
}

extension Happening {
    fileprivate func about(_ book: Symbol) -> Happening {
        switch self {
        case .time: self
        case .jump(_, let price): .jump(book, price)
        case .tradeByHand(_, let side, let size): .tradeByHand(book, side, size)
        case .closeByHand: .closeByHand(book)
        case .strikeStopByHand: .strikeStopByHand(book)
        case .deleverage(_, let size): .deleverage(book, size)
        }
    }
}

// Words that stories are written in; everything is about bitcoin where nothing else is said.
extension Step {
    static func figure<Number: FixedPoint>(_ text: String) -> Number {
        guard let number = try? Number(parsing: text) else { preconditionFailure("bad figure \(text)") }
        return number
    }

    static func ticket(
        _ id: String,
        _ side: Side,
        _ extent: Extent,
        _ pricing: Pricing,
        role: OrderRole
    ) -> OrderTicket {
        OrderTicket(
            id: ClientOrderID(id),
            symbol: Premises.bitcoin,
            role: role,
            side: side,
            extent: extent,
            pricing: pricing
        )
    }

    static func place(_ ticket: OrderTicket, age: Span = .zero) -> Step { Step(.place(ticket, age: age)) }

    static func market(_ id: String, _ side: Side, _ size: String) -> Step {
        place(ticket(id, side, .opening(figure(size)), .market, role: .entry))
    }

    static func exit(_ id: String, _ side: Side, _ size: String) -> Step {
        place(ticket(id, side, .reducing(figure(size)), .market, role: .exit))
    }

    static func limit(
        _ id: String,
        _ side: Side,
        _ size: String,
        at price: String,
        _ timeInForce: TimeInForce = .goodTillCancel
    ) -> Step {
        place(ticket(id, side, .opening(figure(size)), .limit(figure(price), timeInForce), role: .entry))
    }

    static func reducing(_ id: String, _ side: Side, _ size: String, at price: String) -> Step {
        place(ticket(id, side, .reducing(figure(size)), .limit(figure(price), .goodTillCancel), role: .exit))
    }

    /// A stop for the whole position, or for a part of it.
    static func stop(_ id: String, _ side: Side, _ size: String? = nil, at trigger: String) -> Step {
        let extent = size.map { Extent.reducing(figure($0)) } ?? .wholePosition
        return place(ticket(id, side, extent, .stopMarket(trigger: figure(trigger)), role: .stop))
    }

    static func take(_ id: String, _ side: Side, _ size: String? = nil, at trigger: String) -> Step {
        let extent = size.map { Extent.reducing(figure($0)) } ?? .wholePosition
        return place(ticket(id, side, extent, .takeProfitMarket(trigger: figure(trigger)), role: .takeProfit))
    }

    static func ask(_ id: String, _ endpoint: OrderEndpoint = .order) -> Step {
        Step(.query(ClientOrderID(id), Premises.bitcoin, endpoint))
    }

    static func cancel(_ id: String, _ endpoint: OrderEndpoint = .order) -> Step {
        Step(.cancel(ClientOrderID(id), Premises.bitcoin, endpoint))
    }

    static func leverage(_ leverage: Int) -> Step { Step(.leverage(Premises.bitcoin, leverage)) }

    static func margin(isIsolated: Bool) -> Step { Step(.margin(Premises.bitcoin, isIsolated: isIsolated)) }

    static func countdown(_ milliseconds: Int64) -> Step {
        Step(.countdown(Premises.bitcoin, .milliseconds(milliseconds)))
    }

    static var ownOrders: Step { Step(.list(.symbolOrders(Premises.bitcoin))) }

    static var ownStops: Step { Step(.list(.symbolAlgoOrders(Premises.bitcoin))) }

    static func trades(after milliseconds: Int64 = 0) -> Step {
        Step(.list(.trades(Premises.bitcoin, since: Premises.start + .milliseconds(milliseconds))))
    }

    static var settings: Step { Step(.list(.settings)) }

    static var positions: Step { Step(.list(.positions)) }

    static var orders: Step { Step(.list(.openOrders)) }

    static var stops: Step { Step(.list(.openAlgoOrders)) }

    static var allOrders: Step { Step(.list(.orderHistory(Premises.bitcoin, since: Premises.start))) }

    static var allStops: Step { Step(.list(.algoHistory(Premises.bitcoin, since: Premises.start))) }

    static func wait(_ milliseconds: Int64) -> Step {
        Step(.happening(.time(milliseconds: milliseconds)))
    }

    static func jump(to price: String) -> Step { Step(.happening(.jump(Premises.bitcoin, figure(price)))) }

    static func byHand(_ side: Side, _ size: String) -> Step {
        Step(.happening(.tradeByHand(Premises.bitcoin, side, figure(size))))
    }
}
