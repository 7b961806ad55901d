import HTTPTypes
import HummingbirdTesting
import ReckonControl
import ReckonEngine
import ReckonExchange
import ReckonHost
import ReckonModel
import ReckonTestRig
import ReckonVenue
import Testing

@Suite("Strategies take back and change what they asked for", .serialized)
struct IntentChangeTests {
    @Test("a cancel may be repeated, before and after the intent has ended, by number and by key")
    func cancel() async throws {
        let rig = try await Rig.start()
        try await rig.application().test(.router) { client in
            let first = try await rig.rest(client, key: "a/b?c&d=é".filter(\.isASCII))
            for _ in 0..<2 {
                let answer = try await client.ask(.delete, "/v1/intents/\(first)")
                #expect(answer.status == .accepted)
                #expect(answer.text("intent_id") == first)
            }
            try await rig.eventually("cancelled") {
                try await client.ask(.get, "/v1/intents/\(first)").json["state"] == "cancelled"
            }
            let late = try await client.ask(.delete, "/v1/intents/\(first)")
            #expect(late.status == .accepted)
            #expect(late.json["state"] == "cancelled")
            let second = try await rig.rest(client, key: "k-2")
            let byKey = try await client.ask(.delete, "/v1/intents?key=k-2")
            #expect(byKey.status == .accepted)
            #expect(byKey.text("intent_id") == second)
            try await rig.eventually("off the book") { rig.venue.snapshot().openOrders.isEmpty }
            try await rig.eventually("no open intent") { rig.engine.snapshot.openIntents.isEmpty }
            let again = try await client.ask(.delete, "/v1/intents?key=k-2")
            #expect(again.status == .accepted)
            #expect(again.json["state"] == "ended")
            #expect(try await client.ask(.delete, "/v1/intents?key=a%2Fb%3Fc%26d%3D").status == .accepted)
            #expect(try await client.ask(.delete, "/v1/intents?key=none").status == .notFound)
            #expect(try await client.ask(.delete, "/v1/intents").status == .badRequest)
            #expect(try await client.ask(.delete, "/v1/intents?key=").status == .badRequest)
        }
        await rig.stop()
    }

    @Test("a resting entry is moved to another price and size, and the same wish again changes nothing")
    func replace() async throws {
        let rig = try await Rig.start()
        try await rig.application().test(.router) { client in
            let id = try await rig.rest(client, key: "move")
            let path = "/v1/intents/\(id)"
            let before = try #require(rig.venue.snapshot().openOrders.first)
            let price = before.price + Price(units: 10 * Price.scale)
            let body = #"{"price":"\#(price)"}"#
            let taken = try await client.ask(.patch, path, body)
            #expect(taken.status == .accepted, "\(taken.json)")
            #expect(taken.json["state"] == "open")
            try await rig.eventually("the new price at the venue") {
                let orders = rig.venue.snapshot().openOrders
                return orders.count == 1 && orders.first?.price == price
                    && rig.engine.snapshot.orders.contains { $0.isResting && $0.ticket.role == .entry }
            }
            let story = try await client.ask(.get, path).json
            #expect(story["price"] == .text("\(price)"))
            #expect(story["orders"]?.rows.count == 2)
            let orders = rig.venue.snapshot().record.orders.count
            #expect(try await client.ask(.patch, path, body).status == .accepted)
            try await Task.sleep(for: .milliseconds(300))
            #expect(rig.venue.snapshot().record.orders.count == orders)
            let more = before.quantity + before.quantity
            #expect(try await client.ask(.patch, path, #"{"quantity":"\#(more)"}"#).status == .accepted)
            try await rig.eventually("the new size at the venue") {
                let orders = rig.venue.snapshot().openOrders
                return orders.count == 1 && orders.first?.quantity == more
            }
        }
        await rig.stop()
    }

