package import ReckonModel

/// How guarded the engine is; a later case is tighter.
package enum GuardMode: String, Sendable, Codable, Hashable, Comparable, CaseIterable {
    case green = "GREEN"
    case yellow = "YELLOW"
    case orange = "ORANGE"
    case red = "RED"

    package var severity: Int {
        switch self {
        case .green: 0
        case .yellow: 1
        case .orange: 2
        case .red: 3
        }
    }

    package static func < (left: GuardMode, right: GuardMode) -> Bool { left.severity < right.severity }
}

/// What a policy decides about new exposure.
///
/// Exits never read it (I-03).
package struct Knobs: Sendable, Codable, Hashable {
    package var mode: GuardMode
    package var allowEntries: Bool
    package var maxNotional: Double
    package var maxLeverage: Int
    /// 0…1.
    package var minEntryConfidence: Double
    package var entryCooldownSeconds: Double
    package var maxOpenOrdersPerSymbol: Int
    package var killSwitchTrip: Bool
    /// Tightens single symbols; never loosens.
    package var symbols: Table<Symbol, SymbolKnobs>
    package var notes: KnobNotes

    package init(
        mode: GuardMode,
        allowEntries: Bool,
        limits: GuardLimits,
        killSwitchTrip: Bool = false
    ) {
        self.mode = mode
        self.allowEntries = allowEntries
        self.maxNotional = limits.maxNotional
        self.maxLeverage = limits.maxLeverage
        self.minEntryConfidence = limits.minEntryConfidence
        self.entryCooldownSeconds = limits.entryCooldownSeconds
        self.maxOpenOrdersPerSymbol = limits.maxOpenOrdersPerSymbol
        self.killSwitchTrip = killSwitchTrip
        self.symbols = Table()
        self.notes = KnobNotes()
    }
}

extension Knobs {
    /// What holds for a book besides the general knobs: on a leg its instrument's and its own, whichever is tighter.
    package func own(_ symbol: Symbol) -> SymbolKnobs? {
        guard symbol.leg != nil, let shared = symbols[symbol.instrument] else { return symbols[symbol] }
        return symbols[symbol].map { shared.tightened(by: $0) } ?? shared
    }

    /// The most that both legs of an instrument may make together; in one-way mode the symbol's cap.
    package func capOfInstrument(_ symbol: Symbol) -> Double {
        min(maxNotional, symbols[symbol.instrument]?.maxNotional ?? .infinity)
    }

    /// The most that one leg may make by itself; `nil` where nothing is said of it, and in one-way mode.
    package func capOfLeg(_ symbol: Symbol) -> Double? {
        symbol.leg.flatMap { _ in symbols[symbol]?.maxNotional }
    }
}

/// One symbol's own knobs; what is absent follows the general ones.
package struct SymbolKnobs: Sendable, Codable, Hashable {
    package var allowEntries: Bool?
    package var maxNotional: Double?
    package var maxLeverage: Int?
    package var minEntryConfidence: Double?
    package var entryCooldownSeconds: Double?

    package init() {}
}

/// What a policy says about its verdict; shown and journaled, never enforced.
package struct KnobNotes: Sendable, Codable, Hashable {
    /// At most 256 bytes.
    package var reason: String?
    package var debtScore: Double?
    package var debtGrowthPerMinute: Double?
    package var recoveryStage: String?
    package var nextUnlockSeconds: Double?

    package init() {}
}

/// What the operator allows at best.
package struct GuardLimits: Sendable, Codable, Hashable {
    /// USDT, per symbol.
    package var maxNotional: Double
    package var maxLeverage: Int
    package var minEntryConfidence: Double
    package var entryCooldownSeconds: Double
    package var maxOpenOrdersPerSymbol: Int

    package init(
        maxNotional: Double,
        maxLeverage: Int,
        minEntryConfidence: Double,
        entryCooldownSeconds: Double,
        maxOpenOrdersPerSymbol: Int
    ) {
        self.maxNotional = maxNotional
        self.maxLeverage = maxLeverage
        self.minEntryConfidence = minEntryConfidence
        self.entryCooldownSeconds = entryCooldownSeconds
        self.maxOpenOrdersPerSymbol = maxOpenOrdersPerSymbol
    }
}
