package import ReckonModel

// Leverage and margin type, instrument by instrument: both legs have the same.
extension Exchange {
    package mutating func setLeverage(
        _ symbol: Symbol,
        _ leverage: Int
    ) throws(VenueRejection) -> SymbolSetting {
        let market = try market(symbol)
        guard leverage >= 1, leverage <= market.instrument.maxLeverage else {
            throw .leverageInvalid(leverage)
        }
        let books = books(of: market.instrument.symbol)
        for book in books {
            let notional = position(of: book)?.notional.magnitude ?? .zero
            if notional > market.maxNotional(at: leverage) { throw .positionTooLarge }
        }
        for book in books {
            holdings.update(book) { $0.leverage = leverage }
            emit(.leverage(book, leverage, at: now))
        }
        return try setting(symbol)
    }

    package mutating func setMarginType(_ symbol: Symbol, _ type: MarginType) throws(VenueRejection) {
        let books = books(of: try market(symbol).instrument.symbol)
        for book in books where holdings[book]?.marginType == type { throw .marginTypeUnchanged }
        for book in books where openIDs[book]?.isEmpty == false { throw .marginTypeHasOrders }
        for book in books where holdings[book]?.position.isFlat == false { throw .marginTypeHasPosition }
        for book in books {
            holdings.update(book) { $0.marginType = type }
            tellAccount(.marginType, symbol: book)
        }
    }

    package func setting(_ symbol: Symbol) throws(VenueRejection) -> SymbolSetting {
        let market = try market(symbol)
        let holding = books(of: market.instrument.symbol).first.flatMap { holdings[$0] }
        let leverage = holding?.leverage ?? configuration.defaultLeverage
        return SymbolSetting(
            symbol: symbol,
            leverage: leverage,
            marginType: holding?.marginType ?? .crossed,
            maxNotional: market.maxNotional(at: leverage)
        )
    }
}
