import HTTPTypes
import ReckonControl
import ReckonModel
import Testing

@Suite("Bodies of intents are read strictly")
struct IntentBodyTests {
    /// A body, and what the refusal must name: field, found, allowed.
    struct Row: Sendable, CustomTestStringConvertible {
        let body: String
        let field: String
        let parts: [String]

        init(_ body: String, _ field: String, _ parts: String...) {
            self.body = body
            self.field = field
            self.parts = parts
        }

        var testDescription: String { String(body.prefix(80)) }
    }

    private static func entry(_ rest: String) -> String {
        "{\"key\":\"k\",\"kind\":\"entry\",\"symbol\":\"BTCUSDT\",\"side\":\"buy\",\(rest)}"
    }

    private static func exit(_ rest: String) -> String {
        "{\"key\":\"k\",\"kind\":\"exit\",\"symbol\":\"BTCUSDT\"\(rest)}"
    }

    static let rows: [Row] = [
        Row("", "body", "the end of the text"),
        Row("[]", "body", "a list", "an object"),
        Row("{\"key\":", "body"),
        Row("{} {}", "body", "text after the value"),
        Row("{\"kind\":\"entry\",\"kind\":\"exit\"}", "body", "\"kind\" twice"),
        Row("{}", "kind", "nothing", "\"protect\""),
        Row("{\"kind\":\"buy\"}", "kind", "\"buy\""),
        Row("{\"kind\":7}", "kind", "the number 7"),
        Row("{\"kind\":\"entry\"}", "key", "nothing"),
        Row("{\"kind\":\"entry\",\"key\":\"\"}", "key", "\"\""),
        Row("{\"kind\":\"entry\",\"key\":\"a b\"}", "key", "printable"),
        Row("{\"kind\":\"entry\",\"key\":\"k\",\"symbol\":\"btcusdt\"}", "symbol", "\"btcusdt\""),
        Row(
            "{\"kind\":\"entry\",\"key\":\"k\",\"symbol\":\"A\",\"position_side\":\"LONG\"}",
            "position_side",
            "both"
        ),
        Row(
            exit(",\"close\":true,\"position_side\":\"short\""),
            "position_side",
            "\"short\"",
            "one-way mode"
        ),
        Row("{\"kind\":\"entry\",\"key\":\"k\",\"symbol\":\"A/LONG\"}", "symbol", "\"A/LONG\""),
        Row("{\"kind\":\"entry\",\"key\":\"k\",\"symbol\":\"A\"}", "side", "nothing", "\"sell\""),
        Row(entry("\"side2\":1,\"quantity\":\"1\""), "side2", "unknown field", "quantity"),
        Row(entry("\"quantity\":1"), "quantity", "the number 1", "text"),
        Row(entry("\"quantity\":\"-1\""), "quantity", "\"-1\""),
        Row(entry("\"quantity\":\"0\""), "quantity", "\"0\"", "above 0"),
        Row(entry("\"quantity\":\"1e3\""), "quantity", "1e3"),
        Row(entry("\"quantity\":\"NaN\""), "quantity", "NaN"),
        Row(entry("\"quantity\":\"0.123456789\""), "quantity", "more than 8"),
        Row(entry("\"quantity\":\"99999999999999\""), "quantity"),
        Row(entry("\"quantity\":\"2000000000\""), "quantity", "at most 1000000000"),
        Row(entry("\"quantity\":\"1\",\"notional_usdt\":\"5\""), "quantity", "one of them"),
        Row(entry("\"confidence\":1"), "quantity", "neither"),
        Row(entry("\"quantity\":\"1\",\"type\":\"stop\""), "type", "\"market\", \"limit\""),
        Row(entry("\"quantity\":\"1\",\"type\":\"limit\""), "price", "nothing"),
        Row(entry("\"quantity\":\"1\",\"price\":\"5\""), "price", "no price"),
        Row(entry("\"quantity\":\"1\",\"time_in_force\":\"gtc\""), "time_in_force", "none"),
        Row(entry("\"quantity\":\"1\",\"confidence\":1.5"), "confidence", "1.5", "0.0 to 1.0"),
        Row(entry("\"quantity\":\"1\",\"confidence\":1e999"), "confidence", "1e999"),
        Row(entry("\"quantity\":\"1\",\"confidence\":\"1\""), "confidence", "a number"),
        Row(entry("\"quantity\":\"1\",\"leverage\":2.5"), "leverage", "a whole number"),
        Row(entry("\"quantity\":\"1\",\"leverage\":0"), "leverage", "from 1 to 125"),
        Row(entry("\"quantity\":\"1\",\"resize\":\"yes\""), "resize", "true or false"),
        Row(entry("\"quantity\":\"1\",\"close\":true"), "close", "unknown field"),
        Row(entry("\"quantity\":\"1\",\"stop\":{}"), "stop", "exactly one"),
        Row(
            entry("\"quantity\":\"1\",\"stop\":{\"distance_bps\":10,\"price\":\"1\"}"),
            "stop",
            "exactly one"
        ),
        Row(entry("\"quantity\":\"1\",\"stop\":{\"distance_bps\":0}"), "stop.distance_bps", "from 1"),
        Row(entry("\"quantity\":\"1\",\"stop\":{\"price\":5}"), "stop.price", "the number 5"),
        Row(entry("\"quantity\":\"1\",\"stop\":{\"far\":5}"), "stop.far", "unknown field"),
        Row(
            entry("\"quantity\":\"1\",\"stop\":{\"price\":\"5\",\"multiple\":2}"),
            "stop.multiple",
            "beside atr"
        ),
        Row(entry("\"quantity\":\"1\",\"stop\":\"wide\""), "stop", "\"wide\"", "an object"),
        Row(entry("\"quantity\":\"1\",\"issued_at\":\"yesterday\""), "issued_at", "RFC 3339"),
        Row(entry("\"quantity\":\"1\",\"issued_at\":\"2030-02-30T00:00:00Z\""), "issued_at"),
        Row(entry("\"quantity\":\"1\",\"deadline_sec\":0"), "deadline_sec", "1.0 to 86400.0"),
        Row(exit(""), "close", "exactly one"),
        Row(exit(",\"close\":false"), "close"),
        Row(exit(",\"close\":true,\"quantity\":\"1\""), "close"),
        Row(exit(",\"close\":1"), "close", "true or false"),
        Row(exit(",\"close\":true,\"leverage\":3"), "leverage", "unknown field"),
        Row("{\"key\":\"k\",\"kind\":\"protect\",\"symbol\":\"A\"}", "stop", "at least one"),
    ]

