/// A function, initialiser or subscript as the brace-matching scanner sees it.
struct Declaration: Sendable {
    let keyword: String
    let name: String
    let line: Int
    /// From the keyword to the closing brace.
    let lines: Int
    let parameters: Int

    /// Every one that has a parameter list, nested ones too; `code` is free of comments and literals.
    static func all(in code: String) -> [Declaration] {
        let start: Pattern = #"(?<![.\w`])(?:func\s+(?:`?\w+`?|[^\s\w(]+)|init[?!]?|subscript)\s*(?=[(<])"#
        return start.matches(in: code).compactMap { match in
            var rest = code[match.end...]
            if rest.first == "<" { rest = rest[end(of: rest)...] }
            guard let open = rest.firstIndex(where: { !$0.isWhitespace }), code[open] == "(" else {
                return nil
            }
            let list = code[open...]
            let parameters = items(in: list)
            let after = code[end(of: list)...]
            let keyword =
                match.text.hasPrefix("func") ? "func" : match.text.hasPrefix("init") ? "init" : "subscript"
            let signature = match.text.filter { !$0.isWhitespace }
            let name = keyword == "func" ? String(signature.dropFirst(4)) : keyword
            let last = body(in: after).map { end(of: $0) } ?? after.startIndex
            let between = code[match.end..<last].utf8.count { $0 == UInt8(ascii: "\n") }
            return Declaration(
                keyword: keyword,
                name: name,
                line: match.line,
                lines: between + 1,
                parameters: parameters
            )
        }
    }

    /// Every function body that opens at the outermost level of a C file.
    static func allOfC(in code: String) -> [Declaration] {
        let start: Pattern = #"^[A-Za-z_][\w \t\*]*?\b(\w+)\s*\("#
        return start.matches(in: code).compactMap { match in
            let list = code[code.index(before: match.end)...]
            let after = code[end(of: list)...]
            guard let brace = after.firstIndex(where: { !$0.isWhitespace }), code[brace] == "{" else {
                return nil
            }
            let last = end(of: code[brace...])
            let between = code[match.end..<last].utf8.count { $0 == UInt8(ascii: "\n") }
            return Declaration(
                keyword: "c",
                name: match.group ?? "",
                line: match.line,
                lines: between + 1,
                parameters: items(in: list)
            )
        }
    }

    /// How many comma-separated items a bracketed list holds; `text` begins with its opening bracket.
    static func items(in text: Substring) -> Int {
        var depth = 0
        var count = 0
        var isOpen = false
        var last: Character = " "
        for character in text {
            switch character {
            case "(", "[", "{", "<": depth += 1
            case ")", "]", "}": depth -= 1
            case ">" where last != "-" && last != "=": depth -= 1
            case "," where depth == 1:
                count += isOpen ? 1 : 0
                isOpen = false
            case _ where character.isWhitespace: break
            default: isOpen = true
            }
            if depth == 0 { break }
            last = character
        }
        return count + (isOpen ? 1 : 0)
    }

    /// Where a bracketed part ends; `text` begins with its opening bracket.
    private static func end(of text: Substring) -> Substring.Index {
        guard let open = text.first, let close = ["(": ")", "{": "}", "<": ">"][open] as Character? else {
            return text.startIndex
        }
        var depth = 0
        var last: Character = " "
        for index in text.indices {
            if text[index] == open { depth += 1 }
            if text[index] == close, !(close == ">" && (last == "-" || last == "=")) { depth -= 1 }
            if depth == 0 { return text.index(after: index) }
            last = text[index]
        }
        return text.endIndex
    }

    /// The part from the opening brace on; `nil` where a protocol only asks for the function.
    private static func body(in text: Substring) -> Substring? {
        let goesOn: Pattern = #"\A\s*(?:->|throws|rethrows|async|where|\{)"#
        guard goesOn.isFound(in: String(text.prefix(200))), let brace = text.firstIndex(of: "{") else {
            return nil
        }
        let between = text[..<brace]
        let isOther = (#"\b(?:func|var|let|init|subscript|struct|class|enum|extension)\b|\}"# as Pattern)
            .isFound(in: String(between))
        return isOther ? nil : text[brace...]
    }
}
