import Dispatch
import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Synchronization
import Testing

@Suite("the policy runtime")
struct RuntimeTests {
    @Test("belief and context arrive under the contract's names")
    func arguments() throws {
        let runtime = try Sample.runtime(
            """
            local e, u, x, n = belief.evidence, belief.unknown_intents, belief.exposure, belief.naked
            assert(belief.debt_sec == 1.5 and belief.debt_symbols == 2 and belief.mismatch_streak == 3)
            assert(belief.confidence == 0.4)
            assert(e.confidence == 0.5 and e.ws_score == 0.6 and e.rest_score == 0.7 and e.fill_score == 0.8)
            assert(e.ws_age_sec == 9 and e.rest_age_sec == 10 and e.fill_age_sec == 11)
            assert(e.contradiction_score == 0.12 and e.contradiction_streak == 13 and e.degraded_sources == 1)
            assert(u.count == 14 and u.oldest_sec == 15 and x.gross_usdt == 16 and x.positions == 17)
            assert(n.symbols == 18 and n.sec == 19 and #belief.symbols == 2)
            local s = belief.symbols[2]
            assert(s.symbol == "BBUSDT" and s.debt_sec == 21 and s.mismatches == 22 and s.kind == "orphan")
            assert(math.type(belief.debt_symbols) == "integer" and math.type(belief.debt_sec) == "float")
            local c, l, k = context, context.limits, context.last_enforced
            assert(c.now == 123.25 and c.tick == 7 and c.dt == 4.5 and c.since_load_ticks == 0)
            assert(c.params_changed == false and c.params.x == 0.5)
            assert(l.max_notional_usdt == 1000 and l.max_leverage == 20 and l.min_entry_conf == 0.25)
            assert(l.entry_cooldown_seconds == 8 and l.max_open_orders_per_symbol == 4)
            assert(k.mode == "YELLOW" and k.allow_entries == true and k.kill_switch_trip == false)
            assert(k.reason == "r" and k.debt_score == 1 and k.debt_growth_per_min == nil)
            assert(k.symbols.AAUSDT.allow_entries == false and k.symbols.AAUSDT.max_leverage == nil)
            return knobs(), state
            """,
            fields: "params = { x = { default = 0.5, min = 0, max = 1, unit = \"1\", doc = \"d\" } },"
        )
        var last = Knobs(mode: .yellow, allowEntries: true, limits: Sample.limits)
        last.notes.reason = "r"
        last.notes.debtScore = 1
        var own = SymbolKnobs()
        own.allowEntries = false
        last.symbols[Symbol("AAUSDT")] = own
        let question = PolicyQuestion(
            tick: 7,
            now: 123.25,
            sinceLast: 4.5,
            belief: belief,
            limits: Sample.limits,
            lastEnforced: last
        )
        #expect(runtime.evaluate(question).fault == nil)
    }

    private var belief: Belief {
        var belief = Belief()
        belief.debtSeconds = 1.5
        belief.debtSymbols = 2
        belief.mismatchStreak = 3
        belief.confidence = 0.4
        belief.evidence.confidence = 0.5
        belief.evidence.streamScore = 0.6
        belief.evidence.restScore = 0.7
        belief.evidence.fillScore = 0.8
        belief.evidence.streamAgeSeconds = 9
        belief.evidence.restAgeSeconds = 10
        belief.evidence.fillAgeSeconds = 11
        belief.evidence.contradictionScore = 0.12
        belief.evidence.contradictionStreak = 13
        belief.evidence.degradedSources = 1
        belief.unknownIntents.count = 14
        belief.unknownIntents.oldestSeconds = 15
        belief.exposure.grossUSDT = 16
        belief.exposure.positions = 17
        belief.naked.symbols = 18
        belief.naked.seconds = 19
        belief.symbols = [
            SymbolDebt(symbol: Symbol("AAUSDT"), debtSeconds: 1, mismatches: 2, kind: "k"),
            SymbolDebt(symbol: Symbol("BBUSDT"), debtSeconds: 21, mismatches: 22, kind: "orphan"),
        ]
        return belief
    }

