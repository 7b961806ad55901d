import ReckonBinance
import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonVenue
import Testing

@Suite("Round trips with the venue", .serialized)
struct VenueRoundTripTests {
    @Test("a market entry fills in its own answer, is a position, and a reduce-only exit ends it")
    func marketThereAndBack() async throws {
        try await withVenue { live in
            let bought = try await live.client.place(LiveVenue.market(1)).get()
            #expect(bought.status == .filled)
            #expect(bought.executed == (try Sample.quantity("0.01")))
            #expect(bought.averagePrice.isPositive)
            guard
                case .success(.positions(let held)) = await live.client.snapshot(Sample.question(.positions))
            else {
                Issue.record("no positions")
                return
            }
            #expect(held.map(\.symbol) == [Sample.symbol])
            #expect(held.first?.quantity == bought.executed)
            #expect(held.first?.entryPrice == bought.averagePrice)
            let exit = Sample.placement(
                .market,
                .reducing(bought.executed),
                role: .exit,
                side: .sell,
                id: LiveVenue.id(2)
            )
            let sold = try await live.client.place(exit).get()
            #expect(sold.isReduceOnly)
            #expect(sold.status == .filled)
            #expect(try await live.client.snapshot(Sample.question(.positions)).get() == .positions([]))
            let again = Sample.placement(
                .market,
                .reducing(bought.executed),
                role: .exit,
                side: .sell,
                id: LiveVenue.id(3)
            )
            #expect(await live.client.place(again).failure?.outcome == .idempotentSafe(.reduceOnlyRejected))
        }
    }

    @Test("a resting order is listed, found, told apart by id, and cancelled once")
    func resting() async throws {
        try await withVenue { live in
            let placed = try await live.client.place(LiveVenue.resting(1)).get()
            #expect(placed.status == .new)
            #expect(placed.price == (try Sample.price("30000")))
            let found = try await live.client.query(Sample.query(LiveVenue.id(1))).get()
            #expect(found.venueID == placed.venueID)
            #expect(found.createdAt != nil)
            #expect(try await live.client.snapshot(Sample.question(.openOrders)).get() == .orders([found]))
            let twin = await live.client.place(try LiveVenue.resting(1)).failure
            #expect(twin?.outcome == .idempotentSafe(.duplicateID))
            let cancelled = try await live.client.cancel(Sample.cancellation(LiveVenue.id(1))).get()
            #expect(cancelled?.status == .cancelled)
            let late = await live.client.cancel(Sample.cancellation(LiveVenue.id(1))).failure
            #expect(late?.outcome == .idempotentSafe(.unknownOrder))
            #expect(try await live.client.snapshot(Sample.question(.openOrders)).get() == .orders([]))
            let since = VenueInstant(milliseconds: placed.updatedAt.milliseconds - 60_000)
            let part = SnapshotQuestion.Part.orderHistory(Sample.symbol, since: since)
            guard case .success(.orders(let all)) = await live.client.snapshot(Sample.question(part)) else {
                Issue.record("no history")
                return
            }
            #expect(all.map(\.venueID) == [placed.venueID])
            #expect(all.first?.status == .cancelled)
        }
    }

