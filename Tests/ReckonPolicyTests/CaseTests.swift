import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

@Suite("cases.lua and what it covers")
struct CaseTests {
    private static func cases(_ text: String) throws -> [PolicyCase] {
        try CaseFile(source: Array(text.utf8)).cases
    }

    private static func run(_ body: String, _ example: String) throws -> CaseRun {
        let example = try #require(try cases("return { \(example) }").first)
        return try CaseRun(example, with: try Sample.runtime(body))
    }

    @Test(
        "every policy of this project passes its cases",
        arguments: ["baseline", "brisk", "steady", "cautious"]
    )
    func shipped(name: String) throws {
        let folder = Sample.root.appendingPathComponent("policies/\(name)").path
        let file = try #require(try CaseFile(besidePolicyIn: folder))
        let runtime = try PolicyRuntime(try Sample.policy(name))
        try runtime.noteLines()
        for example in file.cases {
            let run = try CaseRun(example, with: runtime)
            #expect(run.passed, "\(run.name): \(run.failures)")
        }
        let coverage = runtime.coverage
        #expect(coverage.percent >= 97, "\(coverage.files.map { "\($0.name): \($0.missedText)" })")
    }

    @Test("what a case wants is compared knob by knob, with ranges and modes by severity")
    func expectations() throws {
        let body =
            "local k = knobs() k.mode = 'ORANGE' k.symbols = { BTC = { allow_entries = false } } return k, {}"
        func complaints(_ wanted: String) throws -> [String] {
            try Self.run(body, "{ name = 'c', ticks = { { now = 0, knobs = { \(wanted) } } } }").failures.map(
                \.message
            )
        }
        #expect(try complaints("mode = 'ORANGE', max_notional_usdt = 1000").isEmpty)
        #expect(try complaints("mode = { at_least = 'YELLOW' }, max_leverage = { at_most = 5 }").isEmpty)
        #expect(
            try complaints("mode = { at_least = 'RED' }") == ["mode is \"ORANGE\", wanted at least \"RED\""]
        )
        #expect(try complaints("max_leverage = { at_most = 4 }") == ["max_leverage is 5, wanted at most 4"])
        #expect(try complaints("symbols = { BTC = { allow_entries = false } }").isEmpty)
        #expect(try complaints("symbols = {}").count == 1)
        #expect(try complaints("debt_score = 1") == ["debt_score is absent, wanted 1"])
    }

    @Test("enforced knobs are the guard's: what it holds back fails the raw wish and not the enforced one")
    func enforced() throws {
        let body = "local k = knobs() k.max_notional_usdt = belief.confidence * 1000 return k, {}"
        let run = try Self.run(
            body,
            """
            { name = 'held', ticks = {
              { now = 0, belief = { debt_symbols = 1, confidence = 0.5 }, knobs = { max_notional_usdt = 500 } },
              { now = 5, belief = { debt_symbols = 1 }, knobs = { max_notional_usdt = 1000 },
                enforced = { max_notional_usdt = 500 } },
            } }
            """
        )
        #expect(run.passed, "\(run.failures)")
    }

    @Test("a fault fails a case, unless it is what the case wants; log lines are kept")
    func faults() throws {
        let body = "log('at ' .. context.now) if belief.debt_sec > 1 then error('x') end return knobs(), {}"
        let ticks = "{ now = 0 }, { now = 5, belief = { debt_sec = 2 }"
        let run = try Self.run(body, "{ name = 'c', ticks = { \(ticks) } } }")
        #expect(run.failures.map(\.tick) == [2])
        #expect(run.log.map(\.text) == ["at 0.0", "at 5.0"])
        #expect(try Self.run(body, "{ name = 'c', ticks = { \(ticks), fault = 'error' } } }").passed)
        #expect(!(try Self.run(body, "{ name = 'c', ticks = { { now = 0, fault = 'error' } } }").passed))
    }

    @Test(
        "a case file that cannot be right is named with its place",
        arguments: [
            ("return 3", "case_load"), ("return { 3 }", "case_state"),
            ("return { { name = 'a' } }", "case_shape"),
            ("return { { name = 'a', ticks = {} } }", "case_shape"),
            ("return { { name = 'a', ticks = { { now = 0, blief = {} } } } }", "case_shape"),
            ("return { { name = 'a', ticks = { { now = 0, belief = { debt = 1 } } } } }", "case_shape"),
            ("return { { name = 'a', ticks = { { now = 0, belief = { confidence = 2 } } } } }", "case_shape"),
            ("return { { name = 'a', ticks = { { now = 5 }, { now = 4 } } } }", "case_shape"),
            ("return { { name = 'a', ticks = { { now = 0, knobs = { notional = 1 } } } } }", "case_shape"),
            (
                "return { { name = 'a', ticks = { { now = 0 } } }, { name = 'a', ticks = { { now = 0 } } } }",
                "case_name"
            ),
            ("local x = require('ramp') return {}", "case_require"), ("return {", "syntax"),
            ("while true do end", "case_instructions"), ("return { a = 1 }", "case_load"),
            (
                "return { { name = 'a', ticks = {}, pair = { now = 0, better = { debt_sec = 2 } } } }",
                "case_shape"
            ),
        ]
    )
    func refused(source: String, code: String) throws {
        let problem = #expect(throws: PolicyProblem.self) { try Self.cases(source) }
        #expect(problem?.code == code, "\(problem?.text ?? "")")
        #expect(problem?.file == "cases.lua", "\(problem?.text ?? "")")
    }

    @Test("coverage names the lines that did not run, also of functions that were never called")
    func coverage() throws {
        let source = """
            local function never()
              local x = 1
              return x
            end
            local function knobs(mode)
              if mode == "RED" then
                never()
              end
              return { mode = mode, allow_entries = false, max_notional_usdt = 0, max_leverage = 1,
                min_entry_conf = 1, entry_cooldown_seconds = 0, max_open_orders_per_symbol = 0,
                kill_switch_trip = false }
            end
            return { api = 1, name = "lines",
              initial_state = function() return {} end,
              evaluate = function(belief, state)
                return knobs("GREEN"), state
              end,
            }
            """
        let runtime = try PolicyRuntime(try PolicyDirectory(source: source))
        try runtime.noteLines()
        _ = runtime.evaluate(Sample.question())
        let file = try #require(runtime.coverage.files.first)
        #expect(file.missed == [2, 3, 7])
        #expect(file.missedText == "2-3, 7")
        #expect(file.active.contains(6) && file.active.contains(16) && !file.active.contains(8))
    }

    @Test("noting lines changes no verdict, no state and no instruction figure")
    func unobserved() throws {
        let plain = try PolicyRuntime(try Sample.policy("steady"))
        let noted = try PolicyRuntime(try Sample.policy("steady"))
        try noted.noteLines()
        for tick in 1...60 {
            let belief = Belief.debt(Double(tick % 17) * 9, symbols: tick % 7, streak: tick % 41)
            let question = Sample.question(tick: Int64(tick), now: Double(tick) * 5, belief: belief)
            #expect(plain.evaluate(question) == noted.evaluate(question))
        }
    }
}