    @Test("nothing but the state survives a tick")
    func purity() throws {
        let runtime = try Sample.runtime(
            """
            count = count + 1 memo.n = (memo.n or 0) + 1
            assert(count == 1 and memo.n == 1 and belief.mark == nil and context.mark == nil)
            belief.mark = 1 context.mark = 1 belief.evidence.mark = belief
            return knobs(), state
            """,
            top: "local count, memo = 0, {}"
        )
        for tick in 1...5 { #expect(runtime.evaluate(Sample.question(tick: Int64(tick))).fault == nil) }
    }

    @Test("a module runs once per tick and is shared within it")
    func modules() throws {
        let main = """
            local one = require("shared")
            local two = require("user")
            """
        let directory = try Sample.directory([
            "policy.lua": main + "\n"
                + Sample.source("one.n = one.n + 1 assert(two().n == 1) return knobs(), state"),
            "shared.lua": "return { n = 0 }",
            "lib/user.lua": "local shared = require(\"shared\") return function() return shared end",
        ])
        let runtime = try PolicyRuntime(directory)
        for tick in 1...4 {
            let verdict = runtime.evaluate(Sample.question(tick: Int64(tick)))
            #expect(verdict.fault == nil, "\(verdict.fault?.message ?? "")")
        }
    }

    @Test("two hosts say the same, with the same instruction counts")
    func reproducible() throws {
        func run() throws -> [PolicyVerdict] {
            let runtime = try Sample.runtime(
                """
                local t = {}
                for i = 1, 60 do t["key" .. (i * 7 % 61)] = i / 3 end
                local sum = 0
                for k, v in pairs(t) do sum = sum / 3 + v if #k > 4 then t[k] = nil end end
                for i = 1, 30 do t["other" .. i] = { i, tostring(i) } end
                state.sum = (state.sum or 0) + sum
                local list = {}
                for k in pairs(t) do table.insert(list, k) end
                table.sort(list, function(a, b) return #a < #b end)
                local k = knobs() k.reason = string.sub(table.concat(list, ","), 1, 200) return k, state
                """
            )
            return (1...20).map { runtime.evaluate(Sample.question(tick: Int64($0))) }
        }
        let first = try run()
        #expect(first.allSatisfy { $0.fault == nil })
        for _ in 1...5 { #expect(try run() == first) }
        #expect(first[5].instructions > 1000)
    }

    @Test("a blown budget costs a bounded, reproducible number of instructions, and the next tick works")
    func budget() throws {
        let runtime = try Sample.runtime(
            "if context.tick % 2 == 0 then while true do end end return knobs(), state"
        )
        var spent: Set<Int64> = []
        for tick in 1...20 {
            let verdict = runtime.evaluate(Sample.question(tick: Int64(tick)))
            #expect((verdict.fault == nil) == (tick % 2 == 1))
            if verdict.fault != nil { spent.insert(verdict.instructions) }
        }
        #expect(spent.count == 1 && (spent.first ?? 0) < PolicyRuntime.instructionBudget + 1000)
    }

    @Test("parameters: defaults, overrides, and refusal of what is unknown or out of range")
    func parameters() throws {
        let source = Sample.source(
            """
            local k = knobs() k.debt_score = context.params.x k.reason = tostring(context.params_changed)
            return k, state
            """,
            fields: "params = { x = { default = 2, min = 1, max = 3, unit = \"s\", doc = \"d\" } },"
        )
        let directory = try PolicyDirectory(source: source)
        func overrides(_ name: String, _ value: Double) -> Table<String, Double> {
            var table: Table<String, Double> = Table()
            table[name] = value
            return table
        }
        for (name, value, code) in [
            ("x", 3.5, "param_range"), ("x", 0.999, "param_range"), ("x", .nan, "param_range"),
            ("x", .infinity, "param_range"), ("y", 1, "param_unknown"),
        ] {
            let problem = #expect(throws: PolicyProblem.self) {
                try PolicyRuntime(directory, overrides: overrides(name, value))
            }
            #expect(problem?.code == code)
        }
        let runtime = try PolicyRuntime(directory, overrides: overrides("x", 3))
        func ask() -> (Double?, String?) {
            let knobs = runtime.evaluate(Sample.question()).knobs
            return (knobs?.notes.debtScore, knobs?.notes.reason)
        }
        #expect(ask() == (3, "false"))
        try runtime.setParameters(overrides("x", 1))
        #expect(ask() == (1, "true"))
        #expect(ask() == (1, "false"))
        try runtime.setParameters(Table())
        #expect(ask() == (2, "true"))
        #expect(throws: PolicyProblem.self) { try runtime.setParameters(overrides("x", 9)) }
        #expect(ask() == (2, "false"))
    }

    @Test("log lines are collected, bounded, and change nothing else")
    func log() throws {
        let loud = try Sample.runtime(
            "for i = 1, 40 do log('line ' .. i) end log(1.5) return knobs(), state"
        )
        #expect(loud.evaluate(Sample.question()).fault == nil)
        #expect(loud.log.count == 17 && loud.log[0] == "line 1" && loud.log.last == "(25 more)")
        let long = try Sample.runtime(
            "local s = 'x' for i = 1, 10 do s = s .. s end log(s) return knobs(), state"
        )
        #expect(long.evaluate(Sample.question()).fault == nil)
        #expect(long.log.first?.utf8.count == 256)
        #expect(try Sample.value("log({})").contains("a table has no text"))
    }

    @Test("deep nesting fits on a small stack, for a thread with room is found", arguments: [64, 512, 8192])
    func smallStack(kilobytes: Int) throws {
        let deep = String(repeating: "(", count: 190) + "1" + String(repeating: ")", count: 190)
        let source = Sample.source(
            """
            local function dive(n)
              local t = { 2, 1 }
              table.sort(t, function(a, b) dive(n + 1) return a < b end)
            end
            if context.tick == 1 then dive(1) end
            return knobs(), state
            """,
            top: "local deep = \(deep)"
        )
        let box = Box()
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            box.run(source)
            done.signal()
        }
        thread.stackSize = kilobytes * 1024
        thread.start()
        done.wait()
        #expect(box.outcome == ["error", "none"])
    }
}

/// Carries an outcome out of a thread that the test waits for.
private final class Box: Sendable {
    private let stored = Mutex<[String]>([])

    var outcome: [String] { stored.withLock { $0 } }

    func run(_ source: String) {
        var outcome: [String] = []
        do {
            let runtime = try PolicyRuntime(try PolicyDirectory(source: source))
            for tick in 1...2 {
                let verdict = runtime.evaluate(Sample.question(tick: Int64(tick)))
                outcome.append(verdict.fault?.code.rawValue ?? "none")
            }
        } catch {
            outcome = ["\(error)"]
        }
        stored.withLock { $0 = outcome }
    }
}
