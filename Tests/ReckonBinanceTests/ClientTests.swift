import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import ReckonBinance
import ReckonEngine
import ReckonModel
import Testing

@Suite("Requests and answers")
struct ClientTests {
    @Test("an order is asked for, and taken off, by its client id on its own endpoint")
    func byClientID() async throws {
        try await withScript({ request in
            if request.method == .DELETE, request.path.hasSuffix("algoOrder") {
                return .ok(#"{"algoId":4000001910701524,"clientAlgoId":"x","code":"200","msg":"success"}"#)
            }
            return .ok(request.path.hasSuffix("algoOrder") ? Sample.algo : Sample.order)
        }) { client, server in
            #expect(try await client.query(Sample.query()).get().status == .partiallyFilled)
            #expect(try await client.query(Sample.query(Sample.id, .algo)).get().status == .triggered)
            #expect(
                try await client.cancel(Sample.cancellation()).get()?.executed == Sample.quantity("0.004")
            )
            #expect(try await client.cancel(Sample.cancellation(Sample.id, .algo)).get() == nil)
            let seen = server.requests
            #expect(seen.map(\.method) == [.GET, .GET, .DELETE, .DELETE])
            #expect(
                seen.map(\.path) == [
                    "/fapi/v1/order", "/fapi/v1/algoOrder", "/fapi/v1/order", "/fapi/v1/algoOrder",
                ]
            )
            #expect(seen.map { $0.value("origClientOrderId") } == [Sample.id.text, nil, Sample.id.text, nil])
            #expect(seen.map { $0.value("clientAlgoId") } == [nil, Sample.id.text, nil, Sample.id.text])
            let credentials = try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
            for request in seen {
                let parts = request.query.components(separatedBy: "&signature=")
                #expect(parts.count == 2)
                #expect(credentials.signature(query: parts[0]) == parts[1])
                #expect(request.body.isEmpty)
            }
        }
    }

    @Test("requests without a time of their own are signed on the venue's clock")
    func venueClock() async throws {
        let ahead: Int64 = 90_000
        try await withScript({ request in
            let now = Sample.now().nanoseconds / 1_000_000 + ahead
            return .ok(request.path.hasSuffix("time") ? #"{"serverTime":\#(now)}"# : Sample.order)
        }) { client, server in
            #expect(client.currentOffset == .none)
            let measured = try await client.clockOffset().get()
            #expect(client.currentOffset == measured)
            #expect(abs(measured.offset.milliseconds - ahead) <= measured.uncertainty.milliseconds + 2)
            #expect(server.requests.count == 5)
            _ = await client.query(Sample.query())
            let local = Sample.now().nanoseconds / 1_000_000
            let text = try #require(server.requests.last?.value("timestamp"))
            let signed = try #require(Int64(text))
            #expect(abs(signed - local - ahead) < 2000)
            #expect(server.requests.last?.value("recvWindow") == "5000")
        }
    }

    @Test("the quickest of several clock answers counts, and a lie beyond all time is none")
    func clockProbes() async throws {
        let turns = TurnCounter()
        try await withScript({ _ in
            // Slow answers tell another time, which must not win.
            turns.take() == 2
                ? .ok(#"{"serverTime":1700000000000}"#)
                : .late(.milliseconds(300), #"{"serverTime":1600000000000}"#)
        }) { client, _ in
            let before = Sample.now().nanoseconds
            let offset = try await client.clockOffset().get().offset
            #expect(abs(offset.nanoseconds + before - 1_700_000_000_000_000_000) < 2_000_000_000)
        }
        let lies = [
            "{}", #"{"serverTime":9223372036854775807}"#, #"{"serverTime":-1}"#, "x", #"{"serverTime":"1"}"#,
        ]
        for lie in lies {
            try await withScript({ _ in .ok(lie) }) { client, _ in
                #expect(await client.clockOffset().failure?.outcome == .doubt)
                #expect(client.currentOffset == .none)
            }
        }
    }

    @Test("a clock measurement is right within its uncertainty, however the round trip splits")
    func clockBounds() {
        var dice = Dice(seed: 5)
        for _ in 0..<2000 {
            let ahead = dice.roll(in: -5_000_000_000...5_000_000_000)
            let asked = dice.roll(in: 0...1_000_000_000)
            let out = dice.roll(in: 0...400_000_000)
            let back = dice.roll(in: 0...400_000_000)
            let venue = (asked + out + ahead).flooredDivision(by: 1_000_000)
            let offset = ClockOffset(
                venue: VenueInstant(milliseconds: venue),
                asked: Instant(nanoseconds: asked),
                answered: Instant(nanoseconds: asked + out + back)
            )
            #expect(abs(offset.offset.nanoseconds - ahead) <= offset.uncertainty.nanoseconds + 1)
        }
    }

    @Test("the rate headers are kept as last heard, and nonsense is passed over")
    func rates() async throws {
        let turns = TurnCounter()
        let headers: [[(String, String)]] = [
            [("x-mbx-used-weight-1m", "37"), ("X-MBX-ORDER-COUNT-10S", "2"), ("X-MBX-ORDER-COUNT-1M", "9")],
            [("X-MBX-USED-WEIGHT-1M", "-1"), ("X-MBX-ORDER-COUNT-10S", "3")],
            [("X-MBX-USED-WEIGHT-1M", "99999999999999999999"), ("X-MBX-ORDER-COUNT-1M", "x")],
        ]
        try await withScript({ _ in
            let at = turns.take()
            return .answer(at == 2 ? 429 : 200, Sample.order, headers[at])
        }) { client, _ in
            #expect(client.rateFigures == RateFigures())
            for _ in 0..<3 { _ = await client.query(Sample.query()) }
            #expect(client.rateFigures.usedWeight1m == 37)
            #expect(client.rateFigures.orders10s == 3)
            #expect(client.rateFigures.orders1m == 9)
        }
    }

    @Test("access: good, wrong key, hedge mode, and no way to tell")
    func access() async throws {
        let answers: [(ScriptedServer.Answer, AccessProblem?)] = [
            (.ok(#"{"dualSidePosition":false}"#), nil),
            (
                .ok(#"{"dualSidePosition":true}"#),
                .positionMode(found: .hedged, allowed: .oneWay)
            ),
        ]
        for (answer, expected) in answers {
            try await withScript({ _ in answer }) { client, _ in
                #expect(await client.verifyAccess().failure == expected)
            }
        }
        let body = #"{"code":-2015,"msg":"Invalid API-key \#(SigningTests.apiKey), IP, or permissions."}"#
        try await withScript({ _ in .answer(401, body, []) }) { client, _ in
            let problem = try #require(await client.verifyAccess().failure)
            guard case .credentials(let failure) = problem else {
                Issue.record("\(problem)")
                return
            }
            #expect(failure.code == -2015)
            #expect(!failure.message.contains(SigningTests.apiKey))
            #expect(!problem.description.contains("\n"))
        }
        try await withScript({ _ in .hangUp }) { client, _ in
            guard case .unreachable = await client.verifyAccess().failure else {
                Issue.record("expected unreachable")
                return
            }
        }
    }

    @Test("listen keys: opened, kept, gone, closed; one that could not go into a URL is refused")
    func listenKeys() async throws {
        try await withScript({ request in
            switch request.method {
            case .POST: .ok(#"{"listenKey":"abcDEF123"}"#)
            case .PUT: .answer(400, #"{"code":-1125,"msg":"This listenKey does not exist."}"#, [])
            default: .ok("{}")
            }
        }) { client, server in
            let key = try await client.openListenKey().get()
            #expect(key.text == "abcDEF123")
            #expect(await client.keepListenKeyAlive().failure?.outcome == .retryableWith(.renewListenKey))
            #expect(await client.closeListenKey().failure == nil)
            #expect(
                server.requests.allSatisfy {
                    $0.value("signature") == nil && $0.headers.contains(name: "X-MBX-APIKEY")
                }
            )
        }
        for key in ["", "a b", "a&b", "a/../b", "ä", String(repeating: "k", count: 300)] {
            try await withScript({ _ in .ok(#"{"listenKey":"\#(key)"}"#) }) { client, _ in
                #expect(await client.openListenKey().failure?.outcome == .doubt)
            }
        }
    }

    @Test("the leverage that now holds is the answer")
    func leverage() async throws {
        let body = #"{"leverage":21,"maxNotionalValue":"1000000","symbol":"BTCUSDT"}"#
        try await withScript({ _ in .ok(body) }) { client, server in
            let change = LeverageChange(symbol: Sample.symbol, leverage: 21)
            let now = try await client.setLeverage(change).get()
            #expect(now == 21)
            #expect(server.requests.first?.value("leverage") == "21")
        }
        try await withScript({ _ in .ok(#"{"leverage":-3}"#) }) { client, _ in
            let change = LeverageChange(symbol: Sample.symbol, leverage: 21)
            #expect(await client.setLeverage(change).failure?.outcome == .doubt)
        }
    }
}

@Suite("Broken transport")
struct TransportTests {
    @Test("a refused connection proves that nothing was executed")
    func refused() async throws {
        let server = try await ScriptedServer { _ in .silence }
        try await server.stop()
        let client = try Sample.client(server.url)
        let failure = try #require(await client.place(Sample.placement()).failure)
        #expect(failure.outcome == .retryable)
        #expect(failure.message.contains("never sent"))
        await client.shutdown()
    }

    @Test("a name that does not resolve proves the same")
    func unresolved() async throws {
        let client = try Sample.client("http://venue.invalid:1")
        let failure = try #require(await client.place(Sample.placement()).failure)
        #expect(failure.outcome == .retryable)
        await client.shutdown()
    }

    @Test("a TLS handshake that fails proves the same")
    func handshake() async throws {
        let plain = try await ScriptedServer { _ in .ok(Sample.order) }
        let client = try Sample.client(plain.url.replacing("http:", with: "https:"))
        let failure = try #require(await client.place(Sample.placement()).failure)
        #expect(failure.outcome == .retryable)
        #expect(plain.requests.isEmpty)
        await client.shutdown()
        try await plain.stop()
    }

    @Test("a connection that nobody takes up proves the same")
    func nobody() async throws {
        // Nothing accepts: once the small backlog is full, further connections hang.
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(listener.localAddress)
        let fillers = (0..<6).map { _ in
            ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(to: address)
        }
        try await Task.sleep(for: .milliseconds(100))
        let client = try Sample.client("http://127.0.0.1:\(address.port ?? 0)", timeout: .milliseconds(800))
        let failure = try #require(await client.place(Sample.placement()).failure)
        #expect(failure.outcome == .retryable)
        #expect(failure.message.contains("never sent"))
        await client.shutdown()
        try await listener.close().get()
        for filler in fillers { filler.whenSuccess { $0.close(promise: nil) } }
    }

    @Test("silence, a hang-up and half an answer leave it in doubt, after exactly one request")
    func doubtful() async throws {
        let rude: [ScriptedServer.Answer] = [.silence, .hangUp, .half(Sample.order)]
        for answer in rude {
            try await withScript(timeout: .milliseconds(400), { _ in answer }) { client, server in
                let failure = try #require(await client.place(Sample.placement()).failure)
                #expect(failure.outcome == .doubt)
                #expect(failure.code == 0)
                try await Task.sleep(for: .milliseconds(100))
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test(
        "redirects are not followed and server errors not repeated",
        arguments: [301, 307, 500, 502, 503, 504, 408]
    )
    func notRepeated(_ status: Int) async throws {
        try await withScript({ _ in .answer(status, "", [("Location", "/elsewhere")]) }) { client, server in
            #expect(await client.place(Sample.placement()).failure?.outcome == .doubt)
            #expect(server.requests.count == 1)
        }
    }

    @Test("a connection that the venue closed between requests costs at most doubt, never a second request")
    func closedBetween() async throws {
        let turns = TurnCounter()
        try await withScript({ _ in turns.take() == 1 ? .hangUp : .ok(Sample.order) }) { client, server in
            #expect(await client.place(Sample.placement()).failure == nil)
            #expect(await client.place(Sample.placement()).failure?.outcome == .doubt)
            #expect(server.requests.count == 2)
            #expect(await client.place(Sample.placement()).failure == nil)
        }
    }

    @Test("cancelling the caller ends the wait as doubt")
    func cancelled() async throws {
        try await withScript({ _ in .silence }) { client, _ in
            let task = Task { await client.place(Sample.placement()) }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            #expect(await task.value.failure?.outcome == .doubt)
        }
    }
}
