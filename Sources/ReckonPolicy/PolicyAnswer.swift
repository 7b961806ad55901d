import CPolicyHost
import ReckonEngine
import ReckonModel

/// One outcome of the host, copied out of its memory.
struct PolicyAnswer {
    let fault: PolicyFault?
    let knobs: Knobs?
    let state: [UInt8]
    let instructions: Int64
    let log: [String]

    init(_ outcome: policy_outcome) {
        let arena = UnsafeRawBufferPointer(start: outcome.arena, count: outcome.arena_length)
        fault = Self.fault(outcome)
        knobs = fault == nil ? Self.knobs(outcome.knobs, arena: arena) : nil
        state =
            fault == nil ? Array(UnsafeBufferPointer(start: outcome.state, count: outcome.state_length)) : []
        instructions = outcome.instructions
        var lines = UnsafeBufferPointer(start: outcome.log, count: outcome.log_count).map {
            Self.text($0, in: arena)
        }
        if outcome.log_dropped > 0 { lines.append("(\(outcome.log_dropped) more)") }
        log = lines
    }

    static func text(_ text: policy_text, in arena: UnsafeRawBufferPointer) -> String {
        let start = Int(text.offset)
        return String(decoding: arena[start..<start + Int(text.length)], as: UTF8.self)
    }

    private static func fault(_ outcome: policy_outcome) -> PolicyFault? {
        let code: PolicyFault.Code
        switch outcome.status {
        case POLICY_OK: return nil
        case POLICY_INSTRUCTIONS: code = .instructions
        case POLICY_MEMORY: code = .memory
        case POLICY_INVALID: code = .invalid
        case POLICY_STATE: code = .state
        case POLICY_LOAD: code = .load
        default: code = .error
        }
        let bytes = UnsafeRawBufferPointer(start: outcome.message, count: outcome.message_length)
        return PolicyFault(code: code, message: String(decoding: bytes, as: UTF8.self))
    }

    private static let modes: [GuardMode] = [.green, .yellow, .orange, .red]

    /// Knobs of an evaluation; a zeroed struct, as calls without knobs leave it, gives GREEN knobs that
    /// nobody reads.
    private static func knobs(_ raw: policy_knobs, arena: UnsafeRawBufferPointer) -> Knobs {
        var knobs = Knobs(
            mode: modes[Int(raw.mode)],
            allowEntries: raw.allow_entries,
            limits: GuardLimits(
                maxNotional: raw.max_notional_usdt,
                maxLeverage: Int(raw.max_leverage),
                minEntryConfidence: raw.min_entry_conf,
                entryCooldownSeconds: raw.entry_cooldown_seconds,
                maxOpenOrdersPerSymbol: Int(raw.max_open_orders_per_symbol)
            ),
            killSwitchTrip: raw.kill_switch_trip
        )
        if raw.has_reason { knobs.notes.reason = text(raw.reason, in: arena) }
        if raw.has_debt_score { knobs.notes.debtScore = raw.debt_score }
        if raw.has_debt_growth_per_min { knobs.notes.debtGrowthPerMinute = raw.debt_growth_per_min }
        if raw.has_recovery_stage { knobs.notes.recoveryStage = text(raw.recovery_stage, in: arena) }
        if raw.has_next_unlock_sec { knobs.notes.nextUnlockSeconds = raw.next_unlock_sec }
        for row in UnsafeBufferPointer(start: raw.symbols, count: raw.symbol_count) {
            knobs.symbols[Symbol(text(row.symbol, in: arena))] = symbolKnobs(row)
        }
        return knobs
    }

    private static func symbolKnobs(_ row: policy_symbol_knobs) -> SymbolKnobs {
        var knobs = SymbolKnobs()
        if row.has_allow_entries { knobs.allowEntries = row.allow_entries }
        if row.has_max_notional_usdt { knobs.maxNotional = row.max_notional_usdt }
        if row.has_max_leverage { knobs.maxLeverage = Int(row.max_leverage) }
        if row.has_min_entry_conf { knobs.minEntryConfidence = row.min_entry_conf }
        if row.has_entry_cooldown_seconds { knobs.entryCooldownSeconds = row.entry_cooldown_seconds }
        return knobs
    }
}
