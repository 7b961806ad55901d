import Foundation
import ReckonBinance
import ReckonEngine
import ReckonModel
import ReckonVenue
import Testing

@Suite("Legs on the wire")
struct HedgeTests {
    private static let long = Sample.symbol.leg(.long)
    private static let short = Sample.symbol.leg(.short)
    private static let quantity = Quantity(units: 1_000_000)

    private static func ticket(_ book: Symbol, _ side: Side, _ extent: Extent, _ pricing: Pricing)
        -> OrderTicket
    {
        let opens = if case .opening = extent { true } else { false }
        return OrderTicket(
            id: Sample.id,
            symbol: book,
            role: opens ? .entry : pricing.isConditional ? .stop : .exit,
            side: side,
            extent: extent,
            pricing: pricing
        )
    }

    private static func placement(_ ticket: OrderTicket) -> Placement {
        let sample = Sample.placement()
        return Placement(
            ticket: ticket,
            attempt: 1,
            timestamp: sample.timestamp,
            window: sample.window,
            transmitBy: sample.transmitBy
        )
    }

    @Test("a leg goes out as its instrument and position side, and no order on it says that it reduces")
    func placing() async throws {
        let trigger = try Sample.price("59000")
        let tickets = [
            HedgeTests.ticket(HedgeTests.long, .buy, .opening(HedgeTests.quantity), .market),
            HedgeTests.ticket(HedgeTests.short, .buy, .reducing(HedgeTests.quantity), .market),
            HedgeTests.ticket(
                HedgeTests.long,
                .sell,
                .reducing(HedgeTests.quantity),
                .stopMarket(trigger: trigger)
            ),
            HedgeTests.ticket(HedgeTests.long, .sell, .wholePosition, .stopMarket(trigger: trigger)),
        ]
        try await withScript({ _ in .hangUp }) { client, server in
            for ticket in tickets { _ = await client.place(HedgeTests.placement(ticket)) }
            _ = await client.place(batch: [HedgeTests.placement(tickets[1])])
            let requests = server.requests
            #expect(requests.count == 5)
            #expect(requests.allSatisfy { !$0.body.contains("reduceOnly") })
            let sides = requests.prefix(4).map { $0.value("positionSide") }
            #expect(sides == ["LONG", "SHORT", "LONG", "LONG"])
            #expect(requests.prefix(4).allSatisfy { $0.value("symbol") == "BTCUSDT" })
            #expect(requests[3].value("closePosition") == "true" && requests[3].value("quantity") == nil)
            #expect(requests[4].body.contains("SHORT"))
        }
    }

