import Foundation
import ReckonBinance
import ReckonEngine
import ReckonModel
import Testing

@Suite("Instruments and marks")
struct MarketDecodeTests {
    static func instruments(_ rows: [String], _ symbols: [Symbol]?) async throws -> Result<
        [Instrument], VenueFailure
    > {
        try await withScript({ _ in .ok(Sample.exchangeInfo(rows)) }) { client, _ in
            await client.instruments(symbols)
        }
    }

    @Test("filters become an instrument")
    func instrument() async throws {
        let found = try await MarketDecodeTests.instruments([Sample.instrument()], [Sample.symbol]).get()
        let instrument = try #require(found.first)
        #expect(instrument.tickSize == (try Sample.price("0.1")))
        #expect(instrument.minPrice == (try Sample.price("556.8")))
        #expect(instrument.maxPrice == (try Sample.price("4529764")))
        #expect(instrument.stepSize == (try Sample.quantity("0.001")))
        #expect(instrument.maxQuantity == (try Sample.quantity("1000")))
        #expect(instrument.maxMarketQuantity == (try Sample.quantity("120")))
        #expect(instrument.minNotional == (try Notional(parsing: "50")))
        #expect(instrument.percentPriceUp == 10_500)
        #expect(instrument.percentPriceDown == 9_500)
        #expect(instrument.isTrading)
        let settling = Sample.instrument(["status": "SETTLING"])
        #expect(
            try await MarketDecodeTests.instruments([settling], [Sample.symbol]).get().first?.isTrading
                == false
        )
    }

    @Test("price bounds that do not fit our places are rounded inwards")
    func inwards() async throws {
        let row = Sample.instrument(["up": "1.05009", "down": "0.95001"])
        let found = try await MarketDecodeTests.instruments([row], [Sample.symbol]).get()
        #expect(found.first?.percentPriceUp == 10_500)
        #expect(found.first?.percentPriceDown == 9_501)
    }

    @Test(
        "a filter that makes no sense refuses the symbol by name",
        arguments: [
            ("tickSize", "0"), ("tickSize", "-0.1"), ("tickSize", ""), ("tickSize", "abc"),
            ("tickSize", "0.000000001"), ("tickSize", "0.7"), ("stepSize", "0"), ("stepSize", "0.0007"),
            ("stepSize", "NaN"), ("maxQty", "0.0001"), ("minQty", "-1"), ("notional", "x"),
            ("notional", "-5"),
            ("contractType", "CURRENT_QUARTER"),
        ]
    )
    func refused(_ field: String, _ value: String) async throws {
        let row = Sample.instrument([field: value])
        let failure = try #require(try await MarketDecodeTests.instruments([row], [Sample.symbol]).failure)
        #expect(failure.outcome == .fatal)
        #expect(failure.message.contains("BTCUSDT"))
        #expect(try await MarketDecodeTests.instruments([row], nil).get().isEmpty)
    }

    @Test("a symbol that the venue does not have is refused by name")
    func missing() async throws {
        let wanted = [Sample.symbol, Symbol("NOPEUSDT")]
        let failure = try await MarketDecodeTests.instruments([Sample.instrument()], wanted).failure
        #expect(failure?.message.contains("NOPEUSDT") == true)
    }

    @Test("marks of one symbol, and of several out of all")
    func marks() async throws {
        let row = { @Sendable (symbol: String) in
            #"{"symbol":"\#(symbol)","markPrice":"100.123456789","time":1}"#
        }
        try await withScript({ request in
            request.value("symbol").map { .ok(row($0)) } ?? .ok("[\(row("A")),\(row("B")),\(row("C"))]")
        }) { client, server in
            let price = try Sample.price("100.12345678")
            let one = try await client.marks([Symbol("测试USDT")]).get()
            #expect(one == [Mark(symbol: Symbol("测试USDT"), price: price)])
            #expect(server.requests.first?.query == "symbol=%E6%B5%8B%E8%AF%95USDT")
            let two = try await client.marks([Symbol("C"), Symbol("A")]).get()
            #expect(two.map(\.symbol) == [Symbol("A"), Symbol("C")])
            #expect(try await client.marks([]).get().isEmpty)
            #expect(server.requests.count == 2)
        }
    }
}

