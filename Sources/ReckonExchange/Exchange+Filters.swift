import ReckonModel

// What a request must satisfy before anything else is looked at, in the venue's order.
extension Exchange {
    func checkShape(_ request: OrderRequest) throws(VenueRejection) {
        if let id = request.clientID, !id.isAcceptable { throw .badClientID }
        guard request.quantity != nil else { throw .missing("quantity") }
        switch request.type {
        case .limit:
            guard request.timeInForce != nil else { throw .missing("timeinforce") }
            guard request.price != nil else { throw .missing("price") }
        case .market:
            if request.timeInForce != nil { throw .notRequired("timeinforce") }
            if request.price != nil { throw .notRequired("price") }
        case .stopMarket, .takeProfitMarket:
            throw .conditionalType
        case .liquidation: throw .badOrderType
        }
    }

    func checkFilters(_ request: OrderRequest, in market: Market) throws(VenueRejection) {
        let quantity = request.quantity ?? .zero
        guard market.instrument.isTrading else { throw .symbolClosed }
        try checkPrecision(request.price, quantity, in: market.configuration)
        if let price = request.price { try checkPrice(price, market.instrument) }
        try checkQuantity(quantity, isMarket: request.type == .market, market.instrument)
        if let price = request.price { try checkDistance(price, request.side, in: market) }
        guard !request.isReduceOnly else { return }
        let reference = request.price ?? market.mark
        let worth = Notional(of: quantity, at: reference, rounding: .down)
        if worth < market.instrument.minNotional { throw .notionalTooSmall(market.instrument.minNotional) }
    }

    func checkPrecision(
        _ price: Price?,
        _ quantity: Quantity,
        in configuration: MarketConfiguration
    ) throws(VenueRejection) {
        if let price, decimals(of: price.units) > configuration.pricePrecision { throw .badPrecision }
        if decimals(of: quantity.units) > configuration.quantityPrecision { throw .badPrecision }
    }

    private func checkPrice(_ price: Price, _ instrument: Instrument) throws(VenueRejection) {
        guard price.isPositive else { throw .priceBelowZero }
        if instrument.maxPrice.isPositive, price > instrument.maxPrice { throw .priceAboveMax }
        if price < instrument.minPrice { throw .priceBelowMin }
        let above = price - instrument.minPrice
        if above.rounded(.down, toMultipleOf: instrument.tickSize) != above { throw .priceOffTick }
    }

    func checkQuantity(
        _ quantity: Quantity,
        isMarket: Bool,
        _ instrument: Instrument
    ) throws(VenueRejection) {
        guard quantity.isPositive else { throw .quantityNotPositive }
        if quantity < instrument.minQuantity { throw .quantityBelowMin }
        let most = isMarket ? instrument.maxMarketQuantity : instrument.maxQuantity
        if most.isPositive, quantity > most { throw .quantityAboveMax }
        let above = quantity - instrument.minQuantity
        if above.rounded(.down, toMultipleOf: instrument.stepSize) != above { throw .quantityOffStep }
    }

    private func checkDistance(_ price: Price, _ side: Side, in market: Market) throws(VenueRejection) {
        let instrument = market.instrument
        switch side {
        case .buy:
            let limit = market.mark.scaled(by: instrument.percentPriceUp, over: 10_000, rounding: .down)
            if price > limit { throw .priceAboveMark(limit) }
        case .sell:
            let limit = market.mark.scaled(by: instrument.percentPriceDown, over: 10_000, rounding: .up)
            if price < limit { throw .priceBelowMark(limit) }
        }
    }

    /// Whether the margin and the leverage allow what the order could make of the position.
    func checkMargin(_ request: OrderRequest, in market: Market) throws(VenueRejection) {
        guard !request.isReduceOnly, let holding = holdings[request.symbol] else { return }
        let worst = request.side == .buy ? market.ask : market.bid
        let price = request.price ?? worst.scaled(by: 10_005, over: 10_000, rounding: .up)
        let added = Notional(of: request.quantity ?? .zero, at: price, rounding: .up)
        let notional = signedNotional(holding.position.quantity, at: market.mark)
        let (bids, asks) = openNotional(request.symbol)
        let bidsAfter = request.side == .buy ? bids + added : bids
        let asksAfter = request.side == .sell ? asks + added : asks
        let before = margin(of: notional, bids: bids, asks: asks, leverage: holding.leverage)
        let after = margin(of: notional, bids: bidsAfter, asks: asksAfter, leverage: holding.leverage)
        let more = after.position + after.orders - before.position - before.orders
        guard more.isPositive else { return }
        let fee = added.scaled(by: configuration.takerFee, over: 1_000_000, rounding: .up)
        if more + fee > account().available { throw .marginInsufficient }
        let largest = max((notional + bidsAfter).magnitude, (notional - asksAfter).magnitude)
        if largest > market.maxNotional(at: holding.leverage) { throw .positionTooLarge }
    }
}
