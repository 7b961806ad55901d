package import ReckonModel

// What happens without a request of ours: liquidation, deleveraging, and somebody else on the account.
extension Exchange {
    /// Closes positions, largest first, while the margin balance is below the maintenance margin.
    mutating func liquidateIfNeeded() {
        while let symbol = symbolToLiquidate() { liquidate(symbol) }
    }

    /// The largest position, where the margin doesn't carry what is held.
    ///
    /// Runs each step, so it looks at no orders.
    private func symbolToLiquidate() -> Symbol? {
        var balance = wallet
        var needed = Notional.zero
        var worst: (symbol: Symbol, size: Notional)?
        for symbol in holdings.keys {
            guard let position = holdings[symbol]?.position, !position.isFlat, let market = market(of: symbol)
            else {
                continue
            }
            let notional = signedNotional(position.quantity, at: market.mark)
            balance += unrealised(position, at: market.mark)
            needed += maintenance(notional, in: market)
            if notional.magnitude > worst?.size ?? .zero { worst = (symbol, notional.magnitude) }
        }
        return needed.isPositive && balance < needed ? worst?.symbol : nil
    }

    private mutating func liquidate(_ symbol: Symbol) {
        guard let position = holdings[symbol]?.position, let side = position.closingSide else { return }
        for id in openIDs[symbol] ?? [] { end(id, as: .expired, because: .liquidation) }
        let forced = ForcedTrade(
            symbol: symbol,
            side: side,
            quantity: position.quantity.magnitude,
            type: .liquidation,
            origin: .venue,
            isReduceOnly: true
        )
        trade(forced, id: "autoclose-\(now.milliseconds)\(nextTradeNumber() % 1_000_000)")
        guard wallet.isNegative, allFlat else { return }
        let cover = -wallet
        wallet = .zero
        record.insured(cover)
        tellAccount(.insurance, symbol: nil, otherChange: cover)
    }

    private var allFlat: Bool { holdings.values.allSatisfy { $0.position.isFlat } }

    /// Trades at the best price whatever the depth, as the venue's own engine does.
    private mutating func trade(_ forced: ForcedTrade, id: String) {
        guard let market = market(of: forced.symbol), forced.quantity.isPositive else { return }
        let order = ExchangeOrder(id: nextOrderID(), clientID: ClientOrderID(id), forced: forced, at: now)
        admit(order)
        let price = forced.side == .buy ? market.ask : market.bid
        let isVenue = forced.origin == .venue
        fill(order.id, Piece(price: price, quantity: forced.quantity), isMaker: false, forced: isVenue)
        afterChange(of: forced.symbol)
    }

    /// The venue takes part of a position away to balance somebody else's loss; of an instrument, of its larger leg.
    package mutating func autoDeleverage(_ symbol: Symbol, by quantity: Quantity) {
        let held = books(of: symbol).compactMap { holdings[$0]?.position }
        guard let position = held.max(by: { $0.quantity.magnitude < $1.quantity.magnitude }),
            let side = position.closingSide
        else { return }
        let forced = ForcedTrade(
            symbol: position.symbol,
            side: side,
            quantity: min(quantity, position.quantity.magnitude),
            type: .liquidation,
            origin: .venue,
            isReduceOnly: true
        )
        trade(forced, id: "adl_autoclose\(now.milliseconds)\(nextTradeNumber() % 1_000_000)")
    }

    /// Somebody else on the account trades at the market; no more than closes a leg.
    package mutating func tradeByHand(_ symbol: Symbol, _ side: Side, _ quantity: Quantity) {
        let book = bookByHand(symbol, side)
        guard isHedged == (book.leg != nil) else { return }
        let reduces = book.isReduced(by: side)
        let held = holdings[book]?.position.quantity.magnitude ?? .zero
        let forced = ForcedTrade(
            symbol: book,
            side: side,
            quantity: reduces ? min(quantity, held) : quantity,
            type: .market,
            origin: .byHand,
            isReduceOnly: reduces
        )
        trade(forced, id: "web_\(madeUpClientID("hand").text)")
        liquidateIfNeeded()
    }

    /// Somebody else on the account closes a position; whether there was one.
    @discardableResult
    package mutating func closeByHand(_ symbol: Symbol) -> Bool {
        var hasClosed = false
        for book in books(of: symbol) {
            guard let position = holdings[book]?.position, let side = position.closingSide else { continue }
            tradeByHand(book, side, position.quantity.magnitude)
            hasClosed = true
        }
        return hasClosed
    }

    /// Somebody else on the account cancels the oldest stop of a symbol; which one it was.
    package mutating func cancelStopByHand(_ symbol: Symbol) -> AlgoOrder? {
        let stops = openAlgoIDs.compactMap { algoOrders[$0] }
        guard let stop = stops.first(where: { isRow($0.symbol, of: symbol) && $0.type == .stopMarket }) else {
            return nil
        }
        endAlgo(stop.id, as: .cancelled)
        observeCover(stop.symbol)
        return algoOrders[stop.id]
    }

    /// Somebody else on the account places a conditional order.
    package mutating func placeAlgoByHand(_ request: AlgoRequest) throws(VenueRejection) -> AlgoOrder {
        var foreign = request
        foreign.clientID = ClientOrderID("web_\(madeUpClientID("hand").text)")
        return try acceptAlgo(foreign, origin: .byHand)
    }

    /// Puts a symbol's price elsewhere at once, with all that follows from it.
    package mutating func jump(_ symbol: Symbol, to price: Price) {
        markets.update(symbol.instrument) { $0.jump(to: price, at: now) }
        marketMoved()
    }
}
