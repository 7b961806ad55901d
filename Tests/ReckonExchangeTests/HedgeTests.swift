import ReckonExchange
import ReckonModel
import Testing

@Suite("Long and short legs") struct HedgeTests {
    private static let long = bitcoin.leg(.long)
    private static let short = bitcoin.leg(.short)

    private func hedged(balance: String = "10000") throws -> Exchange {
        var exchange = stillExchange(balance: balance)
        try exchange.setHedged(true)
        return exchange
    }

    @Test("the mode changes only while the account has neither orders nor positions")
    func switching() throws {
        var exchange = stillExchange()
        #expect(refusal { try exchange.setHedged(false) }?.code == -4059)
        _ = try exchange.setLeverage(bitcoin, 7)
        _ = try exchange.place(limit(.buy, "0.01", at: "59000"))
        #expect(refusal { try exchange.setHedged(true) }?.code == -4067)
        try exchange.cancelAll(bitcoin)
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin))
        #expect(refusal { try exchange.setHedged(true) }?.code == -4068)
        _ = try exchange.placeAlgo(.closing(bitcoin, side: .sell, trigger: price("50000")))
        #expect(refusal { try exchange.setHedged(true) }?.code == -4067)
        exchange.closeByHand(bitcoin)
        try exchange.setHedged(true)
        #expect(exchange.isHedged && refusal { try exchange.setHedged(true) }?.code == -4059)
        #expect(exchange.allPositions().prefix(2).map(\.symbol) == [HedgeTests.long, HedgeTests.short])
        #expect(exchange.allPositions().prefix(2).map(\.leverage) == [7, 7])
        _ = try exchange.place(.market(.sell, quantity("0.01"), of: HedgeTests.short))
        #expect(refusal { try exchange.setHedged(false) }?.code == -4068)
        exchange.closeByHand(HedgeTests.short)
        try exchange.setHedged(false)
        #expect(exchange.allPositions().map(\.symbol) == [bitcoin, ether])
        #expect(exchange.position(of: bitcoin)?.leverage == 7)
    }

    @Test("an exchange for legs lists their instruments once, and begins hedged")
    func listing() {
        let configuration = ExchangeConfiguration(symbols: [
            HedgeTests.long, HedgeTests.short, ether.leg(.long),
        ])
        #expect(configuration.markets.map(\.instrument.symbol) == [bitcoin, ether] && configuration.isHedged)
        let exchange = Exchange(configuration: configuration, seed: 1)
        #expect(exchange.isHedged && exchange.markets.keys == [bitcoin, ether])
        #expect(exchange.allPositions().map(\.symbol).prefix(2) == [HedgeTests.long, HedgeTests.short])
        #expect(!ExchangeConfiguration(symbols: [bitcoin]).isHedged)
    }

    @Test("what the legs did stays in the histories of their instrument after the account is switched back")
    func histories() throws {
        var exchange = try hedged()
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: HedgeTests.long, id: "up"))
        exchange.closeByHand(HedgeTests.long)
        try exchange.setHedged(false)
        #expect(exchange.allOrders(HistoryQuery(symbol: bitcoin)).count == 2)
        #expect(
            exchange.userTrades(HistoryQuery(symbol: bitcoin)).map(\.symbol) == [
                HedgeTests.long, HedgeTests.long,
            ]
        )
        #expect(try exchange.order(bitcoin, .client(ClientOrderID("up"))).symbol == HedgeTests.long)
        #expect(exchange.allOrders(HistoryQuery(symbol: ether)).isEmpty)
    }

    @Test("on a leg to say that an order reduces is too much")
    func flags() throws {
        var exchange = try hedged()
        var request = OrderRequest.market(.buy, quantity("0.01"), of: HedgeTests.long)
        request.isReduceOnly = true
        #expect(refusal { _ = try exchange.place(request) } == .notRequired("reduceonly"))
        var stop = AlgoRequest(symbol: HedgeTests.long, side: .sell, triggerPrice: price("59000"))
        stop.quantity = quantity("0.01")
        stop.isReduceOnly = true
        #expect(refusal { _ = try exchange.placeAlgo(stop) } == .notRequired("reduceonly"))
        var resting = limit(.buy, "0.01", at: "59000")
        resting.symbol = HedgeTests.long
        let order = try exchange.place(resting)
        var change = AmendRequest(bitcoin, .buy, .venue(order.id))
        change.quantity = quantity("0.02")
        change.price = price("59000")
        change.isReduceOnly = false
        #expect(refusal { _ = try exchange.amend(change) } == .notRequired("reduceonly"))
        change.isReduceOnly = nil
        #expect(try exchange.amend(change).quantity == quantity("0.02"))
    }

    @Test("a ticket that says it reduces and would open a leg is refused")
    func wrongSide() throws {
        var exchange = try hedged()
        for pricing in [Pricing.market, .stopMarket(trigger: price("61000"))] {
            let ticket = OrderTicket(
                id: ClientOrderID("a"),
                symbol: HedgeTests.long,
                role: .exit,
                side: .buy,
                extent: .reducing(quantity("0.01")),
                pricing: pricing
            )
            #expect(refusal { let _: OrderReport = try exchange.place(ticket) } == .reduceOnlyRejected)
        }
        #expect(exchange.openAlgoOrders().isEmpty && exchange.held(HedgeTests.long).isZero)
    }

    @Test("an amendment that would reduce more than the leg has is refused and changes nothing")
    func amending() throws {
        var exchange = try hedged()
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: HedgeTests.long))
        var resting = limit(.sell, "0.005", at: "61000")
        resting.symbol = HedgeTests.long
        let order = try exchange.place(resting)
        var change = AmendRequest(HedgeTests.long, .sell, .venue(order.id))
        change.price = price("62000")
        change.quantity = quantity("0.011")
        #expect(refusal { _ = try exchange.amend(change) } == .reduceOnlyRejected)
        #expect(exchange.openOrders(HedgeTests.long).map(\.price) == [price("61000")])
        change.quantity = quantity("0.01")
        #expect(try exchange.amend(change).quantity == quantity("0.01"))
    }

    @Test("margin is that of each leg by itself, and both add up")
    func margin() throws {
        var exchange = try hedged()
        _ = try exchange.place(.market(.buy, quantity("0.1"), of: HedgeTests.long))
        let one = exchange.account().positionMargin
        _ = try exchange.place(.market(.sell, quantity("0.1"), of: HedgeTests.short))
        let rows = exchange.activePositions()
        #expect(rows.map(\.symbol) == [HedgeTests.long, HedgeTests.short])
        #expect(exchange.account().positionMargin == rows.reduce(.zero) { $0 + $1.positionMargin })
        #expect(exchange.account().positionMargin == one + one)
        #expect(exchange.account().maintenanceMargin == rows.reduce(.zero) { $0 + $1.maintenanceMargin })
    }

    @Test("margin type and leverage belong to the instrument")
    func settings() throws {
        var exchange = try hedged()
        _ = exchange.drainEvents()
        _ = try exchange.setLeverage(HedgeTests.short, 9)
        #expect(exchange.allPositions().filter { $0.symbol.instrument == bitcoin }.map(\.leverage) == [9, 9])
        let told = exchange.drainEvents().map { event in
            if case .leverage(let book, let leverage, _) = event { "\(book) \(leverage)" } else { "" }
        }
        #expect(told == ["BTCUSDT/LONG 9", "BTCUSDT/SHORT 9"])
        try exchange.setMarginType(HedgeTests.long, .isolated)
        #expect(refusal { try exchange.setMarginType(HedgeTests.short, .isolated) }?.code == -4046)
        _ = try exchange.place(.market(.sell, quantity("0.01"), of: HedgeTests.short))
        #expect(refusal { try exchange.setMarginType(HedgeTests.long, .crossed) }?.code == -4048)
        #expect(refusal { _ = try exchange.setLeverage(bitcoin, 126) }?.code == -4028)
    }

    @Test("the countdown of an instrument cancels the orders of both legs")
    func countdown() throws {
        var exchange = try hedged()
        var bid = limit(.buy, "0.01", at: "59000")
        bid.symbol = HedgeTests.long
        var ask = limit(.sell, "0.01", at: "61000")
        ask.symbol = HedgeTests.short
        for request in [bid, ask] { _ = try exchange.place(request) }
        try exchange.setCountdown(bitcoin, milliseconds: 1_000)
        exchange.wait(1_000)
        #expect(exchange.openOrders().isEmpty)
        for request in [bid, ask] { _ = try exchange.place(request) }
        try exchange.cancelAll(HedgeTests.long)
        #expect(exchange.openOrders().map(\.symbol) == [HedgeTests.short])
        try exchange.cancelAll(bitcoin)
        #expect(exchange.openOrders().isEmpty)
    }

    @Test("a leg stands naked or covered by its own stops alone")
    func cover() throws {
        var exchange = try hedged()
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: HedgeTests.long))
        _ = try exchange.place(.market(.sell, quantity("0.01"), of: HedgeTests.short))
        #expect(exchange.isNaked(HedgeTests.long) && exchange.isNaked(HedgeTests.short))
        _ = try exchange.placeAlgo(.closing(HedgeTests.long, side: .sell, trigger: price("59000")))
        #expect(!exchange.isNaked(HedgeTests.long) && exchange.isNaked(HedgeTests.short))
        #expect(exchange.record.openNakedInterval(HedgeTests.long) == nil)
        #expect(exchange.record.openNakedInterval(HedgeTests.short) != nil)
    }

    @Test("whatever is thrown at a hedged account, no leg flips, and rows add up", arguments: UInt64(1)...12)
    func storms(seed: UInt64) throws {
        var storm = Storm(seed: seed, isHedged: true)
        for _ in 0..<400 {
            storm.step()
            #expect(!storm.exchange.held(HedgeTests.long).isNegative)
            #expect(!storm.exchange.held(HedgeTests.short).isPositive)
            for leg in [HedgeTests.long, HedgeTests.short] {
                #expect(storm.exchange.record.position(of: leg) == storm.exchange.held(leg))
                let resting = storm.exchange.openOrders(leg).filter(\.isReduceOnly)
                let claimed = resting.reduce(Quantity.zero) { $0 + $1.remaining }
                #expect(claimed <= storm.exchange.held(leg).magnitude)
            }
        }
        #expect(storm.exchange.record.positions.contains { $0.symbol == HedgeTests.long })
        #expect(storm.exchange.record.positions.contains { $0.symbol == HedgeTests.short })
        #expect(storm.exchange.record.positions.allSatisfy { $0.symbol.leg != nil })
    }
}
