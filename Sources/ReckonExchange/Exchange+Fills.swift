package import ReckonModel

// Executions, and what they do to the position and the money.
extension Exchange {
    /// Tells the stream about an order as it is now.
    mutating func tell(_ id: VenueOrderID, _ execution: ExecutionType, trade: ExchangeTrade? = nil) {
        guard let order = orders[id] else { return }
        let (bids, asks) = openNotional(order.symbol)
        emit(
            .order(
                OrderUpdate(
                    order: order,
                    execution: execution,
                    at: now,
                    trade: trade,
                    bidNotional: bids,
                    askNotional: asks
                )
            )
        )
    }

    /// Executes one piece of an order.
    mutating func fill(_ id: VenueOrderID, _ piece: Piece, isMaker: Bool, forced: Bool = false) {
        guard let before = orders[id] else { return }
        let trade = book(piece, of: before, isMaker: isMaker)
        orders.update(id) { order in
            order.executed += piece.quantity
            order.filledNotional += trade.notional
            order.status = order.remaining.isPositive ? .partiallyFilled : .filled
            order.updatedAt = now
        }
        guard let order = orders[id] else { return }
        record.executed(order, piece.price, piece.quantity, at: now)
        if !order.status.isOpen {
            openIDs.update(order.symbol) { $0.removeAll { $0 == id } }
            record.ended(order, at: now)
        }
        emit(.trade(trade, of: order))
        tellAccount(.order, symbol: order.symbol)
        tell(id, forced ? .calculated : .trade, trade: trade)
    }

    /// Moves position and wallet by one piece.
    private mutating func book(_ piece: Piece, of order: ExchangeOrder, isMaker: Bool) -> ExchangeTrade {
        let rate = isMaker ? configuration.makerFee : configuration.takerFee
        let worth = Notional(of: piece.quantity, at: piece.price, rounding: .up)
        let commission = worth.scaled(by: rate, over: 1_000_000, rounding: .up)
        var realised = Notional.zero
        holdings.update(order.symbol) { holding in
            realised = Exchange.profit(of: piece, order.side, on: holding.position)
            holding.position = holding.position.filled(order.side, piece.quantity, at: piece.price)
            holding.realised += realised
            holding.updatedAt = now
        }
        wallet += realised - commission
        accountUpdatedAt = now
        let trade = ExchangeTrade(
            number: nextTradeNumber(),
            orderID: order.id,
            clientID: order.clientID,
            symbol: order.symbol,
            side: order.side,
            price: piece.price,
            quantity: piece.quantity,
            isMaker: isMaker,
            commission: commission,
            realised: realised,
            at: now
        )
        trades.append(trade)
        if let position = holdings[order.symbol]?.position {
            record.moved(position, by: order, at: now)
        }
        return trade
    }

    /// Profit taken by the part of a piece that reduces the position.
    private static func profit(of piece: Piece, _ side: Side, on position: Position) -> Notional {
        guard position.closingSide == side else { return .zero }
        let closed = min(piece.quantity, position.quantity.magnitude)
        let gain = side == .sell ? piece.price - position.entryPrice : position.entryPrice - piece.price
        let wide = Int128(closed.units) * Int128(gain.units)
        return Notional(units: divide(wide, by: Int128(Price.scale), rounding: .down))
    }

    mutating func tellAccount(_ change: AccountChange, symbol: Symbol?, otherChange: Notional = .zero) {
        emit(
            .account(
                AccountUpdate(
                    change: change,
                    at: now,
                    wallet: wallet,
                    otherChange: otherChange,
                    position: symbol.flatMap { position(of: $0) }
                )
            )
        )
    }

    /// Resting orders that the step's prices reach, oldest first.
    mutating func fillResting() {
        for symbol in holdings.keys {
            for order in restingOrders(symbol) {
                guard let market = market(of: symbol), orders[order.id]?.status.isOpen == true else {
                    continue
                }
                let quantity = market.makerFill(of: orders[order.id] ?? order)
                guard quantity.isPositive else { continue }
                fill(order.id, Piece(price: order.price, quantity: quantity), isMaker: true)
                afterChange(of: symbol)
            }
        }
    }

    /// What a changed position or stop does to everything that hangs on it.
    mutating func afterChange(of symbol: Symbol) {
        displaceReduceOnly(symbol)
        expireOrphanedCloses(symbol)
        observeCover(symbol)
    }

    /// Reduce-only orders never rest for more than the position: the newest give way.
    private mutating func displaceReduceOnly(_ symbol: Symbol) {
        guard let position = holdings[symbol]?.position else { return }
        var room = position.quantity.magnitude
        for order in restingOrders(symbol) where order.isReduceOnly {
            let allowed = order.side == position.closingSide ? min(order.remaining, room) : .zero
            room -= allowed
            if allowed.isZero {
                end(order.id, as: .expired, because: .displaced)
            } else if allowed < order.remaining {
                orders.update(order.id) { $0.quantity = $0.executed + allowed }
                if let shrunk = orders[order.id] { record.resized(shrunk) }
            }
        }
    }

    /// Judges whether a symbol's position stands without full stop cover, and records it.
    mutating func observeCover(_ symbol: Symbol) {
        record.observe(symbol, isNaked: isNaked(symbol), at: now)
    }

    /// Whether a position is open whose resting stops cover less than the configured share of it.
    package func isNaked(_ symbol: Symbol) -> Bool {
        guard let position = holdings[symbol]?.position, let closing = position.closingSide else {
            return false
        }
        var covered = Quantity.zero
        for id in openAlgoIDs {
            guard let stop = algoOrders[id], stop.symbol == symbol, stop.covers(closing) else { continue }
            if stop.closesPosition { return false }
            covered += stop.quantity
        }
        let size = position.quantity.magnitude
        return covered < size.scaled(by: configuration.minCoverage, over: 10_000, rounding: .up)
    }
}
