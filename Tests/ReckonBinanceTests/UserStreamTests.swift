import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import ReckonBinance
import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonVenue
import Synchronization
import Testing

@Suite("User stream", .serialized)
struct UserStreamTests {
    @Test("an order's life, the position and a new leverage are told")
    func life() async throws {
        try await withVenue { live in
            try await withStream(live) { stream, listener in
                _ = try await live.client.place(LiveVenue.market(1)).get()
                _ = try await live.client.setLeverage(LeverageChange(symbol: Sample.symbol, leverage: 9))
                    .get()
                try await eventually("the leverage") { listener.has(.leverage(Sample.symbol, 9)) }
                let reports = listener.reports(of: LiveVenue.id(1))
                #expect(reports.first?.status == .new)
                #expect(reports.first?.createdAt != nil)
                #expect(reports.last?.status == .filled)
                #expect(reports.last?.executed == (try Sample.quantity("0.01")))
                let positions = listener.events.compactMap { event -> [PositionReport]? in
                    guard case .positions(let positions) = event else { return nil }
                    return positions
                }
                #expect(positions.last?.first?.quantity == (try Sample.quantity("0.01")))
                #expect(listener.has(.signal(.heard)))
                #expect(stream.counts.ignored > 0)
                #expect(stream.counts.unreadable == 0)
            }
        }
    }

    @Test("a conditional order and its child are told, the child under the same id")
    func conditional() async throws {
        try await withVenue { live in
            try await withStream(live) { _, listener in
                _ = try await live.client.place(LiveVenue.market(1)).get()
                _ = try await live.client.place(LiveVenue.stop(2)).get()
                let price = try Sample.price("49000")
                live.venue.change { $0.jump(Sample.symbol, to: price) }
                try await eventually("the stop's end") {
                    listener.reports(of: LiveVenue.id(2)).contains { $0.status == .finished }
                }
                let reports = listener.reports(of: LiveVenue.id(2))
                let parents = reports.filter(\.isConditional)
                let children = reports.filter { !$0.isConditional }
                #expect(parents.first?.status == .new)
                #expect(parents.contains { $0.status == .triggered })
                #expect(children.last?.status == .filled)
                #expect(parents.last?.childID == children.last?.venueID)
            }
        }
    }

    @Test("a key that expires is told, and a new one opened")
    func expiry() async throws {
        let rule = FaultRule(.listenKeyExpired, .window(from: .milliseconds(300), to: .seconds(3600)))
        try await withVenue(LiveVenue.settings([rule])) { live in
            try await withStream(live) { stream, listener in
                try await eventually("a second connection") { listener.has(.signal(.connected), times: 2) }
                let expected: [StreamSignal] = [
                    .connected, .keyExpired, .disconnected("listen key expired"), .connected,
                ]
                #expect(listener.signalsSinceConnected == expected)
                #expect(stream.counts.keysOpened == 2)
                _ = try await live.client.place(LiveVenue.market(1)).get()
                try await eventually("the fill") {
                    listener.reports(of: LiveVenue.id(1)).contains { $0.status == .filled }
                }
            }
        }
    }

    @Test("a key kept alive outlives its time; one not kept is renewed")
    func keepAlive() async throws {
        var settings = LiveVenue.settings()
        settings.listenKeyLife = .milliseconds(2500)
        try await withVenue(settings, { $0.streams.keepAliveEvery = .milliseconds(400) }) { live in
            try await withStream(live) { stream, listener in
                try await Task.sleep(for: .milliseconds(4000))
                #expect(listener.signalsSinceConnected == [.connected])
                #expect(stream.counts.keysRenewed >= 3)
            }
        }
        try await withVenue(settings) { live in
            try await withStream(live) { _, listener in
                try await eventually("the key's end") { listener.has(.signal(.connected), times: 2) }
                #expect(listener.has(.signal(.keyExpired)))
            }
        }
    }

    @Test("a quiet stream is known to be alive by the answers to our own pings")
    func quiet() async throws {
        try await withVenue(LiveVenue.settings(), { $0.streams.silenceLimit = .milliseconds(800) }) { live in
            try await withStream(live) { stream, listener in
                try await Task.sleep(for: .milliseconds(2500))
                #expect(listener.signalsSinceConnected == [.connected])
                #expect(listener.has(.signal(.heard), times: 2))
                #expect(stream.counts.events == 0)
            }
        }
    }

