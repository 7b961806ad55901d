import ReckonExchange
import ReckonModel
import ReckonVenue
import Testing

@Suite("Batches, amendments and histories") struct BatchTests {
    private static func order(_ id: String, _ price: String = "59000", quantity: String = "\"0.01\"")
        -> String
    {
        "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"timeInForce\":\"GTC\","
            + "\"quantity\":\(quantity),\"price\":\"\(price)\",\"newClientOrderId\":\"\(id)\"}"
    }

    @Test("a batch is answered element by element, with numbers or texts, and counts five orders and one")
    func batch() async throws {
        try await withVenue { venue in
            let list = [
                BatchTests.order("a"), BatchTests.order("off", "59000.05"),
                BatchTests.order("b", quantity: "0.02"),
            ].joined(separator: ",")
            let answer = try await venue.call("POST", "v1/batchOrders", "batchOrders=[\(list)]", inBody: true)
            #expect(answer.status == 200 && count(of: answer.body) == 3)
            #expect(answer.text("0.clientOrderId") == "a" && answer.text("0.status") == "NEW")
            #expect(answer.text("1.code") == "-4014")
            #expect(answer.text("2.origQty") == "0.02")
            #expect(answer.header("x-mbx-order-count-10s") == "5")
            #expect(answer.header("x-mbx-order-count-1m") == "1")
            let amended =
                "batchOrders=[{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"origClientOrderId\":\"a\","
                + "\"quantity\":\"0.03\",\"price\":\"58000\"}]"
            let changed = try await venue.call("PUT", "v1/batchOrders", amended, inBody: true)
            #expect(changed.text("0.origQty") == "0.03" && changed.text("0.pair") == "BTCUSDT")
        }
    }

    @Test("too many orders, none, or something else than a list fail the batch as a whole")
    func misshapen() async throws {
        try await withVenue { venue in
            let six = (1...6).map { BatchTests.order("o\($0)") }.joined(separator: ",")
            for (text, code) in [("[\(six)]", "-4082"), ("[]", "-1102"), ("{}", "-1102"), ("", "-1102")] {
                let answer = try await venue.call(
                    "POST",
                    "v1/batchOrders",
                    "batchOrders=\(text)",
                    inBody: true
                )
                #expect(answer.status == 400 && answer.code == code)
            }
            #expect(venue.server.snapshot().record.orders.isEmpty)
        }
    }

    @Test("several orders are cancelled by number or by id, whatever the case of the list's name")
    func cancel() async throws {
        try await withVenue { venue in
            let list = [BatchTests.order("a"), BatchTests.order("b")].joined(separator: ",")
            let placed = try await venue.call("POST", "v1/batchOrders", "batchOrders=[\(list)]", inBody: true)
            let number = try #require(placed.text("0.orderId"))
            let first = "symbol=BTCUSDT&orderidlist=%5B\(number)%2C1%5D"
            let one = try await venue.call("DELETE", "v1/batchOrders", first)
            #expect(one.text("0.status") == "CANCELED" && one.text("1.code") == "-2011")
            let second = "symbol=BTCUSDT&origClientOrderIdList=%5B%22b%22%5D"
            let two = try await venue.call("DELETE", "v1/batchOrders", second)
            #expect(two.text("0.clientOrderId") == "b" && two.text("0.status") == "CANCELED")
            let eleven = (1...11).map { "\($0)" }.joined(separator: "%2C")
            let many = try await venue.call(
                "DELETE",
                "v1/batchOrders",
                "symbol=BTCUSDT&orderIdList=%5B\(eleven)%5D"
            )
            #expect(many.code == "-4032")
            #expect(try await venue.call("DELETE", "v1/batchOrders", "symbol=BTCUSDT").code == "-1102")
        }
    }

    @Test("an amendment is on the stream and on the list of amendments, with its name")
    func amendment() async throws {
        try await withVenue { venue in
            let ear = try await venue.listen("/private/ws?listenKey=\(try await venue.listenKey())")
            let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000"
            _ = try await venue.call("POST", "v1/order", order + "&newClientOrderId=a")
            let change = "symbol=BTCUSDT&side=BUY&origClientOrderId=a&quantity=0.02&price=58000&modifyId=7"
            let answer = try await venue.call("PUT", "v1/order", change)
            #expect(answer.text("modifyId") == "7" && answer.text("price") == "58000")
            #expect(
                try await eventually { ear.box.all.contains { member("o.x", of: $0) == "AMENDMENT" } }
            )
            let event = ear.box.all.last { member("o.x", of: $0) == "AMENDMENT" } ?? ""
            #expect(member("o.M", of: event) == "7" && member("o.q", of: event) == "0.02")
            let listed = try await venue.call(
                "GET",
                "v1/orderAmendment",
                "symbol=BTCUSDT&origClientOrderId=a"
            )
            #expect(listed.text("0.amendment.price.before") == "59000")
            #expect(listed.text("0.amendment.origQty.after") == "0.02")
            #expect(listed.text("0.amendment.modifyId") == "7")
        }
    }

    @Test("histories answer at most seven days, and a trade's number goes with no times")
    func windows() async throws {
        try await withVenue { venue in
            _ = try await venue.buy(id: "in")
            let now = venue.clock.now.milliseconds
            let week = 7 * 86_400_000
            for path in ["v1/userTrades", "v1/allOrders"] {
                let wide = "symbol=BTCUSDT&startTime=\(now - 1)&endTime=\(now + Int64(week))"
                #expect(try await venue.call("GET", path, wide).code == "-1127")
                let fitting = "symbol=BTCUSDT&startTime=\(now)&endTime=\(now + Int64(week))"
                #expect(count(of: try await venue.call("GET", path, fitting).body) == 1)
                let early = "symbol=BTCUSDT&startTime=\(now - Int64(week) - 1)"
                #expect(count(of: try await venue.call("GET", path, early).body) == 0)
                #expect(count(of: try await venue.call("GET", path, "symbol=BTCUSDT").body) == 1)
            }
            let both = "symbol=BTCUSDT&fromId=1&startTime=\(now)"
            #expect(try await venue.call("GET", "v1/userTrades", both).code == "-1128")
            #expect(
                count(of: try await venue.call("GET", "v1/userTrades", "symbol=BTCUSDT&fromId=1").body) == 1
            )
        }
    }

    @Test("the switch answers its length as text and cancels in its time")
    func countdown() async throws {
        try await withVenue { venue in
            let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000"
            _ = try await venue.call("POST", "v1/order", order)
            let answer = try await venue.call(
                "POST",
                "v1/countdownCancelAll",
                "symbol=BTCUSDT&countdownTime=500"
            )
            #expect(answer.text("countdownTime") == "500")
            #expect(venue.server.snapshot().openOrders.count == 1)
            venue.clock.advance(500)
            #expect(venue.server.snapshot().openOrders.isEmpty)
        }
    }
}