@Suite("what the toolchain says of the contract")
struct SchemaTests {
    @Test("a belief in Lua has the fields of the schema, and no others")
    func fields() throws {
        let body = """
            local names = {}
            for key, value in pairs(belief) do
              if type(value) == "table" and key ~= "symbols" then
                for inner in pairs(value) do table.insert(names, key .. "." .. inner) end
              elseif key ~= "symbols" then
                table.insert(names, key)
              end
            end
            for first = 1, #names, 5 do
              log(table.concat({ table.unpack(names, first, math.min(first + 4, #names)) }, " "))
            end
            return knobs(), {}
            """
        let runtime = try Sample.runtime(body)
        let verdict = runtime.evaluate(Sample.question())
        #expect(verdict.fault == nil)
        let names = runtime.log.joined(separator: " ").split(separator: " ").map(String.init)
        #expect(names.sorted() == BeliefField.all.map(\.path).sorted())
    }

    @Test("the types for editors are current")
    func types() throws {
        let path = Sample.root.appendingPathComponent("policies/types/reckon.lua")
        #expect(try String(contentsOf: path, encoding: .utf8) == TypesFile.text)
    }

    @Test("check tells what nothing reads, and parameters whose ends break the policy")
    func check() throws {
        let source = Sample.source(
            "local spare = 1 local k = knobs() k.max_notional_usdt = 1000 / context.params.part return k, state",
            fields: """
                params = { part = { default = 1, min = 0, max = 2, unit = "1", doc = "d" },
                  idle = { default = 1, min = 0, max = 2, unit = "1", doc = "d" } },
                """
        )
        let problems = PolicyCheck(try PolicyDirectory(source: source)).problems
        #expect(problems.map(\.code).sorted() == ["param_fault", "param_unused", "unused"])
        for name in ["baseline", "brisk", "steady", "cautious"] {
            #expect(PolicyCheck(try Sample.policy(name)).problems.isEmpty)
        }
    }

    @Test("what is written as Lua reads back as the same belief")
    func roundTrip() throws {
        var dice = Dice(seed: 5)
        for _ in 0..<40 {
            let belief = BeliefDice.next(.neutral, &dice)
            let text =
                "return { { name = 'c', ticks = { { now = 0, belief = \(LuaText.belief(belief)) } } } }"
            let read = try CaseFile(source: Array(text.utf8)).cases.first?.ticks.first?.belief
            #expect(read == belief)
        }
    }
}
