import ReckonExchange
import ReckonModel

/// An order that somebody placed on the account without the engine.
struct HandOrder: Sendable {
    let symbol: Symbol
    let id: ClientOrderID
    let isConditional: Bool
    /// Whether whoever placed it comes back for it.
    let isTakenBack: Bool
}

extension World {
    /// An opening limit, a reducing one, or a stop; what the venue refuses is simply not there.
    mutating func orderByHand(_ symbol: Symbol, _ index: Int, _ dice: inout Dice) {
        let held = exchange.position(of: symbol)?.quantity ?? .zero
        let isTakenBack = dice.chance(1, in: 2)
        let kind = dice.roll(below: 4)
        let away = dice.roll(in: 2...150)
        let opens: Side = symbol.leg?.openingSide ?? (dice.chance(1, in: 2) ? .buy : .sell)
        let closes: Side = symbol.leg?.openingSide.opposite ?? (held.isPositive ? .sell : .buy)
        let id: ClientOrderID?
        switch kind {
        case 0, 1: id = limitByHand(symbol, opens, away, Quantity?.none)
        case 2: id = held.isZero ? nil : limitByHand(symbol, closes, away, held.magnitude)
        default:
            guard !held.isZero else { return }
            let trigger = price(of: symbol, away: closes == .sell ? -away : away)
            let wish = AlgoRequest.closing(symbol, side: closes, trigger: trigger)
            id = (try? exchange.placeAlgoByHand(wish))?.clientID
        }
        guard let id else { return }
        handOrders[index] = HandOrder(
            symbol: symbol,
            id: id,
            isConditional: kind > 2,
            isTakenBack: isTakenBack
        )
    }

    mutating func takeBackByHand(_ index: Int) {
        guard let order = handOrders[index] else { return }
        handOrders[index] = nil
        guard order.isTakenBack else { return }
        if order.isConditional {
            _ = try? exchange.cancelAlgo(.client(order.id))
        } else {
            _ = try? exchange.cancel(order.symbol, .client(order.id))
        }
    }

    /// Behind the market; what it reduces where that is given.
    private mutating func limitByHand(
        _ symbol: Symbol,
        _ side: Side,
        _ away: Int64,
        _ reducing: Quantity?
    ) -> ClientOrderID? {
        guard let market = exchange.markets[symbol.instrument] else { return nil }
        let price = price(of: symbol, away: side == .buy ? -away : away)
        let amount = Notional(units: 120 * Notional.scale)
        let quantity =
            reducing
            ?? amount.quantity(at: price).rounded(.down, toMultipleOf: market.instrument.stepSize)
        var request = OrderRequest(symbol: symbol, side: side, type: .limit, quantity: quantity)
        request.price = price
        request.timeInForce = .goodTillCancel
        request.isReduceOnly = reducing != nil && symbol.leg == nil
        request.clientID = ClientOrderID("web_\(exchange.now.milliseconds)")
        return (try? exchange.placeByHand(request))?.clientID
    }

    /// So many 1e-4 above the mark, in whole ticks.
    private func price(of symbol: Symbol, away: Int64) -> Price {
        guard let market = exchange.markets[symbol.instrument] else { return .zero }
        return market.mark.scaled(by: 10_000 + away, over: 10_000, rounding: .down)
            .rounded(.down, toMultipleOf: market.instrument.tickSize)
    }
}
