import ReckonEngine
import ReckonExchange
import ReckonModel

/// Another engine of our kind on the account: its orders bear names like ours, and the operator sees to it after a while.
extension World {
    /// One order of its, so far from the market that it rests; what it is called is drawn.
    mutating func strangerCalls(on symbol: Symbol, _ index: Int, _ dice: inout Dice) {
        guard let market = exchange.markets[symbol.instrument] else { return }
        let side: Side = symbol.leg?.openingSide ?? (dice.chance(1, in: 2) ? .buy : .sell)
        let away: Int64 = side == .buy ? 9_000 : 11_000
        let price = market.mark.scaled(by: away, over: 10_000, rounding: .down)
            .rounded(.down, toMultipleOf: market.instrument.tickSize)
        let amount = Notional(units: 150 * Notional.scale)
        let quantity = amount.quantity(at: price).rounded(.down, toMultipleOf: market.instrument.stepSize)
        var request = OrderRequest(symbol: symbol, side: side, type: .limit, quantity: quantity)
        request.price = price
        request.timeInForce = .goodTillCancel
        request.clientID = strangerName(index, &dice)
        guard (try? exchange.placeByHand(request)) != nil else { return }
        strangers[index] = request
    }

    /// Another engine's name; ours with a start that is not; ours with a start of ours and a number never used; and one that a
    /// journal might have lost.
    private func strangerName(_ index: Int, _ dice: inout Dice) -> ClientOrderID {
        let last = max(incarnation - 1, 0)
        let text =
            switch dice.roll(below: 4) {
            case 0: "rk-other-e1-i\(index + 1)-1"
            case 1: "rk-sim-x\(index)-i\(index + 1)-1"
            case 2: "rk-sim-e\(incarnation)-izz\(index)-1"
            default: "rk-sim-e\(last)-czz\(index)-1"
            }
        return ClientOrderID(text)
    }

    /// It takes off what still rests and goes; the operator looks after the account again.
    mutating func strangerLeaves(_ index: Int) {
        if let request = strangers[index], let id = request.clientID {
            _ = try? exchange.cancel(request.symbol, .client(id))
        }
        strangers[index] = nil
        resolveSharing()
    }

    /// The operator answers for what was found once nobody else is there.
    mutating func resolveSharing() {
        guard scenario.faults[.otherEngine].every > .zero, strangers.isEmpty,
            engine?.state.sharing.isShared ?? false
        else { return }
        turn(.command(.resolveSharing(reason: "drill over"), ticket: -1))
    }
}
