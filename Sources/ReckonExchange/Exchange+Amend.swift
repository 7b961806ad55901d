package import ReckonModel

/// A wish to change a resting limit order.
package struct AmendRequest: Hashable, Sendable {
    package let symbol: Symbol
    package let side: Side
    package let reference: OrderReference
    /// The whole quantity, executed part included.
    package var quantity: Quantity?
    package var price: Price?
    /// Changes nothing of the order: says that it reduces, and so may be small.
    package var isReduceOnly: Bool?
    /// A name for this change, told back and nothing else.
    package var modifyID: Int64?

    package init(_ symbol: Symbol, _ side: Side, _ reference: OrderReference) {
        self.symbol = symbol
        self.side = side
        self.reference = reference
    }
}

/// One change of a resting order, as it was before and after.
package struct OrderAmendment: Hashable, Sendable {
    package let number: Int64
    package let orderID: VenueOrderID
    package let clientID: ClientOrderID
    package let symbol: Symbol
    package let at: VenueInstant
    package let priceBefore: Price
    package let priceAfter: Price
    package let quantityBefore: Quantity
    package let quantityAfter: Quantity
    /// Which change of the order it was, counted from 1.
    package let count: Int
    package let modifyID: Int64?
}

// Amending, and the dead man's switch.
extension Exchange {
    private static let mostAmendments = 10_000

    /// Changes price and quantity of a resting limit order, which then stands last in the queue.
    ///
    /// A refusal leaves it as it was. An amendment that leaves nothing to trade, or makes a post-only order cross, cancels it.
    package mutating func amend(_ request: AmendRequest) throws(VenueRejection) -> ExchangeOrder {
        let market = try market(request.symbol)
        // Even to deny it is too much where the side says it.
        if isHedged, request.isReduceOnly != nil { throw .notRequired("reduceonly") }
        let order = try amendable(request)
        let wish = try wish(request, for: order, in: market)
        let total = wish.quantity ?? .zero
        guard total > order.executed else { return withdrawn(order) }
        var left = wish
        left.quantity = total - order.executed
        // Its own margin, room and place in the queue must not stand in its way.
        var without = self
        without.openIDs.update(order.symbol) { $0.removeAll { $0 == order.id } }
        if order.isReduceOnly {
            left.quantity = min(left.quantity ?? .zero, try without.reducibleQuantity(left))
        } else {
            try without.checkMargin(left, in: market)
        }
        do throws(VenueRejection) {
            if order.timeInForce == .postOnly { try checkImmediacy(left, in: market) }
        } catch {
            return withdrawn(order)
        }
        change(order, to: order.executed + (left.quantity ?? .zero), at: wish.price ?? order.price, request)
        execute(order.id)
        afterChange(of: order.symbol)
        return orders[order.id] ?? order
    }

    private func amendable(_ request: AmendRequest) throws(VenueRejection) -> ExchangeOrder {
        guard let order = find(request.reference), isSameInstrument(order.symbol, request.symbol),
            order.side == request.side, order.status.isOpen
        else { throw .noSuchOrder }
        guard order.type == .limit else { throw .amendLimitOnly }
        return order
    }

    private func wish(
        _ request: AmendRequest,
        for order: ExchangeOrder,
        in market: Market
    ) throws(VenueRejection) -> OrderRequest {
        guard let quantity = request.quantity else { throw .missing("quantity") }
        guard let price = request.price else { throw .missing("price") }
        guard market.instrument.isTrading else { throw .amendSymbolClosed }
        if request.isReduceOnly == true, !order.isReduceOnly { throw .amendReduceOnly }
        if quantity == order.quantity, price == order.price { throw .sameOrder }
        if order.amendments >= Exchange.mostAmendments { throw .amendTooOften }
        var wish = OrderRequest(symbol: order.symbol, side: order.side, type: .limit, quantity: quantity)
        wish.price = price
        wish.timeInForce = order.timeInForce
        // The least worth of an amendment has a code of its own.
        wish.isReduceOnly = true
        try checkFilters(wish, in: market)
        wish.isReduceOnly = order.isReduceOnly
        let least = market.instrument.minNotional
        let worth = Notional(of: quantity, at: price, rounding: .down)
        let isExempt = request.isReduceOnly == true || isHedged && order.isReduceOnly
        if !isExempt, worth < least { throw .amendNotional(least) }
        return wish
    }

    private mutating func withdrawn(_ order: ExchangeOrder) -> ExchangeOrder {
        end(order.id, as: .cancelled, because: .none)
        return orders[order.id] ?? order
    }

    /// Enters the change and takes the order out of the queue; executing puts it at the end.
    private mutating func change(
        _ order: ExchangeOrder,
        to quantity: Quantity,
        at price: Price,
        _ request: AmendRequest
    ) {
        orders.update(order.id) { changed in
            changed.quantity = quantity
            changed.price = price
            changed.amendments += 1
            changed.modifyID = request.modifyID
            changed.updatedAt = now
        }
        guard let changed = orders[order.id] else { return }
        record.resized(changed)
        amendments.append(
            OrderAmendment(
                number: 7_000 + Int64(amendments.count) + 1,
                orderID: order.id,
                clientID: order.clientID,
                symbol: order.symbol,
                at: now,
                priceBefore: order.price,
                priceAfter: price,
                quantityBefore: order.quantity,
                quantityAfter: quantity,
                count: changed.amendments,
                modifyID: request.modifyID
            )
        )
        tell(order.id, .amendment)
        openIDs.update(order.symbol) { $0.removeAll { $0 == order.id } }
    }

    /// Changes of an order, newest first, as the venue lists them.
    package func amendments(
        _ symbol: Symbol,
        _ reference: OrderReference?,
        _ query: HistoryQuery
    ) throws(VenueRejection) -> [OrderAmendment] {
        _ = try market(symbol)
        let rows = amendments.filter { row in
            isRow(row.symbol, of: symbol) && query.includes(row.at)
                && (reference.map { Exchange.names($0, row) } ?? true)
        }
        return Array(rows.reversed().prefix(query.limit))
    }

    private static func names(_ reference: OrderReference, _ row: OrderAmendment) -> Bool {
        switch reference {
        case .venue(let id): row.orderID == id
        case .client(let id): row.clientID == id
        }
    }

    /// Has the resting orders of an instrument cancelled after so long, in place of what was set before; zero takes it off.
    ///
    /// Conditional orders stay.
    package mutating func setCountdown(_ symbol: Symbol, milliseconds: Int64) throws(VenueRejection) {
        let instrument = try market(symbol).instrument.symbol
        guard milliseconds >= 0 else { throw .missing("countdowntime") }
        countdowns[instrument] = milliseconds == 0 ? nil : now + .milliseconds(milliseconds)
    }
}
