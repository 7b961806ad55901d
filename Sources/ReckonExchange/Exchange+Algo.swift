package import ReckonModel

// Conditional orders: they wait outside the book and become ordinary orders when a price is reached.
extension Exchange {
    /// Places a conditional order.
    ///
    /// No margin is asked for until it triggers.
    package mutating func placeAlgo(_ request: AlgoRequest) throws(VenueRejection) -> AlgoOrder {
        try acceptAlgo(request, origin: .api)
    }

    mutating func acceptAlgo(
        _ wish: AlgoRequest,
        origin: OrderOrigin
    ) throws(VenueRejection) -> AlgoOrder {
        let market = try market(wish.symbol)
        let reduces = try reduces(wish.symbol, wish.side, saying: wish.isReduceOnly)
        var request = wish
        request.isReduceOnly = reduces && !(isHedged && wish.closesPosition)
        try checkAlgoShape(request)
        if isHedged, request.closesPosition, !reduces { throw .closePositionOpens }
        guard market.instrument.isTrading else { throw .symbolClosed }
        if !request.closesPosition {
            let quantity = request.quantity ?? .zero
            try checkPrecision(nil, quantity, in: market.configuration)
            try checkQuantity(quantity, isMarket: true, market.instrument)
        }
        try checkAlgoState(request, in: market)
        let clientID = request.clientID ?? madeUpClientID("algo")
        let order = AlgoOrder(id: nextAlgoID(), clientID: clientID, request: request, origin: origin, at: now)
        algoOrders[order.id] = order
        newestAlgo[clientID] = order.id
        openAlgoIDs.append(order.id)
        record.began(order)
        emit(.algo(order, at: now))
        afterChange(of: request.symbol)
        return algoOrders[order.id] ?? order
    }

    private func checkAlgoShape(_ request: AlgoRequest) throws(VenueRejection) {
        switch request.type {
        case .stopMarket, .takeProfitMarket: break
        case .limit, .market, .liquidation: throw .badOrderType
        }
        if let id = request.clientID, !id.isAcceptable { throw .badClientID }
        guard let trigger = request.triggerPrice else { throw .missing("triggerprice") }
        guard trigger.isPositive else { throw .triggerBelowZero }
        if request.closesPosition {
            if let quantity = request.quantity, !quantity.isZero { throw .quantityWithClose }
            if request.isReduceOnly { throw .notRequired("reduceonly") }
        } else if request.quantity == nil {
            throw .missing("quantity")
        }
    }

    private func checkAlgoState(_ request: AlgoRequest, in market: Market) throws(VenueRejection) {
        let open = openAlgoIDs.compactMap { algoOrders[$0] }
        if let id = request.clientID, open.contains(where: { $0.clientID == id }) { throw .duplicateClientID }
        if open.count >= configuration.maxOpenAlgoOrders { throw .tooManyStops }
        let candidate = AlgoOrder(
            id: VenueOrderID(0),
            clientID: ClientOrderID(""),
            request: request,
            origin: .api,
            at: now
        )
        if candidate.triggers(at: reference(request.workingType, in: market)) { throw .wouldTrigger }
        guard request.closesPosition else { return }
        let same = open.contains { other in
            other.closesPosition && other.symbol == request.symbol && other.side == request.side
                && other.type == request.type
        }
        if same { throw .closePositionExists }
    }

    private func reference(_ type: WorkingType, in market: Market) -> Price {
        switch type {
        case .contractPrice: market.last
        case .markPrice: market.mark
        }
    }

    /// Cancels a waiting conditional order; one that triggered is out of reach.
    package mutating func cancelAlgo(_ reference: OrderReference) throws(VenueRejection) -> AlgoOrder {
        guard let order = findAlgo(reference), order.status.isOpen else { throw .unknownOrder }
        endAlgo(order.id, as: .cancelled)
        observeCover(order.symbol)
        return algoOrders[order.id] ?? order
    }

