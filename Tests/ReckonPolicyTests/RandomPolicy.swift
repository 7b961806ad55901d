import ReckonEngine
import ReckonModel

/// Writes policies that return anything: knobs by belief, by chance, by whim, sound or not.
struct RandomPolicy {
    private var dice: Dice

    init(seed: UInt64) { dice = Dice(seed: seed) }

    private mutating func pick(_ texts: [String]) -> String {
        texts[Int(dice.roll(below: UInt64(texts.count)))]
    }

    /// A condition on belief, time or chance.
    private mutating func condition() -> String {
        pick([
            "belief.debt_sec > \(dice.roll(below: 8))", "belief.debt_symbols >= \(dice.roll(in: 1...3))",
            "belief.mismatch_streak > \(dice.roll(below: 3))", "belief.naked.sec > 0",
            "belief.unknown_intents.count > 0",
            "context.tick % \(dice.roll(in: 2...7)) == 0", "roll(state, \(dice.roll(in: 2...6))) == 0",
            "context.last_enforced.allow_entries", "context.last_enforced.mode == \"RED\"",
        ])
    }

    private mutating func number(upTo most: Int64) -> String {
        let plain = [
            "\(dice.roll(in: 0...most))", "roll(state, \(most + 1))", "\(most) / (1 + belief.debt_sec)",
        ]
        let odd = ["-1", "1e300", "-1e300", "-0.0", "0.5", "\(most) * 3", "9007199254740992"]
        let nonsense = ["0 / 0", "math.huge", "-math.huge", "\"7\"", "true", "{}", "nil"]
        return dice.chance(1, in: 60) ? pick(nonsense) : dice.chance(1, in: 8) ? pick(odd) : pick(plain)
    }

    private mutating func integer(upTo most: Int64) -> String {
        let odd = ["0", "-5", "1e15", "math.maxinteger", "math.mininteger"]
        let nonsense = ["2.5", "0 / 0", "\"3\"", "nil", "2^63"].filter { $0 != "2^63" } + ["9.3e18"]
        return dice.chance(1, in: 60)
            ? pick(nonsense)
            : dice.chance(1, in: 8)
                ? pick(odd) : pick(["\(dice.roll(in: 1...most))", "1 + roll(state, \(most))"])
    }

    private mutating func flag() -> String {
        dice.chance(1, in: 80) ? pick(["nil", "1"]) : pick(["true", "false", condition()])
    }

    private mutating func symbols() -> String {
        var rows: [String] = []
        for name in ["AUSDT", "BUSDT", "CUSDT"] where dice.chance(1, in: 2) {
            var fields: [String] = []
            if dice.chance(1, in: 2) { fields.append("allow_entries = \(flag())") }
            if dice.chance(1, in: 2) { fields.append("max_notional_usdt = roll(state, 900)") }
            if dice.chance(1, in: 2) { fields.append("max_leverage = 1 + roll(state, 9)") }
            if dice.chance(1, in: 2) { fields.append("min_entry_conf = roll(state, 11) / 10") }
            if dice.chance(1, in: 2) { fields.append("entry_cooldown_seconds = roll(state, 60)") }
            rows.append("\(name) = \(condition()) and { \(fields.joined(separator: ", ")) } or nil")
        }
        // A crowd of names, which no hold may pile up without end.
        if dice.chance(1, in: 12) { rows.append("[\"X\" .. roll(state, 100000)] = { max_leverage = 1 }") }
        return "{ \(rows.joined(separator: ", ")) }"
    }

    private mutating func accident() -> String {
        let deeds = [
            "error(\"no\")", "while true do end", "k.mode = \"BLUE\"", "k.extra = 1", "k.reason = 5",
            "return k", "return 1, 2", "return k, { f = error }",
            "local s = \"x\" while true do s = s .. s end",
            "k.symbols = 5", "k = nil", "k = math", "return k, { n = 0 / 0 }", "k.symbols = { [1] = {} }",
        ]
        return "if roll(state, \(dice.roll(in: 6...40))) == 0 then \(pick(deeds)) end"
    }

    mutating func source() -> String {
        let mode =
            "({ \"GREEN\", \"YELLOW\", \"ORANGE\", \"RED\" })[1 + roll(state, \(dice.roll(in: 1...4)))]"
        var lines = [
            "local k = {}",
            "k.mode = \(dice.chance(1, in: 2) ? mode : pick(["\"GREEN\"", "\"YELLOW\"", mode]))",
            "k.allow_entries = \(flag())", "k.kill_switch_trip = \(dice.chance(2, in: 3) ? "false" : flag())",
        ]
        let reopened = dice.chance(1, in: 2)
        for _ in 0..<(reopened ? 2 : 1) {
            let knobs = [
                "k.max_notional_usdt = \(number(upTo: 1500))", "k.max_leverage = \(integer(upTo: 30))",
                "k.min_entry_conf = \(number(upTo: 1))", "k.entry_cooldown_seconds = \(number(upTo: 60))",
                "k.max_open_orders_per_symbol = \(integer(upTo: 8))",
            ]
            lines += lines.count > 4 ? ["if \(condition()) then \(knobs.joined(separator: " ")) end"] : knobs
        }
        if dice.chance(2, in: 3) { lines.append("if \(condition()) then k.symbols = \(symbols()) end") }
        for _ in 0..<dice.roll(below: 3) { lines.append(accident()) }
        return """
            local function roll(state, n)
              state.seed = state.seed * 6364136223846793005 + 1442695040888963407
              return (state.seed >> 33) % n
            end
            return { api = 1, name = "random",
              initial_state = function(context) return { seed = \(dice.roll(below: 1 << 60)) } end,
              evaluate = function(belief, state, context)
                \(lines.joined(separator: "\n    "))
                do return k, state end
              end,
            }
            """
    }
}

/// Belief that wanders: debts grow, fall and vanish, by steps below and above a quantum.
struct BeliefWander {
    private var dice: Dice
    private(set) var belief = Belief()

    init(seed: UInt64) { dice = Dice(seed: seed) }

    mutating func step() -> Belief {
        if dice.chance(1, in: 9) {
            belief = Belief()
            return belief
        }
        func moved(_ value: Double, by step: Double, to most: Double) -> Double {
            min(max(value + step, 0), most)
        }
        belief.debtSeconds = moved(belief.debtSeconds, by: Double(dice.roll(in: -5...6)) / 2, to: 900)
        if dice.chance(1, in: 30) { belief.debtSeconds += 600 }
        belief.mismatchStreak = Int(
            moved(Double(belief.mismatchStreak), by: Double(dice.roll(in: -1...1)), to: 40)
        )
        belief.unknownIntents.count = Int(dice.roll(in: 0...2))
        belief.naked.seconds = moved(belief.naked.seconds, by: Double(dice.roll(in: -3...2)), to: 900)
        belief.evidence.confidence = Double(dice.roll(in: 0...10)) / 10
        belief.symbols = ["AUSDT", "BUSDT", "CUSDT"].compactMap { name in
            guard dice.chance(1, in: 2) else { return nil }
            let age = Double(dice.roll(in: 1...16)) / 2
            return SymbolDebt(symbol: Symbol(name), debtSeconds: age, mismatches: 1, kind: "size_drift")
        }
        belief.symbols.sort { $0.debtSeconds > $1.debtSeconds }
        belief.debtSymbols = belief.symbols.count
        return belief
    }
}
