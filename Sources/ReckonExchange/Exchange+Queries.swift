package import ReckonModel

/// Which part of the past is asked for; every field narrows, oldest first, at most `limit` rows.
package struct HistoryQuery: Hashable, Sendable {
    package var symbol: Symbol?
    /// Orders: from this number on.
    ///
    /// Trades: of this order.
    package var orderID: VenueOrderID?
    /// Trades only: from this trade number on.
    package var fromTrade: Int64?
    package var from: VenueInstant?
    package var to: VenueInstant?
    package var limit: Int

    package init(symbol: Symbol? = nil, limit: Int = 500) {
        self.symbol = symbol
        self.limit = limit
    }

    func includes(_ at: VenueInstant) -> Bool {
        if let from, at < from { return false }
        if let to, at > to { return false }
        return true
    }

    /// With a starting point the oldest rows win, else the newest.
    fileprivate func cut<Row>(_ rows: [Row]) -> [Row] {
        let anchored = orderID != nil || fromTrade != nil || from != nil
        return Array(anchored ? rows.prefix(limit) : rows.suffix(limit))
    }
}

// Questions; none of them changes anything.
extension Exchange {
    package func order(_ symbol: Symbol, _ reference: OrderReference) throws(VenueRejection) -> ExchangeOrder
    {
        _ = try market(symbol)
        guard let order = find(reference), isSameInstrument(order.symbol, symbol), isRemembered(order) else {
            throw .noSuchOrder
        }
        return order
    }

    package func openOrder(
        _ symbol: Symbol,
        _ reference: OrderReference
    ) throws(VenueRejection) -> ExchangeOrder {
        let order = try order(symbol, reference)
        guard order.status.isOpen else { throw .noSuchOrder }
        return order
    }

    /// Resting orders, oldest first, conditional ones not.
    package func openOrders(_ symbol: Symbol? = nil) -> [ExchangeOrder] {
        if let symbol, !isHedged || symbol.leg != nil { return restingOrders(symbol) }
        let lists = symbol.map { books(of: $0).compactMap { openIDs[$0] } } ?? openIDs.values
        return lists.flatMap { $0 }.sorted().compactMap { orders[$0] }
    }

    package func allOrders(_ query: HistoryQuery) -> [ExchangeOrder] {
        let rows = orders.values.filter { order in
            (query.symbol.map { isRow(order.symbol, of: $0) } ?? true) && query.includes(order.createdAt)
                && (query.orderID.map { order.id >= $0 } ?? true) && isRemembered(order)
        }
        return query.cut(rows)
    }

    package func userTrades(_ query: HistoryQuery) -> [ExchangeTrade] {
        let rows = trades.filter { trade in
            (query.symbol.map { isRow(trade.symbol, of: $0) } ?? true) && query.includes(trade.at)
                && (query.orderID == nil || trade.orderID == query.orderID)
                && (query.fromTrade.map { trade.number >= $0 } ?? true)
        }
        return query.cut(rows)
    }

    package func algoOrder(_ reference: OrderReference) throws(VenueRejection) -> AlgoOrder {
        guard let order = findAlgo(reference) else { throw .noSuchOrder }
        return order
    }

    package func openAlgoOrders(_ symbol: Symbol? = nil) -> [AlgoOrder] {
        openAlgoIDs.compactMap { algoOrders[$0] }.filter { row in
            symbol.map { isRow(row.symbol, of: $0) } ?? true
        }
    }

    package func allAlgoOrders(_ query: HistoryQuery) -> [AlgoOrder] {
        let rows = algoOrders.values.filter { order in
            (query.symbol.map { isRow(order.symbol, of: $0) } ?? true) && query.includes(order.createdAt)
                && (query.orderID.map { order.id >= $0 } ?? true)
        }
        return query.cut(rows)
    }

    /// Rows of symbols with a position or an open order, as the venue lists them: of a leg with its sibling.
    package func activePositions(_ symbol: Symbol? = nil) -> [PositionView] {
        let cushion = cushion()
        return holdings.compactMap { row in
            guard symbol.map({ isRow(row.key, of: $0) }) ?? true, isListed(row.key, row.value) else {
                return nil
            }
            return position(of: row.key, within: cushion)
        }
    }

    private func isListed(_ book: Symbol, _ holding: Holding) -> Bool {
        if isActive(book, holding) { return true }
        guard isHedged, let sibling = book.sibling, let other = holdings[sibling] else { return false }
        return isActive(sibling, other)
    }

    /// The venue forgets orders without fills after three days and all others after ninety.
    private func isRemembered(_ order: ExchangeOrder) -> Bool {
        guard !order.status.isOpen else { return true }
        let days: Int64 = order.executed.isZero ? 3 : 90
        return now.milliseconds - order.updatedAt.milliseconds <= days * 86_400_000
    }
}