    @Test("no listen key, secret or API key ever reaches the log")
    func logs() async throws {
        let log = KeptLog()
        let rule = FaultRule(.listenKeyExpired, .window(from: .milliseconds(300), to: .seconds(3600)))
        let venue = try await VenueServer.start(LiveVenue.settings([rule]))
        let client = try Sample.client(venue.address.httpURL)
        let stream = UserStream(client, logger: log.logger)
        let running = Task { await stream.run() }
        try await eventually("a second connection") { stream.counts.connections == 2 }
        let key = try await client.openListenKey().get()
        await venue.stop()
        try await eventually("failures in the log") { log.text.contains("no listen key") }
        running.cancel()
        await running.value
        for secret in [key.text, SigningTests.secret, SigningTests.apiKey] {
            #expect(!log.text.contains(secret))
        }
        await client.shutdown()
    }

    @Test("a key that the venue no longer knows at keep-alive is replaced")
    func keyGone() async throws {
        try await withVenue(LiveVenue.settings(), { $0.streams.keepAliveEvery = .milliseconds(300) }) {
            live in
            try await withStream(live) { stream, listener in
                _ = await live.client.closeListenKey()
                try await eventually("a second connection") { listener.has(.signal(.connected), times: 2) }
                #expect(listener.has(.signal(.keyExpired)))
                #expect(stream.counts.keysOpened == 2)
            }
        }
    }

    @Test("cut streams come back, each cut told once")
    func disconnects() async throws {
        let rule = FaultRule(.disconnect, .window(from: .milliseconds(2000), to: .milliseconds(2500)))
        try await withVenue(LiveVenue.settings([rule])) { live in
            try await withStream(live) { _, listener in
                try await eventually("a second connection") { listener.has(.signal(.connected), times: 2) }
                #expect(listener.signalsSinceConnected.count == 3)
                guard case .disconnected = listener.signalsSinceConnected.dropFirst().first else {
                    Issue.record("\(listener.signals)")
                    return
                }
            }
        }
    }

    @Test("a venue that restarts is found again with a new key")
    func restart() async throws {
        var settings = LiveVenue.settings()
        let first = try await VenueServer.start(settings)
        settings.port = first.address.port
        let client = try Sample.client(first.address.httpURL)
        var configuration = try BinanceConfiguration(
            url: first.address.httpURL,
            credentials: try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
        )
        configuration.streams.firstBackoff = .milliseconds(20)
        configuration.streams.maxBackoff = .milliseconds(100)
        let quick = BinanceClient(configuration, clock: Sample.now)
        let stream = UserStream(quick)
        let listener = Listener()
        let running = Task { await stream.run() }
        let listening = Task { await listener.listen(to: stream) }
        try await eventually("the first connection") { listener.has(.signal(.connected)) }
        await first.stop()
        try await eventually("the end") { listener.signalsSinceConnected.count == 2 }
        try await Task.sleep(for: .milliseconds(300))
        let second = try await VenueServer.start(settings)
        try await eventually("a second connection") { listener.has(.signal(.connected), times: 2) }
        // The many failed attempts in between were told as one disconnection.
        #expect(listener.signalsSinceConnected.count == 3)
        running.cancel()
        await running.value
        await listening.value
        await client.shutdown()
        await quick.shutdown()
        await second.stop()
    }

    @Test("a stream is renewed before its time, and reopened when asked")
    func renewal() async throws {
        try await withVenue(LiveVenue.settings(), { $0.streams.renewEvery = .milliseconds(400) }) { live in
            try await withStream(live) { stream, listener in
                try await eventually("a renewal") { listener.has(.signal(.connected), times: 2) }
                #expect(listener.has(.signal(.disconnected("renewal before the venue's 24 hours are over"))))
                stream.reopen()
                try await eventually("a reopening") {
                    listener.has(.signal(.disconnected("reopened on request")))
                }
            }
        }
    }

