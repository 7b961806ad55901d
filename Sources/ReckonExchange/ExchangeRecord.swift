package import ReckonModel

/// One execution of an order, with the total after it.
package struct RecordedExecution: Hashable, Sendable {
    package let at: VenueInstant
    package let price: Price
    package let quantity: Quantity
    package let total: Quantity
}

/// One order as it truly was, from its first moment to its end.
package struct RecordedOrder: Hashable, Sendable {
    package let id: VenueOrderID
    package let clientID: ClientOrderID
    package let symbol: Symbol
    package let side: Side
    package let isReduceOnly: Bool
    package let closesPosition: Bool
    /// Whether it lives on the endpoint for conditional orders; its fills are its child's.
    package let isConditional: Bool
    /// The conditional order whose child it is.
    package let parentID: VenueOrderID?
    package let origin: OrderOrigin
    package internal(set) var quantity: Quantity
    package let createdAt: VenueInstant
    package internal(set) var executions: [RecordedExecution] = []
    /// Absent while it lives.
    package internal(set) var endedAt: VenueInstant?
    package internal(set) var finalStatus: VenueOrderStatus?

    package var executed: Quantity { executions.last?.total ?? .zero }

    package func executed(asOf instant: VenueInstant) -> Quantity {
        executions.last { $0.at <= instant }?.total ?? .zero
    }

    package func wasOpen(at instant: VenueInstant) -> Bool {
        createdAt <= instant && (endedAt.map { instant < $0 } ?? true)
    }
}

/// One change of a position, and the order that made it.
package struct RecordedPosition: Hashable, Sendable {
    package let at: VenueInstant
    package let symbol: Symbol
    /// Signed, after the change.
    package let quantity: Quantity
    package let entryPrice: Price
    package let orderID: VenueOrderID
    package let clientID: ClientOrderID
    package let origin: OrderOrigin
}

/// A stretch of time in which a position stood without full stop cover.
package struct NakedInterval: Hashable, Sendable {
    package let symbol: Symbol
    package let from: VenueInstant
    /// Absent while it lasts.
    package internal(set) var to: VenueInstant?

    package func length(asOf instant: VenueInstant) -> Span {
        let end = to.map { min($0, instant) } ?? instant
        return .milliseconds(max(0, end.milliseconds - from.milliseconds))
    }
}

/// A countdown that nobody put off, and what it took off the book.
package struct RecordedCountdown: Hashable, Sendable {
    package let at: VenueInstant
    package let symbol: Symbol
    package let orders: [ClientOrderID]
}

/// The truth: everything that really happened, only ever added to.
package struct ExchangeRecord: Sendable {
    package let startsAt: VenueInstant
    package private(set) var orders = Table<VenueOrderID, RecordedOrder>()
    package private(set) var algoOrders = Table<VenueOrderID, RecordedOrder>()
    package private(set) var positions: [RecordedPosition] = []
    /// Where each symbol's rows stand in `positions`; a search through those of all would cost each symbol all others.
    private var places = Table<Symbol, [Int]>()
    /// Countdowns that struck, oldest first.
    package private(set) var countdowns: [RecordedCountdown] = []
    private var endedIntervals: [NakedInterval] = []
    private var nakedSince = Table<Symbol, VenueInstant>()
    /// What the venue paid to bring a negative wallet back to zero.
    package private(set) var insurance = Notional.zero

    package init(startsAt: VenueInstant) { self.startsAt = startsAt }

    /// The newest order under a client id, looked for from the end.
    package func order(under id: ClientOrderID) -> RecordedOrder? {
        orders.values.last { $0.clientID == id } ?? algoOrders.values.last { $0.clientID == id }
    }

    /// Every order that was made under a client id, oldest first; a blind resend shows as two.
    package func orders(under id: ClientOrderID) -> [RecordedOrder] {
        orders.values.filter { $0.clientID == id } + algoOrders.values.filter { $0.clientID == id }
    }

    /// The signed position of a symbol at an instant.
    package func position(of symbol: Symbol, asOf instant: VenueInstant) -> Quantity {
        guard let place = places[symbol]?.last(where: { positions[$0].at <= instant }) else { return .zero }
        return positions[place].quantity
    }

    /// The signed position of a symbol after its last change.
    package func position(of symbol: Symbol) -> Quantity {
        places[symbol]?.last.map { positions[$0].quantity } ?? .zero
    }

    /// Those that ended, in the order of their ends and without those of no length, then those that last.
    package var nakedIntervals: [NakedInterval] {
        endedIntervals + nakedSince.map { NakedInterval(symbol: $0.key, from: $0.value) }
    }

    /// Lengths of all naked intervals, the one that still lasts included.
    package func nakedLengths(asOf instant: VenueInstant, symbol: Symbol? = nil) -> [Span] {
        nakedIntervals
            .filter { (symbol == nil || $0.symbol == symbol) && $0.from < instant }
            .map { $0.length(asOf: instant) }
    }

    package func nakedTotal(asOf instant: VenueInstant, symbol: Symbol? = nil) -> Span {
        nakedLengths(asOf: instant, symbol: symbol).reduce(.zero) { $0 + $1 }
    }

    package func nakedMax(asOf instant: VenueInstant, symbol: Symbol? = nil) -> Span {
        nakedLengths(asOf: instant, symbol: symbol).max() ?? .zero
    }

    /// The interval that lasts now, if any.
    package func openNakedInterval(_ symbol: Symbol) -> NakedInterval? {
        nakedSince[symbol].map { NakedInterval(symbol: symbol, from: $0) }
    }
}

