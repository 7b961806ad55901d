import Foundation
import ReckonModel
import Synchronization

/// Enters and exits without pause, and repeats a key until it is answered, whoever dies meanwhile.
final class CrashTraffic: Sendable {
    /// What it saw.
    struct Tally: Sendable {
        var entriesAccepted = 0
        var exitsAccepted = 0
        /// Refusals of entries, by rule.
        var refusals: [String: Int] = [:]
        /// Exits that the API refused: there must be none.
        var refusedExits: [String] = []
    }

    private struct State {
        var tally = Tally()
        var isResting = false
        var isStopping = false
    }

    private let client: IntentClient
    private let symbols: [String]
    private let dice: Dice
    private let state = Mutex(State())

    init(client: IntentClient, symbols: [String], seed: UInt64) {
        self.client = client
        self.symbols = symbols
        dice = Dice(seed: seed)
    }

    var seen: Tally { state.withLock { $0.tally } }

    /// While it rests it hands nothing new in, and what is open stays open.
    func rest(_ isResting: Bool) { state.withLock { $0.isResting = isResting } }

    func stop() { state.withLock { $0.isStopping = true } }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    func trade() async {
        await withDiscardingTaskGroup { group in
            for symbol in symbols { group.addTask { await self.trade(symbol) } }
        }
    }

    private func trade(_ symbol: String) async {
        var dice = dice.child(symbol)
        var round = 0
        while !isStopping {
            round += 1
            let side = dice.chance(1, in: 2) ? "buy" : "sell"
            let key = "\(symbol)-\(round)"
            let entry = StrategyIntent.entry(key: key, symbol: symbol, side: side, notional: 200, stop: 200)
            let wasTaken = await hand(entry)
            await pause(150 + Int64(dice.roll(below: 500)))
            guard wasTaken else { continue }
            await leave("\(key)-x", symbol)
            await pause(100 + Int64(dice.roll(below: 300)))
        }
    }

    /// Whether the entry was taken on.
    private func hand(_ entry: StrategyIntent) async -> Bool {
        while !isStopping {
            await awake()
            switch await client.submit(entry) {
            case .accepted:
                state.withLock { $0.tally.entriesAccepted += 1 }
                return true
            case .refused(let rule):
                state.withLock { $0.tally.refusals[rule, default: 0] += 1 }
                return false
            case .unanswered: await pause(60)
            }
        }
        return false
    }

    /// An exit is insisted on: an engine that is dead now answers later.
    private func leave(_ key: String, _ symbol: String) async {
        await awake()
        for _ in 0..<1_000 {
            switch await client.submit(.close(key: key, symbol: symbol)) {
            case .accepted: return state.withLock { $0.tally.exitsAccepted += 1 }
            case .refused(let rule):
                return state.withLock { $0.tally.refusedExits.append("\(key): \(rule)") }
            case .unanswered: await pause(60)
            }
        }
        state.withLock { $0.tally.refusedExits.append("\(key): no answer") }
    }

    private func awake() async {
        while state.withLock({ $0.isResting && !$0.isStopping }) { await pause(20) }
    }

    private func pause(_ milliseconds: Int64) async {
        try? await Task.sleep(for: .milliseconds(milliseconds))
    }
}