    @Test("a reader that falls behind costs the connection and is told so, nothing else is lost silently")
    func overflow() async throws {
        try await withVenue(LiveVenue.settings(), { $0.streams.buffer = 4 }) { live in
            let stream = UserStream(live.client)
            let running = Task { await stream.run() }
            try await eventually("the connection") { stream.counts.connections == 1 }
            for number in 1...6 { _ = try await live.client.place(LiveVenue.market(number)).get() }
            try await eventually("the overflow") { stream.counts.overflows == 1 }
            let listener = Listener()
            let listening = Task { await listener.listen(to: stream) }
            try await eventually("the way back") { listener.has(.signal(.connected), times: 2) }
            #expect(listener.signalsSinceConnected == [.connected, .disconnected("overflow"), .connected])
            running.cancel()
            await running.value
            await listening.value
        }
    }

    @Test("a venue that cannot be reached is told once, and nothing is left running")
    func unreachable() async throws {
        let server = try await ScriptedServer { _ in .hangUp }
        let client = try Sample.client(server.url)
        let stream = UserStream(client)
        let listener = Listener()
        let running = Task { await stream.run() }
        let listening = Task { await listener.listen(to: stream) }
        try await eventually("two attempts") { server.requests.count >= 2 }
        #expect(listener.signals.count == 1)
        running.cancel()
        await running.value
        await listening.value
        await client.shutdown()
        try await server.stop()
    }
}

