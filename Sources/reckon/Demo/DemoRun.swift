import Foundation
import ReckonEngine
import ReckonExchange
import ReckonHost
import ReckonJournal
import ReckonModel
import ReckonSimulation
import ReckonVenue
import UnixSignals

/// `reckon run --demo`: the whole way on real sockets, with a strategy that trades and a venue that misbehaves.
///
/// Ends with figures reckoned from the venue's record; they, and not the engine's belief, decide the exit code.
struct DemoRun {
    let configuration: HostConfiguration
    let seed: UInt64
    let faults: String
    /// Counted from ready; absent means until Ctrl-C.
    let duration: Double?
    /// Nothing on stdout but one JSON document at the end.
    let isQuiet: Bool

    /// The demo's own settings under what the user has set: quick rounds, small sizes, markets of the embedded venue.
    static func configuration(over base: HostConfiguration) throws -> HostConfiguration {
        var configuration = base
        configuration.engine.symbols = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT"].map { Symbol($0) }
        // The sample strategy knows one position a symbol.
        configuration.venue.positions = .oneWay
        configuration.engine.limits = GuardLimits(
            maxNotional: 1_000,
            maxLeverage: 10,
            minEntryConfidence: 0.25,
            entryCooldownSeconds: 1,
            maxOpenOrdersPerSymbol: 4
        )
        configuration.journal.path = try EmbeddedVenue.freshJournal()
        let log = URL(fileURLWithPath: configuration.journal.path).deletingLastPathComponent()
        configuration.alerts.file = log.appendingPathComponent("reckon.log").path
        return configuration
    }

    /// Runs to the end; false where a figure does not hold.
    func run() async throws -> Bool {
        let venue = try await EmbeddedVenue.start(
            symbols: configuration.engine.symbols,
            seed: seed,
            faults: faults
        )
        var setup = EngineRun.Setup(configuration: configuration, venue: venue.endpoint)
        setup.trapsSignals = false
        setup.heedsHangup = true
        setup.watchesPolicy = true
        let run = try await EngineRun.start(setup)
        let interrupt = Interrupt()
        defer { interrupt.cancel() }
        if !isQuiet { introduce(run, venue) }
        guard await run.waitUntilReady(within: .seconds(30)) else {
            let reasons = run.engine.reasonsNotReady.joined(separator: "; ")
            await run.stop()
            throw Complaint("the engine did not become ready within 30 s: \(reasons)")
        }
        let strategy = SampleStrategy(
            client: IntentClient(base: "http://\(run.apiAddress)"),
            symbols: configuration.engine.symbols.map(\.name),
            seed: seed
        )
        let trading = Task { await strategy.trade() }
        await watch(run, venue, strategy, interrupt)
        strategy.stop()
        venue.server.endFaults()
        let hasComeToRest = await settle(run, venue, trading)
        let facts = try await factsAfterStop(run)
        let truth = venue.server.snapshot()
        await venue.server.stop()
        return conclude(truth, facts, strategy.seen, hasComeToRest)
    }

    private func introduce(_ run: EngineRun, _ venue: EmbeddedVenue) {
        print("venue   \(venue.endpoint.url)  (embedded, seed \(seed), faults \(faults))")
        print("API     http://\(run.apiAddress)/v1/state")
        print("policy  \(configuration.policy.directory)  \(run.engine.policy.identity.digest.prefix(16))")
        print("journal \(configuration.journal.path)")
        print("log     \(configuration.alerts.file ?? "stderr")")
        fflush(nil)
    }

    /// Shows the live picture until the time is over or the user has seen enough.
    private func watch(
        _ run: EngineRun,
        _ venue: EmbeddedVenue,
        _ strategy: SampleStrategy,
        _ interrupt: Interrupt
    ) async {
        var screen = StatusScreen(title: "Reckon demo: \(configuration.policy.directory)")
        let began = Date()
        while !interrupt.wasAsked {
            let elapsed = Date().timeIntervalSince(began)
            if let duration, elapsed >= duration { break }
            if !isQuiet {
                screen.draw(
                    StatusScreen.Moment(
                        elapsed: elapsed,
                        duration: duration,
                        engine: run.snapshot(),
                        venue: venue.server.snapshot(),
                        tally: strategy.seen
                    )
                )
            }
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    /// Faults are over: every intent must end, every doubt resolve, every position be closed or covered.
    private func settle(_ run: EngineRun, _ venue: EmbeddedVenue, _ trading: Task<Void, Never>) async -> Bool
    {
        if !isQuiet {
            print("\nfaults are over; waiting for everything to come to rest")
            fflush(nil)
        }
        let deadline = Date().addingTimeInterval(75)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await trading.value }
            group.addTask { try? await Task.sleep(for: .seconds(70)) }
            await group.next()
            group.cancelAll()
            trading.cancel()
        }
        while Date() < deadline {
            if isAtRest(run.snapshot(), venue.server.snapshot()) { return true }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    private func isAtRest(_ engine: Snapshot, _ venue: VenueSnapshot) -> Bool {
        guard engine.openIntents.isEmpty, !engine.orders.contains(where: \.isUnresolved) else { return false }
        return engine.holdings.allSatisfy { holding in
            let truth = venue.record.position(of: holding.symbol, asOf: venue.now)
            return truth == holding.position.quantity && (truth.isZero || holding.nakedSince == nil)
        }
    }

    private func factsAfterStop(_ run: EngineRun) async throws -> [StampedFact] {
        await run.stop()
        let journal = try Journal(
            path: configuration.journal.path,
            engine: configuration.engine.engineID,
            at: Instant(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
        )
        return try journal.reader.load()
    }

    private func conclude(
        _ truth: VenueSnapshot,
        _ facts: [StampedFact],
        _ tally: SampleStrategy.Tally,
        _ hasComeToRest: Bool
    ) -> Bool {
        let evidence = RunEvidence(
            record: truth.record,
            facts: facts,
            configuration: configuration.engine,
            until: truth.now,
            refusedExits: tally.refusedExits
        )
        let summary = DemoSummary(
            report: ReliabilityReport(evidence),
            tally: tally,
            faults: truth.faults,
            hasComeToRest: hasComeToRest
        )
        if isQuiet {
            print(summary.json)
        } else {
            for line in summary.lines() { print(line) }
        }
        fflush(nil)
        return summary.holds
    }
}

/// Ctrl-C and SIGTERM as a wish that is looked at, so that the figures still come.
private struct Interrupt: Sendable {
    private let asked: StopWish
    private let listening: Task<Void, Never>

    init() {
        let asked = StopWish()
        self.asked = asked
        listening = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { asked.raise() }
        }
    }

    var wasAsked: Bool { asked.isRaised }

    func cancel() { listening.cancel() }
}
