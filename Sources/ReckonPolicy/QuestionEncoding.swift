import CPolicyHost
import ReckonEngine
import ReckonModel

/// Lays a question out flat, so that C reads it without calling back.
///
/// Kept between ticks: the arrays keep their room.
struct QuestionEncoding {
    private var arena: [CChar] = []
    private var params: [policy_param_value] = []
    private var debts: [policy_symbol_debt] = []
    private var symbolKnobs: [policy_symbol_knobs] = []

    /// The most symbols that a belief carries.
    private static let symbolLimit = 32

    mutating func setParameters(_ values: Table<String, Double>) {
        // Parameter names come first in the arena and stay there.
        arena.removeAll(keepingCapacity: true)
        params.removeAll(keepingCapacity: true)
        for (name, value) in values {
            params.append(policy_param_value(name: put(name), value: value))
        }
    }

    /// Calls `body` with the question; all pointers in it end with the call.
    mutating func withQuestion<Result>(
        _ question: PolicyQuestion,
        _ extra: QuestionExtra,
        _ body: (UnsafePointer<policy_question>) -> Result
    ) -> Result {
        let kept = arena.count
        defer { arena.removeSubrange(kept...) }
        var flat = scalars(question, extra)
        fillRows(question)
        return arena.withUnsafeBufferPointer { arena in
            params.withUnsafeBufferPointer { params in
                debts.withUnsafeBufferPointer { debts in
                    symbolKnobs.withUnsafeBufferPointer { symbolKnobs in
                        extra.state.withUnsafeBufferPointer { state in
                            flat.arena = arena.baseAddress
                            flat.arena_length = arena.count
                            flat.params = params.baseAddress
                            flat.param_count = params.count
                            flat.belief.symbols = debts.baseAddress
                            flat.belief.symbol_count = debts.count
                            flat.last_enforced.symbols = symbolKnobs.baseAddress
                            flat.last_enforced.symbol_count = symbolKnobs.count
                            flat.state = state.baseAddress
                            flat.state_length = state.count
                            return withUnsafePointer(to: flat, body)
                        }
                    }
                }
            }
        }
    }

    private mutating func put(_ text: String) -> policy_text {
        let start = arena.count
        for byte in text.utf8 { arena.append(CChar(bitPattern: byte)) }
        return policy_text(offset: UInt32(start), length: UInt32(arena.count - start))
    }

    private mutating func fillRows(_ question: PolicyQuestion) {
        debts.removeAll(keepingCapacity: true)
        for row in question.belief.symbols.prefix(Self.symbolLimit) {
            debts.append(
                policy_symbol_debt(
                    symbol: put(row.symbol.name),
                    kind: put(row.kind),
                    debt_sec: row.debtSeconds,
                    mismatches: Int64(row.mismatches)
                )
            )
        }
        symbolKnobs.removeAll(keepingCapacity: true)
        for (symbol, knobs) in question.lastEnforced.symbols {
            var row = policy_symbol_knobs()
            row.symbol = put(symbol.name)
            row.has_allow_entries = knobs.allowEntries != nil
            row.allow_entries = knobs.allowEntries ?? false
            row.has_max_notional_usdt = knobs.maxNotional != nil
            row.max_notional_usdt = knobs.maxNotional ?? 0
            row.has_max_leverage = knobs.maxLeverage != nil
            row.max_leverage = Int64(knobs.maxLeverage ?? 0)
            row.has_min_entry_conf = knobs.minEntryConfidence != nil
            row.min_entry_conf = knobs.minEntryConfidence ?? 0
            row.has_entry_cooldown_seconds = knobs.entryCooldownSeconds != nil
            row.entry_cooldown_seconds = knobs.entryCooldownSeconds ?? 0
            symbolKnobs.append(row)
        }
    }

    private mutating func scalars(_ question: PolicyQuestion, _ extra: QuestionExtra) -> policy_question {
        var flat = policy_question()
        flat.now = question.now
        flat.dt = question.sinceLast
        flat.tick = question.tick
        flat.since_load_ticks = extra.ticksSinceLoad
        flat.params_changed = extra.parametersChanged
        flat.old_state_version = extra.oldStateVersion
        flat.limits = policy_limits(
            max_notional_usdt: question.limits.maxNotional,
            max_leverage: Int64(question.limits.maxLeverage),
            min_entry_conf: question.limits.minEntryConfidence,
            entry_cooldown_seconds: question.limits.entryCooldownSeconds,
            max_open_orders_per_symbol: Int64(question.limits.maxOpenOrdersPerSymbol)
        )
        flat.last_enforced = knobs(question.lastEnforced)
        flat.belief = belief(question.belief)
        return flat
    }

    private mutating func knobs(_ knobs: Knobs) -> policy_knobs {
        var flat = policy_knobs()
        flat.mode = Int32(knobs.mode.severity)
        flat.allow_entries = knobs.allowEntries
        flat.kill_switch_trip = knobs.killSwitchTrip
        flat.max_notional_usdt = knobs.maxNotional
        flat.max_leverage = Int64(knobs.maxLeverage)
        flat.min_entry_conf = knobs.minEntryConfidence
        flat.entry_cooldown_seconds = knobs.entryCooldownSeconds
        flat.max_open_orders_per_symbol = Int64(knobs.maxOpenOrdersPerSymbol)
        if let reason = knobs.notes.reason {
            flat.has_reason = true
            flat.reason = put(reason)
        }
        if let score = knobs.notes.debtScore {
            flat.has_debt_score = true
            flat.debt_score = score
        }
        if let growth = knobs.notes.debtGrowthPerMinute {
            flat.has_debt_growth_per_min = true
            flat.debt_growth_per_min = growth
        }
        if let stage = knobs.notes.recoveryStage {
            flat.has_recovery_stage = true
            flat.recovery_stage = put(stage)
        }
        if let seconds = knobs.notes.nextUnlockSeconds {
            flat.has_next_unlock_sec = true
            flat.next_unlock_sec = seconds
        }
        return flat
    }

    private func belief(_ belief: Belief) -> policy_belief {
        var flat = policy_belief()
        flat.debt_sec = belief.debtSeconds
        flat.debt_symbols = Int64(belief.debtSymbols)
        flat.mismatch_streak = Int64(belief.mismatchStreak)
        flat.confidence = belief.confidence
        flat.evidence_confidence = belief.evidence.confidence
        flat.ws_score = belief.evidence.streamScore
        flat.rest_score = belief.evidence.restScore
        flat.fill_score = belief.evidence.fillScore
        flat.ws_age_sec = belief.evidence.streamAgeSeconds
        flat.rest_age_sec = belief.evidence.restAgeSeconds
        flat.fill_age_sec = belief.evidence.fillAgeSeconds
        flat.contradiction_score = belief.evidence.contradictionScore
        flat.contradiction_streak = Int64(belief.evidence.contradictionStreak)
        flat.degraded_sources = Int64(belief.evidence.degradedSources)
        flat.unknown_count = Int64(belief.unknownIntents.count)
        flat.unknown_oldest_sec = belief.unknownIntents.oldestSeconds
        flat.gross_usdt = belief.exposure.grossUSDT
        flat.positions = Int64(belief.exposure.positions)
        flat.naked_symbols = Int64(belief.naked.symbols)
        flat.naked_sec = belief.naked.seconds
        return flat
    }
}

/// What a call hangs on beside the engine's question: the runtime's own part of the context.
struct QuestionExtra {
    var state: [UInt8] = []
    var ticksSinceLoad: Int64 = 0
    var parametersChanged = false
    var oldStateVersion: Int64 = 0
}