    @Test("what is not understood is refused, naming field, found and allowed in one line", arguments: rows)
    func refused(_ row: Row) throws {
        let error = try #require(throws: ControlError.self) { _ = try IntentBody.read(row.body.utf8) }
        #expect(error.status == .badRequest)
        #expect(error.rule == row.field, "\(error.message)")
        for part in row.parts { #expect(error.message.contains(part), "\(error.message)") }
        #expect(error.message.split(whereSeparator: { $0.isNewline }).count == 1)
        #expect(error.body["error"]?["code"] == "malformed")
    }

    @Test("in hedge mode every intent names its leg, by position_side or by the symbol's own name")
    func legs() throws {
        func exit(_ rest: String, symbol: String = "BTCUSDT") throws -> Intent {
            let body = "{\"key\":\"k\",\"kind\":\"exit\",\"symbol\":\"\(symbol)\",\"close\":true\(rest)}"
            return try IntentBody.read(body.utf8, isHedged: true)
        }
        #expect(try exit(",\"position_side\":\"long\"").symbol == Symbol("BTCUSDT/LONG"))
        #expect(try exit(",\"position_side\":\"short\"").symbol == Symbol("BTCUSDT/SHORT"))
        #expect(try exit("", symbol: "BTCUSDT/SHORT").symbol == Symbol("BTCUSDT/SHORT"))
        let same = try exit(",\"position_side\":\"short\"", symbol: "BTCUSDT/SHORT")
        #expect(same.symbol == Symbol("BTCUSDT/SHORT"))
        for (rest, symbol) in [
            ("", "BTCUSDT"), (",\"position_side\":\"both\"", "BTCUSDT"),
            (",\"position_side\":\"long\"", "BTCUSDT/SHORT"), (",\"position_side\":\"both\"", "BTCUSDT/LONG"),
        ] {
            let error = try #require(throws: ControlError.self) { _ = try exit(rest, symbol: symbol) }
            #expect(error.rule == "position_side", "\(rest) \(symbol)")
        }
        let wrong = IntentBodyTests.entry("\"quantity\":\"1\",\"position_side\":\"short\"")
        let error = try #require(throws: ControlError.self) {
            _ = try IntentBody.read(wrong.utf8, isHedged: true)
        }
        #expect(error.rule == "side")
        #expect(error.message.contains("\"sell\""))
    }

