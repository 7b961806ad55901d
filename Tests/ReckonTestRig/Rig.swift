import Foundation
import Logging
import ReckonBinance
package import ReckonEngine
package import ReckonHost
import ReckonJournal
package import ReckonModel
package import ReckonVenue

#if canImport(Glibc)
    import Glibc
#endif

/// Holds a thread up, as a disk does.
func blockThread(milliseconds: Int) { usleep(UInt32(milliseconds) * 1000) }

/// One engine with its venue, journal and policy, all real.
package struct Rig: Sendable {
    package let folder: TestFolder
    package let venue: VenueServer
    package let board: Switchboard
    package let engine: EngineHost

    package static let symbol = Symbol("BTCUSDT")

    package static var configuration: EngineConfiguration {
        var configuration = HostConfiguration().engine
        configuration.reconcileEvery = .milliseconds(800)
        configuration.roundSpacing = .milliseconds(200)
        return configuration
    }

    /// Starts a venue and an engine; waits until the engine is ready.
    package static func start(
        seed: UInt64 = 1,
        answerWithin: Span = .seconds(5),
        configuration: EngineConfiguration = configuration,
        policy: String? = nil
    ) async throws -> Rig {
        let folder = try TestFolder()
        var settings = VenueSettings(
            symbols: Rig.configuration.symbols,
            seed: seed,
            credentials: VenueCredentials(key: "key", secret: "secret")
        )
        settings.isHedged = configuration.symbols.contains { $0.leg != nil }
        let venue = try await VenueServer.start(settings)
        let board = Switchboard()
        var life = Life(answerWithin: answerWithin)
        life.configuration = configuration
        if let policy { life.policy = policy }
        let engine = try await start(venue, journal: folder.path("journal.sqlite"), board, life)
        let rig = Rig(folder: folder, venue: venue, board: board, engine: engine)
        try await rig.eventually("ready") { rig.engine.reasonsNotReady.isEmpty }
        return rig
    }

    /// What one engine of a test is started with.
    package struct Life: Sendable {
        package var configuration = Rig.configuration
        package var answerWithin: Span
        package var policy = TestFolder.project.appendingPathComponent("policies/steady").path
        package var settings = PolicySettings()
        /// Whether the policy is spared its tests at the start.
        package var isTried = true
        package var watchEvery: Span?

        package init(answerWithin: Span = .seconds(5)) { self.answerWithin = answerWithin }
    }

    /// Starts one more engine on a venue.
    package static func start(
        _ venue: VenueServer,
        journal path: String,
        _ board: Switchboard,
        _ life: Life = Life()
    ) async throws -> EngineHost {
        let clock = HostClock()
        let credentials = try BinanceCredentials(apiKey: "key", secret: "secret")
        let address = try BinanceConfiguration(url: venue.address.httpURL, credentials: credentials)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let symbols = life.configuration.symbols
        let port = VenuePort.binance(address, symbols: symbols, clock: clock, logger: logger)
        return try await start(port, journal: path, board, life, clock: clock)
    }

    /// Starts one more engine on whatever the port leads to.
    package static func start(
        _ port: VenuePort,
        journal path: String,
        _ board: Switchboard,
        _ life: Life = Life(),
        clock: HostClock = HostClock()
    ) async throws -> EngineHost {
        let configuration = life.configuration
        let journal = try Journal(
            path: path,
            engine: configuration.engineID,
            at: clock.now(),
            door: board.door
        )
        let facts = try journal.reader.load()
        let riders = JournalRiders(
            countingFrom: try journal.reader.lastInput(),
            keep: life.settings.keptVersions
        )
        var settings = life.settings
        settings.directory = life.policy
        let policy = try PolicyStart(settings, journal, facts, isTried: life.isTried)
        var parts = EngineHost.Parts(
            configuration: configuration,
            venue: board.watching(port),
            journal: board.watching(try .file(journal, riders: riders)),
            riders: riders,
            policy: policy.desk,
            clock: clock
        )
        parts.facts = facts
        parts.source = policy.source
        parts.source.watchEvery = life.watchEvery
        parts.answerWithin = life.answerWithin
        return try await EngineHost.start(parts)
    }

    package func stop() async {
        await engine.stop()
        await venue.stop()
    }

    /// Waits until something holds; throws where it does not within a generous time.
    package func eventually(_ what: String, _ holds: @Sendable () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(45)
        while try await !holds() {
            guard ContinuousClock.now < end else { throw NeverCame(what: what, snapshot: engine.snapshot) }
            try await Task.sleep(for: .milliseconds(15))
        }
    }

    package struct NeverCame: Error {
        package let what: String
        package let snapshot: Snapshot
    }

    package func entry(_ key: String, notional: Int64 = 300) -> Intent {
        let amount = Notional(units: notional * Notional.scale)
        return .entry(EntryIntent(key: key, symbol: Rig.symbol, side: .buy, sizing: .notional(amount)))
    }

    package func exit(_ key: String) -> Intent { .exit(ExitIntent(key: key, symbol: Rig.symbol)) }

    /// Opens a position and waits until its stop rests.
    package func open(_ key: String) async throws {
        // While the exit before it is being confirmed an entry is refused; a strategy would come again.
        try await eventually("the entry \(key) taken on") {
            if case .answered(.accepted) = await engine.submit(entry("\(key)-\(engine.snapshot.factCount)")) {
                return true
            }
            return false
        }
        try await eventually("a covered position") {
            engine.snapshot.holdings.contains { !$0.position.isFlat && $0.nakedSince == nil }
                && engine.snapshot.orders.contains { $0.ticket.role == .stop && $0.isResting }
        }
    }
}
