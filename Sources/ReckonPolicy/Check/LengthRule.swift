/// Finds tables whose length is taken although items are removed from their midst.
///
/// Where holes and text keys meet, the length hangs on how the table lies in memory, which Lua's hash seed decides; so one
/// trace could have two answers. A table is known by how it is written, such as `state.kept`, within one file.
struct LengthRule {
    /// A place where the length is taken, and of what.
    struct Mention: Hashable {
        let path: String
        let line: Int
    }

    private let tokens: [LuaToken]

    init(_ tokens: [LuaToken]) { self.tokens = tokens }

    var mentions: [Mention] {
        let holed = Set(tokens.indices.compactMap(removedFrom))
        return tokens.indices.compactMap { index in
            guard let path = measured(at: index), holed.contains(path) else { return nil }
            return Mention(path: path, line: tokens[index].line)
        }
    }

    private static let measuring: Set<String> = ["insert", "concat", "unpack", "sort"]

    /// What `#` or a function of `table` measures here.
    private func measured(at index: Int) -> String? {
        if tokens[index].isSymbol("#") { return path(at: index + 1)?.text }
        guard tokens[index].text == "table", index + 4 < tokens.count, tokens[index + 1].isSymbol("."),
            Self.measuring.contains(tokens[index + 2].text), tokens[index + 3].isSymbol("(")
        else { return nil }
        return path(at: index + 4)?.text
    }

    /// A name with the fields behind it, and the index of what follows.
    private func path(at start: Int) -> (text: String, end: Int)? {
        guard start < tokens.count, tokens[start].kind == .name else { return nil }
        var text = tokens[start].text
        var at = start + 1
        while at + 1 < tokens.count, tokens[at].isSymbol("."), tokens[at + 1].kind == .name {
            text += ".\(tokens[at + 1].text)"
            at += 2
        }
        return (text, at)
    }

    /// The table that `path[…] = nil` at this index makes a hole in; taking off the last item, `t[#t] = nil`, makes none.
    private func removedFrom(_ index: Int) -> String? {
        if index > 0, tokens[index - 1].isSymbol(".") || tokens[index - 1].isSymbol("#") { return nil }
        guard let (text, opening) = path(at: index), opening < tokens.count, tokens[opening].isSymbol("[")
        else {
            return nil
        }
        if opening + 1 < tokens.count, tokens[opening + 1].isSymbol("#"), let last = path(at: opening + 2),
            last.text == text, last.end < tokens.count, tokens[last.end].isSymbol("]")
        {
            return nil
        }
        var depth = 0
        for at in tokens.indices[opening...] {
            if tokens[at].isSymbol("[") { depth += 1 }
            if tokens[at].isSymbol("]") { depth -= 1 }
            guard depth == 0 else { continue }
            let isRemoval =
                at + 2 < tokens.count && tokens[at + 1].isSymbol("=") && tokens[at + 2].isKeyword("nil")
            return isRemoval ? text : nil
        }
        return nil
    }
}
