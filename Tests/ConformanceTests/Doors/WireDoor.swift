import ReckonBinance
import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonSimulation
import ReckonVenue
import Synchronization

/// A clock that moves only when a story says so.
final class HandClock: Sendable {
    private let time = Mutex(Premises.start)

    var now: VenueInstant { time.withLock { $0 } }

    func advance(_ span: Span) { time.withLock { $0 = $0 + span } }
}

/// The exchange behind a socket, in the venue's dialect, read by the real adapter.
struct WireDoor: Door {
    private let clock: HandClock
    private let venue: VenueServer
    let client: BinanceClient
    private let letters: Letters
    private let serving: Task<Void, Never>

    static func open(_ premises: Premises) async throws -> WireDoor {
        let clock = HandClock()
        var settings = VenueSettings(symbols: [], seed: premises.seed)
        settings.exchange = premises.configuration
        settings.clock = VenueClock { clock.now }
        settings.limits.weightPerMinute = 1_000_000
        settings.limits.ordersPerMinute = 1_000_000
        settings.limits.ordersPerTenSeconds = 1_000_000
        // Venue time jumps in a story: what only keeps connections alive must not end one.
        settings.listenKeyLife = .seconds(365 * 86_400)
        settings.connectionLife = .seconds(365 * 86_400)
        settings.pingInterval = .seconds(365 * 86_400)
        settings.isStrictlyRouted = true
        let venue = try await VenueServer.start(settings)
        let credentials = try BinanceCredentials(apiKey: "reckon", secret: "reckon")
        var configuration = try BinanceConfiguration(url: venue.address.httpURL, credentials: credentials)
        configuration.requestTimeout = .seconds(10)
        configuration.mode = premises.configuration.isHedged ? .hedged : .oneWay
        let client = BinanceClient(configuration) {
            Instant(nanoseconds: clock.now.milliseconds * 1_000_000)
        }
        let letters = Letters()
        let stream = UserStream(client)
        let serving = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await stream.run() }
                for await event in stream.events { letters.take(event) }
            }
        }
        await letters.wait { $0.isConnected }
        // The venue counts a listener only once its own side of the upgrade has finished too.
        try await Task.sleep(for: .milliseconds(30))
        return WireDoor(clock: clock, venue: venue, client: client, letters: letters, serving: serving)
    }

    func close() async {
        serving.cancel()
        await serving.value
        await client.shutdown()
        await venue.stop()
    }

    /// What truly is behind the socket.
    var truth: VenueSnapshot { venue.snapshot() }

    /// Does something to the exchange that no request of ours asked for.
    func change(_ body: (inout Exchange) -> Void) async { venue.change(body) }

    /// What the venue allows on each symbol, and its marks.
    func listing() async throws -> (instruments: [Instrument], marks: [Mark]) {
        let plain = try await client.instruments(nil).get()
        let instruments = try await client.withLeverageLimits(plain).get()
        return (instruments, try await client.marks(instruments.map(\.symbol)).get())
    }

    mutating func ask(_ request: VenueCall.Request) async -> Input {
        switch request {
        case .place(let placement): .placed(placement, await client.place(placement))
        case .query(let query): .queried(query, await client.query(query))
        case .cancel(let cancellation): .cancelled(cancellation, await client.cancel(cancellation))
        case .snapshot(let question): .snapshot(question, await client.snapshot(question))
        case .leverage(let change): .leverageSet(change, await client.setLeverage(change))
        case .margin(let change): .marginModeSet(change, await client.setMarginMode(change))
        case .countdown(let wish):
            .countdownSet(wish, await client.setCountdown(wish.symbol, wish.span).map { wish.span })
        }
    }

    mutating func happen(_ event: Happening) async {
        clock.advance(event.elapsed)
        venue.change { event.happen(to: &$0) }
    }

    mutating func heard(atLeast count: Int) async -> [Input] {
        await letters.wait { $0.inputs.count >= count }
        return letters.empty()
    }
}

/// What the stream has told and nobody has read yet.
final class Letters: Sendable {
    struct Content: Sendable {
        var isConnected = false
        var inputs: [Input] = []
    }

    private let content = Mutex(Content())

    func take(_ event: UserStreamEvent) {
        content.withLock { content in
            switch event {
            case .signal(.heard): break
            case .signal(.connected) where !content.isConnected: content.isConnected = true
            case .signal(let signal): content.inputs.append(.stream(signal))
            case .report(let report): content.inputs.append(.report(report))
            case .positions(let positions): content.inputs.append(.positionsChanged(positions))
            case .leverage(let symbol, let leverage):
                let change = LeverageChange(symbol: symbol, leverage: leverage)
                content.inputs.append(.leverageSet(change, .success(leverage)))
            }
        }
    }

    func empty() -> [Input] {
        content.withLock { content in
            defer { content.inputs = [] }
            return content.inputs
        }
    }

    /// Waits until something holds, for at most five seconds: what never came then shows as a difference.
    func wait(_ holds: (Content) -> Bool) async {
        let end = ContinuousClock.now + .seconds(5)
        while !content.withLock({ holds($0) }), ContinuousClock.now < end {
            try? await Task.sleep(for: .microseconds(300))
        }
    }
}
