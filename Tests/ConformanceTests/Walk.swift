import ReckonEngine
import ReckonExchange
import ReckonModel

/// Makes up steps by seed: mostly sensible ones, some that must be refused.
struct Walk {
    private var dice: Dice
    private var made = 0
    /// Ids used so far, with the service that they went to.
    private var known: [(id: ClientOrderID, endpoint: OrderEndpoint)] = []

    private let isHedged: Bool
    /// What the next step is about: of a hedged account now one leg, now the other.
    private var symbol = Premises.bitcoin

    init(seed: UInt64, isHedged: Bool = false) {
        dice = Dice(seed: Dice.digest("walk", from: seed))
        self.isHedged = isHedged
    }

    /// The next step, in view of where the exchange stands.
    mutating func step(_ exchange: Exchange) -> Step {
        let mark = exchange.markets[Premises.bitcoin]?.mark ?? .zero
        if isHedged { symbol = Premises.bitcoin.leg(dice.chance(1, in: 2) ? .long : .short) }
        switch dice.roll(below: 100) {
        case 0..<16: return place(.market, at: mark)
        case 16..<30: return place(limit(near: mark), at: mark)
        case 30..<46: return protect(exchange, near: mark)
        case 46..<56: return ask()
        case 56..<64: return cancel()
        case 64..<72: return list()
        case 72..<75: return leverage()
        case 75..<92: return Step(.happening(.time(milliseconds: dice.roll(in: 1...4_000))))
        default: return happen(mark)
        }
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int(dice.roll(below: UInt64(choices.count)))]
    }

    /// A new id, or now and then one that was used before.
    private mutating func id(_ endpoint: OrderEndpoint) -> ClientOrderID {
        if !known.isEmpty, dice.chance(1, in: 8) { return pick(known).id }
        made += 1
        let id = ClientOrderID("walk-\(made)")
        known.append((id, endpoint))
        return id
    }

    private mutating func size() -> Quantity {
        let units = pick([1_000, 100_000, 150_000, 300_000, 1_000_000, 2_000_000, 10_000_000, 80_000_000])
        // Whole steps are 100,000 units: the first and third are off, and thousands of coins are too many.
        return Quantity(units: dice.chance(1, in: 25) ? 200_000 * Quantity.scale : Int64(units))
    }

    /// A price up to so many ten-thousandths away, on the tick more often than not.
    private mutating func price(near mark: Price, within distance: Int64) -> Price {
        let away = 10_000 + dice.roll(in: -distance...distance)
        let price = mark.scaled(by: away, over: 10_000, rounding: .down)
        // Between two ticks, by too many places or by one that is allowed.
        if dice.chance(1, in: 20) { return price }
        if dice.chance(1, in: 20) {
            return price.rounded(.down, toMultipleOf: Price(units: Price.scale / 20))
        }
        return price.rounded(.down, toMultipleOf: Price(units: Price.scale / 10))
    }

    private mutating func limit(near mark: Price) -> Pricing {
        let distance: Int64 = dice.chance(1, in: 3) ? 800 : 15
        return .limit(price(near: mark, within: distance), pick(TimeInForce.allCases))
    }

    /// Now and then what the account's mode does not know.
    private mutating func book() -> Symbol {
        guard isHedged, dice.chance(1, in: 20) else { return symbol }
        return Premises.bitcoin
    }

    /// An order that says that it reduces goes out to one side of a leg only.
    private mutating func reducingSide() -> Side { symbol.leg?.closingSide ?? side() }

    private mutating func side() -> Side { dice.chance(1, in: 2) ? .buy : .sell }

    private mutating func age() -> Span {
        dice.chance(1, in: 20) ? .milliseconds(pick([5_001, 4_999, -1_000, -999])) : .zero
    }

    private mutating func place(_ pricing: Pricing, at mark: Price) -> Step {
        let reduces = dice.chance(1, in: 3)
        let size = size()
        let ticket = OrderTicket(
            id: id(.order),
            symbol: dice.chance(1, in: 30) ? Symbol("NONEUSDT") : book(),
            role: reduces ? .exit : .entry,
            side: reduces ? reducingSide() : side(),
            extent: reduces ? .reducing(size) : .opening(size),
            pricing: pricing
        )
        return .place(ticket, age: age())
    }

    /// A stop or a take-profit, mostly on the side that fits what is held.
    private mutating func protect(_ exchange: Exchange, near mark: Price) -> Step {
        let held = exchange.position(of: symbol)?.quantity ?? .zero
        let fitting: Side = held.isNegative ? .buy : .sell
        let extent: Extent = dice.chance(1, in: 2) ? .wholePosition : .reducing(size())
        var side = dice.chance(1, in: 6) ? fitting.opposite : fitting
        if case .reducing = extent, isHedged { side = reducingSide() }
        let isStop = dice.chance(2, in: 3)
        let distance = mark.scaled(by: dice.roll(in: 1...40), over: 10_000, rounding: .down)
        let isBelow = isStop == (side == .sell)
        let away = dice.chance(1, in: 12) == isBelow ? mark + distance : mark - distance
        let trigger = away.rounded(.down, toMultipleOf: Price(units: Price.scale / 10))
        let ticket = OrderTicket(
            id: id(.algo),
            symbol: symbol,
            role: isStop ? .stop : .takeProfit,
            side: side,
            extent: extent,
            pricing: isStop ? .stopMarket(trigger: trigger) : .takeProfitMarket(trigger: trigger)
        )
        return .place(ticket, age: age())
    }

    /// Some order at the service where it is, or at the other one.
    private mutating func target() -> (id: ClientOrderID, endpoint: OrderEndpoint) {
        guard !known.isEmpty else { return (ClientOrderID("nobody"), .order) }
        // The newest are the likeliest to be alive.
        let recent = dice.chance(2, in: 3) ? Array(known.suffix(8)) : known
        var target = pick(recent)
        if dice.chance(1, in: 4) { target.endpoint = target.endpoint == .order ? .algo : .order }
        return target
    }

    private mutating func ask() -> Step {
        let target = target()
        return Step(.query(target.id, symbol, target.endpoint))
    }

    private mutating func cancel() -> Step {
        let target = target()
        return Step(.cancel(target.id, symbol, target.endpoint))
    }

    private mutating func list() -> Step {
        Step(
            .list(
                pick([
                    .positions, .openOrders, .openAlgoOrders,
                    .orderHistory(symbol, since: Premises.start), .algoHistory(symbol, since: Premises.start),
                ])
            )
        )
    }

    private mutating func leverage() -> Step {
        Step(.leverage(pick([symbol, Premises.ether]), pick([0, 1, 5, 10, 20, 50, 125, 126])))
    }

    private mutating func happen(_ mark: Price) -> Step {
        let size = Quantity(units: dice.roll(in: 1...20) * 100_000)
        switch dice.roll(below: 8) {
        case 0, 1: return Step(.happening(.tradeByHand(symbol, side(), size)))
        case 2: return Step(.happening(.closeByHand(symbol)))
        case 3: return Step(.happening(.strikeStopByHand(symbol)))
        case 4: return Step(.happening(.deleverage(symbol, size)))
        default:
            let far: Int64 = dice.chance(1, in: 2) ? 2_000 : 60
            return Step(.happening(.jump(symbol, price(near: mark, within: far))))
        }
    }
}

extension Side {
    fileprivate var opposite: Side { self == .buy ? .sell : .buy }
}
