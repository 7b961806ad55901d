import Foundation
import Logging
import NIOCore
import NIOPosix
import ReckonControl
import ReckonEngine
import ReckonHost
import ReckonJournal
import ReckonModel
import ServiceLifecycle
import UnixSignals

/// A whole engine in this process: journal, policy, venue, crank, HTTP API.
///
/// Alive from `start` to `stop`.
final class EngineRun: Sendable {
    /// What a run is started with.
    struct Setup: Sendable {
        var configuration: HostConfiguration
        var venue: VenueEndpoint
        /// Absent: the API binds to loopback only.
        var token: Secret?
        /// Whether SIGINT and SIGTERM end the run.
        var trapsSignals = false
        /// Whether SIGHUP loads the policy's directory anew.
        var heedsHangup = false
        /// Whether the policy's directory is watched where the configuration says nothing.
        var watchesPolicy = false
        /// Absent: as the configuration says, to stderr or its file.
        var logger: Logger?

        init(configuration: HostConfiguration, venue: VenueEndpoint) {
            self.configuration = configuration
            self.venue = venue
        }
    }

    /// Where the API listens, with its true port.
    let apiAddress: ListenAddress
    let engine: EngineHost
    private let group: ServiceGroup
    private let serving: Task<Void, any Error>
    private let listening: Task<Void, Never>?

    private init(
        apiAddress: ListenAddress,
        engine: EngineHost,
        group: ServiceGroup,
        serving: Task<Void, any Error>,
        heedsHangup: Bool
    ) {
        self.apiAddress = apiAddress
        self.engine = engine
        self.group = group
        self.serving = serving
        listening = heedsHangup ? EngineRun.heedHangup(engine) : nil
    }

    /// Starts everything; throws in one line where something of it cannot be.
    ///
    /// Order: API address, policy, journal, venue, wake, streams, API. A venue that cannot be reached holds nothing up.
    static func start(_ setup: Setup) async throws -> EngineRun {
        // A limit on the size of files is a full disk to the journal, and no reason to die.
        signal(SIGXFSZ, SIG_IGN)
        let listen = setup.configuration.api.listen
        try ControlServer.check(listen, setup.token)
        try await EngineRun.probe(listen)
        let clock = HostClock()
        let logger = try setup.logger ?? EngineRun.logger(setup.configuration.alerts, clock: clock)
        let engine = try await EngineHost.start(try parts(setup, clock: clock, logger: logger))
        do {
            if let shadow = setup.configuration.policy.shadow {
                try await seat(shadow, on: engine)
            }
            return try await serve(engine, setup, logger)
        } catch {
            await engine.stop()
            throw EngineRun.readable(error, listen)
        }
    }

    private static func seat(_ directory: String, on engine: EngineHost) async throws {
        do throws(PolicyRefusal) {
            try await engine.seatShadow(directory, reason: "--shadow")
        } catch {
            throw Complaint("--shadow \(directory): \(error.text)")
        }
    }

    /// The picture after the latest turn.
    func snapshot() -> Snapshot { engine.snapshot }

