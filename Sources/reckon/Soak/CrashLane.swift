import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOPosix
import ReckonControl
import ReckonEngine
import ReckonExchange
import ReckonHost
import ReckonJournal
import ReckonModel
import ReckonSimulation
import ReckonVenue

/// One engine on an account and a journal of its own, killed at random instants while it trades.
struct CrashLane: Sendable {
    /// What a lane is to do.
    struct Order: Sendable {
        let number: Int
        let seed: UInt64
        let kills: Int
        /// After so many kills the traffic rests until the engine has everything in order again.
        let restEvery: Int
        let faults: String
        let policy: String
        /// Where journals and logs go.
        let folder: URL
    }

    /// What came of it.
    struct Outcome: Sendable {
        let order: Order
        var kills = 0
        /// Kills that struck before the engine had answered for the first time in that life.
        var killsWhileStarting = 0
        var recoveries = 0
        var slowestRecovery = 0.0
        var tally = CrashTraffic.Tally()
        var facts = 0
        var venueOrders = 0
        var faultsMet = 0
        var figures: [Figure] = []
        var complaints: [String] = []
        let folder: String

        var holds: Bool { complaints.isEmpty && figures.allSatisfy(\.holds) }
    }

    static let symbols = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]

    let order: Order
    private let folder: URL
    private let venue: EmbeddedVenue
    private let configuration: HostConfiguration
    private let base: String
    private let arguments: [String]

    init(_ order: Order) async throws {
        self.order = order
        folder = order.folder.appendingPathComponent("reckon-soak-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let symbols = CrashLane.symbols.map { Symbol($0) }
        // No venue bears thirty starts a minute: within its limits the trial would be of nothing but them.
        var limits = VenueLimits()
        limits.weightPerMinute *= 50
        limits.refusalsBeforeBan *= 50
        venue = try await EmbeddedVenue.start(
            symbols: symbols,
            seed: order.seed,
            faults: order.faults,
            credentials: (key: "reckon", secret: "reckon"),
            limits: limits
        )
        let file = folder.appendingPathComponent("reckon.toml")
        let settings = CrashLane.settings(order, url: venue.endpoint.url)
        try Data(settings.utf8).write(to: file)
        configuration = try HostConfiguration(reading: file.path)
        let api = "127.0.0.1:\(try await CrashLane.freePort())"
        base = "http://\(api)"
        arguments = ["run", "--config", file.path, "--api", api, "--policy", order.policy]
    }

    private static func settings(_ order: Order, url: String) -> String {
        """
        [engine]
        id = "lane\(order.number)"
        symbols = [\(symbols.map { "\"\($0)\"" }.joined(separator: ", "))]
        [limits]
        max_notional_usdt = 1000
        max_leverage = 5
        min_entry_conf = 0.0
        entry_cooldown_seconds = 0
        max_open_orders_per_symbol = 4
        [venue]
        url = "\(url)"
        [reconcile]
        interval_sec = 1.0
        [journal]
        path = "reckon.sqlite"
        [alerts]
        log_file = "reckon.log"
        """
    }

    /// A port that nobody has now; the engine takes it again in each life.
    private static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
    }

    /// Kills as often as it was told, and judges; `tell` hears of each kill.
    func run(_ tell: @Sendable () -> Void) async throws -> Outcome {
        var outcome = Outcome(order: order, folder: folder.path)
        var dice = Dice(seed: order.seed)
        let traffic = CrashTraffic(
            client: IntentClient(base: base),
            symbols: CrashLane.symbols,
            seed: order.seed
        )
        let trading = Task { await traffic.trade() }
        let clock = HostClock()
        var pauses: [Pause] = []
        var diedAt = clock.now()
        while outcome.kills < order.kills {
            let life = try ChildEngine(arguments)
            let isEarly = outcome.kills > 0 && dice.chance(1, in: 5)
            if isEarly {
                try await Task.sleep(for: .milliseconds(Int64(dice.roll(below: 700))))
            } else if await answers(within: .seconds(30)) {
                pauses.append(Pause(from: diedAt, to: clock.now()))
                if outcome.kills % order.restEvery == order.restEvery - 1 {
                    await recover(traffic, &outcome)
                }
                try await Task.sleep(for: .milliseconds(100 + Int64(dice.roll(below: 2_400))))
            } else {
                outcome.complaints.append("life \(outcome.kills + 1): no answer within 30 s")
            }
            let end = await life.kill()
            if !isEarly { diedAt = clock.now() }
            outcome.kills += 1
            if isEarly { outcome.killsWhileStarting += 1 }
            if end != .signal(SIGKILL) {
                outcome.complaints.append("life \(outcome.kills): ended by itself, \(end)")
                if outcome.complaints.count > 20 { break }
            }
            tell()
        }
        let last = try ChildEngine(arguments)
        if await answers(within: .seconds(30)) { pauses.append(Pause(from: diedAt, to: clock.now())) }
        try await conclude(last, traffic, trading, pauses, &outcome)
        return outcome
    }

    /// Rests the traffic with its positions open until belief is truth and all is covered, faults still on.
    private func recover(_ traffic: CrashTraffic, _ outcome: inout Outcome) async {
        traffic.rest(true)
        let began = ContinuousClock.now
        if let why = await unrest(within: .seconds(90)) {
            outcome.complaints.append("after kill \(outcome.kills): not in order within 90 s: \(why)")
        } else {
            outcome.recoveries += 1
            let took = Span(ContinuousClock.now - began).seconds
            outcome.slowestRecovery = max(outcome.slowestRecovery, took)
        }
        traffic.rest(false)
    }

    private func conclude(
        _ last: ChildEngine,
        _ traffic: CrashTraffic,
        _ trading: Task<Void, Never>,
        _ pauses: [Pause],
        _ outcome: inout Outcome
    ) async throws {
        traffic.stop()
        venue.server.endFaults()
        await trading.value
        if let why = await unrest(within: .seconds(90)) {
            outcome.complaints.append("at the end: not in order within 90 s: \(why)")
        } else {
            outcome.recoveries += 1
        }
        last.terminate()
        let end = await last.ended()
        if end != .code(0) { outcome.complaints.append("the last life ended with \(end)") }
        let truth = venue.server.snapshot()
        await venue.server.stop()
        let facts = try JournalReader(path: configuration.journal.path).load()
        let evidence = RunEvidence(
            record: truth.record,
            facts: facts,
            configuration: configuration.engine,
            until: truth.now,
            refusedExits: traffic.seen.refusedExits,
            pauses: pauses
        )
        let report = ReliabilityReport(evidence)
        outcome.tally = traffic.seen
        outcome.facts = facts.count
        outcome.venueOrders = truth.record.orders.count
        outcome.faultsMet = truth.faults.total
        outcome.figures = report.figures
        outcome.complaints += report.complaints
        if outcome.holds { try? FileManager.default.removeItem(at: folder) }
    }
}

