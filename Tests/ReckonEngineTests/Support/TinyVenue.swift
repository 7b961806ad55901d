import ReckonEngine
import ReckonModel

/// A venue small enough to read at a glance that really keeps orders and positions.
///
/// It knows nothing of the engine: duplicate ids of open orders, reduce-only, one closePosition stop a side, triggers, the
/// end of closePosition orders with their position, and expiry of late requests are its own rules.
struct TinyVenue {
    struct Order {
        let ticket: OrderTicket
        let venueID: VenueOrderID
        let createdAt: VenueInstant
        var status: VenueOrderStatus = .new
        var executed = Quantity.zero
        var updatedAt: VenueInstant
        var childID: VenueOrderID?
        /// What a market order still has to trade; it does so at a later tick.
        var isOpen: Bool { !status.isTerminal }

        var remaining: Quantity { isOpen ? max(ticket.quantity - executed, .zero) : .zero }
    }

    private(set) var orders: Table<ClientOrderID, Order> = Table()
    private(set) var positions: Table<Symbol, PositionReport> = Table()
    var marks: Table<Symbol, Price> = Table()
    /// What the user stream would say, oldest first; the world takes it from here.
    var said: [Input] = []
    var now = VenueInstant(milliseconds: 0)
    /// No price moves any more.
    var isStill = false
    private var lastID: Int64 = 100
    private var trades: [AccountTrade] = []

    func mark(_ symbol: Symbol) -> Price { marks[symbol] ?? price("100") }

    func held(_ symbol: Symbol) -> Quantity { positions[symbol]?.quantity ?? .zero }

    var openOrders: [Order] { orders.values.filter(\.isOpen) }

    // MARK: Requests

    mutating func place(_ placement: Placement, dice: inout Dice) -> Result<OrderReport, VenueFailure> {
        let ticket = placement.ticket
        if now > placement.timestamp + placement.window {
            return refused(.retryableWith(.resyncClock), -1021, "Timestamp outside of the recvWindow.")
        }
        if let known = orders[ticket.id], known.isOpen {
            return refused(.idempotentSafe(.duplicateID), -4116, "ClientOrderId is duplicated.")
        }
        if let failure = ticket.role.isConditional ? conditionalRefusal(ticket) : reduceRefusal(ticket) {
            return .failure(failure)
        }
        lastID += 1
        orders[ticket.id] = Order(
            ticket: ticket,
            venueID: VenueOrderID(lastID),
            createdAt: now,
            updatedAt: now
        )
        say(ticket.id)
        if ticket.pricing == .market, dice.chance(3, in: 4) {
            trade(ticket.id, whole: dice.chance(3, in: 4), &dice)
        }
        expireCloses(ticket.symbol)
        guard let report = report(ticket.id, endpoint: placement.ticket.role.isConditional ? .algo : .order)
        else {
            return refused(.doubt, 0, "lost")
        }
        return .success(report)
    }

    private func conditionalRefusal(_ ticket: OrderTicket) -> VenueFailure? {
        if isCrossed(ticket) {
            return failure(.retryableWith(.wouldTrigger), -2021, "Order would immediately trigger.")
        }
        guard ticket.extent == .wholePosition else { return nil }
        let same = openOrders.contains {
            $0.ticket.symbol == ticket.symbol && $0.ticket.role == ticket.role
                && $0.ticket.side == ticket.side
                && $0.ticket.extent == .wholePosition && $0.status == .new
        }
        return same ? failure(.idempotentSafe(.protectionExists), -4130, "closePosition order exists.") : nil
    }

    private func reduceRefusal(_ ticket: OrderTicket) -> VenueFailure? {
        guard case .reducing = ticket.extent else { return nil }
        let isReducing =
            ticket.side == .sell ? held(ticket.symbol).isPositive : held(ticket.symbol).isNegative
        return isReducing
            ? nil : failure(.idempotentSafe(.reduceOnlyRejected), -2022, "ReduceOnly Order is rejected.")
    }

    private func isCrossed(_ ticket: OrderTicket) -> Bool {
        let mark = mark(ticket.symbol)
        switch (ticket.pricing, ticket.side) {
        case (.stopMarket(let trigger), .sell), (.takeProfitMarket(let trigger), .buy): return mark <= trigger
        case (.stopMarket(let trigger), .buy), (.takeProfitMarket(let trigger), .sell): return mark >= trigger
        case (.market, _), (.limit, _): return false
        }
    }

    mutating func cancel(_ cancellation: Cancellation) -> Result<OrderReport?, VenueFailure> {
        guard let order = orders[cancellation.id], order.isOpen, isAt(cancellation.endpoint, order) else {
            return .failure(failure(.idempotentSafe(.unknownOrder), -2011, "Unknown order sent."))
        }
        end(cancellation.id, .cancelled)
        return .success(cancellation.endpoint == .algo ? nil : report(cancellation.id, endpoint: .order))
    }

