import Foundation
import ReckonBinance
import ReckonEngine
import ReckonModel
import Testing

@Suite("Decoding stream events")
struct StreamDecodeTests {
    static func user(_ text: String) -> UserFrame { UserFrame(Data(text.utf8)) }

    @Test("an order's step, with its cumulative totals")
    func order() throws {
        var expected = OrderReport(
            id: Sample.id,
            venueID: VenueOrderID(215_456_450_616),
            symbol: Sample.symbol,
            side: .buy,
            status: .partiallyFilled,
            quantity: try Sample.quantity("0.01"),
            executed: try Sample.quantity("0.004"),
            updatedAt: VenueInstant(milliseconds: 1_700_000_001_238)
        )
        expected.averagePrice = try Sample.price("59000.05")
        #expect(StreamDecodeTests.user(Sample.orderEvent) == .events([.report(expected)]))
        let wrapped = #"{"stream":"key","data":\#(Sample.orderEvent)}"#
        #expect(StreamDecodeTests.user(wrapped) == .events([.report(expected)]))
    }

    @Test("the venue's reasons are put into words, its own forced orders included")
    func reasons() throws {
        let cases = [
            (#""er":"0""#, #""er":"9""#, "remainder of a market order"),
            (#""er":"0""#, #""er":"1""#, "self-trade prevention"),
            (#""er":"0""#, #""er":"77""#, "expiry reason 77"),
            (#""er":"0""#, #""er":4"#, "displaced by a reduce-only order or a reversal"),
            (#""TRADE""#, #""CALCULATED""#, "forced by the venue"),
        ]
        for (from, to, reason) in cases {
            let text = Sample.orderEvent.replacing(from, with: to)
            guard
                case .events(let events) = StreamDecodeTests.user(text),
                case .report(let report) = events.first
            else {
                Issue.record("\(to)")
                continue
            }
            #expect(report.reason == reason)
        }
    }

    @Test("a NEW event tells when the order was created")
    func created() throws {
        let text = Sample.orderEvent.replacing(#""TRADE""#, with: #""NEW""#)
        guard case .events(let events) = StreamDecodeTests.user(text), case .report(let report) = events.first
        else {
            Issue.record("no report")
            return
        }
        #expect(report.createdAt == VenueInstant(milliseconds: 1_700_000_001_238))
    }

    @Test("a conditional order's step names its child")
    func algo() throws {
        var expected = OrderReport(
            id: Sample.id,
            venueID: VenueOrderID(4_000_001_910_701_524),
            symbol: Sample.symbol,
            side: .sell,
            status: .finished,
            isConditional: true,
            quantity: .zero,
            executed: try Sample.quantity("0.01"),
            updatedAt: VenueInstant(milliseconds: 1_700_000_004_999)
        )
        expected.isReduceOnly = true
        expected.closesPosition = true
        expected.price = try Sample.price("58000")
        expected.averagePrice = try Sample.price("57999.5")
        expected.childID = VenueOrderID(215_456_450_617)
        #expect(StreamDecodeTests.user(Sample.algoEvent) == .events([.report(expected)]))
        let bare = """
            {"e":"ALGO_UPDATE","T":1,"E":1,"o":{"caid":"a","aid":2,"s":"X","S":"BUY","q":"1",\
            "X":"REJECTED","tp":"5",\
            "rm":"ReduceOnly Order is rejected."}}
            """
        guard case .events(let events) = StreamDecodeTests.user(bare), case .report(let report) = events.first
        else {
            Issue.record("no report")
            return
        }
        #expect(report.status == .rejected)
        #expect(report.reason == "ReduceOnly Order is rejected.")
        #expect(report.childID == nil)
    }

    @Test("positions are absolute, a flat one included")
    func account() throws {
        let at = VenueInstant(milliseconds: 1_700_000_001_239)
        let long = PositionReport(
            symbol: Sample.symbol,
            quantity: try Sample.quantity("0.004"),
            entryPrice: try Sample.price("59000.05"),
            markPrice: .zero,
            updatedAt: at
        )
        let flat = PositionReport(
            symbol: Symbol("ETHUSDT"),
            quantity: .zero,
            entryPrice: .zero,
            markPrice: .zero,
            updatedAt: at
        )
        #expect(StreamDecodeTests.user(Sample.accountEvent) == .events([.positions([long, flat])]))
        let funding = #"{"e":"ACCOUNT_UPDATE","T":1,"E":1,"a":{"m":"FUNDING_FEE","B":[],"P":[]}}"#
        #expect(StreamDecodeTests.user(funding) == .events([]))
    }

    @Test("leverage is told, other settings and fills in short form are not needed")
    func others() {
        #expect(StreamDecodeTests.user(Sample.configurationEvent) == .events([.leverage(Sample.symbol, 25)]))
        let multi = #"{"e":"ACCOUNT_CONFIG_UPDATE","E":1,"T":1,"ai":{"j":true}}"#
        #expect(StreamDecodeTests.user(multi) == .events([]))
        #expect(StreamDecodeTests.user(#"{"e":"TRADE_LITE","s":"BTCUSDT"}"#) == .ignored("TRADE_LITE"))
        #expect(StreamDecodeTests.user(#"{"e":"TOMORROWS_EVENT"}"#) == .ignored("TOMORROWS_EVENT"))
        #expect(StreamDecodeTests.user(#"{"result":null,"id":1}"#) == .ignored(""))
        #expect(StreamDecodeTests.user(#"{"e":"listenKeyExpired","E":1,"listenKey":"k"}"#) == .keyExpired)
    }

    @Test("an event that should have told us something and cannot be read says so")
    func unreadable() {
        let bad = [
            Sample.orderEvent.replacing(#""PARTIALLY_FILLED""#, with: #""MELTED""#),
            Sample.orderEvent.replacing(#""z":"0.004""#, with: #""z":"NaN""#),
            Sample.algoEvent.replacing(#""aid":4000001910701524,"#, with: ""),
            Sample.accountEvent.replacing(#""ps":"BOTH""#, with: #""ps":"LONG""#),
            Sample.accountEvent.replacing(#""pa":"0.004""#, with: #""pa":"99999999999""#),
            Sample.configurationEvent.replacing("25", with: "0"), "", "7", "[]", "{", "null",
        ]
        for text in bad {
            guard case .unreadable = StreamDecodeTests.user(text) else {
                Issue.record("\(text)")
                continue
            }
        }
    }

    @Test("marks come bare, wrapped, or as an array of all")
    func marks() throws {
        let mark = Mark(symbol: Sample.symbol, price: try Sample.price("59010.12345678"))
        #expect(MarketFrame(Data(Sample.markEvent.utf8)) == .marks([mark]))
        let bare = #"{"e":"markPriceUpdate","E":1,"s":"BTCUSDT","p":"59010.12345678"}"#
        #expect(MarketFrame(Data(bare.utf8)) == .marks([mark]))
        #expect(MarketFrame(Data("[\(bare),\(bare)]".utf8)) == .marks([mark, mark]))
        #expect(MarketFrame(Data(#"{"stream":"a","data":[\#(bare)]}"#.utf8)) == .marks([mark]))
        #expect(MarketFrame(Data(#"{"result":null,"id":1}"#.utf8)) == .ignored)
        #expect(MarketFrame(Data(#"{"e":"kline"}"#.utf8)) == .ignored)
        let zero = bare.replacing("59010.12345678", with: "0")
        guard case .unreadable = MarketFrame(Data(zero.utf8)) else {
            Issue.record("a mark of zero")
            return
        }
    }
}

/// Damage done to a valid payload.
struct Damage {
    private var dice: Dice

    init(seed: UInt64) { dice = Dice(seed: seed) }

    private static let spices = [
        "null", "{}", "[]", "\"\"", "-1", "1e999", "NaN", "\"NaN\"", "9223372036854775808", "true",
        "\"\\u0000\"",
        "18446744073709551616", "\"-92233720368.54775808\"", "0.1", "\"99999999999999999999.9\"", "\\",
        "\u{FF}",
    ]

    mutating func apply(to text: String) -> Data {
        var bytes = Array(text.utf8)
        let place = Int(dice.roll(below: UInt64(bytes.count)))
        switch dice.roll(below: 5) {
        case 0: bytes.removeSubrange(place...)
        case 1: bytes[place] = UInt8(truncatingIfNeeded: dice.next())
        case 2: bytes.insert(contentsOf: Array(spice().utf8), at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int(dice.roll(in: 1...30))))
        default: replaceValue(in: &bytes, near: place)
        }
        return Data(bytes)
    }

    private mutating func spice() -> String {
        Damage.spices[Int(dice.roll(below: UInt64(Damage.spices.count)))]
    }

    /// Puts something else in place of a whole value, so that the JSON stays whole more often.
    private mutating func replaceValue(in bytes: inout [UInt8], near place: Int) {
        guard let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")),
            let end = bytes[colon...].firstIndex(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") }
            )
        else { return }
        bytes.replaceSubrange((colon + 1)..<end, with: Array(spice().utf8))
    }
}

@Suite("Damaged payloads")
struct DamageTests {
    @Test("no damage to a stream event crashes, and what is still read is within bounds", arguments: 1...4)
    func streams(_ seed: UInt64) {
        var damage = Damage(seed: seed)
        let samples = [
            Sample.orderEvent, Sample.algoEvent, Sample.accountEvent, Sample.configurationEvent,
            Sample.markEvent,
        ]
        var read = 0
        for turn in 0..<2500 {
            let body = damage.apply(to: samples[turn % samples.count])
            _ = MarketFrame(body)
            guard case .events(let events) = UserFrame(body) else { continue }
            for event in events {
                read += 1
                if case .report(let report) = event { DamageTests.checkBounds(report) }
            }
        }
        // Some damage must have left the event readable, else this shows nothing.
        #expect(read > 100)
    }

    @Test("no damage to an answer crashes the client")
    func answers() async throws {
        var damage = Damage(seed: 99)
        let orders = (0..<400).map { _ in damage.apply(to: Sample.order) }
        let lists = (0..<200).map { _ in damage.apply(to: "[\(Sample.position)]") }
        let infos = (0..<200).map { _ in damage.apply(to: Sample.exchangeInfo([Sample.instrument()])) }
        let bodies = (orders + lists + infos).map { String(decoding: $0, as: UTF8.self) }
        let next = TurnCounter()
        try await withScript({ _ in .ok(bodies[next.take()]) }) { client, _ in
            for _ in orders {
                if case .success(let report) = await client.query(Sample.query()) {
                    DamageTests.checkBounds(report)
                }
            }
            for _ in lists { _ = await client.snapshot(Sample.question(.positions)) }
            for _ in infos { _ = await client.instruments([Sample.symbol]) }
        }
        #expect(next.count == bodies.count)
    }

    private static func checkBounds(_ report: OrderReport) {
        #expect(!report.quantity.isNegative && !report.executed.isNegative)
        #expect(!report.price.isNegative && !report.averagePrice.isNegative)
        // These would trap if a figure were beyond all bounds.
        _ = Notional(of: report.quantity, at: report.price, rounding: .up)
        _ = Notional(of: report.executed, at: report.averagePrice, rounding: .up)
        _ = report.updatedAt + .seconds(86_400)
    }
}