    @Test("a change that cannot be is refused: 400, 404, 409 or 422, and the order stays where it is")
    func refused() async throws {
        let rig = try await Rig.start()
        try await rig.application().test(.router) { client in
            let id = try await rig.rest(client, key: "stay")
            let path = "/v1/intents/\(id)"
            let order = try #require(rig.venue.snapshot().openOrders.first)
            let rows: [(String, String, Int, String)] = [
                (path, "{}", 400, "price"), (path, #"{"price":5}"#, 400, "price"),
                (path, #"{"price":"-5"}"#, 400, "price"), (path, #"{"side":"buy"}"#, 400, "price"),
                (path, #"{"price":"5","side":"buy"}"#, 400, "side"),
                ("/v1/intents/999", #"{"price":"5"}"#, 404, "unknown_intent"),
                ("/v1/intents/x", #"{"price":"5"}"#, 400, "id"),
                (path, #"{"quantity":"100"}"#, 422, "notional"),
                (path, #"{"quantity":"0.00000001"}"#, 422, "size_off_step"),
            ]
            for (path, body, status, rule) in rows {
                let answer = try await client.ask(.patch, path, body)
                #expect(answer.status.code == status, "\(body): \(answer.json)")
                #expect(answer.json["error"]?["rule"] == .text(rule), "\(body): \(answer.json)")
            }
            #expect(rig.venue.snapshot().openOrders.first?.id == order.id)
            _ = try await client.ask(.delete, path)
            let late = try await client.ask(.patch, path, #"{"quantity":"\#(order.quantity)"}"#)
            #expect(late.status == .conflict, "\(late.json)")
            try await rig.eventually("ended") { rig.engine.snapshot.openIntents.isEmpty }
            let ended = try await client.ask(.patch, path, #"{"price":"\#(order.price)"}"#)
            #expect(ended.status == .conflict)
            #expect(ended.json["error"]?["rule"] == "already_ended")
        }
        await rig.stop()
    }

    @Test("on a hedged account position_side says which leg, and both legs stand at once, each with its stop")
    func legs() async throws {
        var configuration = Rig.configuration
        configuration.symbols = configuration.symbols.flatMap { symbol in
            Leg.allCases.map { symbol.leg($0) }
        }
        let rig = try await Rig.start(configuration: configuration)
        try await rig.application().test(.router) { client in
            for (side, opening) in [("long", "buy"), ("short", "sell")] {
                try await rig.eventually("202 for \(side)") {
                    let body = """
                        {"key":"\(side)-\(rig.engine.snapshot.factCount)","kind":"entry","symbol":"BTCUSDT",\
                        "side":"\(opening)","position_side":"\(side)","notional_usdt":"300"}
                        """
                    return try await client.ask(.post, "/v1/intents", body).status == .accepted
                }
            }
            try await rig.eventually("both legs covered") {
                let rows = try await client.ask(.get, "/v1/positions").json["positions"]?.rows ?? []
                return rows.count == 2 && rows.allSatisfy { $0["covered"] == true }
                    && rig.venue.snapshot().openAlgoOrders.count >= 2
            }
            let rows = try await client.ask(.get, "/v1/positions").json["positions"]?.rows ?? []
            #expect(rows.map { $0["position_side"] } == ["long", "short"])
            #expect(rows.map { $0["instrument"] } == ["BTCUSDT", "BTCUSDT"])
            let unknown = try await client.ask(.post, "/v1/flatten", #"{"reason":"a","scope":"XRPUSDT"}"#)
            #expect(unknown.status == .unprocessableContent)
            let leg = try await client.ask(.post, "/v1/flatten", #"{"reason":"a","scope":"BTCUSDT/LONG"}"#)
            #expect(leg.status == .ok)
            try await rig.eventually("the long leg gone, the short one there") {
                let held = rig.engine.snapshot.holdings.filter { !$0.position.isFlat }
                return held.map(\.symbol) == [Symbol("BTCUSDT/SHORT")]
            }
            // The instrument's own name stands for both its legs, the one that is flat already included.
            let plain = #"{"reason":"a","scope":"BTCUSDT"}"#
            let both = try await client.ask(.post, "/v1/flatten", plain)
            #expect(both.json["flattens"]?.rows.map { $0["scope"] } == ["BTCUSDT", "BTCUSDT/LONG"])
            try await rig.eventually("both legs gone") {
                rig.engine.snapshot.holdings.allSatisfy { $0.position.isFlat }
            }
        }
        await rig.stop()
    }
}
