import ReckonExchange
import ReckonModel
import Testing

/// Random requests of every kind, from one seed.
struct Storm {
    var exchange: Exchange
    var dice: Dice
    var events: [ExchangeEvent] = []
    private var count = 0

    init(seed: UInt64, balance: String = "10000", isHedged: Bool = false) {
        exchange = livelyExchange(seed: seed, balance: balance)
        // A new account has neither orders nor positions, so it takes any mode.
        if isHedged { try? exchange.setHedged(true) }
        dice = Dice(seed: seed ^ 0xABCD)
    }

    mutating func step() {
        count += 1
        switch dice.roll(below: 12) {
        case 0...3: attempt { try $0.place($1) }
        case 4...5: attemptAlgo()
        case 6: cancelSome()
        case 7: exchange.tradeByHand(symbol(), side(), size())
        case 8: _ = exchange.cancelStopByHand(symbol())
        case 9: _ = try? exchange.setLeverage(symbol(), Int(dice.roll(in: 1...60)))
        default: exchange.wait(dice.roll(in: 1...3_000))
        }
        events += exchange.drainEvents()
    }

    private mutating func symbol() -> Symbol {
        let symbol = dice.chance(1, in: 2) ? bitcoin : ether
        guard exchange.isHedged, !dice.chance(1, in: 20) else { return symbol }
        return symbol.leg(dice.chance(1, in: 2) ? .long : .short)
    }

    private mutating func side() -> Side { dice.chance(1, in: 2) ? .buy : .sell }

    private mutating func size() -> Quantity { Quantity(units: dice.roll(in: 1...300) * 100_000) }

    private mutating func near(_ symbol: Symbol) -> Price {
        let mark = exchange.markets[symbol.instrument]?.mark ?? .zero
        let moved = mark.scaled(by: dice.roll(in: 9_970...10_030), over: 10_000, rounding: .down)
        return moved.rounded(.down, toMultipleOf: price("0.1"))
    }

    private mutating func attempt(_ place: (inout Exchange, OrderRequest) throws -> ExchangeOrder) {
        let symbol = symbol()
        var request = OrderRequest.market(side(), size(), of: symbol, id: "o\(count % 40)")
        if dice.chance(1, in: 2) {
            request.type = .limit
            request.price = near(symbol)
            request.timeInForce = TimeInForce.allCases[Int(dice.roll(below: 4))]
        }
        request.isReduceOnly = dice.chance(1, in: 3)
        _ = try? place(&exchange, request)
    }

    private mutating func attemptAlgo() {
        let symbol = symbol()
        var request = AlgoRequest(symbol: symbol, side: side(), triggerPrice: near(symbol))
        if dice.chance(1, in: 3) { request.type = .takeProfitMarket }
        request.workingType = dice.chance(1, in: 2) ? .markPrice : .contractPrice
        if dice.chance(1, in: 2) {
            request.closesPosition = true
        } else {
            request.quantity = size()
            request.isReduceOnly = dice.chance(3, in: 4)
        }
        _ = try? exchange.placeAlgo(request)
    }

    private mutating func cancelSome() {
        if let order = exchange.openOrders().first {
            _ = try? exchange.cancel(order.symbol, .venue(order.id))
        }
        if let order = exchange.openAlgoOrders().last { _ = try? exchange.cancelAlgo(.venue(order.id)) }
    }
}

@Suite("Properties") struct PropertyTests {
    @Test(
        "money, positions and executions add up through any sequence of requests",
        arguments: UInt64(1)...12
    )
    func conservation(_ seed: UInt64) {
        var storm = Storm(seed: seed, balance: seed % 3 == 0 ? "700" : "10000")
        let start = storm.exchange.configuration.startingBalance
        for step in 0..<500 {
            storm.step()
            if step % 10 == 0 { checkSums(storm.exchange, start: start) }
            checkRules(storm.exchange)
        }
        checkSums(storm.exchange, start: start)
        checkReducing(storm.exchange.record)
        checkEvents(storm.events)
        #expect(storm.exchange.userTrades(HistoryQuery(limit: 10_000)).count > 50)
    }

    private func checkSums(_ exchange: Exchange, start: Notional) {
        var wallet = start + exchange.record.insurance
        var held = Table<Symbol, Quantity>()
        var executed = Table<VenueOrderID, Quantity>()
        for trade in exchange.userTrades(HistoryQuery(limit: 1_000_000)) {
            wallet += trade.realised - trade.commission
            held[trade.symbol, default: .zero] += trade.side.signed(trade.quantity)
            executed[trade.orderID, default: .zero] += trade.quantity
        }
        #expect(wallet == exchange.account().wallet)
        for position in exchange.allPositions() {
            #expect((held[position.symbol] ?? .zero) == position.quantity)
        }
        for order in exchange.allOrders(HistoryQuery(limit: 1_000_000)) {
            let sum = executed[order.id] ?? .zero
            #expect(sum == order.executed && sum <= order.quantity)
            #expect(exchange.record.orders[order.id]?.executed == sum)
        }
    }

