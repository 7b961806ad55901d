/// Finds tables that are indexed by a comparison.
///
/// Lua 5.4.4 fetches a table of an outer function on one way of the comparison only, so that on the other it reads
/// whatever a register held before; see the bugs of that release. A boolean is no key that a policy needs.
struct IndexRule {
    private let tokens: [LuaToken]

    init(_ tokens: [LuaToken]) { self.tokens = tokens }

    /// The line of the first.
    var firstLine: Int? {
        for index in tokens.indices where opensAfterValue("[", at: index) && comparesWithin(index) {
            return tokens[index].line
        }
        return nil
    }

    private static let comparisons: Set<String> = ["<", ">", "<=", ">=", "==", "~="]

    /// Whether a bracket indexes or calls what stands before it, rather than groups or builds.
    private func opensAfterValue(_ bracket: String, at index: Int) -> Bool {
        guard index > 0, tokens[index].isSymbol(bracket) else { return false }
        let before = tokens[index - 1]
        return switch before.kind {
        case .name, .string: true
        case .symbol: before.text == ")" || before.text == "]" || before.text == "}"
        case .keyword, .number: false
        }
    }

    /// Whether the index that opens here is a comparison, be it in parentheses; one that `and` or `or` turns into
    /// something else is compiled soundly.
    private func comparesWithin(_ opening: Int) -> Bool {
        // True where what is open groups, so that a comparison in it is still the index itself.
        var open = [true]
        var isFound = false
        for index in tokens.indices[(opening + 1)...] {
            let token = tokens[index]
            if token.isKeyword("and") || token.isKeyword("or"), open.count == 1 { return false }
            guard token.kind == .symbol else { continue }
            switch token.text {
            case "(": open.append(!opensAfterValue("(", at: index))
            case "[", "{": open.append(false)
            case ")", "]", "}":
                open.removeLast()
                if open.isEmpty { return isFound }
            default:
                if Self.comparisons.contains(token.text), !open.contains(false) { isFound = true }
            }
        }
        return false
    }
}
