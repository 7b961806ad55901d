import ReckonExchange
import ReckonModel
import ReckonVenue
import Testing

@Suite("Hedge mode on the wire") struct HedgeTests {
    private static let up = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.03&positionSide=LONG"
    private static let down = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.02&positionSide=SHORT"

    private func withHedge(_ body: (Loopback) async throws -> Void) async throws {
        try await withVenue(settings: { $0.isHedged = true }, body)
    }

    @Test("the account says its mode, and changes it only while flat and without orders")
    func mode() async throws {
        try await withVenue { venue in
            let path = "v1/positionSide/dual"
            #expect(try await venue.call("POST", path, "dualSidePosition=false").code == "-4059")
            #expect(try await venue.call("POST", path, "dualSidePosition=true").code == "200")
            #expect(try await venue.call("GET", path).text("dualSidePosition") == "1")
            #expect(try await venue.call("GET", "v1/accountConfig").text("dualSidePosition") == "1")
            #expect(try await venue.call("POST", path, "dualSidePosition=true").code == "-4059")
            _ = try await venue.call("POST", "v1/order", HedgeTests.up)
            #expect(try await venue.call("POST", path, "dualSidePosition=false").code == "-4068")
            let stop = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&positionSide=LONG&type=STOP_MARKET"
            let more = "&triggerPrice=50000&closePosition=true&clientAlgoId=stop"
            #expect(try await venue.call("POST", "v1/algoOrder", stop + more).text("positionSide") == "LONG")
            #expect(try await venue.call("POST", path, "dualSidePosition=false").code == "-4067")
        }
    }

