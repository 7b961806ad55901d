package import ReckonModel

/// How well the engine's picture is confirmed, as the policy sees it.
///
/// The default value is neutral: no debt, full evidence, nothing held.
package struct Belief: Sendable, Codable, Hashable {
    /// Age of the oldest unresolved mismatch, in seconds.
    package var debtSeconds: Double = 0
    /// Symbols with an unresolved mismatch.
    package var debtSymbols: Int = 0
    /// Rises by each tick's mismatches, falls by one on a clean tick; 0…40.
    package var mismatchStreak: Int = 0
    /// 0…1.
    package var confidence: Double = 1
    package var evidence = Evidence()
    package var unknownIntents = UnknownIntents()
    package var exposure = Exposure()
    package var naked = NakedSymbols()
    /// Worst first, at most 32.
    package var symbols: [SymbolDebt] = []

    package init() {}

    package static let neutral = Belief()
}

/// How fresh and how consistent the sources are.
package struct Evidence: Sendable, Codable, Hashable {
    package var confidence: Double = 1
    package var streamScore: Double = 1
    package var restScore: Double = 1
    package var fillScore: Double = 1
    package var streamAgeSeconds: Double = 0
    package var restAgeSeconds: Double = 0
    package var fillAgeSeconds: Double = 0
    package var contradictionScore: Double = 0
    package var contradictionStreak: Int = 0
    package var degradedSources: Int = 0

    package init() {}
}

/// Intents whose outcome at the venue is in doubt.
package struct UnknownIntents: Sendable, Codable, Hashable {
    package var count: Int = 0
    package var oldestSeconds: Double = 0

    package init() {}
}

/// What is held, at mark.
package struct Exposure: Sendable, Codable, Hashable {
    package var grossUSDT: Double = 0
    package var positions: Int = 0

    package init() {}
}

/// Positions without full stop cover.
package struct NakedSymbols: Sendable, Codable, Hashable {
    package var symbols: Int = 0
    /// Age of the oldest, in seconds.
    package var seconds: Double = 0
    /// Covered share of the least covered position, 0…1.
    package var leastCoverage: Double = 1

    package init() {}
}

/// One symbol's part of the debt.
package struct SymbolDebt: Sendable, Codable, Hashable {
    package var symbol: Symbol
    package var debtSeconds: Double
    package var mismatches: Int
    /// Code of the oldest difference on the symbol.
    package var kind: String

    package init(symbol: Symbol, debtSeconds: Double, mismatches: Int, kind: String) {
        self.symbol = symbol
        self.debtSeconds = debtSeconds
        self.mismatches = mismatches
        self.kind = kind
    }
}
