package import ReckonModel

/// How a position's margin is kept apart.
package enum MarginType: String, Hashable, Sendable, CaseIterable {
    case crossed = "CROSSED"
    case isolated = "ISOLATED"
}

/// What the account holds and has set on one symbol or leg.
struct Holding: Sendable {
    var position: Position
    var leverage: Int
    var marginType = MarginType.crossed
    /// Profit taken on the symbol over all time, before fees.
    var realised = Notional.zero
    var updatedAt: VenueInstant
}

/// A position as the venue shows it, with what hangs on the current prices.
package struct PositionView: Hashable, Sendable {
    package let symbol: Symbol
    /// Signed: long above zero, short below.
    package let quantity: Quantity
    package let entryPrice: Price
    package let breakEvenPrice: Price
    package let markPrice: Price
    package let unrealised: Notional
    /// Zero where no price would liquidate it.
    package let liquidationPrice: Price
    /// Signed as the quantity.
    package let notional: Notional
    package let leverage: Int
    package let marginType: MarginType
    package let maintenanceMargin: Notional
    package let positionMargin: Notional
    package let openOrderMargin: Notional
    package let bidNotional: Notional
    package let askNotional: Notional
    package let realised: Notional
    package let hasOpenOrders: Bool
    package let updatedAt: VenueInstant

    package var initialMargin: Notional { positionMargin + openOrderMargin }
}

/// The account's money.
package struct AccountView: Hashable, Sendable {
    package let wallet: Notional
    package let unrealised: Notional
    package let maintenanceMargin: Notional
    package let positionMargin: Notional
    package let openOrderMargin: Notional
    package let updatedAt: VenueInstant

    package var marginBalance: Notional { wallet + unrealised }

    package var initialMargin: Notional { positionMargin + openOrderMargin }

    package var available: Notional { max(.zero, marginBalance - initialMargin) }
}

/// What setting a leverage gives.
package struct SymbolSetting: Hashable, Sendable {
    package let symbol: Symbol
    package let leverage: Int
    package let marginType: MarginType
    package let maxNotional: Notional
}

// Margin and money, all from the state of this instant.
extension Exchange {
    /// Account totals, from quantities and marks alone: asked with each order, so it makes no views.
    package func account() -> AccountView {
        var unrealised = Notional.zero
        var maintenance = Notional.zero
        var position = Notional.zero
        var orders = Notional.zero
        for (symbol, holding) in holdings where isActive(symbol, holding) {
            guard let market = market(of: symbol) else { continue }
            let notional = signedNotional(holding.position.quantity, at: market.mark)
            let (bids, asks) = openNotional(symbol)
            let margins = margin(of: notional, bids: bids, asks: asks, leverage: holding.leverage)
            unrealised += self.unrealised(holding.position, at: market.mark)
            maintenance += self.maintenance(notional, in: market)
            position += margins.position
            orders += margins.orders
        }
        return AccountView(
            wallet: wallet,
            unrealised: unrealised,
            maintenanceMargin: maintenance,
            positionMargin: position,
            openOrderMargin: orders,
            updatedAt: accountUpdatedAt
        )
    }

    /// One row per listed symbol or leg, flat ones too.
    package func allPositions() -> [PositionView] {
        let cushion = cushion()
        return holdings.keys.compactMap { position(of: $0, within: cushion) }
    }

    package func position(of symbol: Symbol) -> PositionView? { position(of: symbol, within: cushion()) }

    /// Whether a symbol can add anything to the account's totals.
    func isActive(_ symbol: Symbol, _ holding: Holding) -> Bool {
        !holding.position.isFlat || openIDs[symbol]?.isEmpty == false
    }

    func position(of symbol: Symbol, within cushion: Int128) -> PositionView? {
        guard let holding = holdings[symbol], let market = market(of: symbol) else { return nil }
        let quantity = holding.position.quantity
        let notional = signedNotional(quantity, at: market.mark)
        let (bids, asks) = openNotional(symbol)
        let margins = margin(of: notional, bids: bids, asks: asks, leverage: holding.leverage)
        return PositionView(
            symbol: symbol,
            quantity: quantity,
            entryPrice: holding.position.entryPrice,
            breakEvenPrice: breakEven(holding.position),
            markPrice: market.mark,
            unrealised: unrealised(holding.position, at: market.mark),
            liquidationPrice: liquidationPrice(of: symbol, within: cushion),
            notional: notional,
            leverage: holding.leverage,
            marginType: holding.marginType,
            maintenanceMargin: maintenance(notional, in: market),
            positionMargin: margins.position,
            openOrderMargin: margins.orders,
            bidNotional: bids,
            askNotional: asks,
            realised: holding.realised,
            hasOpenOrders: openIDs[symbol]?.isEmpty == false,
            updatedAt: holding.updatedAt
        )
    }

