/// A token of Lua source with the line it starts on.
struct LuaToken: Hashable {
    enum Kind: Hashable {
        case name
        case keyword
        case number
        /// `text` is what stands between the delimiters; `isPlain` is false where escapes change it.
        case string(isPlain: Bool)
        case symbol
    }

    let kind: Kind
    let text: String
    let line: Int

    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }

    func isKeyword(_ keyword: String) -> Bool { kind == .keyword && text == keyword }
}

/// Splits Lua 5.4 source into tokens.
///
/// Lenient: it is asked only about source that Lua itself also compiles.
struct LuaLexer {
    private let bytes: [UInt8]
    private var at = 0
    private var line = 1

    private static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
        "local",
        "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
    ]
    private static let symbols = ["...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"].map {
        Array($0.utf8)
    }

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func tokens(of bytes: [UInt8]) -> [LuaToken] {
        var lexer = LuaLexer(bytes)
        var tokens: [LuaToken] = []
        while let token = lexer.next() { tokens.append(token) }
        return tokens
    }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        at + ahead < bytes.count ? bytes[at + ahead] : nil
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private mutating func advance() {
        if bytes[at] == UInt8(ascii: "\n") { line += 1 }
        at += 1
    }

    private mutating func next() -> LuaToken? {
        skipBlanks()
        guard let byte = peek() else { return nil }
        let start = at
        let startLine = line
        if Self.isLetter(byte) {
            while let letter = peek(), Self.isLetter(letter) || Self.isDigit(letter) { at += 1 }
            let name = text(start..<at)
            return LuaToken(
                kind: Self.keywords.contains(name) ? .keyword : .name,
                text: name,
                line: startLine
            )
        }
        if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(Self.isDigit) == true) {
            skipNumber()
            return LuaToken(kind: .number, text: text(start..<at), line: startLine)
        }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return quoted(by: byte) }
        if byte == UInt8(ascii: "["), let level = longBracketLevel() {
            let inner = skipLongBracket(level)
            return LuaToken(kind: .string(isPlain: true), text: text(inner), line: startLine)
        }
        let symbol = Self.symbols.first { bytes[at...].starts(with: $0) }
        at += symbol?.count ?? 1
        return LuaToken(kind: .symbol, text: text(start..<at), line: startLine)
    }

    private mutating func skipBlanks() {
        while let byte = peek() {
            if byte == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
                at += 2
                if peek() == UInt8(ascii: "["), let level = longBracketLevel() {
                    _ = skipLongBracket(level)
                } else {
                    // Lua ends a line at either of its bytes.
                    while let rest = peek(), rest != 10, rest != 13 { at += 1 }
                }
            } else if byte == 32 || (9...13).contains(byte) {
                advance()
            } else {
                return
            }
        }
    }

    private mutating func skipNumber() {
        let isHexadecimal = peek() == UInt8(ascii: "0") && (peek(1).map { $0 | 32 } == UInt8(ascii: "x"))
        let exponent = isHexadecimal ? UInt8(ascii: "p") : UInt8(ascii: "e")
        while let byte = peek() {
            if byte | 32 == exponent, peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") {
                at += 2
            } else if Self.isLetter(byte) || Self.isDigit(byte) || byte == UInt8(ascii: ".") {
                at += 1
            } else {
                return
            }
        }
    }

    private mutating func quoted(by quote: UInt8) -> LuaToken {
        let startLine = line
        at += 1
        let start = at
        var isPlain = true
        while let byte = peek(), byte != quote {
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                at += 1
                if peek() == nil { break }
            }
            advance()
        }
        let end = at
        if at < bytes.count { at += 1 }
        return LuaToken(kind: .string(isPlain: isPlain), text: text(start..<end), line: startLine)
    }

    private func longBracketLevel() -> Int? {
        var level = 0
        while peek(1 + level) == UInt8(ascii: "=") { level += 1 }
        return peek(1 + level) == UInt8(ascii: "[") ? level : nil
    }

    private mutating func skipLongBracket(_ level: Int) -> Range<Int> {
        at += level + 2
        let start = at
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "]"), closes(level) {
                let end = at
                at += level + 2
                return start..<end
            }
            advance()
        }
        return start..<at
    }

    private func closes(_ level: Int) -> Bool {
        for ahead in 0..<level where peek(1 + ahead) != UInt8(ascii: "=") { return false }
        return peek(1 + level) == UInt8(ascii: "]")
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
