package import ReckonModel

// Placing and cancelling orders that trade at once or rest.
extension Exchange {
    /// Places an order; what it did at once is in the answer and in the events.
    ///
    /// A refusal leaves no trace: no order, no event.
    package mutating func place(_ wish: OrderRequest) throws(VenueRejection) -> ExchangeOrder {
        try accept(wish, origin: .api)
    }

    /// Somebody else on the account places an order, under whatever id.
    package mutating func placeByHand(_ wish: OrderRequest) throws(VenueRejection) -> ExchangeOrder {
        try accept(wish, origin: .byHand)
    }

    private mutating func accept(_ wish: OrderRequest, origin: OrderOrigin) throws(VenueRejection)
        -> ExchangeOrder
    {
        let market = try market(wish.symbol)
        var request = wish
        request.isReduceOnly = try reduces(wish.symbol, wish.side, saying: wish.isReduceOnly)
        try checkShape(request)
        try checkFilters(request, in: market)
        try checkIdentity(request)
        var allowed = request
        if request.isReduceOnly {
            let room = try reducibleQuantity(request)
            if request.type == .limit { allowed.quantity = min(request.quantity ?? .zero, room) }
        } else {
            try checkMargin(request, in: market)
        }
        try checkImmediacy(allowed, in: market)
        let clientID = request.clientID ?? madeUpClientID("order")
        var order = ExchangeOrder(id: nextOrderID(), clientID: clientID, request: allowed, at: now)
        order.origin = origin
        admit(order)
        execute(order.id)
        afterChange(of: request.symbol)
        return orders[order.id] ?? order
    }

    private func checkIdentity(_ request: OrderRequest) throws(VenueRejection) {
        if let id = request.clientID, let same = newest[id], orders[same]?.status.isOpen == true {
            throw .duplicateClientID
        }
        var resting = 0
        for book in books(of: isHedged ? request.symbol.instrument : request.symbol) {
            resting += openIDs[book]?.count ?? 0
        }
        if resting >= configuration.maxOpenOrdersPerSymbol { throw .tooManyOpenOrders }
    }

    /// How much a reduce-only order may still take off the position; on a leg it must not want more.
    func reducibleQuantity(_ request: OrderRequest) throws(VenueRejection) -> Quantity {
        guard let position = holdings[request.symbol]?.position, position.closingSide == request.side else {
            throw .reduceOnlyRejected
        }
        var room = position.quantity.magnitude
        for order in restingOrders(request.symbol) where order.isReduceOnly { room -= order.remaining }
        guard room.isPositive else { throw .reduceOnlyRejected }
        if isHedged, room < request.quantity ?? .zero { throw .reduceOnlyRejected }
        return room
    }

    func checkImmediacy(_ request: OrderRequest, in market: Market) throws(VenueRejection) {
        let quantity = request.quantity ?? .zero
        let worst = request.price ?? market.takeBound(request.side)
        switch request.timeInForce {
        case .postOnly:
            let crosses = request.side == .buy ? worst >= market.ask : worst <= market.bid
            if crosses { throw .cannotBeMaker }
        case .fillOrKill:
            var got = Quantity.zero
            for piece in market.sweep(request.side, quantity, worst: worst) { got += piece.quantity }
            if got < quantity { throw .cannotFillAtOnce }
        case .none:
            if market.sweep(request.side, quantity, worst: worst).isEmpty { throw .noMarket }
        case .goodTillCancel, .immediateOrCancel: break
        }
    }

    /// Enters an order in the books and tells of it; nothing trades yet.
    mutating func admit(_ order: ExchangeOrder) {
        orders[order.id] = order
        newest[order.clientID] = order.id
        record.began(order)
        tell(order.id, .new)
    }

    /// Trades what can trade now, then rests or ends what is left.
    mutating func execute(_ id: VenueOrderID) {
        guard let order = orders[id], let market = market(of: order.symbol) else { return }
        var wanted = order.remaining
        if order.isReduceOnly {
            wanted = min(wanted, holdings[order.symbol]?.position.quantity.magnitude ?? .zero)
        }
        let worst = order.type == .limit ? order.price : market.takeBound(order.side)
        for piece in market.sweep(order.side, wanted, worst: worst) {
            markets.update(market.instrument.symbol) { $0.take(order.side, piece.quantity) }
            fill(id, piece, isMaker: false)
        }
        guard let after = orders[id], after.remaining.isPositive else { return }
        if after.type == .limit, after.timeInForce == .goodTillCancel || after.timeInForce == .postOnly {
            openIDs[order.symbol, default: []].append(id)
            return
        }
        let capped = after.isReduceOnly && after.executed >= wanted
        let remainder: ExpiryReason = after.type == .limit ? .immediateRemainder : .marketRemainder
        end(id, as: .expired, because: capped ? .displaced : remainder)
    }

    /// Cancels a resting order.
    package mutating func cancel(
        _ symbol: Symbol,
        _ reference: OrderReference
    ) throws(VenueRejection) -> ExchangeOrder {
        _ = try market(symbol)
        guard let order = find(reference), isSameInstrument(order.symbol, symbol), order.status.isOpen else {
            throw .unknownOrder
        }
        end(order.id, as: .cancelled, because: .none)
        return orders[order.id] ?? order
    }

    /// Cancels every resting order of a symbol, on an instrument those of both legs; conditional ones not.
    package mutating func cancelAll(_ symbol: Symbol) throws(VenueRejection) {
        _ = try market(symbol)
        for book in books(of: symbol) {
            for id in openIDs[book] ?? [] { end(id, as: .cancelled, because: .none) }
        }
    }

    /// Ends an order without a fill.
    mutating func end(_ id: VenueOrderID, as status: OrderStatus, because reason: ExpiryReason) {
        let changed: Symbol? = orders.update(id) { order in
            order.status = status
            order.expiryReason = reason
            order.updatedAt = now
            return order.symbol
        }
        guard let symbol = changed else { return }
        openIDs.update(symbol) { $0.removeAll { $0 == id } }
        if let order = orders[id] { record.ended(order, at: now) }
        tell(id, status == .cancelled ? .cancelled : .expired)
    }

    /// The newest order under a reference; an open one before closed ones comes by itself.
    func find(_ reference: OrderReference) -> ExchangeOrder? {
        switch reference {
        case .venue(let id): orders[id]
        case .client(let id): newest[id].flatMap { orders[$0] }
        }
    }
}
