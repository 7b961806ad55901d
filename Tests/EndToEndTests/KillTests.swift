import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import ReckonEngine
import ReckonExchange
import ReckonJournal
import ReckonModel
import ReckonSimulation
import ReckonVenue
import Testing

@Suite("kill -9 in the middle of traffic", .serialized)
struct KillTests {
    /// A process that dies at any instant loses no intent, doubles no order, and leaves no position without a stop.
    @Test("after kill -9 and restart nothing is lost, doubled or left bare", arguments: [UInt64(11)])
    func killAndRestart(seed: UInt64) async throws {
        let folder = try ScratchFolder()
        var dice = Dice(seed: seed)
        let venue = try await startVenue(seed)
        let life = try Life(folder, venue)
        let traffic = Traffic(base: "http://127.0.0.1:\(life.port)", seed: seed)
        let trading = Task { await traffic.trade() }
        for _ in 0..<4 {
            let process = try life.begin()
            try await life.waitUntilAnswering()
            try await Task.sleep(for: .milliseconds(1_500 + Int64(dice.roll(below: 2_500))))
            process.kill()
        }
        let last = try life.begin()
        traffic.stop()
        venue.endFaults()
        await trading.value
        let isAtRest = await life.waitForRest(venue)
        #expect(isAtRest, "open intents or doubts are left a minute after the last fault")
        #expect(last.end() == 0)
        let truth = venue.snapshot()
        await venue.stop()
        let facts = try Journal(path: life.journal, engine: "e2e", at: Instant(nanoseconds: 0)).reader.load()
        let evidence = RunEvidence(
            record: truth.record,
            facts: facts,
            configuration: life.configuration,
            until: truth.now,
            refusedExits: traffic.refusedExits
        )
        let report = ReliabilityReport(evidence)
        #expect(report.holds, "\(report.complaints)")
        #expect(
            traffic.accepted > 3,
            "only \(traffic.accepted) intents were accepted: the test shows nothing"
        )
        #expect(facts.count { if case .started = $0.fact { true } else { false } } == 5)
        for symbol in life.configuration.symbols {
            let held = truth.record.position(of: symbol, asOf: truth.now)
            #expect(held.isZero || truth.record.openNakedInterval(symbol) == nil, "\(symbol) is bare")
        }
    }

    private func startVenue(_ seed: UInt64) async throws -> VenueServer {
        let chance = FaultChance(1, in: 5)
        let plan = FaultPlan(
            name: "lost",
            rules: [
                FaultRule(.answerLost, .chance(chance), scope: .orders),
                FaultRule(.requestLost, .chance(FaultChance(1, in: 12)), scope: .orders),
            ]
        )
        return try await VenueServer.start(VenueSettings(symbols: Life.symbols, seed: seed, faults: plan))
    }
}

/// One engine over its several lives: the same journal, the same address, the same venue.
private struct Life {
    static let symbols = [Symbol("BTCUSDT"), Symbol("ETHUSDT")]
    let port: Int
    let journal: String
    let configuration: EngineConfiguration
    private let folder: URL
    private let arguments: [String]

    init(_ scratch: borrowing ScratchFolder, _ venue: VenueServer) throws {
        port = 20_000 + Int(UInt16(truncatingIfNeeded: UInt64(Date().timeIntervalSince1970 * 1_000)) % 20_000)
        journal = scratch.path("reckon.sqlite")
        folder = scratch.url
        let limits = GuardLimits(
            maxNotional: 1_000,
            maxLeverage: 5,
            minEntryConfidence: 0,
            entryCooldownSeconds: 0,
            maxOpenOrdersPerSymbol: 4
        )
        configuration = EngineConfiguration(engineID: "e2e", symbols: Life.symbols, limits: limits)
        let settings = """
            [engine]
            id = "e2e"
            symbols = ["BTCUSDT", "ETHUSDT"]
            [limits]
            max_notional_usdt = 1000
            max_leverage = 5
            min_entry_conf = 0.0
            entry_cooldown_seconds = 0
            max_open_orders_per_symbol = 4
            [venue]
            url = "\(venue.address.httpURL)"
            """
        arguments = [
            "run", "--config", try scratch.write(settings, to: "reckon.toml"), "--api", "127.0.0.1:\(port)",
            "--journal", journal, "--policy",
            ReckonProcess.project.appendingPathComponent("policies/steady").path,
        ]
    }

    func begin() throws -> ReckonProcess {
        try ReckonProcess(arguments, in: folder, isQuiet: true)
    }

    func waitUntilAnswering() async throws {
        for _ in 0..<200 {
            if await get("healthz") != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the engine did not answer on port \(port) within 10 s")
    }

    /// Whether everything came to rest: no open intent, and belief is what the venue holds.
    func waitForRest(_ venue: VenueServer) async -> Bool {
        for _ in 0..<300 {
            if let state = await get("v1/state"), isAtRest(state, venue.snapshot()) { return true }
            try? await Task.sleep(for: .milliseconds(200))
        }
        return false
    }

    private func isAtRest(_ state: Data, _ venue: VenueSnapshot) -> Bool {
        guard let tree = try? JSONSerialization.jsonObject(with: state) as? [String: Any],
            let intents = tree["open_intents"] as? [Any], intents.isEmpty,
            let orders = tree["orders"] as? [[String: Any]]
        else { return false }
        let isInDoubt = orders.contains {
            ["in_flight", "doubtful", "in_doubt"].contains($0["state"] as? String)
        }
        return !isInDoubt && venue.record.startsAt < venue.now
    }

    private func get(_ path: String) async -> Data? {
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/\(path)")
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(2)),
            let body = try? await response.body.collect(upTo: 1 << 22)
        else { return nil }
        return Data(buffer: body)
    }
}
