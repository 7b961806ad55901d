import Foundation
package import ReckonEngine
import ReckonModel

/// Writes plain data as Lua source that reads back as the same data.
package enum LuaText {
    package static func string(_ text: String) -> String {
        var result = "\""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): result += "\\\""
            case UInt8(ascii: "\\"): result += "\\\\"
            case UInt8(ascii: "\n"): result += "\\n"
            case 0..<32, 127...: result += "\\x" + hexadecimal(byte)
            default: result.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return result + "\""
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    /// The shortest text that reads back as the same number, without a fraction where it is whole.
    package static func number(_ value: Double) -> String {
        guard value.isFinite else { return value < 0 ? "-math.huge" : "math.huge" }
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        return "\(value)"
    }

    package static func value(_ value: LuaValue) -> String {
        switch value {
        case .boolean(let flag): return "\(flag)"
        case .integer(let whole): return "\(whole)"
        case .number(let figure): return number(figure)
        case .text(let text): return string(text)
        case .table(let items, let fields):
            let rows =
                items.map { self.value($0) } + fields.map { "\(key($0.key)) = \(self.value($0.value))" }
            return rows.isEmpty ? "{}" : "{ " + rows.joined(separator: ", ") + " }"
        }
    }

    private static let reserved: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
        "local",
        "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
    ]

    static func key(_ name: String) -> String {
        let isName =
            PolicyName.isModule(name) && !reserved.contains(name) && !(name.first?.isNumber ?? true)
        return isName ? name : "[\(string(name))]"
    }

    /// A belief as a case writes it: what differs from a neutral one.
    package static func belief(_ belief: Belief) -> String { value(self.table(of: belief)) }

    package static func table(of belief: Belief) -> LuaValue {
        var top: Table<String, LuaValue> = Table()
        for field in BeliefField.all where field.read(belief) != field.neutral {
            let figure = field.read(belief)
            let value: LuaValue = field.isWhole ? .integer(Int64(figure)) : .number(figure)
            let parts = field.path.split(separator: ".").map(String.init)
            guard parts.count == 2 else {
                top[field.path] = value
                continue
            }
            var inner = top[parts[0]]?.fields ?? Table()
            inner[parts[1]] = value
            top[parts[0]] = .table([], inner)
        }
        if !belief.symbols.isEmpty { top["symbols"] = .table(belief.symbols.map(row), Table()) }
        return .table([], top)
    }

    private static func row(_ row: SymbolDebt) -> LuaValue {
        .fields([
            ("symbol", .text(row.symbol.name)), ("debt_sec", .number(row.debtSeconds)),
            ("mismatches", .integer(Int64(row.mismatches))), ("kind", .text(row.kind)),
        ])
    }
}

extension Knobs {
    /// The knobs as a script would write them; absent notes are left out.
    package var luaValue: LuaValue {
        var rows: [(String, LuaValue)] = [
            ("mode", .text(mode.rawValue)), ("allow_entries", .boolean(allowEntries)),
            ("max_notional_usdt", .number(maxNotional)), ("max_leverage", .integer(Int64(maxLeverage))),
            ("min_entry_conf", .number(minEntryConfidence)),
            ("entry_cooldown_seconds", .number(entryCooldownSeconds)),
            ("max_open_orders_per_symbol", .integer(Int64(maxOpenOrdersPerSymbol))),
            ("kill_switch_trip", .boolean(killSwitchTrip)),
            ("symbols", .fields(symbols.map { ($0.key.name, $0.value.luaValue) })),
        ]
        if let reason = notes.reason { rows.append(("reason", .text(reason))) }
        if let score = notes.debtScore { rows.append(("debt_score", .number(score))) }
        if let growth = notes.debtGrowthPerMinute { rows.append(("debt_growth_per_min", .number(growth))) }
        if let stage = notes.recoveryStage { rows.append(("recovery_stage", .text(stage))) }
        if let seconds = notes.nextUnlockSeconds { rows.append(("next_unlock_sec", .number(seconds))) }
        return .fields(rows)
    }
}

extension SymbolKnobs {
    var luaValue: LuaValue {
        var rows: [(String, LuaValue)] = []
        if let allowEntries { rows.append(("allow_entries", .boolean(allowEntries))) }
        if let maxNotional { rows.append(("max_notional_usdt", .number(maxNotional))) }
        if let maxLeverage { rows.append(("max_leverage", .integer(Int64(maxLeverage)))) }
        if let minEntryConfidence { rows.append(("min_entry_conf", .number(minEntryConfidence))) }
        if let entryCooldownSeconds { rows.append(("entry_cooldown_seconds", .number(entryCooldownSeconds))) }
        return .fields(rows)
    }
}
