package import ReckonModel

// Leverage and margin type, symbol by symbol.
extension Exchange {
    package mutating func setLeverage(
        _ symbol: Symbol,
        _ leverage: Int
    ) throws(VenueRejection) -> SymbolSetting {
        let market = try market(symbol)
        guard leverage >= 1, leverage <= market.instrument.maxLeverage else {
            throw .leverageInvalid(leverage)
        }
        let notional = position(of: symbol)?.notional.magnitude ?? .zero
        if notional > market.maxNotional(at: leverage) { throw .positionTooLarge }
        holdings.update(symbol) { $0.leverage = leverage }
        emit(.leverage(symbol, leverage, at: now))
        return try setting(symbol)
    }

    package mutating func setMarginType(_ symbol: Symbol, _ type: MarginType) throws(VenueRejection) {
        _ = try market(symbol)
        guard let holding = holdings[symbol], holding.marginType != type else { throw .marginTypeUnchanged }
        if openIDs[symbol]?.isEmpty == false { throw .marginTypeHasOrders }
        if !holding.position.isFlat { throw .marginTypeHasPosition }
        holdings.update(symbol) { $0.marginType = type }
        tellAccount(.marginType, symbol: symbol)
    }

    package func setting(_ symbol: Symbol) throws(VenueRejection) -> SymbolSetting {
        let market = try market(symbol)
        let holding = holdings[symbol]
        let leverage = holding?.leverage ?? configuration.defaultLeverage
        return SymbolSetting(
            symbol: symbol,
            leverage: leverage,
            marginType: holding?.marginType ?? .crossed,
            maxNotional: market.maxNotional(at: leverage)
        )
    }
}