extension CrashLane {
    /// Whether the engine answers in time.
    private func answers(within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if await get("healthz") != nil { return true }
            try? await Task.sleep(for: .milliseconds(25))
        }
        return false
    }

    /// What keeps things from being in order when the time is over; `nil` once all is.
    private func unrest(within limit: Duration) async -> String? {
        let end = ContinuousClock.now + limit
        var why = "no answer"
        while ContinuousClock.now < end {
            if let state = await get("v1/state") {
                guard let found = disorder(state, venue.server.snapshot()) else { return nil }
                why = found
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return why
    }

    private func disorder(_ state: JSON, _ truth: VenueSnapshot) -> String? {
        guard case .list(let intents) = state["open_intents"], case .list(let orders) = state["orders"],
            case .list(let positions) = state["positions"]
        else { return "a state of another shape" }
        if !intents.isEmpty { return "\(intents.count) intents open" }
        let unsettled: [JSON] = ["planned", "in_flight", "in_doubt"]
        let doubtful = orders.filter { unsettled.contains($0["state"] ?? .null) }
        if !doubtful.isEmpty { return "\(doubtful.count) orders in doubt" }
        for name in CrashLane.symbols {
            let held = truth.record.position(of: Symbol(name), asOf: truth.now)
            let row = positions.first { $0["symbol"] == .text(name) }
            guard let row else {
                if held.isZero { continue }
                return "\(name): \(held) held and none believed"
            }
            let sign = row["side"] == "long" ? "" : "-"
            guard case .text(let magnitude) = row["quantity"], sign + magnitude == "\(held)" else {
                return "\(name): \(held) held and \(row) believed"
            }
            if truth.record.openNakedInterval(Symbol(name)) != nil { return "\(name): without a stop" }
        }
        return nil
    }

    private func get(_ path: String) async -> JSON? {
        let request = HTTPClientRequest(url: "\(base)/\(path)")
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(2)),
            let body = try? await response.body.collect(upTo: 1 << 24)
        else { return nil }
        return try? JSONReader.read(body.readableBytesView)
    }
}