// Written by the exchange alone.
extension ExchangeRecord {
    mutating func began(_ order: ExchangeOrder) {
        orders[order.id] = RecordedOrder(
            id: order.id,
            clientID: order.clientID,
            symbol: order.symbol,
            side: order.side,
            isReduceOnly: order.isReduceOnly,
            closesPosition: order.closesPosition,
            isConditional: false,
            parentID: order.parentID,
            origin: order.origin,
            quantity: order.quantity,
            createdAt: order.createdAt
        )
    }

    mutating func began(_ order: AlgoOrder) {
        algoOrders[order.id] = RecordedOrder(
            id: order.id,
            clientID: order.clientID,
            symbol: order.symbol,
            side: order.side,
            isReduceOnly: order.isReduceOnly,
            closesPosition: order.closesPosition,
            isConditional: true,
            parentID: nil,
            origin: order.origin,
            quantity: order.quantity,
            createdAt: order.createdAt
        )
    }

    mutating func executed(_ order: ExchangeOrder, _ price: Price, _ quantity: Quantity, at now: VenueInstant)
    {
        let execution = RecordedExecution(at: now, price: price, quantity: quantity, total: order.executed)
        orders.update(order.id) { $0.executions.append(execution) }
    }

    mutating func resized(_ order: ExchangeOrder) {
        orders.update(order.id) { $0.quantity = order.quantity }
    }

    mutating func ended(_ order: ExchangeOrder, at now: VenueInstant) {
        orders.update(order.id) { recorded in
            recorded.endedAt = now
            recorded.finalStatus = order.status.reported
        }
    }

    mutating func ended(_ order: AlgoOrder, at now: VenueInstant) {
        algoOrders.update(order.id) { recorded in
            recorded.endedAt = now
            recorded.finalStatus = order.status.reported
        }
    }

    mutating func moved(_ position: Position, by order: ExchangeOrder, at now: VenueInstant) {
        places[position.symbol, default: []].append(positions.count)
        positions.append(
            RecordedPosition(
                at: now,
                symbol: position.symbol,
                quantity: position.quantity,
                entryPrice: position.entryPrice,
                orderID: order.id,
                clientID: order.clientID,
                origin: order.origin
            )
        )
    }

    mutating func struck(_ symbol: Symbol, _ orders: [ClientOrderID], at now: VenueInstant) {
        countdowns.append(RecordedCountdown(at: now, symbol: symbol, orders: orders))
    }

    mutating func insured(_ amount: Notional) { insurance += amount }

    mutating func observe(_ symbol: Symbol, isNaked: Bool, at now: VenueInstant) {
        switch (nakedSince[symbol], isNaked) {
        case (.none, true): nakedSince[symbol] = now
        case (.some(let since), false):
            nakedSince[symbol] = nil
            if since < now { endedIntervals.append(NakedInterval(symbol: symbol, from: since, to: now)) }
        case (.none, false), (.some, true): break
        }
    }
}