    @Test("a stop is placed, doubled in vain, found, cancelled, and remembered on its own endpoint")
    func stop() async throws {
        try await withVenue { live in
            _ = try await live.client.place(LiveVenue.market(1)).get()
            let placed = try await live.client.place(LiveVenue.stop(2)).get()
            #expect(placed.isConditional && placed.closesPosition && placed.status == .new)
            #expect(placed.price == (try Sample.price("50000")))
            #expect(placed.childID == nil)
            let second = await live.client.place(try LiveVenue.stop(3)).failure
            #expect(second?.outcome == .idempotentSafe(.protectionExists))
            let open = try await live.client.snapshot(Sample.question(.openAlgoOrders)).get()
            #expect(
                open == .orders([try await live.client.query(Sample.query(LiveVenue.id(2), .algo)).get()])
            )
            let elsewhere = await live.client.query(Sample.query(LiveVenue.id(2))).failure
            #expect(elsewhere?.outcome == .idempotentSafe(.noSuchOrder))
            #expect(try await live.client.cancel(Sample.cancellation(LiveVenue.id(2), .algo)).get() == nil)
            let after = try await live.client.query(Sample.query(LiveVenue.id(2), .algo)).get()
            #expect(after.status == .cancelled)
            let late = await live.client.cancel(Sample.cancellation(LiveVenue.id(2), .algo)).failure
            #expect(late?.outcome == .idempotentSafe(.unknownOrder))
            let since = VenueInstant(milliseconds: placed.updatedAt.milliseconds - 60_000)
            let part = SnapshotQuestion.Part.algoHistory(Sample.symbol, since: since)
            guard case .success(.orders(let all)) = await live.client.snapshot(Sample.question(part)) else {
                Issue.record("no history")
                return
            }
            #expect(all.map(\.id) == [LiveVenue.id(2)])
        }
    }

    @Test("a triggered stop names its child, which is found under the same client id")
    func triggered() async throws {
        try await withVenue { live in
            _ = try await live.client.place(LiveVenue.market(1)).get()
            _ = try await live.client.place(LiveVenue.stop(2)).get()
            let price = try Sample.price("49000")
            live.venue.change { $0.jump(Sample.symbol, to: price) }
            try await eventually("the stop has finished") {
                let stop = try? await live.client.query(Sample.query(LiveVenue.id(2), .algo)).get()
                return stop?.status == .finished
            }
            let stop = try await live.client.query(Sample.query(LiveVenue.id(2), .algo)).get()
            let child = try await live.client.query(Sample.query(LiveVenue.id(2))).get()
            #expect(stop.childID == child.venueID)
            #expect(stop.executed == (try Sample.quantity("0.01")))
            #expect(child.status == .filled && !child.isConditional)
            #expect(try await live.client.snapshot(Sample.question(.positions)).get() == .positions([]))
        }
    }

    @Test("a trigger that is already crossed, a wrong step, too little and too much are told apart")
    func refusals() async throws {
        try await withVenue { live in
            _ = try await live.client.place(LiveVenue.market(1)).get()
            let crossed = await live.client.place(try LiveVenue.stop(2, at: "90000")).failure
            #expect(crossed?.outcome == .retryableWith(.wouldTrigger))
            let step = await live.client.place(try LiveVenue.market(3, .buy, "0.0105")).failure
            #expect(step?.outcome == .retryableWith(.reround))
            let tiny = await live.client.place(
                Sample.placement(
                    .limit(try Sample.price("30000"), .goodTillCancel),
                    .opening(try Sample.quantity("0.001")),
                    id: LiveVenue.id(4)
                )
            ).failure
            #expect(tiny?.code == -4164)
            let huge = await live.client.place(try LiveVenue.market(5, .buy, "100")).failure
            #expect(huge?.outcome == .retryableWith(.smallerSize))
            let crossing = await live.client.place(
                Sample.placement(
                    .limit(try Sample.price("62000"), .postOnly),
                    .opening(try Sample.quantity("0.01")),
                    id: LiveVenue.id(6)
                )
            ).failure
            #expect(crossing?.outcome == .retryableWith(.reprice))
        }
    }

    @Test("instruments and marks come in our units")
    func market() async throws {
        try await withVenue { live in
            let instruments = try await live.client.instruments([Sample.symbol]).get()
            #expect(instruments.first?.tickSize == (try Sample.price("0.1")))
            #expect(instruments.first?.isTrading == true)
            let all = try await live.client.instruments(nil).get()
            #expect(all.count == 2)
            let lesser = all.map { instrument in
                var instrument = instrument
                instrument.maxLeverage = 1
                return instrument
            }
            let limited = try await live.client.withLeverageLimits(lesser).get()
            #expect(limited.map(\.symbol) == all.map(\.symbol))
            #expect(limited.allSatisfy { $0.maxLeverage > 1 })
            let marks = try await live.client.marks([Sample.symbol, Symbol("ETHUSDT")]).get()
            #expect(marks.count == 2)
            #expect(marks.allSatisfy { $0.price.isPositive })
            #expect(try await live.client.marks([Sample.symbol]).get().first?.symbol == Sample.symbol)
        }
    }

    @Test("leverage is set; access is verified; the weight is seen")
    func session() async throws {
        try await withVenue { live in
            let change = LeverageChange(symbol: Sample.symbol, leverage: 7)
            let now = try await live.client.setLeverage(change).get()
            #expect(now == 7)
            let wild = LeverageChange(symbol: Sample.symbol, leverage: 900)
            #expect(await live.client.setLeverage(wild).failure?.outcome == .retryableWith(.smallerSize))
            let settings = try await live.client.symbolSettings().get()
            #expect(settings.contains(SymbolSettings(symbol: Sample.symbol, leverage: 7, isIsolated: false)))
            #expect(await live.client.verifyAccess().failure == nil)
            #expect(live.client.rateFigures.usedWeight1m.map { $0 > 0 } == true)
        }
    }

    @Test("a wrong secret is told as bad credentials, without the secret")
    func wrongSecret() async throws {
        var settings = LiveVenue.settings()
        settings.credentials = VenueCredentials(key: SigningTests.apiKey, secret: "another")
        try await withVenue(settings) { live in
            let problem = try #require(await live.client.verifyAccess().failure)
            guard case .credentials = problem else {
                Issue.record("\(problem)")
                return
            }
            #expect(!"\(problem)".contains(SigningTests.secret))
        }
    }

    @Test("a venue whose clock is far ahead refuses us until its clock is measured")
    func clock() async throws {
        var settings = LiveVenue.settings()
        settings.clock = .wall(ahead: .seconds(90))
        try await withVenue(settings) { live in
            let before = await live.client.query(Sample.query()).failure
            #expect(before?.outcome == .retryableWith(.resyncClock))
            let offset = try await live.client.clockOffset().get()
            #expect(abs(offset.offset.seconds - 90) < 1)
            let after = await live.client.query(Sample.query()).failure
            #expect(after?.outcome == .idempotentSafe(.noSuchOrder))
            // A placement keeps the time that it was made with, whatever the client has learnt.
            let stale = await live.client.place(try LiveVenue.market(1)).failure
            #expect(stale?.outcome == .retryableWith(.resyncClock))
        }
    }
}

