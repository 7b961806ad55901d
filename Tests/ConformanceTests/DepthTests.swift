import ReckonBinance
import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonSimulation
import ReckonVenue
import Testing

/// Requests of the adapter that the engine does not make: only the model and the wire know them.
@Suite("Beyond the engine's requests, through two doors", .serialized)
struct DepthTests {
    private static func id(_ text: String) -> ClientOrderID { ClientOrderID(text) }

    /// Plays at the model and at the wire.
    private func play(_ body: (inout Exchange, inout WireDoor, BinanceClient) async throws -> Void)
        async throws
    {
        let premises = Premises.still
        var exchange = Exchange(configuration: premises.configuration, seed: premises.seed)
        var wire = try await WireDoor.open(premises)
        do {
            try await body(&exchange, &wire, wire.client)
            let told = exchange.drainEvents().compactMap(Silence.hearing)
            #expect(await wire.heard(atLeast: told.count) == told)
        } catch {
            await wire.close()
            throw error
        }
        await wire.close()
    }

    private func placement(_ step: Step) throws -> Placement {
        guard case .place(let placement)? = step.request(at: Premises.start) else { throw NoPlacement() }
        return placement
    }

    private struct NoPlacement: Error {}

    @Test("an amendment is answered and told as it happened, and a refusal has its class")
    func amend() async throws {
        try await play { exchange, wire, client in
            let order = try placement(.limit("a", .buy, "0.01", at: "59000"))
            _ = try exchange.place(order.ticket)
            _ = try await client.place(order).get()
            var request = AmendRequest(Premises.bitcoin, .buy, .client(Self.id("a")))
            request.quantity = Step.figure("0.02")
            request.price = Step.figure("59500")
            let wish = Amendment(
                id: Self.id("a"),
                symbol: Premises.bitcoin,
                side: .buy,
                quantity: Step.figure("0.02"),
                price: Step.figure("59500")
            )
            let answer = try await client.amend(wish).get()
            #expect(answer == Silence.placing(try exchange.amend(request).report))
            #expect(await client.amend(wish).refusal?.outcome == .idempotentSafe(.sameOrder))
            var flagged = wish
            flagged.isReduceOnly = true
            #expect(await client.amend(flagged).refusal?.code == -5047)
        }
    }

    @Test("each order of a batch is answered by itself, in its place")
    func batch() async throws {
        try await play { exchange, wire, client in
            let orders = try [
                Step.market("in", .buy, "0.01"), .limit("a", .buy, "0.01", at: "59000"),
                .limit("off", .buy, "0.01", at: "59000.05"), .exit("out", .sell, "0.004"),
                .limit("a", .buy, "0.01", at: "58000"),
            ].map { try placement($0) }
            let answers = try await client.place(batch: orders).get()
            for (order, answer) in zip(orders, answers) {
                do throws(VenueRejection) {
                    let truth = Silence.placing(try exchange.place(order.ticket))
                    #expect(answer == .success(truth))
                } catch {
                    let read = FailureWordsTests.wire(400, error.code, error.message)
                    #expect(answer == .failure(read))
                }
            }
            #expect(answers.map { $0.refusal?.code } == [nil, nil, -4014, nil, -4116])
            let ended = try await client.cancel(batch: [Self.id("a"), Self.id("in")], on: Premises.bitcoin)
                .get()
            let gone = try exchange.cancel(Premises.bitcoin, .client(Self.id("a")))
            #expect(try ended.first?.get() == Silence.placing(gone.report))
            #expect(ended.last?.refusal?.outcome == .idempotentSafe(.unknownOrder))
        }
    }

    @Test("a batch that the venue would not take is not sent")
    func misshapen() async throws {
        try await play { exchange, wire, client in
            let many = try (1...6).map { try placement(.limit("l\($0)", .buy, "0.01", at: "59000")) }
            #expect(await client.place(batch: many).refusal?.outcome == .fatal)
            #expect(await client.place(batch: []).refusal?.outcome == .fatal)
            let stop = try placement(.stop("s", .sell, "0.01", at: "50000"))
            #expect(await client.place(batch: [stop]).refusal?.outcome == .fatal)
            let ids = (1...11).map { Self.id("l\($0)") }
            #expect(await client.cancel(batch: ids, on: Premises.bitcoin).refusal?.outcome == .fatal)
        }
    }

