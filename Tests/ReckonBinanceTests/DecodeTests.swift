import Foundation
import ReckonBinance
import ReckonEngine
import ReckonModel
import Testing

@Suite("Decoding answers")
struct DecodeTests {
    static func ask(_ body: String) async throws -> Result<OrderReport, VenueFailure> {
        try await withScript({ _ in .ok(body) }) { client, _ in await client.query(Sample.query()) }
    }

    static func askAlgo(_ body: String) async throws -> Result<OrderReport, VenueFailure> {
        try await withScript({ _ in .ok(body) }) { client, _ in
            await client.query(Sample.query(Sample.id, .algo))
        }
    }

    @Test("an order with every field")
    func order() async throws {
        var expected = OrderReport(
            id: Sample.id,
            venueID: VenueOrderID(215_456_450_616),
            symbol: Sample.symbol,
            side: .sell,
            status: .partiallyFilled,
            quantity: try Sample.quantity("0.01"),
            executed: try Sample.quantity("0.004"),
            updatedAt: VenueInstant(milliseconds: 1_700_000_001_234)
        )
        expected.isReduceOnly = true
        expected.price = try Sample.price("59000.1")
        expected.averagePrice = try Sample.price("59000.05")
        expected.createdAt = VenueInstant(milliseconds: 1_700_000_000_000)
        #expect(try await DecodeTests.ask(Sample.order).get() == expected)
    }

    @Test("a conditional order with every field")
    func algo() async throws {
        var expected = OrderReport(
            id: Sample.id,
            venueID: VenueOrderID(4_000_001_910_701_524),
            symbol: Sample.symbol,
            side: .sell,
            status: .triggered,
            isConditional: true,
            quantity: .zero,
            executed: try Sample.quantity("0.01"),
            updatedAt: VenueInstant(milliseconds: 1_700_000_005_000)
        )
        expected.isReduceOnly = true
        expected.closesPosition = true
        expected.price = try Sample.price("58000")
        expected.averagePrice = try Sample.price("57999.12345678")
        expected.childID = VenueOrderID(215_456_450_617)
        expected.createdAt = VenueInstant(milliseconds: 1_700_000_000_000)
        #expect(try await DecodeTests.askAlgo(Sample.algo).get() == expected)
    }

