import ReckonEngine
import ReckonModel

/// A symbol's settings as `v1/symbolConfig` writes them.
struct SettingsRow: Decodable, Sendable {
    let symbol: String
    let marginType: String?
    let leverage: Int

    func settings() throws -> SymbolSettings {
        guard (1...1000).contains(leverage) else {
            throw Unreadable("\(symbol) leverage", found: "\(leverage)", allowed: "1…1000")
        }
        let isIsolated = marginType?.uppercased() == "ISOLATED"
        return SymbolSettings(symbol: try Reading.symbol(symbol), leverage: leverage, isIsolated: isIsolated)
    }
}

extension SymbolSettings {
    /// The same of both legs.
    var ofLegs: [SymbolSettings] { Leg.allCases.map { named(symbol.leg($0)) } }

    /// The same of a leg, which shares its instrument's.
    func named(_ book: Symbol) -> SymbolSettings {
        SymbolSettings(symbol: book, leverage: leverage, isIsolated: isIsolated)
    }
}

/// The steps of a symbol's leverage as `v1/leverageBracket` writes them.
struct BracketsRow: Decodable, Sendable {
    struct Bracket: Decodable, Sendable {
        let initialLeverage: Int
    }

    let symbol: String
    let brackets: [Bracket]

    /// Each bracket of larger notional allows less, so the largest figure is the symbol's limit.
    func most() throws -> Int {
        let most = brackets.map(\.initialLeverage).max() ?? 0
        guard (1...1000).contains(most) else {
            throw Unreadable("\(symbol) initialLeverage", found: "\(most)", allowed: "1…1000")
        }
        return most
    }
}
