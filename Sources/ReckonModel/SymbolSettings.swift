/// How the account trades a symbol.
package struct SymbolSettings: Sendable, Codable, Hashable {
    package let symbol: Symbol
    package let leverage: Int
    /// Whether its margin stands apart from the rest of the account.
    package let isIsolated: Bool

    package init(symbol: Symbol, leverage: Int, isIsolated: Bool) {
        self.symbol = symbol
        self.leverage = leverage
        self.isIsolated = isIsolated
    }
}