    func query(_ query: OrderQuery) -> Result<OrderReport, VenueFailure> {
        guard let report = report(query.id, endpoint: query.endpoint) else {
            return .failure(failure(.idempotentSafe(.noSuchOrder), -2013, "Order does not exist."))
        }
        return .success(report)
    }

    func list(_ part: SnapshotQuestion.Part) -> SnapshotContent {
        switch part {
        case .positions: return .positions(positions.values.filter { !$0.quantity.isZero })
        case .openOrders:
            return .orders(
                openOrders.compactMap {
                    $0.status == .triggered || !isConditional($0)
                        ? report($0.ticket.id, endpoint: .order) : nil
                }
            )
        case .openAlgoOrders:
            return .orders(
                openOrders.compactMap {
                    isConditional($0) && $0.status == .new ? report($0.ticket.id, endpoint: .algo) : nil
                }
            )
        case .symbolOrders(let symbol): return narrowed(.openOrders, to: symbol)
        case .symbolAlgoOrders(let symbol): return narrowed(.openAlgoOrders, to: symbol)
        case .trades(let symbol, let since):
            return .trades(trades.filter { $0.symbol == symbol && $0.at >= since })
        case .settings: return .settings([])
        case .orderHistory(let symbol, let since): return .orders(history(symbol, since, .order))
        case .algoHistory(let symbol, let since): return .orders(history(symbol, since, .algo))
        }
    }

    private func narrowed(_ part: SnapshotQuestion.Part, to symbol: Symbol) -> SnapshotContent {
        guard case .orders(let rows) = list(part) else { return .orders([]) }
        return .orders(rows.filter { $0.symbol == symbol })
    }

    private func history(_ symbol: Symbol, _ since: VenueInstant, _ endpoint: OrderEndpoint) -> [OrderReport]
    {
        orders.values.compactMap { order in
            guard order.ticket.symbol == symbol, order.createdAt >= since else { return nil }
            return report(order.ticket.id, endpoint: endpoint)
        }
    }

    // MARK: The market

    /// Lets a symbol's price step, resting orders trade and stops fire.
    mutating func tick(_ symbol: Symbol, dice: inout Dice) {
        let step = Price(units: dice.roll(in: -4...4) * Price.scale / 10)
        if !isStill { marks[symbol] = min(max(mark(symbol) + step, price("60")), price("160")) }
        for order in openOrders where order.ticket.symbol == symbol {
            guard orders[order.ticket.id]?.isOpen ?? false else { continue }
            if isConditional(order) {
                if order.status == .triggered {
                    trade(order.ticket.id, whole: true, &dice)
                } else if isCrossed(order.ticket) {
                    fire(order.ticket.id, &dice)
                }
            } else if order.ticket.pricing == .market || dice.chance(1, in: 6) {
                trade(order.ticket.id, whole: dice.chance(1, in: 2), &dice)
            }
        }
        expireCloses(symbol)
    }

    /// Somebody else trades on the account.
    mutating func meddle(_ symbol: Symbol, _ side: Side, _ quantity: Quantity) {
        move(symbol, side, quantity)
    }

    /// Somebody or something takes an order off the book.
    mutating func strike(_ id: ClientOrderID) { end(id, .cancelled) }

    private mutating func fire(_ id: ClientOrderID, _ dice: inout Dice) {
        lastID += 1
        let child = VenueOrderID(lastID)
        let instant = now
        orders.update(id) { order in
            order.status = .triggered
            order.childID = child
            order.updatedAt = instant
        }
        say(id)
        if dice.chance(3, in: 4) { trade(id, whole: true, &dice) }
    }

    private mutating func trade(_ id: ClientOrderID, whole: Bool, _ dice: inout Dice) {
        guard let order = orders[id], order.isOpen else { return }
        let symbol = order.ticket.symbol
        var amount = order.ticket.extent == .wholePosition ? held(symbol).magnitude : order.remaining
        let reduces = order.ticket.extent != .opening(order.ticket.quantity)
        if reduces {
            let isReducing = order.ticket.side == .sell ? held(symbol).isPositive : held(symbol).isNegative
            amount = isReducing ? min(amount, held(symbol).magnitude) : .zero
            guard amount.isPositive else { return end(id, isConditional(order) ? .finished : .expired) }
        }
        if !whole {
            let part = Quantity(units: dice.roll(in: 1...max(amount.units / 1_000_000, 1)) * 1_000_000)
            amount = min(amount, part.rounded(.down, toMultipleOf: quantity("0.001")))
        }
        guard amount.isPositive else { return }
        keepTrade(order, amount)
        move(symbol, order.ticket.side, amount)
        let isDone =
            order.ticket.role.isConditional || order.executed + amount >= order.ticket.quantity
            || held(symbol).isZero && reduces
        let instant = now
        let isConditional = isConditional(order)
        orders.update(id) { row in
            row.executed += amount
            row.updatedAt = instant
            if isDone, !isConditional {
                row.status = row.executed >= row.ticket.quantity ? .filled : .expired
            }
            if !isDone { row.status = .partiallyFilled }
        }
        if isConditional {
            end(id, .finished)
        } else {
            say(id)
        }
    }

