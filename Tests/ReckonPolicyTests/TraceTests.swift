import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

@Suite("policy eval over a trace")
struct TraceTests {
    private func evaluation(
        _ evaluate: String = "local k = knobs() k.debt_score = belief.debt_sec return k, state",
        overrides: [String: Double] = [:]
    ) throws -> TraceEvaluation {
        let runtime = try Sample.runtime(
            evaluate,
            fields: "params = { x = { default = 1, min = 0, max = 2, unit = \"1\", doc = \"d\" } },"
        )
        var table: Table<String, Double> = Table()
        for (name, value) in overrides { table[name] = value }
        return TraceEvaluation(runtime, overrides: table, file: "t.jsonl")
    }

    private func take(_ text: String, _ evaluation: inout TraceEvaluation) throws -> String? {
        try evaluation.take(Array(text.utf8))
    }

    @Test(
        "malformed lines are refused with file, line and reason",
        arguments: [
            ("{", "not JSON"), ("[]", "must be an object"), ("1", "must be an object"),
            ("{}", "neither `trace`"),
            ("nonsense", "not JSON"), (#"{"now": "1"}"#, "`now` must be a number"),
            (#"{"now": null}"#, "neither `trace`"), (#"{"now": 1e999}"#, "JSON"),
            (#"{"now": 1e18}"#, "within"),
            (#"{"now": 1, "belief": 1}"#, "`belief` must be an object"),
            (#"{"now": 1, "belief": {"debt_sec": "x"}}"#, "`belief.debt_sec` must be a number"),
            (#"{"now": 1, "belief": {"debt_sec": -1}}"#, "`belief.debt_sec` is -1.0"),
            (#"{"now": 1, "belief": {"debt_symbols": 1.5}}"#, "must be whole"),
            (#"{"now": 1, "belief": {"debt_symbols": 1e40}}"#, "must be whole"),
            (#"{"now": 1, "belief": {"symbols": [{}]}}"#, "`symbol` is missing"),
            (#"{"now": 1, "belief": {"symbols": [{"symbol": ""}]}}"#, "name of no or over 32 bytes"),
            (#"{"now": 1, "belief": {"evidence": []}}"#, "`belief.evidence` must be an object"),
            (#"{"trace": "t", "params": {"x": "y"}}"#, "`params.x` must be a number"),
            (#"{"trace": "t", "params": {"x": 3}}"#, "parameter `x` is 3.0; allowed 0.0 to 2.0"),
            (#"{"trace": "t", "limits": {"max_leverage": 0}}"#, "`limits` has a figure out of its range"),
            (#"{"trace": 5}"#, "`trace` must be text"), (#"{"now": 4}"#, "before the last tick"),
        ]
    )
    func malformed(line: String, reason: String) throws {
        var evaluation = try evaluation()
        _ = try take(#"{"trace": "t"}"#, &evaluation)
        _ = try take(#"{"now": 5}"#, &evaluation)
        let problem = #expect(throws: PolicyProblem.self) { try take(line, &evaluation) }
        #expect(problem?.file == "t.jsonl" && problem?.line == 3)
        #expect(problem?.message.contains(reason) == true, "\(problem?.message ?? "")")
        #expect(problem?.text.contains("\n") == false)
    }

    @Test("random bytes never crash the reader", arguments: [1, 2, 3, 4] as [UInt64])
    func noise(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let sound = Array(
            #"{"now": 5, "belief": {"debt_sec": 1.5, "symbols": [{"symbol": "A", "kind": "k"}]}}"#.utf8
        )
        var evaluation = try evaluation()
        for _ in 0..<400 {
            var bytes = sound
            for _ in 0..<dice.roll(in: 1...6) {
                bytes[Int(dice.roll(below: UInt64(bytes.count)))] = UInt8(truncatingIfNeeded: dice.next())
            }
            _ = try? evaluation.take(bytes)
        }
        #expect(throws: PolicyProblem.self) {
            try evaluation.take(Array(String(repeating: "[", count: 100_000).utf8))
        }
        #expect(throws: PolicyProblem.self) {
            try evaluation.take([UInt8](repeating: 32, count: 2_000_000) + [0x5B])
        }
    }

    @Test("a line of output has the promised shape")
    func shape() throws {
        var evaluation = try evaluation()
        #expect(try take(#"{"trace": "a \"b\"", "limits": {"max_notional_usdt": 500}}"#, &evaluation) == nil)
        #expect(try take("", &evaluation) == nil)
        let line = try #require(
            try take(#"{"now": 1.5, "belief": {"debt_sec": 2}, "other": 1}"#, &evaluation)
        )
        let start = [
            #"{"trace": "a \"b\"", "now": 1.5, "raw": {"mode": "GREEN", "allow_entries": true, "#,
            #""max_notional_usdt": 1000.0, "max_leverage": 5, "min_entry_conf": 0.5, "#,
            #""entry_cooldown_seconds": 8.0, "max_open_orders_per_symbol": 2, "kill_switch_trip": false, "#,
            #""debt_score": 2.0}, "enforced": {"mode": "GREEN", "allow_entries": true, "#,
            #""max_notional_usdt": 500.0"#,
        ]
        #expect(line.hasPrefix(start.joined()))
        #expect(
            line.contains(#""held": [], "clamped": ["max_notional_usdt"], "fault": null, "instructions": "#)
        )
    }

    @Test("a header resets state, parameters and limits")
    func header() throws {
        var evaluation = try evaluation(
            """
            state.n = (state.n or 0) + 1
            local k = knobs() k.debt_score = state.n + 10 * context.params.x return k, state
            """
        )
        func score(_ line: String) throws -> String? {
            guard let text = try take(line, &evaluation) else { return nil }
            return text.split(separator: "\"debt_score\": ").dropFirst().first?.prefix { $0 != "}" }
                .description
        }
        #expect(try score(#"{"now": 1}"#) == "11.0")
        #expect(try score(#"{"now": 2}"#) == "12.0")
        #expect(try score(#"{"trace": "b", "params": {"x": 2}}"#) == nil)
        #expect(try score(#"{"now": 1}"#) == "21.0")
        #expect(try score(#"{"trace": "c", "params": {"unheard_of": 2}}"#) == nil)
        #expect(evaluation.warnings.map(\.code) == ["param_unknown"])
        #expect(try score(#"{"now": 1}"#) == "11.0")
    }

    @Test("the command line's parameters win over a header's")
    func overrides() throws {
        var evaluation = try evaluation(
            "local k = knobs() k.debt_score = context.params.x return k, state",
            overrides: ["x": 0.5]
        )
        _ = try take(#"{"trace": "b", "params": {"x": 2}}"#, &evaluation)
        #expect(try take(#"{"now": 1}"#, &evaluation)?.contains(#""debt_score": 0.5"#) == true)
    }

    @Test("a fault is a fallback verdict, three of them are RED")
    func faults() throws {
        var evaluation = try evaluation("error('it broke')")
        var modes: [String] = []
        for tick in 1...4 {
            let line = try #require(try take(#"{"now": \#(tick)}"#, &evaluation))
            #expect(line.contains(#""raw": null, "enforced": {"mode": ""#))
            #expect(line.contains(#""fault": {"code": "error", "message": "policy.lua:"#))
            #expect(line.contains(#""allow_entries": false, "max_notional_usdt": 0.0"#))
            modes.append(line.contains(#""mode": "RED""#) ? "RED" : "ORANGE")
        }
        #expect(modes == ["ORANGE", "ORANGE", "RED", "RED"])
    }
}