    /// Profit of a position if it closed at a price.
    ///
    /// Rounds: down.
    func unrealised(_ position: Position, at price: Price) -> Notional {
        let wide = Int128(position.quantity.units) * Int128((price - position.entryPrice).units)
        return Notional(units: divide(wide, by: Int128(Price.scale), rounding: .down))
    }

    /// Rounds: away from zero, so that margin is never too small.
    func signedNotional(_ quantity: Quantity, at price: Price) -> Notional {
        let worth = Notional(of: quantity.magnitude, at: price, rounding: .up)
        return quantity.isNegative ? -worth : worth
    }

    func maintenance(_ notional: Notional, in market: Market) -> Notional {
        guard !notional.isZero, let bracket = market.bracket(for: notional.magnitude) else { return .zero }
        let share = notional.magnitude.scaled(by: bracket.maintenanceRatio, over: 10_000, rounding: .up)
        return max(.zero, share - bracket.deduction)
    }

    /// Worth of resting orders that could open exposure, per side.
    func openNotional(_ symbol: Symbol) -> (bids: Notional, asks: Notional) {
        var bids = Notional.zero
        var asks = Notional.zero
        for order in restingOrders(symbol) where !order.isReduceOnly {
            let worth = Notional(of: order.remaining, at: order.price, rounding: .up)
            if order.side == .buy { bids += worth } else { asks += worth }
        }
        return (bids, asks)
    }

    /// Margin for a position and for what resting orders could make of it.
    func margin(
        of notional: Notional,
        bids: Notional,
        asks: Notional,
        leverage: Int
    ) -> (position: Notional, orders: Notional) {
        let worst = max((notional + bids).magnitude, (notional - asks).magnitude, notional.magnitude)
        let position = notional.magnitude.scaled(by: 1, over: Int64(leverage), rounding: .up)
        let total = worst.scaled(by: 1, over: Int64(leverage), rounding: .up)
        return (position, total - position)
    }

    private func breakEven(_ position: Position) -> Price {
        guard let side = position.closingSide else { return .zero }
        let fee = position.entryPrice.scaled(by: configuration.takerFee * 2, over: 1_000_000, rounding: .up)
        return side == .sell ? position.entryPrice + fee : position.entryPrice - fee
    }

    /// Profit less maintenance margin of all open positions: each row of a list needs it, so a list reckons it once.
    func cushion() -> Int128 {
        var sum: Int128 = 0
        for (symbol, holding) in holdings where !holding.position.isFlat {
            guard let market = market(of: symbol) else { continue }
            sum += cushion(holding.position, in: market)
        }
        return sum
    }

    private func cushion(_ position: Position, in market: Market) -> Int128 {
        let needed = maintenance(signedNotional(position.quantity, at: market.mark), in: market)
        return Int128(unrealised(position, at: market.mark).units) - Int128(needed.units)
    }

    /// The mark at which the whole account would be liquidated, other prices unchanged.
    ///
    /// `total` is the `cushion` of all positions, this one included.
    func liquidationPrice(of symbol: Symbol, within total: Int128) -> Price {
        guard let holding = holdings[symbol], let market = market(of: symbol) else { return .zero }
        let quantity = holding.position.quantity
        guard !quantity.isZero else { return .zero }
        let notional = signedNotional(quantity, at: market.mark)
        guard let bracket = market.bracket(for: notional.magnitude) else { return .zero }
        let others = total - cushion(holding.position, in: market)
        let cash = Int128(wallet.units) + Int128(bracket.deduction.units) + others
        let size = Int128(quantity.magnitude.units)
        let direction: Int128 = quantity.isPositive ? 1 : -1
        let cost = direction * size * Int128(holding.position.entryPrice.units) / Int128(Price.scale)
        let below = size * (Int128(bracket.maintenanceRatio) - direction * 10_000)
        guard below != 0 else { return .zero }
        let wide = (cash - cost) * Int128(Price.scale) * 10_000
        let (price, rest) = wide.quotientAndRemainder(dividingBy: below)
        let rounded = direction > 0 && rest != 0 ? price + 1 : price
        return rounded > 0 && rounded < Int128(Int64.max) ? Price(units: Int64(rounded)) : .zero
    }
}
