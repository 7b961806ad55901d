/// What source may not contain, whatever it compiles to, and which modules it asks for.
enum SourceRules {
    /// A `require` of a literal name.
    struct Requirement: Hashable {
        let module: String
        let line: Int
    }

    /// Left-to-right marks, embeddings, overrides and isolates, which make code read otherwise than it
    /// runs; and the byte-order mark, which hides at the start of a file.
    private static let hiddenControls: [(scalar: UInt32, bytes: [UInt8])] =
        [
            0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069,
            0xFEFF,
        ]
        .compactMap { scalar in Unicode.Scalar(scalar).map { (scalar, Array(String($0).utf8)) } }

    /// Refuses what is refused at load.
    static func check(_ file: PolicyFile) throws(PolicyProblem) -> [Requirement] {
        try checkBytes(file)
        let tokens = LuaLexer.tokens(of: file.bytes)
        if let power = tokens.first(where: { $0.isSymbol("^") }) {
            throw PolicyProblem(
                code: "power_operator",
                file: file.name,
                line: power.line,
                message:
                    "`^` calls the C library's pow, whose last bit differs between machines; multiply instead"
            )
        }
        try checkJumps(tokens, file: file)
        if let line = IndexRule(tokens).firstLine {
            throw PolicyProblem(
                code: "index_comparison",
                file: file.name,
                line: line,
                message: "Lua 5.4.4 miscompiles an index that is a comparison; put it into a local first"
            )
        }
        return try requirements(tokens, file: file)
    }

    /// Lua 5.4.4 takes the square of their number to compile them where they follow one another.
    private static let jumps: Set<String> = ["and", "or", "elseif", "goto"]
    private static let jumpLimit = 1000

    private static func checkJumps(_ tokens: [LuaToken], file: PolicyFile) throws(PolicyProblem) {
        var count = 0
        for token in tokens where token.isSymbol("::") || token.kind == .keyword && jumps.contains(token.text)
        {
            count += 1
            guard count > jumpLimit else { continue }
            throw PolicyProblem(
                code: "too_many_jumps",
                file: file.name,
                line: token.line,
                message:
                    "more than \(jumpLimit) of `and`, `or`, `elseif`, `goto`, `::` in one file; split it or use a table"
            )
        }
    }

    private static func checkBytes(_ file: PolicyFile) throws(PolicyProblem) {
        if file.bytes.first == 0x1B {
            throw PolicyProblem(
                code: "bytecode",
                file: file.name,
                message: "compiled Lua is not loaded; only source"
            )
        }
        // Each of the controls starts with one of two bytes, so plain source costs one pass.
        for (index, byte) in file.bytes.enumerated() where byte == 0xD8 || byte == 0xE2 || byte == 0xEF {
            let rest = file.bytes[index...]
            guard let found = hiddenControls.first(where: { rest.starts(with: $0.bytes) }) else { continue }
            let line = 1 + file.bytes[..<index].count { $0 == 10 }
            let isMark = found.scalar == 0xFEFF
            throw PolicyProblem(
                code: isMark ? "byte_order_mark" : "bidi_control",
                file: file.name,
                line: line,
                message: "the source holds the invisible character U+\(hexadecimal(found.scalar)); remove it"
            )
        }
    }

    private static func hexadecimal(_ scalar: UInt32) -> String {
        let digits = String(scalar, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func requirements(
        _ tokens: [LuaToken],
        file: PolicyFile
    ) throws(PolicyProblem) -> [Requirement] {
        var found: [Requirement] = []
        for (index, token) in tokens.enumerated() where token.kind == .name && token.text == "require" {
            let isCall = index + 1 < tokens.count && tokens[index + 1].isSymbol("(")
            let place = isCall ? index + 2 : index + 1
            guard place < tokens.count, case .string(true) = tokens[place].kind,
                !isCall || (place + 1 < tokens.count && tokens[place + 1].isSymbol(")"))
            else {
                throw PolicyProblem(
                    code: "require_not_literal",
                    file: file.name,
                    line: token.line,
                    message: "`require` takes one literal name, as in require \"ramp\""
                )
            }
            found.append(Requirement(module: tokens[place].text, line: token.line))
        }
        return found
    }
}
