package import ReckonEngine
import ReckonModel

extension Knobs {
    /// The knobs as the policy contract spells them, in its order; absent notes are left out.
    package var json: String {
        var fields: [(String, String)] = [
            ("mode", JSONText.string(mode.rawValue)),
            ("allow_entries", "\(allowEntries)"),
            ("max_notional_usdt", JSONText.number(maxNotional)),
            ("max_leverage", "\(maxLeverage)"),
            ("min_entry_conf", JSONText.number(minEntryConfidence)),
            ("entry_cooldown_seconds", JSONText.number(entryCooldownSeconds)),
            ("max_open_orders_per_symbol", "\(maxOpenOrdersPerSymbol)"),
            ("kill_switch_trip", "\(killSwitchTrip)"),
        ]
        if let reason = notes.reason { fields.append(("reason", JSONText.string(reason))) }
        if let score = notes.debtScore { fields.append(("debt_score", JSONText.number(score))) }
        if let growth = notes.debtGrowthPerMinute {
            fields.append(("debt_growth_per_min", JSONText.number(growth)))
        }
        if let stage = notes.recoveryStage { fields.append(("recovery_stage", JSONText.string(stage))) }
        if let seconds = notes.nextUnlockSeconds {
            fields.append(("next_unlock_sec", JSONText.number(seconds)))
        }
        if !symbols.isEmpty {
            let rows = symbols.map { ($0.key.name, $0.value.json) }
            fields.append(("symbols", JSONText.object(rows)))
        }
        return JSONText.object(fields)
    }
}

extension SymbolKnobs {
    var json: String {
        var fields: [(String, String)] = []
        if let allowEntries { fields.append(("allow_entries", "\(allowEntries)")) }
        if let maxNotional { fields.append(("max_notional_usdt", JSONText.number(maxNotional))) }
        if let maxLeverage { fields.append(("max_leverage", "\(maxLeverage)")) }
        if let minEntryConfidence { fields.append(("min_entry_conf", JSONText.number(minEntryConfidence))) }
        if let entryCooldownSeconds {
            fields.append(("entry_cooldown_seconds", JSONText.number(entryCooldownSeconds)))
        }
        return JSONText.object(fields)
    }
}
