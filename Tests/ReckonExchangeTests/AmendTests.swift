import ReckonExchange
import ReckonModel
import Testing

@Suite("Amending and the dead man's switch")
struct AmendTests {
    static func named(_ side: Side, _ size: String, at text: String, _ id: String) -> OrderRequest {
        var request = limit(side, size, at: text)
        request.clientID = ClientOrderID(id)
        return request
    }

    static func amendment(_ id: String, _ size: String?, at text: String?, _ side: Side = .buy)
        -> AmendRequest
    {
        var request = AmendRequest(bitcoin, side, .client(ClientOrderID(id)))
        request.quantity = size.map { quantity($0) }
        request.price = text.map { price($0) }
        return request
    }

    @Test("an amendment keeps the order's number, changes its figures, and is told and listed")
    func amends() throws {
        var exchange = stillExchange()
        let before = try exchange.place(AmendTests.named(.buy, "0.01", at: "59000", "a"))
        _ = exchange.drainEvents()
        exchange.wait(5)
        var request = AmendTests.amendment("a", "0.02", at: "59500")
        request.modifyID = 4
        let after = try exchange.amend(request)
        #expect(after.id == before.id)
        #expect(after.quantity == quantity("0.02"))
        #expect(after.price == price("59500"))
        #expect(after.status == .new)
        #expect(after.updatedAt == exchange.now)
        let events = exchange.drainEvents()
        #expect(events.count == 1)
        if case .order(let update) = events.first {
            #expect(update.execution == .amendment)
            #expect(update.order == after)
        }
        let listed = try exchange.amendments(bitcoin, .client(after.clientID), HistoryQuery())
        #expect(listed.map(\.priceBefore) == [price("59000")])
        #expect(listed.map(\.quantityAfter) == [quantity("0.02")])
        #expect(listed.map(\.count) == [1])
        #expect(listed.first?.modifyID == 4)
        #expect(try exchange.amendments(ether, nil, HistoryQuery()).isEmpty)
    }

    @Test("an amended order stands behind those that waited at its price")
    func losesItsTurn() throws {
        var exchange = stillExchange()
        _ = try exchange.place(AmendTests.named(.buy, "0.01", at: "59000", "first"))
        _ = try exchange.place(AmendTests.named(.buy, "0.01", at: "59000", "second"))
        _ = try exchange.amend(AmendTests.amendment("first", "0.02", at: "59000"))
        _ = exchange.drainEvents()
        exchange.jump(bitcoin, to: price("58000"))
        let filled = exchange.drainEvents().compactMap { event -> String? in
            guard case .trade(let trade, _) = event else { return nil }
            return trade.clientID.text
        }
        #expect(filled == ["second", "first"])
    }

    @Test("an amendment to a price across the spread trades at once")
    func trades() throws {
        var exchange = stillExchange()
        _ = try exchange.place(AmendTests.named(.buy, "0.01", at: "59000", "a"))
        let after = try exchange.amend(AmendTests.amendment("a", "0.01", at: "60100"))
        #expect(after.status == .filled)
        #expect(exchange.openOrders().isEmpty)
        #expect(exchange.held(bitcoin) == quantity("0.01"))
    }

    @Test("what leaves nothing to trade, or makes a post-only order cross, cancels the order")
    func cancels() throws {
        var exchange = stillExchange()
        var maker = AmendTests.named(.buy, "0.01", at: "59000", "maker")
        maker.timeInForce = .postOnly
        _ = try exchange.place(maker)
        #expect(try exchange.amend(AmendTests.amendment("maker", "0.01", at: "60100")).status == .cancelled)
        #expect(exchange.openOrders().isEmpty)
        var thin = livelyExchange(seed: 5)
        let mark = try thin.market(bitcoin).ask
        var big = limit(.buy, "0.12", at: "0")
        big.price = mark
        big.clientID = ClientOrderID("big")
        let resting = try thin.place(big)
        try #require(resting.status == .partiallyFilled)
        var smaller = AmendRequest(bitcoin, .buy, .venue(resting.id))
        smaller.quantity = resting.executed
        smaller.price = mark
        let ended = try thin.amend(smaller)
        #expect(ended.status == .cancelled)
        #expect(ended.executed == resting.executed)
    }

    struct Refused: Sendable, CustomStringConvertible {
        let code: Int
        let request: AmendRequest

        var description: String { "\(code)" }
    }

    static let refused: [Refused] = {
        var flagged = amendment("a", "0.02", at: "59000")
        flagged.isReduceOnly = true
        return [
            Refused(code: -2013, request: amendment("none", "0.02", at: "59000")),
            Refused(code: -2013, request: amendment("a", "0.02", at: "59000", .sell)),
            Refused(code: -1102, request: amendment("a", nil, at: "59000")),
            Refused(code: -1102, request: amendment("a", "0.02", at: nil)),
            Refused(code: -5027, request: amendment("a", "0.01", at: "59000")),
            Refused(code: -5029, request: amendment("a", "0.001", at: "40000")),
            Refused(code: -5047, request: flagged),
            Refused(code: -4014, request: amendment("a", "0.01", at: "59000.05")),
            Refused(code: -4016, request: amendment("a", "0.01", at: "70000")),
            Refused(code: -1111, request: amendment("a", "0.0105", at: "59000")),
            Refused(code: -2019, request: amendment("a", "50", at: "59000")),
        ]
    }()