@Suite("Faults of the venue", .serialized)
struct VenueFaultTests {
    struct Case: Sendable, CustomStringConvertible {
        let kind: FaultKind
        let outcome: OutcomeClass
        /// What a later query finds; absent where the fault's own draw decides.
        let isExecuted: Bool?

        var description: String { kind.rawValue }
    }

    static let cases = [
        Case(kind: .answerLost, outcome: .doubt, isExecuted: true),
        Case(kind: .requestLost, outcome: .doubt, isExecuted: false),
        Case(kind: .unknownExecuted, outcome: .doubt, isExecuted: true),
        Case(kind: .unknownNotExecuted, outcome: .doubt, isExecuted: false),
        Case(kind: .unavailable, outcome: .retryable, isExecuted: false),
        Case(kind: .requestTimeout, outcome: .doubt, isExecuted: nil),
        Case(kind: .backendTimeout, outcome: .doubt, isExecuted: nil),
        Case(kind: .rateLimited, outcome: .retryable, isExecuted: false),
        Case(kind: .overloaded, outcome: .retryable, isExecuted: false),
    ]

    @Test(
        "each fault has its class, is sent once, and the later query finds what truly happened",
        arguments: cases
    )
    func fault(_ example: Case) async throws {
        try await withVenue(LiveVenue.settings([LiveVenue.always(example.kind, .orders)])) { live in
            let failure = try #require(await live.client.place(try LiveVenue.market(1)).failure)
            #expect(failure.outcome == example.outcome)
            #expect(failure.stopsAllRequests == (example.kind == .rateLimited))
            if example.kind == .rateLimited {
                #expect(failure.retryAfter == .seconds(2))
                let held = await live.client.query(Sample.query(LiveVenue.id(1))).failure
                #expect(held?.outcome == .retryable && held?.stopsAllRequests == true)
                #expect(held?.message.contains("not sent") == true)
                try await Task.sleep(for: .milliseconds(2_050))
            }
            let found = await live.client.query(Sample.query(LiveVenue.id(1)))
            let truth = live.venue.snapshot().record.orders(under: LiveVenue.id(1))
            #expect(truth.count <= 1)
            if let isExecuted = example.isExecuted { #expect(truth.count == (isExecuted ? 1 : 0)) }
            switch found {
            case .success(let report):
                #expect(report.venueID == truth.first?.id)
                #expect(report.status == .filled)
            case .failure(let failure):
                #expect(truth.isEmpty)
                #expect(failure.outcome == .idempotentSafe(.noSuchOrder))
            }
        }
    }

    @Test("an answer later than our patience is doubt, and the order is there")
    func slowAnswer() async throws {
        let rule = LiveVenue.always(.slowAnswer, .orders, milliseconds: 3000)
        try await withVenue(LiveVenue.settings([rule]), { $0.requestTimeout = .milliseconds(1200) }) { live in
            // A connection that stands, so that the patience is spent on the answer alone.
            _ = await live.client.query(Sample.query())
            let failure = await live.client.place(try LiveVenue.market(1)).failure
            #expect(failure?.outcome == .doubt)
            #expect(try await live.client.query(Sample.query(LiveVenue.id(1))).get().status == .filled)
        }
    }

    @Test("a venue that has gone is retryable, since nothing could be sent")
    func gone() async throws {
        let venue = try await VenueServer.start(LiveVenue.settings())
        let client = try Sample.client(venue.address.httpURL)
        #expect(await client.clockOffset().failure == nil)
        await venue.stop()
        // The pooled connection may have to be found dead first.
        _ = await client.query(Sample.query())
        #expect(await client.place(try LiveVenue.market(1)).failure?.outcome == .retryable)
        await client.shutdown()
    }
}
