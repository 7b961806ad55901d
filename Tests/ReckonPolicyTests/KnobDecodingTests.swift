import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

@Suite("knobs are read strictly")
struct KnobDecodingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let change: String
        /// Part of the fault's message; nothing where the knobs are sound.
        let fault: String?

        init(_ change: String, _ fault: String? = nil) {
            self.change = change
            self.fault = fault
        }

        var testDescription: String { change }
    }

    static let rows: [Row] = [
        Row("k.max_leverage = 5.0"),
        Row("k.max_leverage = 2 // 1"),
        Row("k.max_leverage = 5.5", "knobs.max_leverage has no exact integer value"),
        Row("k.max_leverage = 9223372036854775807"),
        Row("k.max_leverage = 9223372036854775808", "no exact integer value"),
        Row("k.max_leverage = -9223372036854775808.0"),
        Row("k.max_leverage = 1e300", "no exact integer value"),
        Row("k.max_leverage = math.huge", "no exact integer value"),
        Row("k.max_leverage = 0/0", "no exact integer value"),
        Row("k.max_leverage = '5'", "knobs.max_leverage is a string; it must be an integer"),
        Row("k.max_leverage = nil", "knobs.max_leverage is missing"),
        Row("k.max_open_orders_per_symbol = {}", "is a table; it must be an integer"),
        Row("k.max_notional_usdt = 0/0", "knobs.max_notional_usdt is not a number; it must be finite"),
        Row("k.max_notional_usdt = -1/0", "is infinite; it must be finite"),
        Row("k.max_notional_usdt = '7'", "knobs.max_notional_usdt is a string; it must be a number"),
        Row("k.max_notional_usdt = true", "is a boolean; it must be a number"),
        Row("k.max_notional_usdt = 9007199254740993"),
        Row("k.min_entry_conf = nil", "knobs.min_entry_conf is missing"),
        Row("k.entry_cooldown_seconds = nil", "knobs.entry_cooldown_seconds is missing"),
        Row("k.allow_entries = nil", "knobs.allow_entries is missing"),
        Row("k.allow_entries = 'true'", "knobs.allow_entries is a string; it must be a boolean"),
        Row("k.kill_switch_trip = 0", "is a number; it must be a boolean"),
        Row("k.mode = 'green'", "knobs.mode is none of GREEN, YELLOW, ORANGE, RED"),
        Row("k.mode = 'GREEN\\0'", "knobs.mode is none of"),
        Row("k.mode = nil", "knobs.mode is missing"),
        Row("k.Mode = 'RED'", "knobs has the unknown key `Mode`"),
        Row("k['mode '] = 'RED'", "knobs has the unknown key `mode `"),
        Row("k['reason\\0'] = 'RED'", "knobs has the unknown key"),
        Row("k[''] = 1", "knobs has the unknown key"),
        Row("k[1] = 1", "knobs has a key that is not text"),
        Row("k[true] = 1", "knobs has a key that is not text"),
        Row("k.zz = 1 k.aa = 1 k.mm = 1", "knobs has the unknown key `aa`"),
        Row("k.reason = 'why'"),
        Row("k.reason = 1", "knobs.reason is a number; it must be text"),
        Row("k.reason = 'é €'"),
        Row("k.reason = '\\xc3'", "knobs.reason is not UTF-8"),
        Row("k.reason = '\\xed\\xa0\\x80'", "knobs.reason is not UTF-8"),
        Row("k.reason = '\\xc0\\xaf'", "knobs.reason is not UTF-8"),
        Row("k.recovery_stage = true", "knobs.recovery_stage is a boolean; it must be text"),
        Row("k.debt_score = 'high'", "knobs.debt_score is a string; it must be a number"),
        Row("k.debt_growth_per_min = 1/0", "knobs.debt_growth_per_min is infinite"),
        Row("k.next_unlock_sec = 5"),
        Row("k.symbols = {}"),
        Row("k.symbols = { BTCUSDT = {} }"),
        Row("k.symbols = 1", "knobs.symbols is a number; it must be a table"),
        Row("k.symbols = { [1] = {} }", "knobs.symbols has a key that is not text"),
        Row("k.symbols = { [''] = {} }", "knobs.symbols has a name that is no symbol"),
        Row("k.symbols = { ['a\\nb'] = {} }", "knobs.symbols has a name that is no symbol"),
        Row("k.symbols = { A = 1 }", "knobs.symbols[\"A\"] is a number; it must be a table"),
        Row("k.symbols = { A = { max_leverage = 1.5 } }", "knobs.symbols[\"A\"].max_leverage has no exact"),
        Row("k.symbols = { A = { max_leverage = 0 } }", "has a figure out of its range"),
        Row("k.symbols = { A = { min_entry_conf = 2 } }", "has a figure out of its range"),
        Row("k.symbols = { A = { mode = 'RED' } }", "knobs.symbols[\"A\"] has the unknown key `mode`"),
        Row("k.symbols = math", "knobs.symbols has a metatable"),
        Row("k = math", "knobs has a metatable"),
        Row("k = nil", "knobs is a nil; it must be a table"),
    ]

    @Test("each shape is taken or refused with a word", arguments: rows)
    func row(_ row: Row) throws {
        let runtime = try Sample.runtime("local k = knobs() \(row.change) return k, state")
        let verdict = runtime.evaluate(Sample.question())
        if let part = row.fault {
            let fault = try #require(verdict.fault)
            #expect(fault.code == .invalid)
            #expect(fault.message.contains(part), "\(fault.message)")
        } else {
            #expect(verdict.fault == nil)
        }
    }

    @Test("all fields arrive as they were written")
    func values() throws {
        let runtime = try Sample.runtime(
            """
            return { mode = "ORANGE", allow_entries = false, kill_switch_trip = true, max_notional_usdt = 0.1,
              max_leverage = 7.0, min_entry_conf = 0.7, entry_cooldown_seconds = 3,
              max_open_orders_per_symbol = 2,
              reason = "a\\0b", debt_score = -0.0, debt_growth_per_min = 1e-300, recovery_stage = "S",
              next_unlock_sec = 9,
              symbols = { ZZ = { allow_entries = false, max_leverage = 3 }, AA = { max_notional_usdt = 1,
                min_entry_conf = 1, entry_cooldown_seconds = 2.5 } } }, state
            """
        )
        let knobs = try #require(runtime.evaluate(Sample.question()).knobs)
        #expect(knobs.mode == .orange && !knobs.allowEntries && knobs.killSwitchTrip)
        #expect(knobs.maxNotional == 0.1 && knobs.maxLeverage == 7 && knobs.minEntryConfidence == 0.7)
        #expect(knobs.entryCooldownSeconds == 3 && knobs.maxOpenOrdersPerSymbol == 2)
        #expect(knobs.notes.reason == "a\0b" && knobs.notes.recoveryStage == "S")
        #expect(knobs.notes.debtScore?.sign == .plus, "a negative zero becomes zero")
        #expect(knobs.notes.debtGrowthPerMinute == 1e-300 && knobs.notes.nextUnlockSeconds == 9)
        #expect(knobs.symbols.keys.map(\.name) == ["AA", "ZZ"])
        #expect(knobs.symbols[Symbol("ZZ")]?.allowEntries == false)
        #expect(knobs.symbols[Symbol("ZZ")]?.maxLeverage == 3)
        #expect(knobs.symbols[Symbol("ZZ")]?.maxNotional == nil)
        #expect(knobs.symbols[Symbol("AA")]?.entryCooldownSeconds == 2.5)
    }
}