    @Test("avgPrice and cumQuote may be absent, alone or together")
    func withoutAverage() async throws {
        let bare = Sample.order.replacing(#""avgPrice":"59000.05","#, with: "")
        #expect(try await DecodeTests.ask(bare).get().averagePrice == Sample.price("59000.05"))
        let none = bare.replacing(#""cumQuote":"236.0002","#, with: "")
        let report = try await DecodeTests.ask(none).get()
        #expect(report.averagePrice == .zero)
        #expect(report.executed == (try Sample.quantity("0.004")))
    }

    @Test("figures may come as numbers, times as updateTime alone, fields as null")
    func tolerated() async throws {
        let numbers = Sample.order.replacing(#""0.010""#, with: "0.010").replacing(
            #""59000.10""#,
            with: "59000.10"
        )
        #expect(try await DecodeTests.ask(numbers).get().quantity == Sample.quantity("0.01"))
        let untimed = Sample.order.replacing(#""time":1700000000000,"#, with: "")
        #expect(try await DecodeTests.ask(untimed).get().createdAt == nil)
        let null = Sample.order.replacing(#""reduceOnly":true"#, with: #""reduceOnly":null"#)
        #expect(try await DecodeTests.ask(null).get().isReduceOnly == false)
        let extra = Sample.order.replacing("{", with: #"{"new":[{"deep":[1]}],"#)
        #expect(try await DecodeTests.ask(extra).failure == nil)
    }

    @Test("every known status is mapped, an unknown one is doubt with its text")
    func statuses() async throws {
        let known: [(String, VenueOrderStatus)] = [
            ("NEW", .new), ("PARTIALLY_FILLED", .partiallyFilled), ("FILLED", .filled),
            ("CANCELED", .cancelled),
            ("EXPIRED", .expired), ("EXPIRED_IN_MATCH", .expired), ("REJECTED", .rejected), ("NEW_ADL", .new),
            ("NEW_INSURANCE", .new),
        ]
        for (text, status) in known {
            let body = Sample.order.replacing("PARTIALLY_FILLED", with: text)
            #expect(try await DecodeTests.ask(body).get().status == status)
        }
        let failure = try await DecodeTests.ask(Sample.order.replacing("PARTIALLY_FILLED", with: "MELTED"))
            .failure
        #expect(failure?.outcome == .doubt)
        #expect(failure?.message.contains("MELTED") == true)
        let algo: [(String, VenueOrderStatus)] = [
            ("NEW", .new), ("TRIGGERING", .triggered), ("TRIGGERED", .triggered), ("FINISHED", .finished),
            ("CANCELED", .cancelled), ("EXPIRED", .expired), ("REJECTED", .rejected),
        ]
        for (text, status) in algo {
            let body = Sample.algo.replacing(#""TRIGGERED""#, with: #""\#(text)""#)
            #expect(try await DecodeTests.askAlgo(body).get().status == status)
        }
    }

    @Test("a conditional order that has not triggered has no child, whatever stands for it")
    func noChild() async throws {
        for text in [#""""#, "null", #""0""#, "0"] {
            let body = Sample.algo.replacing(#""215456450617""#, with: text)
            #expect(try await DecodeTests.askAlgo(body).get().childID == nil)
        }
        let number = Sample.algo.replacing(#""215456450617""#, with: "215456450617")
        #expect(try await DecodeTests.askAlgo(number).get().childID == VenueOrderID(215_456_450_617))
    }

    @Test(
        "hostile values are doubt, never a crash or a wrong figure",
        arguments: [
            (#""0.010""#, #""NaN""#), (#""0.010""#, #""inf""#), (#""0.010""#, #""""#), (#""0.010""#, "{}"),
            (#""0.010""#, "[1]"), (#""0.010""#, "true"), (#""0.010""#, "null"), (#""0.010""#, #""-0.010""#),
            (#""0.010""#, #""1e3""#), (#""0.010""#, #""0.0000000001""#), (#""0.010""#, #""99999999999""#),
            (#""0.010""#, #""92233720368.54775807""#), (#""0.010""#, "1e400"), (#""0.010""#, #"" 1""#),
            (#""0.010""#, #""١""#), ("215456450616", "1e30"), ("215456450616", "21.5"),
            ("215456450616", #""x""#),
            ("1700000001234", "9223372036854775807"), ("1700000001234", "-5"), ("1700000001234", "1e300"),
            (#""SELL""#, #""HOLD""#), (#""SELL""#, "7"), (#""BTCUSDT""#, #""""#), (#""59000.05""#, #""x.5""#),
            (#""59000.05""#, #""-3""#), (#""59000.05""#, #""9999999999999""#), (#""59000.10""#, #""1.2.3""#),
            (#""rk-1a2b:7.1""#, "null"),
        ]
    )
    func hostile(_ from: String, _ to: String) async throws {
        let failure = try await DecodeTests.ask(Sample.order.replacing(from, with: to)).failure
        #expect(failure?.outcome == .doubt)
    }

    @Test("a size that no account could have is taken for damage, as later sums would overflow")
    func absurd() async throws {
        let body = Sample.order.replacing(#""0.010""#, with: #""9000000""#)
        #expect(try await DecodeTests.ask(body).failure?.outcome == .doubt)
    }

    @Test(
        "bodies that are no object at all are doubt",
        arguments: ["", "null", "[]", "7", "{", "<html>", "\u{0}"]
    )
    func noObject(_ body: String) async throws {
        #expect(try await DecodeTests.ask(body).failure?.outcome == .doubt)
        let nested = String(repeating: "[", count: 100_000)
        #expect(try await DecodeTests.ask(nested).failure?.outcome == .doubt)
    }

    @Test("positions are signed, and their computed averages are cut to our places")
    func positions() async throws {
        let flat = Sample.position.replacing("-0.010", with: "0.000").replacing("BTCUSDT", with: "ETHUSDT")
        try await withScript({ _ in .ok("[\(Sample.position),\(flat)]") }) { client, server in
            let content = try await client.snapshot(Sample.question(.positions)).get()
            var expected = PositionReport(
                symbol: Sample.symbol,
                quantity: try Sample.quantity("-0.01"),
                entryPrice: try Sample.price("59000.12345678"),
                markPrice: try Sample.price("59010.5"),
                updatedAt: VenueInstant(milliseconds: 1_700_000_002_000)
            )
            expected.liquidationPrice = try Sample.price("91000")
            #expect(content == .positions([expected]))
            #expect(server.requests.first?.path == "/fapi/v3/positionRisk")
        }
    }

    @Test("a hedge-mode position fails the snapshot; its empty sides do not")
    func hedge() async throws {
        let long = Sample.position.replacing("BOTH", with: "LONG")
        let emptyLong = long.replacing("-0.010", with: "0")
        for (rows, isGood) in [("[\(long)]", false), ("[\(Sample.position),\(emptyLong)]", true)] {
            try await withScript({ _ in .ok(rows) }) { client, _ in
                let failure = await client.snapshot(Sample.question(.positions)).failure
                #expect((failure == nil) == isGood)
            }
        }
    }

    @Test("one row that cannot be read fails the whole list")
    func wholeList() async throws {
        let bad = Sample.order.replacing(#""SELL""#, with: #""HOLD""#)
        try await withScript({ _ in .ok("[\(Sample.order),\(bad)]") }) { client, _ in
            #expect(await client.snapshot(Sample.question(.openOrders)).failure?.outcome == .doubt)
        }
        try await withScript({ _ in .ok("[\(Sample.algo)]") }) { client, _ in
            guard case .success(.orders(let orders)) = await client.snapshot(Sample.question(.openAlgoOrders))
            else {
                Issue.record("no orders")
                return
            }
            #expect(orders.map(\.isConditional) == [true])
        }
    }
}
