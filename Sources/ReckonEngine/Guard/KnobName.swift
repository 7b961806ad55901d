import ReckonModel

/// The knobs by the names of the policy contract, in its order.
package enum KnobName: String, Sendable, Codable, Hashable, CaseIterable {
    case mode
    case allowEntries = "allow_entries"
    case maxNotional = "max_notional_usdt"
    case maxLeverage = "max_leverage"
    case minEntryConfidence = "min_entry_conf"
    case entryCooldown = "entry_cooldown_seconds"
    case maxOpenOrders = "max_open_orders_per_symbol"
    case killSwitchTrip = "kill_switch_trip"
    case symbols

    /// Whether the knob counts as tightest while entries are closed anyway.
    var isEntryKnob: Bool {
        switch self {
        case .maxNotional, .maxLeverage, .minEntryConfidence, .entryCooldown, .maxOpenOrders: true
        case .mode, .allowEntries, .killSwitchTrip, .symbols: false
        }
    }

    /// The knobs that are single figures; `symbols` has rules of its own.
    static let scalars = KnobName.allCases.filter { $0 != .symbols }
}

extension Knobs {
    /// Whether this knob is looser here than in `other`.
    func isLooser(_ knob: KnobName, than other: Knobs) -> Bool {
        if knob.isEntryKnob, !other.allowEntries { return false }
        if knob.isEntryKnob, !allowEntries { return false }
        switch knob {
        case .mode: return mode < other.mode
        case .allowEntries: return allowEntries && !other.allowEntries
        case .maxNotional: return maxNotional > other.maxNotional
        case .maxLeverage: return maxLeverage > other.maxLeverage
        case .minEntryConfidence: return minEntryConfidence < other.minEntryConfidence
        case .entryCooldown: return entryCooldownSeconds < other.entryCooldownSeconds
        case .maxOpenOrders: return maxOpenOrdersPerSymbol > other.maxOpenOrdersPerSymbol
        case .killSwitchTrip: return !killSwitchTrip && other.killSwitchTrip
        case .symbols: return false
        }
    }

    /// Takes one knob over from `other`.
    mutating func take(_ knob: KnobName, from other: Knobs) {
        switch knob {
        case .mode: mode = other.mode
        case .allowEntries: allowEntries = other.allowEntries
        case .maxNotional: maxNotional = other.maxNotional
        case .maxLeverage: maxLeverage = other.maxLeverage
        case .minEntryConfidence: minEntryConfidence = other.minEntryConfidence
        case .entryCooldown: entryCooldownSeconds = other.entryCooldownSeconds
        case .maxOpenOrders: maxOpenOrdersPerSymbol = other.maxOpenOrdersPerSymbol
        case .killSwitchTrip: killSwitchTrip = other.killSwitchTrip
        case .symbols: symbols = other.symbols
        }
    }

    /// Knob by knob the tighter of the two.
    package func tightened(by other: Knobs) -> Knobs {
        var result = self
        result.mode = max(mode, other.mode)
        result.allowEntries = allowEntries && other.allowEntries
        result.maxNotional = min(maxNotional, other.maxNotional)
        result.maxLeverage = min(maxLeverage, other.maxLeverage)
        result.minEntryConfidence = max(minEntryConfidence, other.minEntryConfidence)
        result.entryCooldownSeconds = max(entryCooldownSeconds, other.entryCooldownSeconds)
        result.maxOpenOrdersPerSymbol = min(maxOpenOrdersPerSymbol, other.maxOpenOrdersPerSymbol)
        result.killSwitchTrip = killSwitchTrip || other.killSwitchTrip
        for (symbol, knobs) in other.symbols {
            result.symbols[symbol] = result.symbols[symbol]?.tightened(by: knobs) ?? knobs
        }
        return result
    }
}

extension SymbolKnobs {
    package func tightened(by other: SymbolKnobs) -> SymbolKnobs {
        var result = SymbolKnobs()
        result.allowEntries = pick(allowEntries, other.allowEntries) { $0 && $1 }
        result.maxNotional = pick(maxNotional, other.maxNotional, min)
        result.maxLeverage = pick(maxLeverage, other.maxLeverage, min)
        result.minEntryConfidence = pick(minEntryConfidence, other.minEntryConfidence, max)
        result.entryCooldownSeconds = pick(entryCooldownSeconds, other.entryCooldownSeconds, max)
        return result
    }
}

/// The tighter of two, where an absent one says nothing.
private func pick<Value>(_ left: Value?, _ right: Value?, _ tighter: (Value, Value) -> Value) -> Value? {
    guard let left else { return right }
    guard let right else { return left }
    return tighter(left, right)
}
