import ReckonEngine
import ReckonModel

/// One change to sound knobs, whether they are sound after it, and what must be read back then.
struct KnobEdit: Sendable {
    let field: String
    let lua: String
    let isSound: Bool
    let holds: @Sendable (Knobs) -> Bool

    private static func sound(_ field: String, _ value: String, _ holds: @escaping @Sendable (Knobs) -> Bool)
        -> KnobEdit
    {
        KnobEdit(field: field, lua: "k.\(field) = \(value)", isSound: true, holds: holds)
    }

    private static func broken(_ field: String, _ values: [String]) -> [KnobEdit] {
        values.map { KnobEdit(field: field, lua: "k.\(field) = \($0)", isSound: false) { _ in false } }
    }

    static let all: [KnobEdit] = sounds + flaws

    private static let sounds: [KnobEdit] = [
        sound("mode", "\"RED\"") { $0.mode == .red },
        sound("mode", "\"YELLOW\"") { $0.mode == .yellow },
        sound("allow_entries", "false") { !$0.allowEntries },
        sound("kill_switch_trip", "true") { $0.killSwitchTrip },
        sound("max_notional_usdt", "-0.0") { $0.maxNotional.bitPattern == 0 },
        sound("max_notional_usdt", "1e308") { $0.maxNotional == 1e308 },
        sound("max_notional_usdt", "5e-324") { $0.maxNotional == .leastNonzeroMagnitude },
        sound("max_notional_usdt", "math.maxinteger") { $0.maxNotional == 0x1p63 },
        sound("max_leverage", "5.0") { $0.maxLeverage == 5 },
        sound("max_leverage", "-0.0") { $0.maxLeverage == 0 },
        sound("max_leverage", "math.maxinteger") { $0.maxLeverage == .max },
        sound("max_leverage", "-9223372036854775808.0") { $0.maxLeverage == .min },
        sound("min_entry_conf", "1") { $0.minEntryConfidence == 1 },
        sound("entry_cooldown_seconds", "1 / 3") { $0.entryCooldownSeconds == 1.0 / 3 },
        sound("max_open_orders_per_symbol", "0") { $0.maxOpenOrdersPerSymbol == 0 },
        sound("reason", "\"\"") { $0.notes.reason?.isEmpty == true },
        sound("reason", "\"\\u{10FFFF}\\0\"") { $0.notes.reason == "\u{10FFFF}\0" },
        sound("debt_score", "-1e300") { $0.notes.debtScore == -1e300 },
        sound("next_unlock_sec", "math.mininteger") { $0.notes.nextUnlockSeconds == -0x1p63 },
        sound("recovery_stage", "\"x\"") { $0.notes.recoveryStage == "x" },
        sound("symbols", "{}") { $0.symbols.isEmpty },
        sound("symbols", "{ A = {} }") { $0.symbols[Symbol("A")] == SymbolKnobs() },
        sound("symbols", "{ [\"A B\"] = { max_leverage = 1e15 } }") {
            $0.symbols[Symbol("A B")]?.maxLeverage == 1_000_000_000_000_000
        },
        sound("symbols", "{ B = { min_entry_conf = 1 }, A = { allow_entries = false } }") {
            $0.symbols.keys == [Symbol("A"), Symbol("B")] && $0.symbols[Symbol("A")]?.allowEntries == false
        },
    ]

    private static let numbers = ["0 / 0", "1 / 0", "-1 / 0", "\"1\"", "true", "{}", "nil", "function() end"]

    private static let flaws: [KnobEdit] =
        broken("mode", ["\"red\"", "\"RED\\0\"", "3", "nil", "{}"])
        + ["allow_entries", "kill_switch_trip"].flatMap { broken($0, ["1", "\"true\"", "nil", "{}"]) }
        + ["max_notional_usdt", "entry_cooldown_seconds", "min_entry_conf"].flatMap { broken($0, numbers) }
        + ["max_leverage", "max_open_orders_per_symbol"].flatMap {
            broken($0, numbers + ["2.5", "9223372036854775808.0", "1e300", "-9.3e18"])
        }
        + ["debt_score", "debt_growth_per_min", "next_unlock_sec"].flatMap {
            broken($0, ["0 / 0", "1 / 0", "\"1\"", "{}"])
        }
        + broken(
            "reason",
            [
                "5", "true", "\"\\255\"", "\"\\u{D800}\"", "\"\\u{110000}\"",
                "string.format(\"%99s%99s%99s\", 1, 2, 3)",
            ]
        )
        + broken("recovery_stage", ["5", "\"\\xC0\\x80\"", "string.format(\"%65s\", 1)"])
        + broken(
            "symbols",
            [
                "5", "{ {} }", "{ A = 1 }", "{ A = { mode = \"RED\" } }", "{ A = { max_leverage = 0 } }",
                "{ A = { max_notional_usdt = -1 } }", "{ A = { min_entry_conf = 1.5 } }", "{ [\"\"] = {} }",
                "{ [\"A\\0\"] = {} }", "{ [\"\\u{E9}\"] = {} }", "{ A = { allow_entries = 1 } }", "math",
                "{ A = { entry_cooldown_seconds = 0 / 0 } }", "{ A = math }",
            ]
        )
        + broken("unknown", ["1", "{}", "false"]) + broken("mode_", ["1"])
}
