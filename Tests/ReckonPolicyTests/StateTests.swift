import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

@Suite("state between ticks")
struct StateTests {
    /// Random plain data as Lua source.
    private func literal(_ dice: inout Dice, depth: Int) -> String {
        switch dice.roll(below: depth > 0 ? 8 : 6) {
        case 0: return dice.chance(1, in: 2) ? "true" : "false"
        case 1: return ["0", "-1", "9223372036854775807", "math.mininteger", "42"][Int(dice.roll(below: 5))]
        case 2:
            return ["0.0", "-0.0", "1.0", "0.1", "1e308", "5e-324", "math.huge", "-1/0"][
                Int(dice.roll(below: 8))
            ]
        case 3: return "\(Double(bitPattern: dice.next() & 0x7FEF_FFFF_FFFF_FFFF | 1 << 52))"
        case 4: return "\"k\(dice.roll(below: 100))\\0\\255é\""
        case 5: return "\"\""
        default:
            let items = (0..<dice.roll(below: 5)).map { _ in literal(&dice, depth: depth - 1) }
            let fields = (0..<dice.roll(below: 5)).map { _ in
                "[\"f\(dice.roll(below: 50))\"] = \(literal(&dice, depth: depth - 1))"
            }
            return "{ \((items + fields).joined(separator: ", ")) }"
        }
    }

    @Test("what goes out comes back in the same bytes", arguments: 1...60 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let tree = literal(&dice, depth: 5)
        let runtime = try Sample.runtime("return knobs(), state", initial: "return { tree = \(tree) }")
        #expect(runtime.evaluate(Sample.question(tick: 1)).fault == nil, "\(tree)")
        let first = try #require(runtime.state)
        for tick in 2...4 { #expect(runtime.evaluate(Sample.question(tick: Int64(tick))).fault == nil) }
        #expect(runtime.state == first)

        let other = try Sample.runtime("return knobs(), state")
        try other.restore(first, asking: Sample.question())
        #expect(other.evaluate(Sample.question()).stateDigest == first.digest)
    }

    @Test("kinds of numbers and bits of floats survive")
    func numbers() throws {
        let check = """
            if state.n then
              assert(math.type(state.i) == "integer" and math.type(state.f) == "float")
              assert(state.i == 1 and state.f == 1.0 and 1 / state.z == -math.huge and state.x == 0.1)
              assert(state.text == "a\\0b" and state.list[3] == "c" and #state.list == 3)
              assert(state.t.t.t == false)
            end
            return knobs(), { n = 1, i = 1, f = 1.0, z = -0.0, x = 0.1, text = "a\\0b",
              list = { "a", "b", "c" },
              t = { t = { t = false } } }
            """
        let runtime = try Sample.runtime(check)
        for tick in 1...3 {
            #expect(runtime.evaluate(Sample.question(tick: Int64(tick))).fault == nil)
        }
    }

    @Test("the digest does not hang on the order in which keys were set")
    func canonical() throws {
        func digest(_ fill: String) throws -> String {
            let runtime = try Sample.runtime("local s = {} \(fill) return knobs(), s")
            return runtime.evaluate(Sample.question()).stateDigest
        }
        let forwards = try digest("for i = 1, 40 do s['k' .. i] = i end")
        let backwards = try digest("for i = 40, 1, -1 do s['k' .. i] = i end")
        let regrown = try digest(
            "for i = 1, 80 do s['k' .. i] = i end for i = 41, 80 do s['k' .. i] = nil end"
        )
        #expect(forwards == backwards && forwards == regrown)
        #expect(try digest("for i = 1, 40 do s['k' .. i] = i + 0.0 end") != forwards, "1 and 1.0 differ")
    }

    @Test("a failed evaluation keeps the old state")
    func faultKeepsState() throws {
        let runtime = try Sample.runtime(
            """
            state.n = state.n + 1
            if context.tick == 3 then error("no") end
            if context.tick == 4 then while true do end end
            if context.tick == 5 then return knobs(), { f = error } end
            if context.tick == 6 then return {}, state end
            local k = knobs() k.debt_score = state.n return k, state
            """,
            initial: "return { n = 0 }"
        )
        var scores: [Double?] = []
        var digests: [String] = []
        for tick in 1...8 {
            let verdict = runtime.evaluate(Sample.question(tick: Int64(tick)))
            scores.append(verdict.knobs?.notes.debtScore)
            digests.append(verdict.stateDigest)
        }
        #expect(scores == [1, 2, nil, nil, nil, nil, 3, 4])
        #expect(Set(digests[1...5]).count == 1 && digests[6] != digests[5])
    }

    @Test("damaged bytes are refused, never decoded")
    func damage() throws {
        let runtime = try Sample.runtime(
            "return knobs(), state",
            initial: "return { a = { 1, 2.5, 'x' }, b = true, c = 'text', d = { e = { f = -1 } } }"
        )
        #expect(runtime.evaluate(Sample.question()).fault == nil)
        let sound = try #require(runtime.state).bytes
        var dice = Dice(seed: 5)
        var refused = 0
        for length in 0..<sound.count {
            let cut = PolicyState(bytes: Array(sound[..<length]), version: 0)
            #expect(throws: PolicyFault.self) { try runtime.restore(cut, asking: Sample.question()) }
        }
        for _ in 0..<2000 {
            var bytes = sound
            for _ in 0..<dice.roll(in: 1...3) {
                bytes[Int(dice.roll(below: UInt64(bytes.count)))] = UInt8(truncatingIfNeeded: dice.next())
            }
            do throws(PolicyFault) {
                try runtime.restore(PolicyState(bytes: bytes, version: 0), asking: Sample.question())
                let verdict = runtime.evaluate(Sample.question())
                #expect(verdict.fault == nil)
                #expect(runtime.state?.bytes == bytes, "what is taken is canonical")
            } catch {
                refused += 1
                #expect(error.code == .state)
            }
        }
        #expect(refused > 500)
    }

    @Test("a state of another version goes through migrate")
    func migrate() throws {
        let kept = try { () throws -> PolicyState in
            let old = try Sample.runtime(
                "return knobs(), state",
                initial: "return { count = 5 }",
                fields: "state_version = 1,"
            )
            #expect(old.evaluate(Sample.question()).fault == nil)
            return try #require(old.state)
        }()
        let new = try Sample.runtime(
            "local k = knobs() k.debt_score = state.total return k, state",
            initial: "return { total = 0 }",
            fields: """
                state_version = 2,
                migrate = function(state, version, context)
                  assert(version == 1 and context.now == 100)
                  return { total = state.count * 2 }
                end,
                """
        )
        try new.restore(kept, asking: Sample.question())
        #expect(new.evaluate(Sample.question()).knobs?.notes.debtScore == 10)

        let without = try Sample.runtime("return knobs(), state", fields: "state_version = 2,")
        #expect(throws: PolicyFault.self) { try without.restore(kept, asking: Sample.question()) }
    }
}