@Suite("Rude stream servers")
struct RudeStreamTests {
    /// Upgrades and then never reads or says a thing; `greets` sends one frame along with the upgrade.
    static func deaf(greeting: String?) async throws -> any Channel {
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
            upgradePipelineHandler: { channel, _ in
                if let greeting {
                    let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: greeting))
                    channel.writeAndFlush(frame, promise: nil)
                }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
        )
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in })
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    static func stream(
        _ port: Int,
        _ keys: ScriptedServer,
        _ adjust: (inout StreamLimits) -> Void
    ) throws -> (BinanceClient, UserStream) {
        var configuration = try BinanceConfiguration(
            restURL: keys.url,
            privateStreamURL: "ws://127.0.0.1:\(port)/private",
            marketStreamURL: "ws://127.0.0.1:\(port)/market",
            credentials: try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
        )
        configuration.streams.firstBackoff = .milliseconds(20)
        adjust(&configuration.streams)
        let client = BinanceClient(configuration, clock: Sample.now)
        return (client, UserStream(client))
    }

    @Test("a connection on which not even pings are answered is dead")
    func silent() async throws {
        let keys = try await ScriptedServer { _ in .ok(#"{"listenKey":"key"}"#) }
        let deaf = try await RudeStreamTests.deaf(greeting: nil)
        let (client, stream) = try RudeStreamTests.stream(deaf.localAddress?.port ?? 0, keys) {
            $0.silenceLimit = .milliseconds(400)
        }
        let listener = Listener()
        let running = Task { await stream.run() }
        let listening = Task { await listener.listen(to: stream) }
        try await eventually("silence") { listener.has(.signal(.disconnected("silent"))) }
        running.cancel()
        await running.value
        await listening.value
        await client.shutdown()
        try await deaf.close().get()
        try await keys.stop()
    }

    @Test("an event that shares a segment with the upgrade is not lost")
    func greeting() async throws {
        let keys = try await ScriptedServer { _ in .ok(#"{"listenKey":"key"}"#) }
        let server = try await RudeStreamTests.deaf(greeting: Sample.configurationEvent)
        let (client, stream) = try RudeStreamTests.stream(server.localAddress?.port ?? 0, keys) { _ in }
        let listener = Listener()
        let running = Task { await stream.run() }
        let listening = Task { await listener.listen(to: stream) }
        try await eventually("the greeting") { listener.has(.leverage(Sample.symbol, 25)) }
        running.cancel()
        await running.value
        await listening.value
        await client.shutdown()
        try await server.close().get()
        try await keys.stop()
    }

    @Test("an event that cannot be read is told as a gap, and the connection stays")
    func gap() async throws {
        let keys = try await ScriptedServer { _ in .ok(#"{"listenKey":"key"}"#) }
        let odd = Sample.orderEvent.replacing(#""PARTIALLY_FILLED""#, with: #""MELTED""#)
        let server = try await RudeStreamTests.deaf(greeting: odd)
        let (client, stream) = try RudeStreamTests.stream(server.localAddress?.port ?? 0, keys) { _ in }
        let listener = Listener()
        let running = Task { await stream.run() }
        let listening = Task { await listener.listen(to: stream) }
        try await eventually("the gap") { listener.signalsSinceConnected.count == 3 }
        guard case .disconnected(let why) = listener.signalsSinceConnected.dropFirst().first else {
            Issue.record("\(listener.signals)")
            return
        }
        #expect(why.contains("MELTED"))
        #expect(listener.signals.last == .connected)
        #expect(stream.counts.connections == 1)
        #expect(stream.counts.unreadable == 1)
        running.cancel()
        await running.value
        await listening.value
        await client.shutdown()
        try await server.close().get()
        try await keys.stop()
    }

    @Test("the venue's pings are answered with their own content, masked")
    func pings() async throws {
        let keys = try await ScriptedServer { _ in .ok(#"{"listenKey":"key"}"#) }
        let record = PongRecord()
        let server = try await PingingServer.start(record)
        let (client, stream) = try RudeStreamTests.stream(server.localAddress?.port ?? 0, keys) { _ in }
        let running = Task { await stream.run() }
        try await eventually("a pong") { record.pongs.contains("1700000000000") }
        #expect(record.areMasked)
        running.cancel()
        await running.value
        await client.shutdown()
        try await server.close().get()
        try await keys.stop()
    }

    @Test("a server that takes the connection and never upgrades does not hold us")
    func neverUpgrades() async throws {
        let server = try await ScriptedServer { request in
            request.method == .POST ? .ok(#"{"listenKey":"key"}"#) : .silence
        }
        let (client, stream) = try RudeStreamTests.stream(server.port, server) {
            $0.connectTimeout = .milliseconds(200)
        }
        let running = Task { await stream.run() }
        try await eventually("a second attempt") { server.requests.count { $0.method == .GET } >= 2 }
        #expect(stream.counts.connections == 0)
        let request = try #require(server.requests.first { $0.method == .GET })
        #expect(request.uri == "/private/ws?listenKey=key")
        running.cancel()
        await running.value
        await client.shutdown()
        try await server.stop()
    }

    @Test("a server that refuses the upgrade is asked again")
    func refusesUpgrade() async throws {
        let server = try await ScriptedServer { request in
            request.method == .POST ? .ok(#"{"listenKey":"key"}"#) : .answer(404, "no", [])
        }
        let (client, stream) = try RudeStreamTests.stream(server.port, server) { _ in }
        let running = Task { await stream.run() }
        try await eventually("a second attempt") { server.requests.count { $0.method == .GET } >= 2 }
        running.cancel()
        await running.value
        await client.shutdown()
        try await server.stop()
    }
}

@Suite("Market stream")
struct MarketStreamTests {
    @Test("marks of the wanted symbols come, also after the venue restarts")
    func marks() async throws {
        var settings = LiveVenue.settings()
        let first = try await VenueServer.start(settings)
        settings.port = first.address.port
        var configuration = try BinanceConfiguration(
            url: first.address.httpURL,
            credentials: try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
        )
        configuration.streams.firstBackoff = .milliseconds(20)
        configuration.streams.maxBackoff = .milliseconds(100)
        let stream = MarketStream(configuration, symbols: [Sample.symbol])
        let count = TurnCounter()
        let running = Task { await stream.run() }
        let listening = Task {
            for await marks in stream.marks {
                #expect(marks.allSatisfy { $0.symbol == Sample.symbol && $0.price.isPositive })
                _ = count.take()
            }
        }
        try await eventually("a mark") { count.count >= 1 }
        await first.stop()
        let before = count.count
        let second = try await VenueServer.start(settings)
        try await eventually("a mark after the restart") { count.count > before }
        running.cancel()
        await running.value
        await listening.value
        await second.stop()
    }

    @Test("many symbols are taken from the stream of all")
    func all() async throws {
        try await withVenue { live in
            let symbols = (0..<150).map { Symbol("X\($0)USDT") } + [Symbol("ETHUSDT")]
            let stream = MarketStream(live.configuration, symbols: symbols)
            let running = Task { await stream.run() }
            let first = await stream.marks.first { _ in true }
            #expect(first?.map(\.symbol) == [Symbol("ETHUSDT")])
            running.cancel()
            await running.value
        }
    }
}