    @Test("a refused amendment leaves everything as it was", arguments: refused)
    func refuses(_ example: Refused) throws {
        var exchange = stillExchange()
        let before = try exchange.place(AmendTests.named(.buy, "0.01", at: "59000", "a"))
        _ = exchange.drainEvents()
        #expect(refusal { _ = try exchange.amend(example.request) }?.code == example.code)
        #expect(try exchange.order(bitcoin, .venue(before.id)) == before)
        #expect(exchange.openOrders() == [before])
        #expect(exchange.drainEvents().isEmpty)
        #expect(try exchange.amendments(bitcoin, nil, HistoryQuery()).isEmpty)
    }

    @Test("a reduce-only order is amended within the position, and may be small where it says so")
    func reduces() throws {
        var exchange = stillExchange()
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin, id: "in"))
        var out = AmendTests.named(.sell, "0.005", at: "61000", "out")
        out.isReduceOnly = true
        _ = try exchange.place(out)
        #expect(
            try exchange.amend(AmendTests.amendment("out", "5", at: "61000", .sell)).quantity
                == quantity("0.01")
        )
        exchange.closeByHand(bitcoin)
        #expect(exchange.openOrders().isEmpty)
        #expect(
            refusal { _ = try exchange.amend(AmendTests.amendment("out", "0.01", at: "61000", .sell)) }?.code
                == -2013
        )
    }

    @Test("the switch cancels ordinary orders of its symbol at its time, unless it is put off or taken off")
    func countdown() throws {
        var exchange = stillExchange()
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin, id: "in"))
        _ = try exchange.placeAlgo(.closing(bitcoin, side: .sell, trigger: price("50000"), id: "stop"))
        _ = try exchange.place(AmendTests.named(.buy, "0.01", at: "59000", "a"))
        try exchange.setCountdown(bitcoin, milliseconds: 1_000)
        try exchange.setCountdown(ether, milliseconds: 100)
        exchange.wait(999)
        #expect(exchange.openOrders().count == 1)
        try exchange.setCountdown(bitcoin, milliseconds: 2_000)
        exchange.wait(1_999)
        #expect(exchange.openOrders().count == 1)
        _ = exchange.drainEvents()
        let due = exchange.now + .milliseconds(1)
        exchange.wait(10_000)
        #expect(exchange.openOrders().isEmpty)
        #expect(exchange.openAlgoOrders().count == 1)
        #expect(try exchange.order(bitcoin, .client(ClientOrderID("a"))).updatedAt == due)
        _ = try exchange.place(AmendTests.named(.buy, "0.01", at: "59000", "b"))
        try exchange.setCountdown(bitcoin, milliseconds: 1_000)
        try exchange.setCountdown(bitcoin, milliseconds: 0)
        exchange.wait(10_000)
        #expect(exchange.openOrders().count == 1)
        #expect(refusal { try exchange.setCountdown(Symbol("NONE"), milliseconds: 1) }?.code == -1121)
    }

    @Test(
        "however orders are amended, none trades more than it is, and each change is on the list",
        arguments: 1...12
    )
    func property(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var exchange = livelyExchange(seed: seed)
        var changes = 0
        for number in 0..<60 {
            let mark = try exchange.market(bitcoin).mark
            let away = mark.scaled(by: 9_990 + dice.roll(in: 0...20), over: 10_000, rounding: .down)
            let tick = away.rounded(.down, toMultipleOf: price("0.1"))
            let size = Quantity(units: dice.roll(in: 1...40) * 100_000)
            let side: Side = dice.chance(1, in: 2) ? .buy : .sell
            if dice.chance(1, in: 2) {
                var request = limit(side, "1", at: "1")
                request.price = tick
                request.quantity = size
                request.clientID = ClientOrderID("p\(number)")
                _ = try? exchange.place(request)
            } else if let order = exchange.openOrders().last {
                var request = AmendRequest(bitcoin, order.side, .venue(order.id))
                request.price = tick
                request.quantity = size
                let after = try? exchange.amend(request)
                if let after, after.amendments > order.amendments { changes += 1 }
                #expect((after?.executed ?? order.executed) >= order.executed)
            }
            exchange.wait(250)
            for order in exchange.allOrders(HistoryQuery()) { #expect(order.executed <= order.quantity) }
        }
        #expect(try exchange.amendments(bitcoin, nil, HistoryQuery()).count == changes)
        #expect(changes > 0)
    }
}