@Suite("History pages")
struct HistoryTests {
    static func row(_ number: Int, at time: Int64) -> String {
        Sample.order
            .replacing("215456450616", with: "\(number)")
            .replacing("1700000000000", with: "\(time)")
    }

    /// Serves at most a thousand of `times` within the asked window; which ones is up to `keepsLatest`.
    static func serve(_ request: ScriptedServer.Request, _ times: [Int64], keepsLatest: Bool)
        -> ScriptedServer.Answer
    {
        guard let start = request.value("startTime").flatMap({ Int64($0) }),
            let end = request.value("endTime").flatMap({ Int64($0) }),
            let limit = request.value("limit").flatMap({ Int($0) }), end - start < 7 * 86_400_000
        else { return .answer(400, #"{"code":-4165,"msg":"Invalid time interval."}"#, []) }
        let inside = times.enumerated().filter { (start...end).contains($0.element) }
        let page = keepsLatest ? Array(inside.suffix(limit)) : Array(inside.prefix(limit))
        return .ok("[\(page.map { row($0.offset + 1, at: $0.element) }.joined(separator: ","))]")
    }

    @Test("all orders come, whichever rows a full page leaves out", arguments: [true, false])
    func complete(_ keepsLatest: Bool) async throws {
        var dice = Dice(seed: 3)
        let end = Sample.now().nanoseconds / 1_000_000
        let start = end - 9 * 86_400_000
        let times = (0..<2300).map { _ in dice.roll(in: start...end) }.sorted()
        try await withScript({ HistoryTests.serve($0, times, keepsLatest: keepsLatest) }) { client, _ in
            let part = SnapshotQuestion.Part.orderHistory(
                Sample.symbol,
                since: VenueInstant(milliseconds: start)
            )
            guard case .success(.orders(let orders)) = await client.snapshot(Sample.question(part)) else {
                Issue.record("no history")
                return
            }
            #expect(orders.map(\.venueID.number) == Array(1...2300))
        }
    }

    @Test("a quiet history costs one request")
    func quiet() async throws {
        let since = VenueInstant(milliseconds: Sample.now().nanoseconds / 1_000_000 - 60_000)
        try await withScript({ _ in .ok("[\(Sample.algo)]") }) { client, server in
            _ = try await client.snapshot(Sample.question(.algoHistory(Sample.symbol, since: since))).get()
            #expect(server.requests.map(\.path) == ["/fapi/v1/allAlgoOrders"])
            #expect(server.requests.first?.value("startTime") == "\(since.milliseconds)")
        }
    }

    @Test("a time too long ago is a failure too")
    func tooLong() async throws {
        try await withScript({ _ in .ok("[]") }) { client, _ in
            let part = SnapshotQuestion.Part.orderHistory(Sample.symbol, since: VenueInstant(milliseconds: 0))
            #expect(await client.snapshot(Sample.question(part)).failure != nil)
        }
    }

    @Test("more than can be listed is a failure, not a part that looks whole")
    func tooMany() async throws {
        let full = "[" + (1...1000).map { HistoryTests.row($0, at: 1) }.joined(separator: ",") + "]"
        let since = VenueInstant(milliseconds: Sample.now().nanoseconds / 1_000_000 - 60_000)
        try await withScript({ _ in .ok(full) }) { client, server in
            let part = SnapshotQuestion.Part.orderHistory(Sample.symbol, since: since)
            #expect(await client.snapshot(Sample.question(part)).failure != nil)
            #expect(server.requests.count <= 24)
        }
    }
}
