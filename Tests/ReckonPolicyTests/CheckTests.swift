import Foundation
import ReckonPolicy
import Testing

@Suite("policy check")
struct CheckTests {
    private func problems(_ source: String) throws -> [PolicyProblem] {
        PolicyCheck(try PolicyDirectory(source: source)).problems
    }

    private func codes(_ evaluate: String, top: String = "", fields: String = "") throws -> [String] {
        try problems(Sample.source(evaluate, top: top, fields: fields)).map(\.code)
    }

    @Test("our own policies are clean", arguments: ["baseline", "brisk", "steady"])
    func own(name: String) throws {
        let check = PolicyCheck(try Sample.policy(name))
        #expect(check.problems.isEmpty, "\(check.problems.map(\.text))")
        #expect(check.isSound && check.identity?.name == name)
        #expect(check.mostInstructions > 100 && check.mostInstructions < 20_000)
    }

    @Test("a sound policy has no problem")
    func sound() throws { #expect(try codes("return knobs(), state") == []) }

    @Test("names that the sandbox does not have are told with their line")
    func names() throws {
        let found = try problems(
            """
            local function knobs()
              return { mode = "GREEN", allow_entries = true, max_notional_usdt = 1, max_leverage = 5,
                min_entry_conf = 0.5, entry_cooldown_seconds = 8, max_open_orders_per_symbol = 2,
                kill_switch_trip = false }
            end
            local function never()
              os.exit(1)
              total = 1
              function helper() end
              local x = math.random() + string.rep("x", 2)
              local os = 1
              return os, x
            end
            return { api = 1, name = "n", initial_state = function() return {} end,
              evaluate = function(_, state) return knobs(), state, never end }
            """
        )
        #expect(
            found.map { "\($0.line) \($0.code)" }.sorted() == [
                "10 unknown_function", "10 unknown_function", "7 unknown_global", "8 global_write",
                "9 global_write",
            ]
        )
        #expect(found.allSatisfy { $0.file == "policy.lua" })
    }

    @Test("the length of a table with items removed from its midst is told; of a list or stack it is not")
    func lengths() throws {
        let holed = [
            "local t = { 1, 2 } t[context.tick] = nil log(#t) return knobs(), state",
            "state.t = { 1, x = 2 } state.t[state.t[1]] = nil table.insert(state.t, 3) return knobs(), state",
            "local t = {} t[(1 + 1)] = nil for i = 1, #t do log(i) end return knobs(), state",
        ]
        for body in holed { #expect(try codes(body) == ["length_of_holes"], "\(body)") }
        let sound = [
            "local t = { 1, 2 } t[#t] = nil log(#t) return knobs(), state",
            "local t, n = { a = 1 }, { 1 } t[state.x or 'a'] = nil log(#n) return knobs(), state",
            "local t = { 1 } t[1] = 2 t[t[1]] = 3 log(#t) return knobs(), state",
            "state.t = {} t = nil",
        ]
        for body in sound { #expect(try !codes(body).contains("length_of_holes"), "\(body)") }
    }

    @Test("an index that is a comparison is refused, and what only looks like one is not")
    func indexes() throws {
        let refused = [
            "T[a < b]", "T[(a == b)]", "T[not (a > 1)]", "T.x[a ~= b]", "f(1)[a >= b]", "T[1][((a <= b))]",
            "T[(a and b) < c]",
        ]
        for index in refused {
            #expect(throws: PolicyProblem.self, "\(index)") {
                try PolicyDirectory(source: "local x = \(index)")
            }
        }
        let taken = [
            "T[a]", "T[f(a < b)]", "{ [a < b] = 1 }", "T[a < b and 1 or 2]", "T[g { a < b }]", "a < T[b]",
            "T[a] < T[b]",
            "T['a<b']", "T[U[a]] == 1", "x and { 1 } == y",
        ]
        for index in taken { _ = try PolicyDirectory(source: "local x = \(index)") }
    }

    @Test("scopes are followed through all of Lua's statements")
    func scopes() throws {
        let clean = """
            local a, b <const>, c = 1, 2
            local function f(x, ...) local y = select("#", ...) return x + y + a end
            for i = 1, 2 do c = (c or 0) + i end
            for k, v in pairs({ a = 1, ["b"] = 2, 3; 4 }) do local _ = k, v end
            repeat local done = true until done
            while a > 5 do a = a - 1 if a == 3 then break elseif a == 2 then goto out else a = 1 end end
            ::out::
            do local z = { f = function(self) return self end } z.f(z):f() z["f"](z) end
            local t = { n = { m = 1 } } t.n.m = f(b, 1, 2) t.n.m, t.n.q = 1, 2
            function t.n.g(p) return p end
            function t.n:h() return self end
            local s = [==[ unknown ]==] .. "text \\" unknown" .. 'x' -- unknown
            local n = 0x1p4 + 1e-3 + .5 + 3. --[[ unknown ]] if not s then n = -n ~ 1 end
            local u = #s == n and s or nil
            assert(u == nil, "x" .. tostring(n))
            """
        #expect(try codes("return knobs(), state", top: clean) == [])
    }

    @Test("writes to locals outside a function are warned of")
    func outerWrites() throws {
        #expect(
            try codes("count = count + 1 return knobs(), state", top: "local count = 0") == ["outer_write"]
        )
        #expect(try codes("local n = 0 n = n + 1 return knobs(), state") == [])
    }

