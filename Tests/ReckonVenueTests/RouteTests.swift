import ReckonExchange
import ReckonModel
import ReckonVenue
import Testing

@Suite("Routes") struct RouteTests {
    @Test("an unknown path or method says so")
    func unknown() async throws {
        try await withVenue { venue in
            let path = try await venue.send("GET", "/fapi/v1/nothing")
            #expect(path.status == 404 && path.code == "-5000")
            let method = try await venue.send("PATCH", "/fapi/v1/order")
            #expect(
                method.status == 404 && method.text("msg") == "Path /fapi/v1/order, Method PATCH is invalid"
            )
        }
    }

    @Test("open routes need no key; lists and single objects differ by the symbol")
    func open() async throws {
        try await withVenue { venue in
            #expect(try await venue.send("GET", "/fapi/v1/ping", key: nil).body == "{}")
            let time = try await venue.send("GET", "/fapi/v1/time", key: nil)
            #expect(time.text("serverTime") == "\(venue.clock.now.milliseconds)")
            let all = try await venue.send("GET", "/fapi/v1/premiumIndex", key: nil)
            #expect(count(of: all.body) == 2 && all.header("x-mbx-used-weight-1m") == "12")
            let one = try await venue.send("GET", "/fapi/v1/ticker/bookTicker?symbol=BTCUSDT", key: nil)
            #expect(one.text("symbol") == "BTCUSDT" && one.text("bidPrice") != nil)
            let info = try await venue.send("GET", "/fapi/v1/exchangeInfo", key: nil)
            #expect(info.text("symbols.0.filters.4.notional") == "50")
            #expect(info.text("symbols.0.filters.0.tickSize") == "0.1")
            #expect(info.text("rateLimits.0.limit") == "2400")
        }
    }

    @Test("an order's answer, its query and its trades agree; ids are too large for narrow numbers")
    func order() async throws {
        try await withVenue { venue in
            let quick = try await venue.buy(id: "one")
            #expect(quick.status == 200 && quick.text("status") == "NEW" && quick.text("executedQty") == "0")
            #expect(quick.header("X-MBX-ORDER-COUNT-10S") == "1")
            let full = try await venue.call(
                "POST",
                "v1/order",
                "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010&newOrderRespType=RESULT&reduceOnly=False",
                inBody: true
            )
            #expect(full.text("status") == "FILLED" && full.text("executedQty") == "0.01")
            let found = try await venue.call("GET", "v1/order", "symbol=BTCUSDT&origClientOrderId=one")
            #expect(found.text("status") == "FILLED" && found.text("time") != nil)
            let number = Int64(found.text("orderId") ?? "") ?? 0
            #expect(number > 10_000_000_000)
            let trades = try await venue.call("GET", "v1/userTrades", "symbol=BTCUSDT&orderId=\(number)")
            #expect(count(of: trades.body) == 1 && trades.text("0.qty") == "0.01")
            let history = try await venue.call("GET", "v1/allOrders", "symbol=BTCUSDT")
            #expect(count(of: history.body) == 2)
            let none = try await venue.call("GET", "v1/order", "symbol=BTCUSDT&origClientOrderId=two")
            #expect(none.status == 400 && none.code == "-2013")
            let neither = try await venue.call("GET", "v1/order", "symbol=BTCUSDT")
            #expect(neither.code == "-1102")
        }
    }

    @Test("a resting order is listed, cancelled once, and then unknown")
    func resting() async throws {
        try await withVenue { venue in
            let limit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01"
            let order = limit + "&price=59000&newClientOrderId=r"
            #expect(try await venue.call("POST", "v1/order", order).status == 200)
            #expect(try await venue.call("POST", "v1/order", order).code == "-4116")
            #expect(count(of: try await venue.call("GET", "v1/openOrders").body) == 1)
            #expect(count(of: try await venue.call("GET", "v3/positionRisk").body) == 1)
            let gone = try await venue.call(
                "DELETE",
                "v1/order",
                "symbol=BTCUSDT&origClientOrderId=r",
                inBody: true
            )
            #expect(gone.text("status") == "CANCELED")
            let again = try await venue.call("DELETE", "v1/order", "symbol=BTCUSDT&origClientOrderId=r")
            #expect(again.code == "-2011" && again.text("msg") == "Unknown order sent.")
            #expect(try await venue.call("POST", "v1/order", order).status == 200)
            let all = try await venue.call("DELETE", "v1/allOpenOrders", "symbol=BTCUSDT")
            #expect(all.code == "200")
            #expect(count(of: try await venue.call("GET", "v1/openOrders", "symbol=BTCUSDT").body) == 0)
            #expect(try await venue.call("GET", "v3/positionRisk").body == "[]")
        }
    }

    @Test(
        "wrong parameters are refused by name",
        arguments: [
            ("symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=1", "-4120"),
            ("symbol=BTCUSDT&side=BUY&type=TRAILING_STOP_MARKET&quantity=1", "-4120"),
            ("symbol=BTCUSDT&side=BUY&type=NONSENSE&quantity=1", "-1116"),
            ("symbol=BTCUSDT&side=UP&type=MARKET&quantity=1", "-1117"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=abc", "-1102"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.000000001", "-1111"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=99999999999999999999", "-1102"),
            ("side=BUY&type=MARKET&quantity=1", "-1102"),
            ("symbol=NOPE&side=BUY&type=MARKET&quantity=1", "-1121"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&positionSide=LONG", "-4061"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newOrderRespType=FULL", "-1136"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&timeInForce=GTC", "-1106"),
            ("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.01&price=59000&timeInForce=XYZ", "-1115"),
            ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=a%20b", "-4015"),
            ("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&reduceOnly=true", "-2022"),
        ]
    )
    func wrong(_ parameters: String, _ code: String) async throws {
        try await withVenue { venue in
            let answer = try await venue.call("POST", "v1/order", parameters)
            #expect(answer.status == 400 && answer.code == code, "\(answer.body)")
        }
    }

    @Test("a conditional order lives on its own endpoint and answers in its own shape")
    func algo() async throws {
        try await withVenue { venue in
            _ = try await venue.buy()
            let placed = try await venue.placeStop()
            #expect(placed.text("algoStatus") == "NEW" && placed.text("timeInForce") == "GTE_GTC")
            #expect((placed.text("algoId") ?? "").count == 16)
            #expect(try await venue.placeStop(id: "other").code == "-4130")
            #expect(
                try await venue.call("GET", "v1/order", "symbol=BTCUSDT&origClientOrderId=stop").code
                    == "-2013"
            )
            let open = try await venue.call("GET", "v1/openAlgoOrders")
            #expect(open.text("0.clientAlgoId") == "stop" && !open.body.contains("callbackRate"))
            let gone = try await venue.call("DELETE", "v1/algoOrder", "symbol=BTCUSDT&clientAlgoId=stop")
            #expect(gone.body.contains("\"code\":\"200\""))
            #expect(try await venue.call("DELETE", "v1/algoOrder", "clientAlgoId=stop").code == "-2011")
            let found = try await venue.call("GET", "v1/algoOrder", "clientAlgoId=stop")
            #expect(found.text("algoStatus") == "CANCELED" && found.text("actualOrderId") == "")
            let history = try await venue.call("GET", "v1/allAlgoOrders", "symbol=BTCUSDT")
            #expect(count(of: history.body) == 1)
            _ = try await venue.placeStop(id: "third")
            #expect(try await venue.call("DELETE", "v1/algoOpenOrders", "symbol=BTCUSDT").code == "200")
            #expect(try await venue.call("GET", "v1/openAlgoOrders", "symbol=BTCUSDT").body == "[]")
        }
    }

    @Test("a triggered stop names its child, which the order endpoint knows")
    func child() async throws {
        try await withVenue { venue in
            _ = try await venue.buy()
            _ = try await venue.placeStop()
            venue.server.change { $0.jump(bitcoin, to: Price(units: 49_000 * Price.scale)) }
            let algo = try await venue.call("GET", "v1/algoOrder", "clientAlgoId=stop")
            #expect(algo.text("algoStatus") == "FINISHED" && algo.text("actualQty") == "0.01")
            let child = try await venue.call("GET", "v1/order", "symbol=BTCUSDT&origClientOrderId=stop")
            #expect(child.text("orderId") == algo.text("actualOrderId"))
            #expect(child.text("origType") == "STOP_MARKET" && child.text("closePosition") == "1")
        }
    }

    @Test("settings of the account answer as the venue's do")
    func settings() async throws {
        try await withVenue { venue in
            let leverage = try await venue.call(
                "POST",
                "v1/leverage",
                "symbol=BTCUSDT&leverage=7",
                inBody: true
            )
            #expect(leverage.text("leverage") == "7" && leverage.text("maxNotionalValue") != nil)
            #expect(
                try await venue.call("POST", "v1/leverage", "symbol=BTCUSDT&leverage=999").code == "-4028"
            )
            let config = try await venue.call("GET", "v1/symbolConfig", "symbol=BTCUSDT")
            #expect(config.text("0.leverage") == "7" && config.text("0.marginType") == "CROSSED")
            let same = try await venue.call("POST", "v1/marginType", "symbol=BTCUSDT&marginType=CROSSED")
            #expect(same.code == "-4046" && same.text("msg") == "No need to change margin type.")
            #expect(
                try await venue.call("POST", "v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED").code
                    == "200"
            )
            #expect(
                try await venue.call("POST", "v1/positionSide/dual", "dualSidePosition=false").code == "-4059"
            )
            #expect(try await venue.call("GET", "v1/positionSide/dual").text("dualSidePosition") == "0")
            for path in [
                "v3/account", "v3/balance", "v1/accountConfig", "v1/leverageBracket", "v1/rateLimit/order",
            ] {
                #expect(try await venue.call("GET", path).status == 200)
            }
            #expect(
                try await venue.call("GET", "v1/commissionRate", "symbol=BTCUSDT").text("takerCommissionRate")
                    == "0.0005"
            )
        }
    }

    @Test("one connection serves many requests, pipelined ones too")
    func keepAlive() async throws {
        try await withVenue { venue in
            let once = "GET /fapi/v1/ping HTTP/1.1\r\nHost: loopback\r\n\r\n"
            let last = "GET /fapi/v1/ping HTTP/1.1\r\nHost: loopback\r\nConnection: close\r\n\r\n"
            let text = try await venue.exchange(once + once + last)
            #expect(text.ranges(of: "HTTP/1.1 200 OK").count == 3)
        }
    }

    @Test("broken requests and binary noise end one connection and nothing else")
    func noise() async throws {
        try await withVenue { venue in
            _ = try? await venue.exchange("\u{1}\u{2}\u{3} nonsense\r\n\r\n")
            let huge = "POST /fapi/v1/order HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n"
            _ = try? await venue.exchange(huge + String(repeating: "a", count: 1_200_000))
            let odd = try await venue.send("POST", "/fapi/v1/order?%%%&=&&a=%zz&symbol=%FF")
            #expect(odd.status == 400)
            #expect(try await venue.send("GET", "/fapi/v1/ping").status == 200)
        }
    }

    @Test("too much weight is refused with a time to wait, and then with a ban")
    func weight() async throws {
        try await withVenue(settings: {
            $0.limits.weightPerMinute = 20; $0.limits.refusalsBeforeBan = 2
        }) { venue in
            for _ in 0..<20 { #expect(try await venue.send("GET", "/fapi/v1/ping").status == 200) }
            let refused = try await venue.send("GET", "/fapi/v1/ping")
            #expect(refused.status == 429 && refused.code == "-1003")
            #expect(Int(refused.header("Retry-After") ?? "") ?? 0 >= 1)
            _ = try await venue.send("GET", "/fapi/v1/ping")
            let banned = try await venue.send("GET", "/fapi/v1/ping")
            #expect(banned.status == 418 && banned.header("Retry-After") == "120")
            let until = venue.clock.now.milliseconds + 120_000
            #expect(banned.text("msg")?.contains("banned until \(until)") == true)
            venue.clock.advance(119_999)
            #expect(try await venue.send("GET", "/fapi/v1/ping").status == 418)
            venue.clock.advance(1)
            #expect(try await venue.send("GET", "/fapi/v1/ping").status == 200)
        }
    }

    @Test("too many orders are refused and not executed")
    func orderCount() async throws {
        try await withVenue(settings: { $0.limits.ordersPerTenSeconds = 2 }) { venue in
            _ = try await venue.buy(id: "a")
            _ = try await venue.buy(id: "b")
            let refused = try await venue.buy(id: "c")
            #expect(refused.status == 429 && refused.code == "-1015" && refused.header("Retry-After") != nil)
            #expect(venue.server.snapshot().record.orders.count == 2)
            venue.clock.advance(10_000)
            #expect(try await venue.buy(id: "c").status == 200)
        }
    }

    @Test("a port in use is one line that names it; a stopped venue frees its port")
    func portInUse() async throws {
        let first = try await Loopback()
        let address = first.server.address
        await #expect(throws: VenueStartFailure.addressInUse(host: address.host, port: address.port)) {
            _ = try await Loopback { $0.port = address.port }
        }
        await first.server.stop()
        let second = try await Loopback { $0.port = address.port }
        #expect(second.server.address == address)
        await second.server.stop()
    }
}