    private mutating func keepTrade(_ order: Order, _ amount: Quantity) {
        var trade = AccountTrade(
            number: Int64(trades.count) + 1,
            orderID: order.childID ?? order.venueID,
            symbol: order.ticket.symbol,
            side: order.ticket.side,
            at: now
        )
        trade.quantity = amount
        trade.price = mark(order.ticket.symbol)
        trades.append(trade)
    }

    private mutating func move(_ symbol: Symbol, _ side: Side, _ amount: Quantity) {
        let before = positions[symbol].map {
            Position(symbol: symbol, quantity: $0.quantity, entryPrice: $0.entryPrice)
        }
        let after = (before ?? Position(symbol: symbol)).filled(side, amount, at: mark(symbol))
        let row = PositionReport(
            symbol: symbol,
            quantity: after.quantity,
            entryPrice: after.entryPrice,
            markPrice: mark(symbol),
            updatedAt: now
        )
        positions[symbol] = row
        said.append(.positionsChanged([row]))
    }

    /// closePosition orders live only as long as their position.
    private mutating func expireCloses(_ symbol: Symbol) {
        let closing: Side? = held(symbol).isZero ? nil : (held(symbol).isPositive ? .sell : .buy)
        for order in openOrders where order.ticket.symbol == symbol && order.status == .new {
            if order.ticket.extent == .wholePosition, order.ticket.side != closing {
                end(order.ticket.id, .expired)
            }
        }
    }

    private mutating func end(_ id: ClientOrderID, _ status: VenueOrderStatus) {
        let instant = now
        orders.update(id) { order in
            order.status = status
            order.updatedAt = instant
        }
        say(id)
    }

    // MARK: Reports

    private func isConditional(_ order: Order) -> Bool { order.ticket.role.isConditional }

    private func isAt(_ endpoint: OrderEndpoint, _ order: Order) -> Bool {
        guard isConditional(order) else { return endpoint == .order }
        return endpoint == (order.status == .triggered ? .order : .algo)
    }

    private mutating func say(_ id: ClientOrderID) {
        guard let order = orders[id] else { return }
        if isConditional(order) {
            if let report = report(id, endpoint: .algo) { said.append(.report(report)) }
            guard order.childID != nil else { return }
        }
        if let report = report(id, endpoint: .order) { said.append(.report(report)) }
    }

    func report(_ id: ClientOrderID, endpoint: OrderEndpoint) -> OrderReport? {
        guard let order = orders[id] else { return nil }
        let isChild = isConditional(order) && endpoint == .order
        guard isChild ? order.childID != nil : endpoint == (isConditional(order) ? .algo : .order) else {
            return nil
        }
        var status = order.status
        if isChild {
            switch status {
            case .triggered: status = .new
            case .finished: status = order.executed.isPositive ? .filled : .expired
            case .new, .partiallyFilled, .filled, .cancelled, .expired, .rejected: break
            }
        }
        var report = OrderReport(
            id: id,
            venueID: (isChild ? order.childID : nil) ?? order.venueID,
            symbol: order.ticket.symbol,
            side: order.ticket.side,
            status: status,
            isConditional: isConditional(order) && !isChild,
            quantity: isChild ? max(order.executed, order.ticket.quantity) : order.ticket.quantity,
            executed: order.executed,
            updatedAt: order.updatedAt
        )
        report.closesPosition = !isChild && order.ticket.extent == .wholePosition
        report.isReduceOnly = order.ticket.role != .entry
        report.averagePrice = order.executed.isPositive ? mark(order.ticket.symbol) : .zero
        report.createdAt = order.createdAt
        report.childID = isChild ? nil : order.childID
        report.price = wire(order.ticket.pricing)
        return report
    }

    private func wire(_ pricing: Pricing) -> Price {
        switch pricing {
        case .market: .zero
        case .limit(let price, _): price
        case .stopMarket(let trigger), .takeProfitMarket(let trigger): trigger
        }
    }

    private func failure(_ outcome: OutcomeClass, _ code: Int, _ message: String) -> VenueFailure {
        VenueFailure(outcome, code: code, message: message)
    }

    private func refused<Value>(_ outcome: OutcomeClass, _ code: Int, _ message: String) -> Result<
        Value, VenueFailure
    > {
        .failure(failure(outcome, code, message))
    }
}
