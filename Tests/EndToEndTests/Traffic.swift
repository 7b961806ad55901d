import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ReckonModel
import Synchronization

/// A caller that enters and exits without pause, and repeats a key until it is answered, whoever dies meanwhile.
final class Traffic: Sendable {
    private struct Seen: Sendable {
        var isStopping = false
        var accepted = 0
        var refusedExits: [String] = []
    }

    private let base: String
    private let dice: Dice
    private let seen = Mutex(Seen())

    init(base: String, seed: UInt64) {
        self.base = base
        dice = Dice(seed: seed)
    }

    var accepted: Int { seen.withLock { $0.accepted } }

    var refusedExits: [String] { seen.withLock { $0.refusedExits } }

    func stop() { seen.withLock { $0.isStopping = true } }

    private var isStopping: Bool { seen.withLock { $0.isStopping } }

    func trade() async {
        await withDiscardingTaskGroup { group in
            for symbol in ["BTCUSDT", "ETHUSDT"] { group.addTask { await self.trade(symbol) } }
        }
    }

    private func trade(_ symbol: String) async {
        var dice = dice.child(symbol)
        var round = 0
        while !isStopping {
            round += 1
            let side = dice.chance(1, in: 2) ? "buy" : "sell"
            let entry = """
                {"key": "\(symbol)-\(round)", "kind": "entry", "symbol": "\(symbol)", "side": "\(side)",
                 "notional_usdt": "200", "stop": {"distance_bps": 200}}
                """
            let wasTaken = await insist(entry)
            await pause(.milliseconds(200 + Int64(dice.roll(below: 400))))
            guard wasTaken else { continue }
            let exit = """
                {"key": "\(symbol)-\(round)-x", "kind": "exit", "symbol": "\(symbol)", "close": true}
                """
            if await !insist(exit) { seen.withLock { $0.refusedExits.append("\(symbol)-\(round)-x") } }
            await pause(.milliseconds(400))
        }
    }

    /// Sends until there is an answer; whether it was taken.
    private func insist(_ body: String) async -> Bool {
        for _ in 0..<200 {
            if let status = await post(body), status != 503 {
                if status == 202 { seen.withLock { $0.accepted += 1 } }
                return status == 202
            }
            if isStopping, body.contains("\"entry\"") { return false }
            await pause(.milliseconds(100))
        }
        return false
    }

    private func post(_ body: String) async -> UInt? {
        var request = HTTPClientRequest(url: "\(base)/v1/intents")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: body))
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(5)) else {
            return nil
        }
        _ = try? await response.body.collect(upTo: 1 << 20)
        return response.status.code
    }

    private func pause(_ length: Duration) async { try? await Task.sleep(for: length) }
}
