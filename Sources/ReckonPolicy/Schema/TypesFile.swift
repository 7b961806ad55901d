/// LuaCATS types of what a policy receives and returns, for editors.
///
/// The fields of a belief come from the schema that search and cases use too; the file in `policies/types` is this text.
package enum TypesFile {
    package static var text: String {
        let classes = [
            head, evidence, unknown, exposure, naked, symbolDebt, belief, fixed,
        ]
        return classes.joined(separator: "\n")
    }

    private static let head = """
        ---@meta
        -- Types of a Reckon policy (api 1) for editors. Nothing here is ever loaded by the engine.
        -- Written by `reckon policy types`.

        ---@alias Mode "GREEN"|"YELLOW"|"ORANGE"|"RED"

        """

    private static var evidence: String {
        "---How fresh and how consistent the sources are; neutral where absent (scores 1, ages 0).\n"
            + type("Evidence", "evidence.")
    }

    private static var unknown: String {
        "---Intents whose outcome at the venue is in doubt.\n" + type("UnknownIntents", "unknown_intents.")
    }

    private static var exposure: String { type("Exposure", "exposure.") }

    private static var naked: String { "---Positions without full stop cover.\n" + type("Naked", "naked.") }

    private static let symbolDebt = """
        ---@class SymbolDebt
        ---@field symbol string
        ---@field debt_sec number
        ---@field mismatches integer
        ---@field kind string

        """

    private static var belief: String {
        let parts = """
            ---@field evidence Evidence
            ---@field unknown_intents UnknownIntents
            ---@field exposure Exposure
            ---@field naked Naked
            ---@field symbols SymbolDebt[] worst first, at most 32

            """
        return type("Belief", "") + parts
    }

    private static func type(_ name: String, _ prefix: String) -> String {
        let fields = BeliefField.all.filter { field in
            field.path.hasPrefix(prefix) && !field.path.dropFirst(prefix.count).contains(".")
        }
        let lines = fields.map { field in
            let doc = field.doc.isEmpty ? "" : " \(field.doc)"
            return
                "---@field \(field.path.dropFirst(prefix.count)) \(field.isWhole ? "integer" : "number")\(doc)\n"
        }
        return "---@class \(name)\n" + lines.joined()
    }

    private static let fixed = """
        ---What the operator allows at best.
        ---@class Limits
        ---@field max_notional_usdt number
        ---@field max_leverage integer
        ---@field min_entry_conf number
        ---@field entry_cooldown_seconds number
        ---@field max_open_orders_per_symbol integer

        ---One symbol's own knobs; tightens, never loosens.
        ---@class SymbolKnobs
        ---@field allow_entries boolean?
        ---@field max_notional_usdt number?
        ---@field max_leverage integer?
        ---@field min_entry_conf number?
        ---@field entry_cooldown_seconds number?

        ---@class Knobs
        ---@field mode Mode
        ---@field allow_entries boolean
        ---@field kill_switch_trip boolean
        ---@field max_notional_usdt number at least 0
        ---@field entry_cooldown_seconds number at least 0
        ---@field max_leverage integer at least 1
        ---@field max_open_orders_per_symbol integer at least 0
        ---@field min_entry_conf number 0..1
        ---@field reason string? at most 256 bytes
        ---@field debt_score number?
        ---@field debt_growth_per_min number?
        ---@field recovery_stage string? at most 64 bytes
        ---@field next_unlock_sec number?
        ---@field symbols table<string, SymbolKnobs>? at most 128

        ---@class Context
        ---@field now number seconds, monotonic
        ---@field tick integer
        ---@field dt number seconds since the last evaluation, 0 at the first
        ---@field params table<string, number>
        ---@field params_changed boolean
        ---@field since_load_ticks integer
        ---@field last_enforced Knobs the knobs in force
        ---@field limits Limits

        ---@class Param
        ---@field default number
        ---@field min number
        ---@field max number
        ---@field unit string?
        ---@field doc string?

        ---A tree of plain tables, numbers, strings and booleans; at most depth 8, 1,024 nodes, 64 KiB.
        ---@alias State table

        ---@class Policy
        ---@field api 1
        ---@field name string
        ---@field version string?
        ---@field params table<string, Param>?
        ---@field initial_state fun(context: Context): State
        ---@field evaluate fun(belief: Belief, state: State, context: Context): Knobs, State
        ---@field state_version integer?
        ---@field migrate (fun(state: State, old_version: integer, context: Context): State)?

        ---Notes a line for eval, test and explain; at most 16 lines of 256 bytes a tick.
        ---@param text string|number|boolean|nil
        function log(text) end

        """
}
