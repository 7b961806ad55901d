import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonVenue
import Testing

/// One engine over its several lives: the same journal, the same address, the same venue.
struct Life {
    static let symbols = [Symbol("BTCUSDT"), Symbol("ETHUSDT")]
    let port: Int
    let journal: String
    let configuration: EngineConfiguration
    let folder: URL
    let arguments: [String]
    let policy = ReckonProcess.project.appendingPathComponent("policies/steady").path

    /// `more` is the rest of the settings, first of all those of the table `venue`.
    init(_ scratch: borrowing ScratchFolder, _ venue: VenueServer, more: String = "") throws {
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
            \(more)
            """
        arguments = [
            "run", "--config", try scratch.write(settings, to: "reckon.toml"), "--api", "127.0.0.1:\(port)",
            "--journal", journal, "--policy", policy,
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

    /// Waits until the state is as wanted, for at most 20 s.
    func waitUntil(_ holds: ([String: Any]) -> Bool) async -> Bool {
        for _ in 0..<200 {
            if let state = await state(), holds(state) { return true }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    /// Hands an intent in; HTTP status and body.
    func post(_ body: String) async -> (status: UInt, body: String)? {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/v1/intents")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body))
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(8)),
            let answer = try? await response.body.collect(upTo: 1 << 20)
        else { return nil }
        return (response.status.code, String(buffer: answer))
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

    /// `/v1/state`, as a tree.
    func state() async -> [String: Any]? {
        guard let body = await get("v1/state") else { return nil }
        return try? JSONSerialization.jsonObject(with: body) as? [String: Any]
    }

    func get(_ path: String) async -> Data? {
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/\(path)")
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(2)),
            let body = try? await response.body.collect(upTo: 1 << 22)
        else { return nil }
        return Data(buffer: body)
    }
}