    @Test("cancelling all takes off one kind, and the switch cancels in its time")
    func cancelAll() async throws {
        try await play { exchange, wire, client in
            for step in [
                Step.market("in", .buy, "0.01"), .limit("a", .buy, "0.01", at: "59000"),
                .limit("b", .buy, "0.01", at: "58000"), .stop("s", .sell, at: "50000"),
            ] {
                let order = try placement(step)
                _ = try exchange.place(order.ticket)
                _ = try await client.place(order).get()
            }
            try await client.cancelAll(Premises.bitcoin, on: .order).get()
            try exchange.cancelAll(Premises.bitcoin)
            #expect(wire.truth.openOrders.isEmpty)
            #expect(wire.truth.openAlgoOrders.count == 1)
            try await client.cancelAll(Premises.bitcoin, on: .algo).get()
            try exchange.cancelAllAlgo(Premises.bitcoin)
            #expect(wire.truth.openAlgoOrders.isEmpty)
            let late = try placement(.limit("c", .buy, "0.01", at: "59000"))
            _ = try exchange.place(late.ticket)
            _ = try await client.place(late).get()
            try await client.setCountdown(Premises.bitcoin, .seconds(10)).get()
            try exchange.setCountdown(Premises.bitcoin, milliseconds: 10_000)
            for _ in 0..<2 {
                await wire.happen(.time(milliseconds: 6_000))
                exchange.advance(to: exchange.now + .seconds(6))
                #expect(wire.truth.openOrders.count == exchange.openOrders().count)
            }
            #expect(exchange.openOrders().isEmpty)
        }
    }

    @Test("margin type and leverage are set, read, and seen to drift when set by hand")
    func settings() async throws {
        try await play { exchange, wire, client in
            let bitcoin = Premises.bitcoin
            #expect(
                await client.setMarginMode(MarginChange(symbol: bitcoin, isIsolated: false)).refusal?.outcome
                    == .idempotentSafe(.alreadySet)
            )
            _ = try await client.setMarginMode(MarginChange(symbol: bitcoin, isIsolated: true)).get()
            try exchange.setMarginType(bitcoin, .isolated)
            await wire.change { _ = try? $0.setLeverage(bitcoin, 7) }
            _ = try exchange.setLeverage(bitcoin, 7)
            let read = try await client.symbolSettings().get()
            #expect(read.contains(SymbolSettings(symbol: bitcoin, leverage: 7, isIsolated: true)))
            let order = try placement(.limit("a", .buy, "0.01", at: "59000"))
            _ = try exchange.place(order.ticket)
            _ = try await client.place(order).get()
            #expect(
                await client.setMarginMode(MarginChange(symbol: bitcoin, isIsolated: false)).refusal?.code
                    == -4047
            )
            let entry = try placement(.market("in", .buy, "0.01"))
            _ = try exchange.place(entry.ticket)
            _ = try await client.place(entry).get()
            try await client.cancelAll(bitcoin, on: .order).get()
            try exchange.cancelAll(bitcoin)
            #expect(
                await client.setMarginMode(MarginChange(symbol: bitcoin, isIsolated: false)).refusal?.code
                    == -4048
            )
            #expect(try await client.isInHedgeMode().get() == false)
            #expect(
                await client.setPositionMode(isHedge: false).refusal?.outcome == .idempotentSafe(.alreadySet)
            )
        }
    }

    @Test("fills come whole by time and by number, however many pages they fill")
    func fills() async throws {
        try await play { exchange, wire, client in
            let trades = 1_050
            for number in 0..<trades {
                let side: Side = number % 2 == 0 ? .buy : .sell
                exchange.tradeByHand(Premises.bitcoin, side, Step.figure("0.01"))
                if number == trades / 2 { exchange.advance(to: exchange.now + .seconds(60)) }
            }
            await wire.change { exchange in
                for number in 0...trades / 2 {
                    exchange.tradeByHand(
                        Premises.bitcoin,
                        number % 2 == 0 ? .buy : .sell,
                        Step.figure("0.01")
                    )
                }
            }
            await wire.happen(.time(milliseconds: 60_000))
            await wire.change { exchange in
                for number in trades / 2 + 1..<trades {
                    exchange.tradeByHand(
                        Premises.bitcoin,
                        number % 2 == 0 ? .buy : .sell,
                        Step.figure("0.01")
                    )
                }
            }
            var query = HistoryQuery(symbol: Premises.bitcoin, limit: 2_000)
            query.from = Premises.start
            let truth = exchange.userTrades(query)
            #expect(truth.count == trades)
            let byTime = try await client.fills(Premises.bitcoin, since: Premises.start).get()
            #expect(byTime.map(\.number) == truth.map(\.number))
            #expect(byTime.map(\.price) == truth.map(\.price))
            #expect(byTime.map(\.realised) == truth.map(\.realised))
            #expect(byTime.map(\.orderID) == truth.map(\.orderID))
            let later = try await client.fills(Premises.bitcoin, after: truth[9].number).get()
            #expect(later.map(\.number) == truth.dropFirst(10).map(\.number))
            #expect(try await client.fills(Premises.ether, since: Premises.start).get().isEmpty)
        }
    }
}

extension Result {
    fileprivate var refusal: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
