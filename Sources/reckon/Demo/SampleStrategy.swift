import Foundation
import ReckonModel
import Synchronization

/// A strategy with no opinion: it enters at random, holds for some seconds, and closes, one loop a symbol.
///
/// Its only purpose is to send entries and exits through the API while the venue misbehaves.
final class SampleStrategy: Sendable {
    /// What the strategy saw; the run's summary shows it.
    struct Tally: Sendable {
        var entriesSent = 0
        var entriesAccepted = 0
        var entriesFilled = 0
        var exitsSent = 0
        var exitsDone = 0
        /// Refusals of entries, by rule.
        var refusals: [String: Int] = [:]
        /// Exits that the API refused: there must be none.
        var refusedExits: [String] = []
        /// When each accepted entry was accepted, in seconds since the epoch.
        var acceptedAt: [Double] = []
    }

    private let client: IntentClient
    private let symbols: [String]
    private let dice: Dice
    private let tally = Mutex(Tally())
    private let stopping = StopWish()
    /// Keys must differ between runs on one journal.
    private let run = String(UInt64(Date().timeIntervalSince1970 * 1_000), radix: 36)

    init(client: IntentClient, symbols: [String], seed: UInt64) {
        self.client = client
        self.symbols = symbols
        dice = Dice(seed: seed)
    }

    var seen: Tally { tally.withLock { $0 } }

    /// No new entries from now on; what is open is still closed.
    func stop() { stopping.raise() }

    private var isStopping: Bool { stopping.isRaised }

    /// Trades until `stop`, then closes what it holds.
    func trade() async {
        await withDiscardingTaskGroup { group in
            for symbol in symbols {
                group.addTask { await self.trade(symbol) }
            }
        }
    }

    private func trade(_ symbol: String) async {
        var dice = dice.child(symbol)
        var round = 0
        await pause(Double(dice.roll(below: 1_500)) / 1_000)
        while !isStopping {
            round += 1
            let side = dice.chance(1, in: 2) ? "buy" : "sell"
            let notional = 100 + Int(dice.roll(below: 300))
            let key = "demo-\(run)-\(symbol)-\(round)"
            guard await enter(key, symbol, side: side, notional: notional) else {
                await pause(0.5 + Double(dice.roll(below: 700)) / 1_000)
                continue
            }
            await pause(1.0 + Double(dice.roll(below: 1_500)) / 1_000)
            await leave("\(key)-close", symbol)
        }
    }

    private func enter(_ key: String, _ symbol: String, side: String, notional: Int) async -> Bool {
        let intent = StrategyIntent.entry(key: key, symbol: symbol, side: side, notional: notional, stop: 150)
        tally.withLock { $0.entriesSent += 1 }
        switch await submitUntilAnswered(intent) {
        case .accepted(let id):
            tally.withLock {
                $0.entriesAccepted += 1
                $0.acceptedAt.append(Date().timeIntervalSince1970)
            }
            let state = await waitForEnd(id, atMost: 45)
            let isFilled = state == "filled" || state == "partly_filled"
            if isFilled { tally.withLock { $0.entriesFilled += 1 } }
            return isFilled
        case .refused(let rule): tally.withLock { $0.refusals[rule, default: 0] += 1 }
        case .unanswered(let reason): tally.withLock { $0.refusals["unanswered: \(reason)", default: 0] += 1 }
        }
        return false
    }

    private func leave(_ key: String, _ symbol: String) async {
        tally.withLock { $0.exitsSent += 1 }
        switch await submitUntilAnswered(.close(key: key, symbol: symbol)) {
        case .accepted(let id):
            let state = await waitForEnd(id, atMost: 60)
            if state == "done" || state == "nothing_to_reduce" { tally.withLock { $0.exitsDone += 1 } }
        case .refused(let rule): tally.withLock { $0.refusedExits.append("\(key): \(rule)") }
        case .unanswered(let reason): tally.withLock { $0.refusedExits.append("\(key): \(reason)") }
        }
    }

    /// The same key may be sent again: the engine gives back the same intent.
    private func submitUntilAnswered(_ intent: StrategyIntent) async -> IntentClient.Reply {
        var reply = await client.submit(intent)
        for _ in 0..<5 {
            guard case .unanswered = reply else { return reply }
            await pause(0.3)
            reply = await client.submit(intent)
        }
        return reply
    }

    private func waitForEnd(_ id: Int64, atMost seconds: Double) async -> String {
        let end = Date().timeIntervalSince1970 + seconds
        while Date().timeIntervalSince1970 < end {
            if let standing = await client.standing(of: id), standing.state != "open" {
                return standing.state
            }
            await pause(0.15)
        }
        return "open"
    }

    private func pause(_ seconds: Double) async {
        try? await Task.sleep(for: .milliseconds(Int64(seconds * 1_000)))
    }
}
