import ReckonExchange
import ReckonModel
import Testing

@Suite("Orders and positions") struct OrderTests {
    @Test("a fill is told as new, trade, account, order")
    func eventOrder() throws {
        var exchange = stillExchange()
        let order = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin, id: "a"))
        let events = exchange.drainEvents()
        #expect(events.count == 4)
        guard events.count == 4, case .order(let first) = events[0], case .trade(let trade, _) = events[1],
            case .account(let account) = events[2], case .order(let last) = events[3]
        else {
            Issue.record("wrong order of events: \(events)")
            return
        }
        #expect(first.execution == .new && first.order.executed.isZero)
        #expect(trade.quantity == quantity("0.01") && trade.orderID == order.id)
        #expect(account.position?.quantity == quantity("0.01"))
        #expect(last.execution == .trade && last.order.status == .filled && last.trade == trade)
    }

    @Test("a market order beyond the book's depth fills in pieces and its rest expires")
    func thinBook() throws {
        var configuration = ExchangeConfiguration(symbols: [bitcoin])
        configuration.startingBalance = notional("1000000")
        configuration.markets[0].depthPerLevel = notional("1000")
        var exchange = Exchange(configuration: configuration, seed: 3)
        let order = try exchange.place(.market(.buy, quantity("5"), of: bitcoin))
        #expect(order.status == .expired && order.expiryReason == .marketRemainder)
        #expect(order.executed.isPositive && order.executed < order.quantity)
        let trades = exchange.userTrades(HistoryQuery(symbol: bitcoin))
        #expect(trades.count > 5)
        #expect(zip(trades, trades.dropFirst()).allSatisfy { $0.price < $1.price })
    }

    @Test("an order that crosses flips the position and takes the profit of the old one only")
    func flip() throws {
        var exchange = stillExchange()
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin))
        let entry = exchange.position(of: bitcoin)?.entryPrice
        exchange.jump(bitcoin, to: price("61000"))
        _ = try exchange.place(.market(.sell, quantity("0.03"), of: bitcoin))
        let position = exchange.position(of: bitcoin)
        #expect(position?.quantity == quantity("-0.02"))
        #expect(position?.entryPrice == price("61000"))
        let gain = (price("61000") - (entry ?? .zero)).units / 100
        #expect(position?.realised == Notional(units: gain))
    }

    @Test("a resting limit order fills as maker at its own price when the market comes to it")
    func resting() throws {
        var exchange = stillExchange()
        let order = try exchange.place(limit(.buy, "0.01", at: "59500"))
        #expect(order.status == .new)
        exchange.wait(1_000)
        #expect(try exchange.openOrder(bitcoin, .venue(order.id)).status == .new)
        exchange.jump(bitcoin, to: price("59490"))
        let filled = try exchange.order(bitcoin, .venue(order.id))
        #expect(filled.status == .filled && filled.averagePrice == price("59500"))
        let trade = exchange.userTrades(HistoryQuery(symbol: bitcoin)).last
        #expect(trade?.isMaker == true && trade?.commission == notional("0.119"))
        #expect(refusal { _ = try exchange.openOrder(bitcoin, .venue(order.id)) }?.code == -2013)
        #expect(refusal { _ = try exchange.cancel(bitcoin, .venue(order.id)) }?.code == -2011)
    }

    @Test("some resting orders fill in parts where the market barely touches them")
    func partial() throws {
        var seen = false
        for attempt in 0..<40 where !seen {
            var exchange = stillExchange()
            var request = limit(.buy, "0.1", at: "59500")
            request.clientID = ClientOrderID("part-\(attempt)")
            let order = try exchange.place(request)
            exchange.jump(bitcoin, to: price("59499.9"))
            let now = try exchange.order(bitcoin, .venue(order.id))
            if now.status == .partiallyFilled, now.executed == quantity("0.05") { seen = true }
        }
        #expect(seen)
    }

    @Test("what an immediate-or-cancel order can't get expires")
    func immediate() throws {
        var exchange = stillExchange()
        let order = try exchange.place(limit(.buy, "0.01", at: "59000", .immediateOrCancel))
        #expect(
            order.status == .expired && order.expiryReason == .immediateRemainder && order.executed.isZero
        )
    }

    @Test("a reduce-only market order larger than the position stops at flat")
    func capped() throws {
        var exchange = stillExchange()
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin))
        var request = OrderRequest.market(.sell, quantity("0.05"), of: bitcoin)
        request.isReduceOnly = true
        let order = try exchange.place(request)
        #expect(exchange.held(bitcoin).isZero)
        #expect(order.executed == quantity("0.01") && order.status == .expired)
        #expect(refusal { _ = try exchange.place(request) }?.code == -2022)
    }

    @Test("resting reduce-only orders use up the position, and shrink or expire with it")
    func displaced() throws {
        var exchange = stillExchange()
        _ = try exchange.place(.market(.buy, quantity("0.03"), of: bitcoin))
        var first = limit(.sell, "0.01", at: "61000")
        first.isReduceOnly = true
        var second = limit(.sell, "0.05", at: "61100")
        second.isReduceOnly = true
        let old = try exchange.place(first)
        let young = try exchange.place(second)
        #expect(young.quantity == quantity("0.02"))
        #expect(refusal { _ = try exchange.place(first) }?.code == -2022)
        _ = try exchange.place(.market(.sell, quantity("0.015"), of: bitcoin))
        #expect(try exchange.order(bitcoin, .venue(young.id)).quantity == quantity("0.005"))
        _ = try exchange.place(.market(.sell, quantity("0.015"), of: bitcoin))
        for id in [old.id, young.id] {
            let order = try exchange.order(bitcoin, .venue(id))
            #expect(order.status == .expired && order.expiryReason == .displaced)
        }
    }

    @Test("leverage is symbol-wide and bounded; the margin type can't change under a position")
    func settings() throws {
        var exchange = stillExchange()
        #expect(try exchange.setLeverage(bitcoin, 5).leverage == 5)
        #expect(try exchange.setting(ether).leverage == 20)
        #expect(refusal { _ = try exchange.setLeverage(bitcoin, 126) }?.code == -4028)
        #expect(refusal { _ = try exchange.setLeverage(bitcoin, 0) }?.code == -4028)
        #expect(refusal { try exchange.setMarginType(bitcoin, .crossed) }?.code == -4046)
        let order = try exchange.place(limit(.buy, "0.01", at: "59000"))
        #expect(refusal { try exchange.setMarginType(bitcoin, .isolated) }?.code == -4047)
        _ = try exchange.cancel(bitcoin, .venue(order.id))
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin))
        #expect(refusal { try exchange.setMarginType(bitcoin, .isolated) }?.code == -4048)
        #expect(exchange.account().positionMargin == notional("120"))
    }

    @Test("a leverage's largest position can't be passed")
    func brackets() throws {
        var exchange = stillExchange(balance: "10000000")
        _ = try exchange.setLeverage(bitcoin, 125)
        #expect(
            refusal { _ = try exchange.place(.market(.buy, quantity("5.1"), of: bitcoin)) }?.code == -2027
        )
        _ = try exchange.place(.market(.buy, quantity("1"), of: bitcoin))
    }

    @Test("a position that eats its maintenance margin is liquidated near the price that was shown")
    func liquidation() throws {
        var exchange = stillExchange(balance: "1000")
        _ = try exchange.place(.market(.buy, quantity("0.2"), of: bitcoin))
        let resting = try exchange.place(limit(.buy, "0.001", at: "58000"))
        let shown = exchange.position(of: bitcoin)?.liquidationPrice ?? .zero
        #expect(shown > price("55000") && shown < price("58000"))
        exchange.jump(bitcoin, to: shown + price("30"))
        #expect(exchange.held(bitcoin) == quantity("0.2") || exchange.held(bitcoin) == quantity("0.201"))
        exchange.jump(bitcoin, to: shown - price("40"))
        #expect(exchange.held(bitcoin).isZero)
        let forced = exchange.record.orders.values.last
        #expect(forced?.clientID.text.hasPrefix("autoclose-") == true && forced?.origin == .venue)
        #expect(try exchange.order(bitcoin, .venue(resting.id)).status != .new)
        #expect(!exchange.account().wallet.isNegative)
    }

    @Test("a wallet driven below zero is made whole and the amount is known")
    func insurance() throws {
        var exchange = stillExchange(balance: "1000")
        _ = try exchange.place(.market(.buy, quantity("0.3"), of: bitcoin))
        exchange.jump(bitcoin, to: price("50000"))
        #expect(exchange.held(bitcoin).isZero)
        #expect(exchange.account().wallet.isZero)
        #expect(exchange.record.insurance > notional("1900"))
    }

    @Test("deleveraging takes part of a position under the venue's own id")
    func deleveraging() throws {
        var exchange = stillExchange()
        _ = try exchange.place(.market(.sell, quantity("0.02"), of: bitcoin))
        exchange.autoDeleverage(bitcoin, by: quantity("0.015"))
        #expect(exchange.held(bitcoin) == quantity("-0.005"))
        #expect(exchange.record.orders.values.last?.clientID.text.hasPrefix("adl_autoclose") == true)
    }

    @Test("orders are forgotten by the venue's rules, not by the record")
    func forgetting() throws {
        var configuration = ExchangeConfiguration(symbols: [bitcoin])
        configuration.stepMilliseconds = 3_600_000
        var exchange = Exchange(configuration: configuration, seed: 1)
        let order = try exchange.place(limit(.buy, "0.01", at: "59000"))
        _ = try exchange.cancel(bitcoin, .venue(order.id))
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin, id: "filled"))
        exchange.advance(to: exchange.now + .seconds(3 * 86_400 + 1))
        #expect(refusal { _ = try exchange.order(bitcoin, .venue(order.id)) }?.code == -2013)
        #expect(try exchange.order(bitcoin, .client(ClientOrderID("filled"))).status == .filled)
        #expect(exchange.record.orders.count == 2)
    }
}