    @Test("an order that says it reduces and would open its leg is not sent")
    func wrongSide() async throws {
        try await withScript({ _ in .hangUp }) { client, server in
            let ticket = HedgeTests.ticket(HedgeTests.long, .buy, .reducing(HedgeTests.quantity), .market)
            for failure in [
                await client.place(HedgeTests.placement(ticket)).failure,
                await client.place(batch: [HedgeTests.placement(ticket)]).failure,
            ] {
                #expect(failure?.outcome == .fatal && failure?.message.contains("was not sent") == true)
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test("what would touch both legs is not sent for one")
    func bothLegs() async throws {
        try await withScript({ _ in .hangUp }) { client, server in
            #expect(await client.cancelAll(HedgeTests.long, on: .order).failure?.outcome == .fatal)
            #expect(await client.cancelAll(HedgeTests.long, on: .algo).failure?.outcome == .fatal)
            #expect(await client.setCountdown(HedgeTests.long, .seconds(5)).failure?.outcome == .fatal)
            #expect(server.requests.isEmpty)
        }
    }

    @Test("rows become books: by their leg in hedge mode, and a position of the other mode is not believed")
    func positions() async throws {
        let long = Sample.position.replacing("BOTH", with: "LONG").replacing("-0.010", with: "0.010")
        let short = Sample.position.replacing("BOTH", with: "SHORT")
        let empty = Sample.position.replacing("-0.010", with: "0")
        let cases: [(PositionMode, String, [Symbol]?)] = [
            (.hedged, "[\(long),\(short),\(empty)]", [HedgeTests.long, HedgeTests.short]),
            (.hedged, "[\(Sample.position)]", nil), (.oneWay, "[\(long)]", nil),
            (.oneWay, "[\(Sample.position)]", [Sample.symbol]),
        ]
        for (mode, rows, expected) in cases {
            try await withScript(mode: mode, { _ in .ok(rows) }) { client, _ in
                let content = try? await client.snapshot(Sample.question(.positions)).get()
                guard case .positions(let found)? = content else {
                    #expect(expected == nil, "\(mode) \(rows)")
                    return
                }
                #expect(found.map(\.symbol) == expected)
            }
        }
    }

    @Test("an order on a leg reduces by its side, whatever its flag says")
    func orders() async throws {
        let row = Sample.order.replacing("BOTH", with: "LONG").replacing("true", with: "false")
        let other = row.replacing("LONG", with: "SHORT")
        try await withScript(mode: .hedged, { _ in .ok("[\(row),\(other)]") }) { client, _ in
            guard case .orders(let found) = try await client.snapshot(Sample.question(.openOrders)).get()
            else {
                Issue.record("no orders")
                return
            }
            #expect(found.map(\.symbol) == [HedgeTests.long, HedgeTests.short])
            #expect(found.map(\.isReduceOnly) == [true, false])
            let since = VenueInstant(milliseconds: Sample.now().nanoseconds / 1_000_000 - 1_000)
            let part = SnapshotQuestion.Part.orderHistory(HedgeTests.short, since: since)
            // Both rows have one number, and only the asked leg's counts.
            guard case .orders(let own) = try await client.snapshot(Sample.question(part)).get() else {
                return
            }
            #expect(own.map(\.symbol) == [HedgeTests.short])
        }
    }

    @Test("the stream's rows become books, and empty rows of neither leg say nothing")
    func events() throws {
        func hear(_ text: String) -> UserFrame { UserFrame(Data(text.utf8), in: .hedged) }
        let order = hear(Sample.orderEvent.replacing("BOTH", with: "SHORT"))
        guard case .events(let told) = order, case .report(let report)? = told.first else {
            Issue.record("\(order)")
            return
        }
        #expect(report.symbol == HedgeTests.short && report.isReduceOnly)
        let both = #"{"s":"ETHUSDT","pa":"0","ep":"0.00000","bep":"0""#
        #expect(Sample.accountEvent.contains(both))
        guard case .unreadable = hear(Sample.accountEvent) else {
            Issue.record("a position of one-way mode was believed")
            return
        }
        let first = Sample.accountEvent.replacing("BOTH", with: "LONG", maxReplacements: 1)
        guard case .events(let events) = hear(first), case .positions(let rows)? = events.first else {
            Issue.record("no positions")
            return
        }
        #expect(rows.map(\.symbol) == [HedgeTests.long])
    }

    @Test("instruments, limits, settings and marks of both legs come from one instrument")
    func markets() async throws {
        let legs = [HedgeTests.long, HedgeTests.short]
        let row = #"{"symbol":"BTCUSDT","markPrice":"100.5","time":1}"#
        try await withScript(
            mode: .hedged,
            { request in
                switch request.path {
                case "/fapi/v1/exchangeInfo": .ok(Sample.exchangeInfo([Sample.instrument()]))
                case "/fapi/v1/premiumIndex": .ok(row)
                case "/fapi/v1/symbolConfig":
                    .ok(#"[{"symbol":"BTCUSDT","marginType":"CROSSED","leverage":7}]"#)
                default: .ok(#"[{"symbol":"BTCUSDT","brackets":[{"initialLeverage":50}]}]"#)
                }
            }
        ) { client, server in
            let plain = try await client.instruments(legs).get()
            #expect(plain.map(\.symbol) == legs)
            #expect(try await client.withLeverageLimits(plain).get().map(\.maxLeverage) == [50, 50])
            #expect(try await client.symbolSettings(legs).get().map(\.leverage) == [7, 7])
            #expect(try await client.symbolSettings(legs).get().map(\.symbol) == legs)
            let price = try Sample.price("100.5")
            #expect(try await client.marks(legs).get() == legs.map { Mark(symbol: $0, price: price) })
            // Both legs are one instrument, so one symbol's weight is paid.
            #expect(server.requests.last?.query == "symbol=BTCUSDT")
        }
    }

    @Test("the account's mode must fit the symbols, and the refusal says what to do")
    func access() async throws {
        for (mode, isHedged) in [(PositionMode.hedged, false), (.oneWay, true)] {
            try await withScript(mode: mode, { _ in .ok("{\"dualSidePosition\":\(isHedged)}") }) {
                client,
                _ in
                let problem = try #require(await client.verifyAccess().failure)
                let found: PositionMode = isHedged ? .hedged : .oneWay
                #expect(problem == .positionMode(found: found, allowed: mode))
                #expect(problem.description.contains("found \(found.rawValue)"))
                #expect(problem.description.contains("allowed \(mode.rawValue)"))
                #expect(problem.description.contains("switch the account"))
            }
        }
        try await withScript(mode: .hedged, { _ in .ok(#"{"dualSidePosition":true}"#) }) { client, server in
            #expect(await client.verifyAccess(for: [HedgeTests.long, HedgeTests.short]).failure == nil)
            let mixed = await client.verifyAccess(for: [HedgeTests.long, Symbol("ETHUSDT")]).failure
            #expect(mixed == .mixedSymbols(Symbol("ETHUSDT"), leg: HedgeTests.long))
            #expect(server.requests.count == 1)
        }
        #expect(
            PositionMode(of: [Sample.symbol]) == .oneWay && PositionMode(of: [HedgeTests.short]) == .hedged
        )
    }

    @Test("against the venue: fills by leg, marks for both legs, and leverage told to both")
    func venue() async throws {
        var settings = LiveVenue.settings()
        settings.isHedged = true
        try await withVenue(settings, { $0.mode = .hedged }) { live in
            #expect(await live.client.verifyAccess(for: [HedgeTests.long]).failure == nil)
            let up = HedgeTests.ticket(HedgeTests.long, .buy, .opening(HedgeTests.quantity), .market)
            #expect(try await live.client.place(HedgeTests.placement(up)).get().symbol == HedgeTests.long)
            #expect(await live.client.setPositionMode(isHedge: false).failure?.code == -4068)
            #expect(try await live.client.isInHedgeMode().get())
            let since = VenueInstant(milliseconds: Sample.now().nanoseconds / 1_000_000 - 60_000)
            let fills = try await live.client.fills(HedgeTests.long, since: since).get()
            #expect(fills.map(\.symbol).contains(HedgeTests.long))
            #expect(try await live.client.fills(HedgeTests.short, since: since).get().isEmpty)
            #expect(try await live.client.fills(HedgeTests.short, after: 0).get().isEmpty)
            #expect(try await live.client.fills(HedgeTests.long, after: 0).get() == fills)
            try await withStream(live) { _, listener in
                _ = await live.client.setLeverage(LeverageChange(symbol: HedgeTests.short, leverage: 9))
                try await eventually("leverage of both legs") {
                    listener.has(.leverage(HedgeTests.long, 9))
                        && listener.has(.leverage(HedgeTests.short, 9))
                }
            }
            let stream = MarketStream(live.configuration, symbols: [HedgeTests.long, HedgeTests.short])
            let serving = Task { await stream.run() }
            let first = await stream.marks.first { _ in true }
            serving.cancel()
            #expect(first?.map(\.symbol) == [HedgeTests.long, HedgeTests.short])
        }
    }
}

/// Runs a client of one mode against a scripted server.
private func withScript(
    mode: PositionMode,
    _ script: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer,
    _ body: (BinanceClient, ScriptedServer) async throws -> Void
) async throws {
    let server = try await ScriptedServer(script)
    let credentials = try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
    var configuration = try BinanceConfiguration(url: server.url, credentials: credentials)
    configuration.mode = mode
    let client = BinanceClient(configuration, clock: Sample.now)
    do {
        try await body(client, server)
    } catch {
        Issue.record("\(error)")
    }
    await client.shutdown()
    try await server.stop()
}
