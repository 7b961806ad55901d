import Foundation
import ReckonBinance
import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonVenue
import Synchronization
import Testing

/// The real loopback venue and a client of it.
struct LiveVenue: Sendable {
    let venue: VenueServer
    let client: BinanceClient
    let configuration: BinanceConfiguration

    static func settings(_ faults: [FaultRule] = []) -> VenueSettings {
        var settings = VenueSettings(
            symbols: [Symbol("BTCUSDT"), Symbol("ETHUSDT")],
            seed: 7,
            faults: FaultPlan(name: "test", rules: faults),
            credentials: VenueCredentials(key: SigningTests.apiKey, secret: SigningTests.secret)
        )
        settings.tickMilliseconds = 40
        settings.isStrictlyRouted = true
        return settings
    }

    /// For all of the run.
    static func always(_ kind: FaultKind, _ scope: FaultScope, milliseconds: Int64 = 0) -> FaultRule {
        FaultRule(kind, .window(from: .zero, to: .seconds(3600)), scope: scope, milliseconds: milliseconds)
    }

    static func id(_ number: Int) -> ClientOrderID { ClientOrderID("rk-live-\(number)") }

    /// A buy at half the price, which rests.
    static func resting(_ number: Int) throws -> Placement {
        let price = try Sample.price("30000")
        return Sample.placement(
            .limit(price, .goodTillCancel),
            .opening(try Sample.quantity("0.01")),
            id: id(number)
        )
    }

    static func market(_ number: Int, _ side: Side = .buy, _ amount: String = "0.01") throws -> Placement {
        Sample.placement(.market, .opening(try Sample.quantity(amount)), side: side, id: id(number))
    }

    static func stop(_ number: Int, at price: String = "50000") throws -> Placement {
        Sample.placement(
            .stopMarket(trigger: try Sample.price(price)),
            .wholePosition,
            role: .stop,
            side: .sell,
            id: id(number)
        )
    }
}

/// Starts a venue and a client, and puts both away afterwards.
func withVenue<Value: Sendable>(
    _ settings: VenueSettings = LiveVenue.settings(),
    _ adjust: (inout BinanceConfiguration) -> Void = { _ in },
    _ body: (LiveVenue) async throws -> Value
) async throws -> Value {
    let venue = try await VenueServer.start(settings)
    let credentials = try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
    var configuration = try BinanceConfiguration(url: venue.address.httpURL, credentials: credentials)
    configuration.streams.firstBackoff = .milliseconds(20)
    adjust(&configuration)
    let client = BinanceClient(configuration, clock: Sample.now)
    let result: Result<Value, any Error>
    do {
        result = .success(
            try await body(LiveVenue(venue: venue, client: client, configuration: configuration))
        )
    } catch {
        result = .failure(error)
    }
    await client.shutdown()
    await venue.stop()
    return try result.get()
}

/// Keeps all that a stream told, and waits for what is wanted.
final class Listener: Sendable {
    private let heard = Mutex<[UserStreamEvent]>([])

    var events: [UserStreamEvent] { heard.withLock { $0 } }

    /// What the stream said of itself.
    var signals: [StreamSignal] {
        events.compactMap { event in
            guard case .signal(let signal) = event, signal != .heard else { return nil }
            return signal
        }
    }

    /// Likewise from the first connection on; on a busy machine attempts may fail before it.
    var signalsSinceConnected: [StreamSignal] { Array(signals.drop { $0 != .connected }) }

    func reports(of id: ClientOrderID) -> [OrderReport] {
        events.compactMap { event in
            guard case .report(let report) = event, report.id == id else { return nil }
            return report
        }
    }

    func listen(to stream: UserStream) async {
        for await event in stream.events { heard.withLock { $0.append(event) } }
    }

    func has(_ event: UserStreamEvent, times: Int = 1) -> Bool { events.count { $0 == event } >= times }
}

/// Waits until something holds, for at most ten seconds.
func eventually(_ what: String, _ condition: @Sendable () async -> Bool) async throws {
    for _ in 0..<1000 {
        if await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("never came: \(what)")
}

/// Runs a user stream with a listener while `body` works.
func withStream(
    _ live: LiveVenue,
    _ body: @Sendable (UserStream, Listener) async throws -> Void
) async throws {
    let stream = UserStream(live.client)
    let listener = Listener()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await stream.run() }
        group.addTask { await listener.listen(to: stream) }
        try await eventually("the first connection") { listener.has(.signal(.connected)) }
        try await body(stream, listener)
        group.cancelAll()
    }
}
