import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

@Suite("the reference mapping")
struct BaselineParityTests {
    private struct Tick: Decodable {
        struct Expected: Decodable {
            let mode: GuardMode
            let allow_entries: Bool
            let kill_switch_trip: Bool
            let max_notional_usdt: Double
            let max_leverage: Double
            let min_entry_conf: Double
            let entry_cooldown_seconds: Double
            let max_open_orders_per_symbol: Double
            let debt_score: Double
            let debt_growth_per_min: Double
            let recovery_stage: String
        }

        let now: Double
        let knobs: Expected
    }

    private struct Answer: Decodable {
        let now: Double
        let raw: Tick.Expected
    }

    private func vectors() throws -> [[UInt8]] {
        let url = try Sample.resource("Vectors/belief-parity.jsonl")
        return Sample.lines(of: String(decoding: try Data(contentsOf: url), as: UTF8.self))
    }

    @Test("baseline gives the vectors' raw knobs to one part in 1e9")
    func parity() throws {
        let runtime = try PolicyRuntime(try Sample.policy("baseline"))
        var evaluation = TraceEvaluation(runtime, overrides: Table(), file: "belief-parity.jsonl")
        let decoder = JSONDecoder()
        var count = 0
        for line in try vectors() {
            guard let text = try evaluation.take(line) else { continue }
            let expected = try decoder.decode(Tick.self, from: Data(line))
            let answer = try decoder.decode(Answer.self, from: Data(text.utf8))
            compare(answer.raw, expected.knobs, at: expected.now)
            count += 1
        }
        #expect(count == 2400)
        #expect(evaluation.warnings.isEmpty)
    }

    private func compare(_ found: Tick.Expected, _ wanted: Tick.Expected, at now: Double) {
        #expect(found.mode == wanted.mode, "at \(now)")
        #expect(found.allow_entries == wanted.allow_entries, "at \(now)")
        #expect(found.kill_switch_trip == wanted.kill_switch_trip, "at \(now)")
        #expect(found.recovery_stage == wanted.recovery_stage, "at \(now)")
        #expect(found.max_leverage == wanted.max_leverage, "at \(now)")
        #expect(found.max_open_orders_per_symbol == wanted.max_open_orders_per_symbol, "at \(now)")
        let figures = [
            (found.max_notional_usdt, wanted.max_notional_usdt),
            (found.min_entry_conf, wanted.min_entry_conf),
            (found.entry_cooldown_seconds, wanted.entry_cooldown_seconds),
            (found.debt_score, wanted.debt_score),
            (found.debt_growth_per_min, wanted.debt_growth_per_min),
        ]
        for (left, right) in figures {
            #expect(abs(left - right) <= 1e-9 * max(abs(right), .leastNormalMagnitude), "at \(now)")
        }
    }

    @Test("the trace gives the same bytes on every run")
    func sameBytes() throws {
        let lines = Array(try vectors().prefix(401))
        func run() throws -> [String] {
            var evaluation = TraceEvaluation(
                try PolicyRuntime(try Sample.policy("baseline")),
                overrides: Table(),
                file: "t"
            )
            return try lines.compactMap { try evaluation.take($0) }
        }
        let first = try run()
        #expect(first.count == 400)
        #expect(try run() == first)
    }
}
