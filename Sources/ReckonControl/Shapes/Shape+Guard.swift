import ReckonEngine
import ReckonHost
import ReckonModel

extension Shape {
    /// As a policy sees it.
    static func belief(_ belief: Belief) -> JSON {
        [
            "debt_sec": .figure(belief.debtSeconds),
            "debt_symbols": .whole(belief.debtSymbols),
            "mismatch_streak": .whole(belief.mismatchStreak),
            "confidence": .figure(belief.confidence),
            "evidence": evidence(belief.evidence),
            "unknown_intents": [
                "count": .whole(belief.unknownIntents.count),
                "oldest_sec": .figure(belief.unknownIntents.oldestSeconds),
            ],
            "exposure": [
                "gross_usdt": .figure(belief.exposure.grossUSDT),
                "positions": .whole(belief.exposure.positions),
            ],
            "naked": ["symbols": .whole(belief.naked.symbols), "sec": .figure(belief.naked.seconds)],
            "symbols": .list(
                belief.symbols.map { debt in
                    [
                        "symbol": .text(debt.symbol.name), "debt_sec": .figure(debt.debtSeconds),
                        "mismatches": .whole(debt.mismatches), "kind": .text(debt.kind),
                    ]
                }
            ),
        ]
    }

    private static func evidence(_ evidence: Evidence) -> JSON {
        [
            "confidence": .figure(evidence.confidence),
            "ws_score": .figure(evidence.streamScore),
            "rest_score": .figure(evidence.restScore),
            "fill_score": .figure(evidence.fillScore),
            "ws_age_sec": .figure(evidence.streamAgeSeconds),
            "rest_age_sec": .figure(evidence.restAgeSeconds),
            "fill_age_sec": .figure(evidence.fillAgeSeconds),
            "contradiction_score": .figure(evidence.contradictionScore),
            "contradiction_streak": .whole(evidence.contradictionStreak),
            "degraded_sources": .whole(evidence.degradedSources),
        ]
    }

    /// As a policy writes them.
    static func knobs(_ knobs: Knobs) -> JSON {
        [
            "mode": .text(knobs.mode.rawValue),
            "allow_entries": .flag(knobs.allowEntries),
            "max_notional_usdt": .figure(knobs.maxNotional),
            "max_leverage": .whole(knobs.maxLeverage),
            "min_entry_conf": .figure(knobs.minEntryConfidence),
            "entry_cooldown_seconds": .figure(knobs.entryCooldownSeconds),
            "max_open_orders_per_symbol": .whole(knobs.maxOpenOrdersPerSymbol),
            "kill_switch_trip": .flag(knobs.killSwitchTrip),
            "symbols": .object(knobs.symbols.map { JSON.Member($0.key.name, symbolKnobs($0.value)) }),
            "reason": .optional(knobs.notes.reason),
            "debt_score": knobs.notes.debtScore.map { .figure($0) } ?? .null,
            "debt_growth_per_min": knobs.notes.debtGrowthPerMinute.map { .figure($0) } ?? .null,
            "recovery_stage": .optional(knobs.notes.recoveryStage),
            "next_unlock_sec": knobs.notes.nextUnlockSeconds.map { .figure($0) } ?? .null,
        ]
    }

    private static func symbolKnobs(_ knobs: SymbolKnobs) -> JSON {
        [
            "allow_entries": knobs.allowEntries.map { .flag($0) } ?? .null,
            "max_notional_usdt": knobs.maxNotional.map { .figure($0) } ?? .null,
            "max_leverage": knobs.maxLeverage.map { .whole($0) } ?? .null,
            "min_entry_conf": knobs.minEntryConfidence.map { .figure($0) } ?? .null,
            "entry_cooldown_seconds": knobs.entryCooldownSeconds.map { .figure($0) } ?? .null,
        ]
    }

    static func limits(_ limits: GuardLimits) -> JSON {
        [
            "max_notional_usdt": .figure(limits.maxNotional),
            "max_leverage": .whole(limits.maxLeverage),
            "min_entry_conf": .figure(limits.minEntryConfidence),
            "entry_cooldown_seconds": .figure(limits.entryCooldownSeconds),
            "max_open_orders_per_symbol": .whole(limits.maxOpenOrdersPerSymbol),
        ]
    }
}