    @Test("no cut or change of one byte crashes, and none is taken for another intent's size")
    func mutations() throws {
        let body = Array(
            IntentBodyTests.entry(
                "\"type\":\"limit\",\"quantity\":\"0.015\",\"price\":\"60000.5\",\"stop\":{\"distance_bps\":150}"
            ).utf8
        )
        let intent = try IntentBody.read(body)
        for length in 0..<body.count {
            #expect(throws: ControlError.self) { _ = try IntentBody.read(body[..<length]) }
        }
        var dice = Dice(seed: 11)
        for _ in 0..<3000 {
            var changed = body
            changed[Int(dice.roll(below: UInt64(body.count)))] = UInt8(truncatingIfNeeded: dice.next())
            if let read = try? IntentBody.read(changed) { _ = read == intent }
        }
    }

    @Test("an entry arrives whole")
    func entry() throws {
        let body = """
            {"key":"k-1","kind":"entry","symbol":"ETHUSDT","side":"sell","type":"limit","quantity":"0.25",
             "price":"3000.5","time_in_force":"gtx","confidence":0.75,"stop":{"atr":"12.5","multiple":2.5},
             "take_profit":"2900","leverage":3,"position_side":"both","resize":true,
             "issued_at":"2030-01-31T12:00:00.250Z","deadline_sec":12.5}
            """
        guard case .entry(let entry) = try IntentBody.read(body.utf8) else {
            Issue.record("not an entry")
            return
        }
        #expect(entry.key == "k-1")
        #expect(entry.symbol == Symbol("ETHUSDT"))
        #expect(entry.side == .sell)
        #expect(entry.sizing == .quantity(try Quantity(parsing: "0.25")))
        #expect(entry.pricing == .limit(try Price(parsing: "3000.5"), .postOnly))
        #expect(entry.confidence == 0.75)
        #expect(entry.stop == .averageTrueRange(try Price(parsing: "12.5"), hundredths: 250))
        #expect(entry.takeProfit == (try Price(parsing: "2900")))
        #expect(entry.leverage == 3)
        #expect(entry.mayResize)
        #expect(entry.issuedAt == Instant(nanoseconds: 1_896_091_200_250_000_000))
        #expect(entry.lifetime == .milliseconds(12_500))
    }

    @Test("exits and protections arrive whole")
    func others() throws {
        func exit(_ rest: String) throws -> Intent { try IntentBody.read(IntentBodyTests.exit(rest).utf8) }
        var expected = ExitIntent(key: "k", symbol: Symbol("BTCUSDT"))
        #expect(try exit(",\"close\":true,\"side\":\"sell\"") == .exit(expected))
        expected.extent = .reduce(by: try Quantity(parsing: "0.5"))
        #expect(try exit(",\"quantity\":\"0.5\"") == .exit(expected))
        expected.extent = .down(to: .zero)
        #expect(try exit(",\"target_quantity\":\"0\"") == .exit(expected))
        let protect = "{\"key\":\"k\",\"kind\":\"protect\",\"symbol\":\"BTCUSDT\",\"take_profit\":\"5\"}"
        var wish = ProtectIntent(key: "k", symbol: Symbol("BTCUSDT"))
        wish.takeProfit = try Price(parsing: "5")
        #expect(try IntentBody.read(protect.utf8) == .protect(wish))
    }
}

@Suite("JSON in and out")
struct JSONTests {
    @Test("what is written is read back the same", arguments: 1...200 as ClosedRange<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let json = JSONTests.any(&dice, depth: 0)
        #expect(try JSONReader.read(json.description.utf8) == json)
    }

    private static func any(_ dice: inout Dice, depth: Int) -> JSON {
        switch dice.roll(below: depth > 4 ? 4 : 6) {
        case 0: return .null
        case 1: return .flag(dice.chance(1, in: 2))
        case 2: return .whole(dice.roll(in: -1_000_000...1_000_000))
        case 3:
            let scalars = (0..<dice.roll(below: 12)).map { _ in Unicode.Scalar(UInt8(dice.roll(below: 256))) }
            return .text(String(String.UnicodeScalarView(scalars)) + "é€😀")
        case 4: return .list((0..<dice.roll(below: 4)).map { _ in any(&dice, depth: depth + 1) })
        default:
            return .object((0..<dice.roll(below: 4)).map { .init("k\($0)", any(&dice, depth: depth + 1)) })
        }
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "01", "1.", ".5", "+1", "1e", "nul", "truex", "\"", "\"\\x\"", "\"\\ud800\"", "\"\\u12\"", "[1,]",
            "{\"a\"}",
            "{\"a\":1,}", "{a:1}", "[1 2]", "\"\u{1}\"", "--1", "NaN", "Infinity", "\"\\ud800\\u0041\"",
        ]
    )
    func refused(_ text: String) {
        #expect(throws: JSONFlaw.self) { _ = try JSONReader.read(text.utf8) }
    }

    @Test("nesting is bounded, so that no body can exhaust the stack")
    func depth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONFlaw.self) { _ = try JSONReader.read(deep.utf8) }
    }
}