    @Test(
        "an order must name a leg, and say nothing of reducing",
        arguments: [
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01", "-4061"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&positionSide=BOTH", "-4061"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&positionSide=UP", "-4060"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&positionSide=LONG&reduceOnly=false", "-1106"),
            ("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&positionSide=LONG&reduceOnly=true", "-1106"),
            ("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&positionSide=LONG", "-2022"),
            ("symbol=BTCUSDT/LONG&side=BUY&type=MARKET&quantity=0.01&positionSide=LONG", "-1121"),
            ("symbol=NOPE&side=BUY&type=MARKET&quantity=0.01&positionSide=LONG", "-1121"),
        ]
    )
    func wrong(_ parameters: String, _ code: String) async throws {
        try await withHedge { venue in
            let answer = try await venue.call("POST", "v1/order", parameters)
            #expect(answer.code == code, "\(answer.body)")
        }
    }

    @Test("a conditional order on a leg is held to the same, and may not open it with closePosition")
    func conditional() async throws {
        try await withHedge { venue in
            let stop = "algoType=CONDITIONAL&symbol=BTCUSDT&type=STOP_MARKET&"
            let close = "&closePosition=true"
            for (parameters, code) in [
                ("side=SELL&triggerPrice=50000" + close, "-4061"),
                ("side=SELL&positionSide=LONG&triggerPrice=50000&quantity=0.01&reduceOnly=true", "-1106"),
                ("side=BUY&positionSide=LONG&triggerPrice=70000" + close, "-4138"),
                ("side=SELL&positionSide=SHORT&triggerPrice=50000" + close, "-4138"),
            ] {
                let answer = try await venue.call("POST", "v1/algoOrder", stop + parameters)
                #expect(answer.code == code, "\(parameters)")
            }
            let entry = stop + "side=BUY&positionSide=LONG&triggerPrice=70000&quantity=0.01"
            #expect(try await venue.call("POST", "v1/algoOrder", entry).text("reduceOnly") == "0")
        }
    }

    @Test("positions, orders and trades say whose leg they are")
    func rows() async throws {
        try await withHedge { venue in
            let placed = try await venue.call("POST", "v1/order", HedgeTests.up)
            #expect(placed.text("symbol") == "BTCUSDT" && placed.text("positionSide") == "LONG")
            #expect(placed.text("reduceOnly") == "0")
            let risk = try await venue.call("GET", "v3/positionRisk", "symbol=BTCUSDT")
            #expect(count(of: risk.body) == 2 && risk.text("0.positionSide") == "LONG")
            #expect(risk.text("1.positionSide") == "SHORT" && risk.text("1.positionAmt") == "0")
            _ = try await venue.call("POST", "v1/order", HedgeTests.down)
            let older = try await venue.call("GET", "v2/positionRisk", "symbol=BTCUSDT")
            #expect(count(of: older.body) == 2 && older.text("0.positionAmt") == "0.03")
            #expect(older.text("1.positionSide") == "SHORT" && older.text("1.positionAmt") == "-0.02")
            #expect(count(of: try await venue.call("GET", "v2/positionRisk").body) == 4)
            let account = try await venue.call("GET", "v3/account")
            #expect(account.text("positions") == "2 items")
            #expect(account.text("positions.1.positionSide") == "SHORT")
            let trades = try await venue.call("GET", "v1/userTrades", "symbol=BTCUSDT")
            #expect(trades.text("0.positionSide") == "LONG" && trades.text("1.positionSide") == "SHORT")
            let history = try await venue.call("GET", "v1/allOrders", "symbol=BTCUSDT")
            #expect(count(of: history.body) == 2 && history.text("1.positionSide") == "SHORT")
            let out = HedgeTests.up.replacing("BUY", with: "SELL") + "&newOrderRespType=RESULT"
            #expect(try await venue.call("POST", "v1/order", out).text("reduceOnly") == "1")
            #expect(
                try await venue.call("POST", "v1/leverage", "symbol=BTCUSDT&leverage=7").text("leverage")
                    == "7"
            )
        }
    }

    @Test("batches and amendments are about legs too")
    func batches() async throws {
        try await withHedge { venue in
            let orders =
                #"[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","price":"59000","#
                + #""quantity":"0.01","positionSide":"LONG","newClientOrderId":"bid"},"#
                + #"{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}]"#
            let batch = try await venue.call("POST", "v1/batchOrders", "batchOrders=\(orders)", inBody: true)
            #expect(batch.text("0.positionSide") == "LONG" && batch.text("1.code") == "-4061")
            let change = "symbol=BTCUSDT&side=BUY&origClientOrderId=bid&quantity=0.02&price=59000"
            #expect(try await venue.call("PUT", "v1/order", change + "&reduceOnly=false").code == "-1106")
            let amended = try await venue.call("PUT", "v1/order", change)
            #expect(amended.text("origQty") == "0.02" && amended.text("positionSide") == "LONG")
        }
    }

    @Test("the stream says whose leg it tells about, and leverage once")
    func stream() async throws {
        try await withHedge { venue in
            let key = try await venue.listenKey()
            let ear = try await venue.listen("/private/ws/\(key)")
            _ = try await venue.call("POST", "v1/order", HedgeTests.down)
            _ = try await venue.call("POST", "v1/leverage", "symbol=BTCUSDT&leverage=7")
            let stop = "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&positionSide=SHORT&type=STOP_MARKET"
            _ = try await venue.call("POST", "v1/algoOrder", stop + "&triggerPrice=70000&closePosition=true")
            try #require(try await eventually { ear.types().contains("ALGO_UPDATE") })
            let events = ear.box.all
            let orders = events.filter { member("e", of: $0) == "ORDER_TRADE_UPDATE" }
            #expect(
                orders.allSatisfy { member("o.ps", of: $0) == "SHORT" && member("o.s", of: $0) == "BTCUSDT" }
            )
            let account = try #require(events.first { member("e", of: $0) == "ACCOUNT_UPDATE" })
            #expect(member("a.P.0.ps", of: account) == "SHORT" && member("a.P.0.pa", of: account) == "-0.02")
            #expect(ear.types().filter { $0 == "ACCOUNT_CONFIG_UPDATE" }.count == 1)
            let algo = try #require(events.first { member("e", of: $0) == "ALGO_UPDATE" })
            #expect(member("o.ps", of: algo) == "SHORT" && member("o.R", of: algo) == "1")
        }
    }
}