    @Test("too many constants in one function are refused")
    func constants() throws {
        let many = (1...230).map { "local _ = \"c\($0)\"" }
        let half = "do \(many.prefix(150).joined(separator: " ")) end"
        #expect(try codes("\(half) return knobs(), state") == [])
        let all = many.map { "do \($0) end" }.joined(separator: " ")
        #expect(try codes("\(all) return knobs(), state") == ["constants"])
    }

    @Test("faults on the grid of beliefs are found")
    func dryRun() throws {
        #expect(
            try codes("if belief.debt_sec > 500 then error('x') end return knobs(), state") == [
                "evaluate_error"
            ]
        )
        #expect(
            try codes(
                "local k = knobs() k.min_entry_conf = 1 / belief.debt_symbols - math.huge return k, state"
            )
                == ["evaluate_invalid"]
        )
        #expect(
            try codes("if belief.mismatch_streak > 30 then while true do end end return knobs(), state")
                == ["evaluate_instructions", "instructions"]
        )
    }

    @Test("the table's unknown fields and bare parameters are warned of")
    func table() throws {
        #expect(try codes("return knobs(), state", fields: "color = 1,") == ["unknown_field"])
        let bare = "params = { x = { default = 0, min = 0, max = 1 } },"
        #expect(
            try codes("local _ = context.params.x return knobs(), state", fields: bare) == [
                "param_doc", "param_unit",
            ]
        )
    }

    @Test("load problems carry file and line")
    func load() throws {
        let found = try problems("local x = 1\nlocal y = = 2\n")
        #expect(found.first?.code == "syntax" && found.first?.line == 2 && found.first?.file == "policy.lua")
        let missing = PolicyCheck(directory: "/nowhere/at/all")
        #expect(missing.problems.map(\.code) == ["no_directory"] && !missing.isSound)
    }

    @Test("the JSON has the promised shape")
    func json() throws {
        struct Shape: Decodable {
            struct Policy: Decodable {
                let name: String
                let version: String?
                let api: Int
                let digest: String
            }

            let ok: Bool
            let policy: Policy?
            let problems: [PolicyProblem]
        }
        let good = PolicyCheck(try Sample.policy("steady"))
        let read = try JSONDecoder().decode(Shape.self, from: Data(good.json.utf8))
        #expect(
            read.ok && read.policy?.name == "steady" && read.policy?.digest.count == 64
                && read.policy?.api == 1
        )
        let bad = PolicyCheck(try PolicyDirectory(source: "return \"quote\\\"\" ("))
        let problem = try JSONDecoder().decode(Shape.self, from: Data(bad.json.utf8))
        #expect(!problem.ok && problem.policy == nil && problem.problems.count >= 1)
    }
}
