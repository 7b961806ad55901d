import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy

/// Questions, one-file policies and places on disk that the tests share.
enum Sample {
    static let limits = GuardLimits(
        maxNotional: 1000,
        maxLeverage: 20,
        minEntryConfidence: 0.25,
        entryCooldownSeconds: 8,
        maxOpenOrdersPerSymbol: 4
    )

    static func question(
        tick: Int64 = 1,
        now: Double = 100,
        belief: Belief = .neutral,
        lastEnforced: Knobs = Knobs(mode: .green, allowEntries: true, limits: limits)
    ) -> PolicyQuestion {
        PolicyQuestion(
            tick: tick,
            now: now,
            sinceLast: tick == 1 ? 0 : 5,
            belief: belief,
            limits: limits,
            lastEnforced: lastEnforced
        )
    }

    /// A policy whose `evaluate` has this body; `knobs()` gives sound knobs.
    static func source(
        _ evaluate: String,
        initial: String = "return {}",
        top: String = "",
        fields: String = ""
    ) -> String {
        """
        \(top)
        local function knobs()
          return { mode = "GREEN", allow_entries = true, max_notional_usdt = 1000, max_leverage = 5,
            min_entry_conf = 0.5, entry_cooldown_seconds = 8, max_open_orders_per_symbol = 2,
            kill_switch_trip = false }
        end
        return { api = 1, name = "sample", \(fields)
          initial_state = function(context) \(initial) end,
          evaluate = function(belief, state, context) \(evaluate) end,
        }
        """
    }

    static func runtime(
        _ evaluate: String,
        initial: String = "return {}",
        top: String = "",
        fields: String = ""
    ) throws -> PolicyRuntime {
        let source = source(evaluate, initial: initial, top: top, fields: fields)
        return try PolicyRuntime(try PolicyDirectory(source: source))
    }

    /// What a Lua expression gives inside the sandbox, as text; a fault's message otherwise.
    static func value(_ expression: String, before: String = "") throws -> String {
        let runtime = try runtime(
            "\(before) local k = knobs() k.reason = tostring(\(expression)) return k, state"
        )
        let verdict = runtime.evaluate(question())
        return verdict.knobs?.notes.reason ?? verdict.fault?.message ?? ""
    }

    /// A policy made of several files, by their names.
    static func directory(_ files: [String: String]) throws -> PolicyDirectory {
        try PolicyDirectory { name throws(PolicyProblem) in files[name].map { Array($0.utf8) } }
    }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func policy(_ name: String) throws -> PolicyDirectory {
        try PolicyDirectory(reading: root.appendingPathComponent("policies/\(name)").path)
    }

    static func resource(_ path: String) throws -> URL {
        guard let folder = Bundle.module.resourceURL else { throw CocoaError(.fileNoSuchFile) }
        return folder.appendingPathComponent(path)
    }

    static func lines(of text: String) -> [[UInt8]] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.utf8) }
    }
}

extension Belief {
    static func debt(_ seconds: Double, symbols: Int = 1, streak: Int = 1) -> Belief {
        var belief = Belief()
        belief.debtSeconds = seconds
        belief.debtSymbols = symbols
        belief.mismatchStreak = streak
        belief.confidence = max(0, 1 - seconds / 300)
        belief.symbols = (0..<min(symbols, 32)).map { index in
            SymbolDebt(
                symbol: Symbol("S\(index)USDT"),
                debtSeconds: seconds,
                mismatches: 1,
                kind: "position_missing"
            )
        }
        return belief
    }
}
