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

@Suite("Operators reach halts, flattens and sharing over HTTP", .serialized)
struct OperatorRoutesTests {
    private static var configuration: EngineConfiguration {
        var configuration = Rig.configuration
        configuration.fence.settle = .milliseconds(300)
        return configuration
    }

    @Test("every command refuses a body without a reason, with a bad scope, or with an unknown field")
    func bodies() async throws {
        let rig = try await Rig.start()
        try await rig.application().test(.router) { client in
            for path in ["flatten", "flatten/release", "cancel-all"] {
                for body in [
                    "", "{}", #"{"reason":""}"#, #"{"reason":"a","scope":5}"#,
                    #"{"reason":"a","scope":"btcusdt"}"#, #"{"reason":"a","scope":"all"}"#,
                    #"{"reason":"a","scope":"BTCUSDT/UP"}"#, #"{"reason":"a","symbol":"BTCUSDT"}"#,
                    #"{"reason":"a","scope":""}"#,
                ] {
                    let answer = try await client.ask(.post, "/v1/\(path)", body)
                    #expect(answer.status == .badRequest, "\(path) \(body)")
                    #expect(answer.json["error"]?["code"] == "malformed")
                }
                let strange = try await client.ask(
                    .post,
                    "/v1/\(path)",
                    #"{"reason":"a","scope":"BTCUSD"}"#
                )
                #expect(strange.status == .unprocessableContent, "\(path)")
                #expect(strange.json["error"]?["rule"] == "unknown_symbol")
                #expect("\(strange.json)".contains("BTCUSDT, ETHUSDT"))
            }
            for body in ["{}", #"{"reason":"a","scope":"account"}"#] {
                #expect(
                    try await client.ask(.post, "/v1/resolve-sharing", body).status == .badRequest,
                    "\(body)"
                )
            }
            let state = try await client.ask(.get, "/v1/state").json
            #expect(state["flattens"]?.rows.isEmpty == true)
        }
        await rig.stop()
    }

    @Test("a flatten is done only once the venue shows flat; until resumed it keeps entries closed")
    func flatten() async throws {
        let rig = try await Rig.start(configuration: OperatorRoutesTests.configuration)
        try await rig.open("one")
        try await rig.application().test(.router) { client in
            let ordered = try await client.ask(.post, "/v1/flatten", #"{"reason":"storm"}"#)
            #expect(ordered.status == .ok)
            let row = try #require(ordered.json["flattens"]?.rows.first)
            #expect(row["scope"] == "account")
            #expect(row["reason"] == "storm")
            #expect(row["state"] == "under_way")
            #expect(ordered.json["entries_allowed"] == false)
            let entry = #"{"key":"h","kind":"entry","symbol":"BTCUSDT","side":"buy","notional_usdt":"300"}"#
            let refused = try await client.ask(.post, "/v1/intents", entry)
            #expect(refused.status == .unprocessableContent)
            #expect(refused.json["error"]?["rule"] == "halted")
            let early = try await client.ask(.post, "/v1/resume", #"{"reason":"back"}"#)
            #expect(early.status == .conflict)
            #expect(early.json["error"]?["rule"] == "flattening")
            try await rig.eventually("done") {
                let state = try await client.ask(.get, "/v1/state").json
                guard state["flattens"]?.rows.first?["state"] == "done" else { return false }
                let truth = rig.venue.snapshot()
                #expect(truth.positions.allSatisfy { $0.quantity.isZero })
                #expect(truth.openOrders.isEmpty && truth.openAlgoOrders.isEmpty)
                return true
            }
            #expect(try await client.ask(.post, "/v1/intents", entry).status == .unprocessableContent)
            let resumed = try await client.ask(.post, "/v1/resume", #"{"reason":"back"}"#)
            #expect(resumed.status == .ok)
            #expect(resumed.json["flattens"]?.rows.isEmpty == true)
            #expect(resumed.json["entries_allowed"] == true)
        }
        let reasons = rig.board.committed.compactMap { fact -> String? in
            if case .operatorCommanded(let command) = fact.fact { command.reason } else { nil }
        }
        #expect(reasons == ["storm", "back"])
        await rig.stop()
    }

    @Test("a flatten of one symbol leaves the other open, and is released on the operator's word only")
    func release() async throws {
        let rig = try await Rig.start()
        try await rig.application().test(.router) { client in
            let body = #"{"reason":"odd","scope":"ETHUSDT"}"#
            let none = try await client.ask(.post, "/v1/flatten/release", body)
            #expect(none.status == .conflict)
            #expect(none.json["error"]?["rule"] == "flattening")
            let ordered = try await client.ask(.post, "/v1/flatten", body)
            #expect(ordered.json["flattens"]?.rows.first?["scope"] == "ETHUSDT")
            #expect(ordered.json["entries_allowed"] == true)
            let other = try await client.ask(.post, "/v1/flatten/release", #"{"reason":"odd"}"#)
            #expect(other.status == .conflict)
            let released = try await client.ask(.post, "/v1/flatten/release", body)
            #expect(released.status == .ok)
            #expect(released.json["flattens"]?.rows.isEmpty == true)
        }
        await rig.stop()
    }

    @Test("cancel-all takes a resting entry off the book and leaves the position's stop")
    func cancelAll() async throws {
        let rig = try await Rig.start()
        try await rig.open("one")
        try await rig.application().test(.router) { client in
            let id = try await rig.rest(client, key: "far")
            let answer = try await client.ask(
                .post,
                "/v1/cancel-all",
                #"{"reason":"tidy","scope":"BTCUSDT"}"#
            )
            #expect(answer.status == .ok)
            try await rig.eventually("off the book") { rig.venue.snapshot().openOrders.isEmpty }
            try await rig.eventually("ended") {
                try await client.ask(.get, "/v1/intents/\(id)").json["state"] == "cancelled"
            }
            #expect(!rig.venue.snapshot().openAlgoOrders.isEmpty)
            #expect(rig.venue.snapshot().positions.contains { !$0.quantity.isZero })
        }
        await rig.stop()
    }

    @Test("an order under a name like ours closes entries until an operator answers for it")
    func sharing() async throws {
        let rig = try await Rig.start(configuration: OperatorRoutesTests.configuration)
        try await rig.application().test(.router) { client in
            let early = try await client.ask(.post, "/v1/resolve-sharing", #"{"reason":"mine"}"#)
            #expect(early.status == .unprocessableContent)
            #expect(early.json["error"]?["rule"] == "account_shared")
            let price = try #require(rig.engine.snapshot.marks[Rig.symbol])
            rig.venue.change { exchange in
                var order = OrderRequest(
                    symbol: Rig.symbol,
                    side: .buy,
                    type: .limit,
                    quantity: Quantity(units: 1_000_000)
                )
                order.price = price.scaled(by: 9, over: 10, rounding: .down)
                    .rounded(.down, toMultipleOf: Price(units: Price.scale))
                order.timeInForce = .goodTillCancel
                order.clientID = ClientOrderID("rk-other-abcdefgh-i1-1")
                _ = try? exchange.place(order)
            }
            try await rig.eventually("the stranger known") {
                let sharing = try await client.ask(.get, "/v1/state").json["sharing"]
                return sharing?["shared"] == true
                    && sharing?["strangers"]?.rows.first?["client_order_id"] == "rk-other-abcdefgh-i1-1"
            }
            let entry = #"{"key":"s","kind":"entry","symbol":"BTCUSDT","side":"buy","notional_usdt":"300"}"#
            let refused = try await client.ask(.post, "/v1/intents", entry)
            #expect(refused.status == .unprocessableContent)
            #expect(refused.json["error"]?["rule"] == "account_shared")
            let resolved = try await client.ask(.post, "/v1/resolve-sharing", #"{"reason":"a test"}"#)
            #expect(resolved.status == .ok)
            #expect(resolved.json["sharing"]?["shared"] == false)
            #expect(resolved.json["sharing"]?["resolved"]?.rows.count == 1)
        }
        await rig.stop()
    }

    @Test("a position says how far it is covered, for how long it was not, and where the stop was asked for")
    func coverage() async throws {
        let rig = try await Rig.start()
        try await rig.open("one")
        try await rig.application().test(.router) { client in
            let state = try await client.ask(.get, "/v1/state").json
            let row = try #require(state["positions"]?.rows.first)
            #expect(row["coverage"] == .number("1.0"))
            #expect(row["covered"] == true)
            #expect(row["covered_quantity"] == row["quantity"])
            #expect(row["stop_asked"] == .null)
            #expect(row["position_side"] == "both")
            guard case .number(let text)? = row["naked_total_sec"], let naked = Double(text) else {
                Issue.record("no naked_total_sec: \(row)")
                return
            }
            #expect(naked > 0 && naked < 5)
            #expect(state["naked_total_sec"] == row["naked_total_sec"])
            #expect(state["pacing"]?["paused_until"] == .null)
            #expect(state["pacing"]?["stretched"] == false)
        }
        await rig.stop()
    }
}

extension Rig {
    /// A limit entry far from the market that rests at the venue; its number.
    func rest(_ client: some TestClientProtocol, key: String) async throws -> String {
        let mark = try #require(engine.snapshot.marks[Rig.symbol])
        let price = mark.scaled(by: 9, over: 10, rounding: .down)
            .rounded(.down, toMultipleOf: Price(units: Price.scale))
        let body = """
            {"key":"\(key)","kind":"entry","symbol":"BTCUSDT","side":"buy","type":"limit","price":"\(price)",\
            "notional_usdt":"300","deadline_sec":600}
            """
        try await eventually("202 for \(key)") {
            try await client.ask(.post, "/v1/intents", body).status == .accepted
        }
        let id = try #require(try await client.ask(.post, "/v1/intents", body).text("intent_id"))
        try await eventually("\(key) resting") {
            engine.snapshot.orders.contains { "\($0.intent?.description ?? "")" == id && $0.isResting }
                && venue.snapshot().openOrders.count == 1
        }
        return id
    }
}
