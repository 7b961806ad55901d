package import ReckonModel

/// What an operator's command reaches: the whole account, or one symbol.
///
/// In a hedged account an instrument reaches both of its legs, a leg itself alone.
package enum CommandScope: Sendable, Codable, Hashable, Comparable {
    case account
    case symbol(Symbol)

    package func covers(_ symbol: Symbol) -> Bool {
        switch self {
        case .account: true
        case .symbol(let own): own.includes(symbol)
        }
    }

    /// For people and fact kinds: `account`, or the symbol's name.
    package var name: String {
        switch self {
        case .account: "account"
        case .symbol(let symbol): symbol.name
        }
    }

    package static func < (left: CommandScope, right: CommandScope) -> Bool {
        switch (left, right) {
        case (.account, .account), (.symbol, .account): false
        case (.account, .symbol): true
        case (.symbol(let left), .symbol(let right)): left < right
        }
    }
}