    /// Waits until the engine is fit to take entries, but no longer than `limit`; whether it is.
    @discardableResult
    func waitUntilReady(within limit: Duration = .seconds(60)) async -> Bool {
        let end = ContinuousClock.now + limit
        while !engine.reasonsNotReady.isEmpty {
            guard ContinuousClock.now < end, !Task.isCancelled else { return false }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    /// Ends the run in good order; returns when everything is written and closed.
    func stop() async {
        listening?.cancel()
        await group.triggerGracefulShutdown()
        _ = try? await serving.value
    }

    /// Returns when the run has ended, by `stop` or by a signal.
    func waitUntilEnded() async throws {
        defer { listening?.cancel() }
        try await serving.value
    }

    private static func heedHangup(_ engine: EngineHost) -> Task<Void, Never> {
        Task {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                _ = await engine.reloadPolicy(.hangup, reason: "SIGHUP")
            }
        }
    }

    private static func parts(_ setup: Setup, clock: HostClock, logger: Logger) throws -> EngineHost.Parts {
        let configuration = setup.configuration
        let venue = try setup.venue.configuration(timeout: configuration.venue)
        let journal = try Journal(
            path: configuration.journal.path,
            engine: configuration.engine.engineID,
            at: clock.now()
        )
        let facts = try journal.reader.load()
        let policy = try PolicyStart(configuration.policy, journal, facts)
        if let note = policy.note { logger.warning("policy.kept", metadata: ["reason": "\(note)"]) }
        let riders = JournalRiders(
            countingFrom: try journal.reader.lastInput(),
            keep: configuration.policy.keptVersions
        )
        var parts = EngineHost.Parts(
            configuration: configuration.engine,
            venue: .binance(venue, symbols: configuration.engine.symbols, clock: clock, logger: logger),
            journal: try .file(journal, riders: riders),
            riders: riders,
            policy: policy.desk,
            clock: clock
        )
        parts.facts = facts
        parts.source = policy.source
        let isWatched = configuration.policy.isWatched ?? setup.watchesPolicy
        parts.source.watchEvery = isWatched ? .milliseconds(250) : nil
        parts.patience = configuration.journal.patience
        parts.logger = logger
        return parts
    }

    private static func serve(_ engine: EngineHost, _ setup: Setup, _ logger: Logger) async throws
        -> EngineRun
    {
        let listen = setup.configuration.api.listen
        let server = try ControlServer(engine, listen: listen, token: setup.token, logger: logger)
        let (ports, port) = AsyncThrowingStream<Int, any Error>.makeStream()
        let application = server.application { channel in
            port.yield(channel.localAddress?.port ?? listen.port)
        }
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: EngineService(engine: engine)), .init(service: application)],
            gracefulShutdownSignals: setup.trapsSignals ? [.sigint, .sigterm] : [],
            logger: logger
        )
        // Connections that stay open must not keep a stopping engine.
        configuration.maximumGracefulShutdownDuration = .seconds(20)
        let group = ServiceGroup(configuration: configuration)
        let serving = Task {
            do {
                try await group.run()
                port.finish()
            } catch {
                port.finish(throwing: error)
                throw error
            }
        }
        guard let number = try await ports.first(where: { _ in true }) else {
            throw Complaint("the API ended before it listened on \(listen)")
        }
        return EngineRun(
            apiAddress: ListenAddress(host: listen.host, port: number),
            engine: engine,
            group: group,
            serving: serving,
            heedsHangup: setup.heedsHangup
        )
    }

    /// Finds out whether the address is free before anything touches journal or venue.
    private static func probe(_ listen: ListenAddress) async throws {
        do {
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: listen.host, port: listen.port).get()
            try await channel.close()
        } catch {
            throw readable(error, listen)
        }
    }

    private static func readable(_ error: any Error, _ listen: ListenAddress) -> any Error {
        guard let error = error as? IOError else { return error }
        let found =
            error.errnoCode == EADDRINUSE ? "\(listen) in use by another program" : "\(listen) (\(error))"
        return Misconfiguration(
            place: "api.listen",
            key: "",
            found: found,
            allowed: "a free address; port 0 takes any"
        )
    }

    private static func logger(_ alerts: AlertSettings, clock: HostClock) throws -> Logger {
        let sink = try alerts.file.map { try LogSink(path: $0) } ?? LogSink()
        let level = Logger.Level(rawValue: alerts.level.rawValue) ?? .info
        return Logger(label: "reckon") { label in
            LineLog(label: label, level: level, format: alerts.format, sink: sink, clock: clock)
        }
    }
}

/// Keeps the engine until the group goes down, then stops it in good order.
private struct EngineService: Service {
    let engine: EngineHost

    func run() async throws {
        try? await gracefulShutdown()
        // In a task of its own: a group that gave up waiting cancels this one, and facts would stay unwritten.
        _ = await Task { await engine.stop() }.value
    }
}
