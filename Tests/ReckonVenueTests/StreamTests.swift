import ReckonExchange
import ReckonModel
import ReckonVenue
import Testing

@Suite("Streams") struct StreamTests {
    @Test(
        "every known form of address gets the account's events",
        arguments: [
            "/private/ws?listenKey=KEY", "/private/ws/KEY", "/ws/KEY", "/private/stream?listenKey=KEY",
            "/private/ws?listenKey=KEY&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE/TRADE_LITE",
        ]
    )
    func forms(_ form: String) async throws {
        try await withVenue { venue in
            let key = try await venue.listenKey()
            let ear = try await venue.listen(form.replacing("KEY", with: key))
            _ = try await venue.buy()
            #expect(try await eventually { ear.types().count == 4 })
            #expect(
                ear.types() == ["ORDER_TRADE_UPDATE", "TRADE_LITE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"]
            )
            let isWrapped = ear.box.all.allSatisfy { member("stream", of: $0) == key }
            #expect(form.contains("/stream") == isWrapped)
        }
    }

    @Test("a chosen set of event types is kept to")
    func chosen() async throws {
        try await withVenue { venue in
            let key = try await venue.listenKey()
            let ear = try await venue.listen("/private/ws?listenKey=\(key)&events=TRADE_LITE")
            let all = try await venue.listen("/private/ws?listenKey=\(key)")
            _ = try await venue.buy()
            #expect(try await eventually { all.types().count == 4 && !ear.types().isEmpty })
            #expect(ear.types() == ["TRADE_LITE"])
        }
    }

    @Test("the events carry what they are about")
    func payloads() async throws {
        try await withVenue { venue in
            let key = try await venue.listenKey()
            let ear = try await venue.listen("/private/ws/\(key)")
            _ = try await venue.buy(id: "entry")
            _ = try await venue.placeStop(id: "stop")
            venue.server.change { $0.jump(bitcoin, to: Price(units: 49_000 * Price.scale)) }
            try #require(try await eventually { ear.types().count >= 12 })
            let events = ear.box.all
            #expect(member("o.x", of: events[0]) == "NEW" && member("o.c", of: events[0]) == "entry")
            #expect(member("o.er", of: events[0]) == "0" && member("o.gtd", of: events[0]) == "0")
            #expect(member("c", of: events[1]) == "entry" && member("l", of: events[1]) == "0.01")
            #expect(member("a.m", of: events[2]) == "ORDER" && member("a.P.0.pa", of: events[2]) == "0.01")
            #expect(member("a.B.0.wb", of: events[2]) != nil && member("a.P.0.mt", of: events[2]) == "cross")
            #expect(member("o.X", of: events[3]) == "FILLED" && member("o.t", of: events[3]) != "0")
            let algo = events.filter { member("e", of: $0) == "ALGO_UPDATE" }
            try #require(
                algo.map { member("o.X", of: $0) } == ["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"]
            )
            #expect(member("o.caid", of: algo[0]) == "stop" && member("o.cp", of: algo[0]) == "1")
            #expect(member("o.ai", of: algo[0]) == "" && member("o.ap", of: algo[0]) == nil)
            #expect(member("o.aq", of: algo[3]) == "0.01")
        }
    }

    @Test("subscriptions are answered with the client's own id and can be listed and left")
    func subscriptions() async throws {
        try await withVenue { venue in
            let ear = try await venue.listen("/market/ws/0")
            try await ear.say(
                #"{"method":"SUBSCRIBE","params":["btcusdt@markPrice@1s","btcusdt@aggTrade"],"id":"a-b"}"#
            )
            #expect(try await eventually { ear.box.all.contains(#"{"result":null,"id":"a-b"}"#) })
            #expect(
                try await eventually {
                    ear.types().contains("markPriceUpdate") && ear.types().contains("aggTrade")
                }
            )
            try await ear.say(#"{"method":"LIST_SUBSCRIPTIONS","id":7}"#)
            #expect(
                try await eventually {
                    ear.box.all.contains {
                        member("id", of: $0) == "7" && member("result", of: $0) == "2 items"
                    }
                }
            )
            try await ear.say(#"{"method":"UNSUBSCRIBE","params":["btcusdt@markPrice@1s"],"id":0}"#)
            #expect(try await eventually { ear.box.all.contains(#"{"result":null,"id":0}"#) })
            let before = ear.types().filter { $0 == "markPriceUpdate" }.count
            venue.clock.advance(3_000)
            #expect(try await eventually { ear.types().filter { $0 == "aggTrade" }.count >= 2 })
            #expect(ear.types().filter { $0 == "markPriceUpdate" }.count == before)
            try await ear.say("not json")
            #expect(try await eventually { ear.box.all.contains { member("code", of: $0) == "3" } })
        }
    }

    @Test("market streams come wrapped or raw by the path, and move with the clock")
    func market() async throws {
        try await withVenue { venue in
            let wrapped = try await venue.listen(
                "/public/stream?streams=btcusdt@bookTicker/ethusdt@bookTicker"
            )
            let raw = try await venue.listen("/market/ws/btcusdt@markPrice@1s")
            #expect(try await eventually { wrapped.box.all.count == 2 && raw.box.all.count == 1 })
            for _ in 0..<3 {
                venue.clock.advance(1_000)
                let wanted = raw.box.all.count + 1
                #expect(try await eventually { raw.box.all.count == wanted })
            }
            #expect(wrapped.box.all.allSatisfy { member("data.e", of: $0) == "bookTicker" })
            #expect(Set(wrapped.box.all.compactMap { member("stream", of: $0) }).count == 2)
            #expect(raw.box.all.allSatisfy { member("s", of: $0) == "BTCUSDT" && member("p", of: $0) != nil })
        }
    }

    @Test("on strict routes a stream of another route stays silent")
    func strict() async throws {
        try await withVenue(settings: { $0.isStrictlyRouted = true }) { venue in
            let key = try await venue.listenKey()
            let unrouted = try await venue.listen("/ws/btcusdt@markPrice@1s/btcusdt@bookTicker/\(key)")
            let routed = try await venue.listen("/market/ws/btcusdt@markPrice@1s")
            _ = try await venue.buy()
            #expect(try await eventually { !routed.box.all.isEmpty && !unrouted.box.all.isEmpty })
            #expect(Set(unrouted.types()) == ["bookTicker"])
        }
    }

    @Test("a listen key lives its time, is extended by asking, and its end is told once")
    func listenKeys() async throws {
        try await withVenue(settings: { $0.listenKeyLife = .seconds(60) }) { venue in
            #expect(try await venue.send("PUT", "/fapi/v1/listenKey").code == "-1125")
            let key = try await venue.listenKey()
            #expect(key.count == 64)
            #expect(try await venue.listenKey() == key)
            let ear = try await venue.listen("/private/ws?listenKey=\(key)")
            venue.clock.advance(50_000)
            #expect(try await venue.send("PUT", "/fapi/v1/listenKey").text("listenKey") == key)
            venue.clock.advance(50_000)
            _ = try await venue.buy(id: "heard")
            #expect(try await eventually { ear.types().count == 4 })
            venue.clock.advance(10_000)
            #expect(try await eventually { ear.types().last == "listenKeyExpired" })
            _ = try await venue.buy(id: "unheard")
            let fresh = try await venue.listenKey()
            #expect(fresh != key)
            let second = try await venue.listen("/private/ws?listenKey=\(fresh)")
            _ = try await venue.buy(id: "heard-again")
            #expect(try await eventually { second.types().count == 4 })
            #expect(ear.types().count == 5 && ear.isOpen)
            #expect(try await venue.send("DELETE", "/fapi/v1/listenKey").body == "{}")
        }
    }

    @Test("the venue pings, and ends a connection at the end of its life")
    func life() async throws {
        try await withVenue(settings: { $0.connectionLife = .seconds(600) }) { venue in
            let ear = try await venue.listen("/public/ws/btcusdt@bookTicker")
            venue.clock.advance(180_000)
            #expect(try await eventually { ear.pings.all.count == 1 })
            #expect(ear.isOpen)
            venue.clock.advance(420_000)
            #expect(try await eventually { !ear.isOpen })
        }
    }

    @Test("what happens behind our back is told like anything else")
    func meddling() async throws {
        try await withVenue { venue in
            let key = try await venue.listenKey()
            let ear = try await venue.listen("/private/ws/\(key)")
            venue.server.change { $0.tradeByHand(bitcoin, .sell, Quantity(units: 1_000_000)) }
            #expect(try await eventually { ear.types().count == 4 })
            let first = try #require(ear.box.all.first)
            #expect(member("o.c", of: first)?.hasPrefix("web_") == true)
            #expect(venue.server.snapshot().positions.first?.quantity == Quantity(units: -1_000_000))
        }
    }
}