    package mutating func cancelAllAlgo(_ symbol: Symbol) throws(VenueRejection) {
        _ = try market(symbol)
        for book in books(of: symbol) {
            for id in openAlgoIDs where algoOrders[id]?.symbol == book { endAlgo(id, as: .cancelled) }
            observeCover(book)
        }
    }

    func findAlgo(_ reference: OrderReference) -> AlgoOrder? {
        switch reference {
        case .venue(let id): algoOrders[id]
        case .client(let id): newestAlgo[id].flatMap { algoOrders[$0] }
        }
    }

    private mutating func setAlgo(_ id: VenueOrderID, _ change: (inout AlgoOrder) -> Void) {
        algoOrders.update(id) { order in
            change(&order)
            order.updatedAt = now
        }
        if let order = algoOrders[id] { emit(.algo(order, at: now)) }
    }

    mutating func endAlgo(_ id: VenueOrderID, as status: AlgoStatus, because reason: String? = nil) {
        openAlgoIDs.removeAll { $0 == id }
        setAlgo(id) { order in
            order.status = status
            order.reason = reason
        }
        if let order = algoOrders[id] { record.ended(order, at: now) }
    }

    /// Sets off what the current prices reach, oldest first.
    mutating func fireTriggers() {
        for id in openAlgoIDs {
            guard let order = algoOrders[id], order.status.isOpen, let market = market(of: order.symbol)
            else {
                continue
            }
            guard order.triggers(at: reference(order.workingType, in: market)) else { continue }
            fire(order)
        }
    }

    private mutating func fire(_ order: AlgoOrder) {
        let position = holdings[order.symbol]?.position
        let instant = now
        setAlgo(order.id) { triggered in
            triggered.status = .triggering
            triggered.triggeredAt = instant
        }
        let reduces = position?.closingSide == order.side
        let held = position?.quantity.magnitude ?? .zero
        if order.isReduceOnly, !reduces {
            endAlgo(order.id, as: .rejected, because: VenueRejection.reduceOnlyRejected.message)
            observeCover(order.symbol)
            return
        }
        var quantity = order.closesPosition ? held : order.quantity
        if order.isReduceOnly { quantity = min(quantity, held) }
        if let refusal = marginRefusal(order, quantity) {
            endAlgo(order.id, as: .rejected, because: refusal.message)
            observeCover(order.symbol)
            return
        }
        let child = ExchangeOrder(id: nextOrderID(), child: order, quantity: quantity, at: now)
        openAlgoIDs.removeAll { $0 == order.id }
        setAlgo(order.id) { triggered in
            triggered.status = .triggered
            triggered.childID = child.id
        }
        admit(child)
        execute(child.id)
        finish(order.id, child: child.id)
        afterChange(of: order.symbol)
    }

    private func marginRefusal(_ order: AlgoOrder, _ quantity: Quantity) -> VenueRejection? {
        guard !order.isReduceOnly, let market = market(of: order.symbol) else { return nil }
        let request = OrderRequest.market(order.side, quantity, of: order.symbol)
        do {
            try checkMargin(request, in: market)
            return nil
        } catch {
            return error
        }
    }

    private mutating func finish(_ id: VenueOrderID, child: VenueOrderID) {
        let done = orders[child]
        setAlgo(id) { order in
            order.status = .finished
            order.executed = done?.executed ?? .zero
            order.averagePrice = done?.averagePrice ?? .zero
        }
        if let order = algoOrders[id] { record.ended(order, at: now) }
    }

    /// Orders that close the whole position live only as long as it does.
    mutating func expireOrphanedCloses(_ symbol: Symbol) {
        let closing = holdings[symbol]?.position.closingSide
        for id in openAlgoIDs {
            guard let order = algoOrders[id], order.symbol == symbol, order.closesPosition else { continue }
            if order.side != closing { endAlgo(id, as: .expired) }
        }
    }
}
