import ReckonExchange
import ReckonModel
import Testing

@Suite("Record") struct RecordTests {
    @Test("time without a stop is counted from the fill to the stop, and again when the stop goes")
    func naked() throws {
        var exchange = stillExchange()
        exchange.wait(1_000)
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin))
        exchange.wait(700)
        #expect(exchange.record.openNakedInterval(bitcoin)?.length(asOf: exchange.now) == .milliseconds(700))
        let stop = try exchange.placeAlgo(.closing(bitcoin, side: .sell, trigger: price("59000")))
        exchange.wait(5_000)
        #expect(exchange.record.openNakedInterval(bitcoin) == nil)
        _ = try exchange.cancelAlgo(.venue(stop.id))
        exchange.wait(300)
        exchange.closeByHand(bitcoin)
        exchange.wait(9_000)
        let lengths = exchange.record.nakedLengths(asOf: exchange.now)
        #expect(lengths == [.milliseconds(700), .milliseconds(300)])
        #expect(exchange.record.nakedTotal(asOf: exchange.now) == .milliseconds(1_000))
        #expect(exchange.record.nakedMax(asOf: exchange.now) == .milliseconds(700))
        #expect(exchange.record.nakedTotal(asOf: exchange.now, symbol: ether) == .zero)
    }

    @Test("quantity stops cover by their share, a take-profit and a wrong side don't")
    func share() throws {
        var exchange = stillExchange()
        _ = try exchange.place(.market(.buy, quantity("0.1"), of: bitcoin))
        func part(_ size: String, _ type: OrderType, _ trigger: String) -> AlgoRequest {
            var request = AlgoRequest(symbol: bitcoin, side: .sell, type: type, triggerPrice: price(trigger))
            request.quantity = quantity(size)
            request.isReduceOnly = true
            return request
        }
        _ = try exchange.placeAlgo(part("0.1", .takeProfitMarket, "65000"))
        #expect(exchange.isNaked(bitcoin))
        _ = try exchange.placeAlgo(part("0.097", .stopMarket, "59000"))
        #expect(exchange.isNaked(bitcoin))
        _ = try exchange.placeAlgo(part("0.001", .stopMarket, "59000"))
        #expect(!exchange.isNaked(bitcoin))
        exchange.tradeByHand(bitcoin, .buy, quantity("0.01"))
        #expect(exchange.isNaked(bitcoin))
    }

    @Test("a stop placed in the same instant as the fill leaves no interval")
    func atOnce() throws {
        var exchange = stillExchange()
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin))
        _ = try exchange.placeAlgo(.closing(bitcoin, side: .sell, trigger: price("59000")))
        exchange.wait(100)
        #expect(exchange.record.nakedIntervals.isEmpty)
    }

    @Test("each order is kept with what it executed over time, and who made it")
    func orders() throws {
        var exchange = stillExchange()
        var request = limit(.buy, "0.01", at: "59500")
        request.clientID = ClientOrderID("entry")
        _ = try exchange.place(request)
        let placed = exchange.now
        exchange.wait(500)
        exchange.jump(bitcoin, to: price("59000"))
        let filled = exchange.now
        exchange.closeByHand(bitcoin)
        let order = try #require(exchange.record.order(under: ClientOrderID("entry")))
        #expect(order.createdAt == placed && order.endedAt == filled && order.finalStatus == .filled)
        #expect(order.executed(asOf: placed).isZero && order.executed(asOf: filled) == quantity("0.01"))
        #expect(order.wasOpen(at: placed) && !order.wasOpen(at: filled))
        let origins = exchange.record.positions.map(\.origin)
        #expect(origins == [.api, .byHand])
        #expect(exchange.record.position(of: bitcoin, asOf: placed).isZero)
        #expect(exchange.record.positions.last?.clientID.text.hasPrefix("web_") == true)
    }

    @Test("a stop cancelled behind our back is told of and leaves the position naked")
    func meddling() throws {
        var exchange = stillExchange()
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin))
        let stop = try exchange.placeAlgo(.closing(bitcoin, side: .sell, trigger: price("59000")))
        _ = exchange.drainEvents()
        #expect(exchange.cancelStopByHand(ether) == nil)
        #expect(exchange.cancelStopByHand(bitcoin)?.id == stop.id)
        guard case .algo(let told, _)? = exchange.drainEvents().first else {
            Issue.record("no event")
            return
        }
        #expect(told.status == .cancelled)
        #expect(exchange.isNaked(bitcoin))
        #expect(exchange.cancelStopByHand(bitcoin) == nil)
    }
}
