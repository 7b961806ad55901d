/// What a file's source lets one suspect without running it.
enum SourceCheck {
    /// Lua 5.4.4 miscompiles some expressions in functions with more than 255 constants.
    private static let constantLimit = 200

    private static let functions: Set<String> = [
        "assert", "error", "ipairs", "log", "pairs", "require", "select", "tonumber", "tostring", "type",
        "math",
        "string", "table",
    ]
    private static let libraryFields: Set<String> = [
        "math.abs", "math.ceil", "math.exp", "math.floor", "math.fmod", "math.huge", "math.log", "math.max",
        "math.maxinteger", "math.min", "math.mininteger", "math.modf", "math.pi", "math.sqrt",
        "math.tointeger",
        "math.type", "math.ult", "string.byte", "string.format", "string.len", "string.lower", "string.sub",
        "string.upper", "table.concat", "table.insert", "table.sort", "table.unpack",
    ]

    static func problems(in file: PolicyFile) -> [PolicyProblem] {
        let scan = NameScan(file.bytes)
        var found: [PolicyProblem] = []
        func note(_ severity: PolicyProblem.Severity, _ code: String, _ line: Int, _ message: String) {
            found.append(PolicyProblem(severity, code: code, file: file.name, line: line, message: message))
        }
        for mention in scan.globalsRead where mention.name == "_ENV" {
            note(.warning, "environment", mention.line, "`_ENV` hides from this check which names are global")
        }
        for mention in scan.globalsRead where !functions.contains(mention.name) && mention.name != "_ENV" {
            note(
                .error,
                "unknown_global",
                mention.line,
                "there is no global `\(mention.name)` in the sandbox"
            )
        }
        for mention in scan.globalsWritten {
            note(.error, "global_write", mention.line, "`\(mention.name)` is global; writing it raises")
        }
        for mention in scan.libraryFields where !libraryFields.contains(mention.name) {
            note(.error, "unknown_function", mention.line, "there is no `\(mention.name)` in the sandbox")
        }
        for mention in scan.outerWrites {
            note(
                .warning,
                "outer_write",
                mention.line,
                "`\(mention.name)` lives outside this function and does not survive the tick; use the state"
            )
        }
        for mention in scan.unused {
            note(.warning, "unused", mention.line, "nothing reads the local `\(mention.name)`")
        }
        for function in scan.constants where function.count > constantLimit {
            note(
                .error,
                "constants",
                function.line,
                "the function has \(function.count) constants; at most \(constantLimit), split it"
            )
        }
        for mention in LengthRule(LuaLexer.tokens(of: file.bytes)).mentions {
            note(
                .warning,
                "length_of_holes",
                mention.line,
                "items of `\(mention.path)` are set to nil; its length then hangs on Lua's hash seed, so count otherwise"
            )
        }
        if !scan.isComplete { note(.warning, "scan", 0, "the file's names could not all be scanned") }
        return found
    }
}