    private func checkRules(_ exchange: Exchange) {
        for position in exchange.allPositions() {
            var reducing = Quantity.zero
            for order in exchange.openOrders(position.symbol) where order.isReduceOnly {
                reducing += order.remaining
                #expect(position.quantity.isPositive == (order.side == .sell))
            }
            #expect(reducing <= position.quantity.magnitude)
            let closing = exchange.openAlgoOrders(position.symbol).filter(\.closesPosition)
            for order in closing {
                #expect(!position.quantity.isZero && position.quantity.isPositive == (order.side == .sell))
                #expect(closing.filter { $0.type == order.type && $0.side == order.side }.count == 1)
            }
            let isRecordedNaked = exchange.record.openNakedInterval(position.symbol) != nil
            #expect(isRecordedNaked == exchange.isNaked(position.symbol))
        }
        let account = exchange.account()
        #expect(account.maintenanceMargin.isZero || account.marginBalance >= account.maintenanceMargin)
    }

    /// No reduce-only order ever opens, adds or flips.
    private func checkReducing(_ record: ExchangeRecord) {
        var held = Table<Symbol, Quantity>()
        for change in record.positions {
            let before = held[change.symbol] ?? .zero
            held[change.symbol] = change.quantity
            guard record.orders[change.orderID]?.isReduceOnly == true else { continue }
            #expect(change.quantity.magnitude < before.magnitude)
            #expect(change.quantity.isZero || change.quantity.isPositive == before.isPositive)
        }
    }

    /// Each order is told as new first, its totals never fall, and nothing comes after its end.
    private func checkEvents(_ events: [ExchangeEvent]) {
        var told = Table<VenueOrderID, ExchangeOrder>()
        for event in events {
            guard case .order(let update) = event else { continue }
            let before = told[update.order.id]
            #expect((before == nil) == (update.execution == .new))
            if let before {
                #expect(before.status.isOpen && before.executed <= update.order.executed)
            }
            told[update.order.id] = update.order
        }
    }

    @Test("the same seed and requests give the same events, another seed others")
    func determinism() {
        func run(_ seed: UInt64) -> [ExchangeEvent] {
            var storm = Storm(seed: seed)
            for _ in 0..<300 { storm.step() }
            return storm.events
        }
        let first = run(5)
        #expect(first == run(5))
        #expect(first != run(6))
        #expect(first.count > 200)
    }

    @Test("prices don't hang on what the account does, nor on how time is cut into steps")
    func exogenous() throws {
        var busy = livelyExchange(seed: 9)
        var idle = livelyExchange(seed: 9)
        for _ in 0..<200 {
            busy.wait(137)
            busy.wait(363)
            _ = try? busy.place(.market(.buy, quantity("0.001"), of: bitcoin))
            idle.wait(500)
            #expect(busy.markets[bitcoin]?.mark == idle.markets[bitcoin]?.mark)
            #expect(busy.markets[ether]?.last == idle.markets[ether]?.last)
        }
        #expect(busy.markets[bitcoin]?.mark != price("60000"))
    }

    @Test("time never goes back, and a long pause gives the same prices as many short ones")
    func time() {
        var one = livelyExchange(seed: 4)
        var many = livelyExchange(seed: 4)
        let end = one.now + .seconds(600)
        one.advance(to: end)
        while many.now < end { many.wait(1_000) }
        #expect(one.markets[bitcoin]?.mark == many.markets[bitcoin]?.mark)
        one.advance(to: end - .seconds(5))
        #expect(one.now == end)
    }

    @Test("prices stay positive and within bounds through wild markets, and shocks land on time")
    func wild() {
        var configuration = ExchangeConfiguration(symbols: [bitcoin])
        var walk = JumpDiffusion(
            start: price("60000"),
            volatility: 40_000_000,
            jumpsPerDay: 20_000,
            jumpSize: 300_000_000
        )
        walk.shocks = [PriceShock(offset: .seconds(1), size: -500_000_000)]
        configuration.markets[0].source = .seeded(walk)
        var exchange = Exchange(configuration: configuration, seed: 2)
        for _ in 0..<2_000 {
            exchange.wait(250)
            let market = exchange.markets[bitcoin]
            #expect(market?.bid.isPositive == true && (market?.bid ?? .zero) < (market?.ask ?? .zero))
            #expect((market?.mark ?? .zero) <= price("3000000") && (market?.mark ?? .zero) >= price("1200"))
        }
        walk.volatility = 0
        walk.jumpsPerDay = 0
        configuration.markets[0].source = .seeded(walk)
        var calm = Exchange(configuration: configuration, seed: 2)
        calm.wait(999)
        #expect(calm.markets[bitcoin]?.mark == price("60000"))
        calm.wait(1)
        #expect(calm.markets[bitcoin]?.mark == price("30000"))
    }
}
