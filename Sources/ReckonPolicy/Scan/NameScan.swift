/// What a policy's source names: globals, fields of libraries, locals of outer functions that are written.
struct NameScan {
    struct Mention: Hashable {
        let name: String
        let line: Int
    }

    fileprivate(set) var globalsRead: [Mention] = []
    fileprivate(set) var globalsWritten: [Mention] = []
    /// Written locals that live outside the writing function; nothing of them survives a tick.
    fileprivate(set) var outerWrites: [Mention] = []
    /// `math.floor` and the like, as one name.
    fileprivate(set) var libraryFields: [Mention] = []
    /// Distinct constants of each function, by the line on which it starts; an upper bound.
    fileprivate(set) var constants: [(line: Int, count: Int)] = []
    /// Locals that nothing reads; parameters and loop variables are not told, nor names that begin with `_`.
    fileprivate(set) var unused: [Mention] = []
    /// False where the scan lost its way, and says nothing about what follows.
    fileprivate(set) var isComplete = true

    init(_ bytes: [UInt8]) {
        var parser = NameParser(LuaLexer.tokens(of: bytes))
        parser.parse()
        self = parser.scan
    }

    fileprivate init() {}
}

/// A parser of just enough of Lua 5.4 to resolve names.
private struct NameParser {
    private struct Scope {
        var names: [String: Local] = [:]
        let function: Int
    }

    private struct Local {
        let line: Int
        /// Arguments and loop variables have their place whether they are read or not.
        let isTold: Bool
        var isRead = false
    }

    private let tokens: [LuaToken]
    private var at = 0
    private var scopes: [Scope] = []
    private var functions: [(id: Int, line: Int, constants: Set<String>)] = []
    private var functionCount = 0
    private var depth = 0
    var scan = NameScan()

    private static let libraries: Set<String> = ["math", "string", "table"]
    private static let binary: Set<String> = [
        "+", "-", "*", "/", "//", "%", "&", "|", "~", "<<", ">>", "..", "==", "~=", "<=", ">=", "<", ">", "^",
    ]
    private static let depthLimit = 250

    init(_ tokens: [LuaToken]) { self.tokens = tokens }

    mutating func parse() {
        openFunction(line: 1)
        block()
        if at < tokens.count { scan.isComplete = false }
        closeFunction()
    }

    // MARK: Tokens

    private var token: LuaToken? { at < tokens.count ? tokens[at] : nil }

    private func isSymbol(_ text: String) -> Bool { token?.isSymbol(text) ?? false }

    private func isKeyword(_ text: String) -> Bool { token?.isKeyword(text) ?? false }

    private mutating func accept(_ text: String) -> Bool {
        guard isSymbol(text) || isKeyword(text) else { return false }
        at += 1
        return true
    }

    /// Stepping over what is missing ends the scan: nothing after it can be trusted.
    private mutating func expect(_ text: String) {
        guard !accept(text) else { return }
        scan.isComplete = false
        at = tokens.count
    }

    private mutating func name() -> LuaToken? {
        guard let token, token.kind == .name else {
            scan.isComplete = false
            at = tokens.count
            return nil
        }
        at += 1
        return token
    }

    // MARK: Scopes

    private mutating func openFunction(line: Int) {
        functionCount += 1
        functions.append((functionCount, line, []))
        openScope()
    }

    private mutating func closeFunction() {
        closeScope()
        if let done = functions.popLast() { scan.constants.append((done.line, done.constants.count)) }
    }

    private mutating func openScope() { scopes.append(Scope(function: functions.last?.id ?? 0)) }

    private mutating func closeScope() {
        for (name, local) in scopes.removeLast().names { tell(name, local) }
    }

    private mutating func tell(_ name: String, _ local: Local) {
        guard local.isTold, !local.isRead, !name.hasPrefix("_") else { return }
        scan.unused.append(NameScan.Mention(name: name, line: local.line))
    }

    private mutating func declare(_ name: String, told line: Int? = nil) {
        let scope = scopes.count - 1
        if let hidden = scopes[scope].names[name] { tell(name, hidden) }
        scopes[scope].names[name] = Local(line: line ?? 0, isTold: line != nil)
    }

    /// Marks a local as read; false where there is none of that name.
    private mutating func readLocal(_ name: String) -> Bool {
        guard let scope = scopes.lastIndex(where: { $0.names[name] != nil }) else { return false }
        scopes[scope].names[name]?.isRead = true
        return true
    }

    private mutating func constant(_ text: String) { functions[functions.count - 1].constants.insert(text) }

    private mutating func read(_ token: LuaToken) {
        guard !readLocal(token.text) else { return }
        constant("s" + token.text)
        scan.globalsRead.append(NameScan.Mention(name: token.text, line: token.line))
    }

    private mutating func write(_ token: LuaToken) {
        let mention = NameScan.Mention(name: token.text, line: token.line)
        guard let home = scopes.last(where: { $0.names[token.text] != nil }) else {
            scan.globalsWritten.append(mention)
            return
        }
        if home.function != functions.last?.id { scan.outerWrites.append(mention) }
    }

    // MARK: Statements

    private mutating func scopedBlock(until end: String) {
        openScope()
        block()
        closeScope()
        expect(end)
    }

    private mutating func block() {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else {
            scan.isComplete = false
            at = tokens.count
            return
        }
        while let token, !["end", "else", "elseif", "until"].contains(where: { token.isKeyword($0) }) {
            if accept("return") {
                if !isSymbol(";"), self.token != nil, !isKeyword("end"), !isKeyword("else"),
                    !isKeyword("elseif"),
                    !isKeyword("until")
                {
                    expressions()
                }
                _ = accept(";")
                return
            }
            statement()
        }
    }

    private mutating func statement() {
        if accept(";") || accept("break") { return }
        if accept("do") { return scopedBlock(until: "end") }
        if accept("if") { return conditional() }
        if accept("while") {
            expression()
            expect("do")
            return scopedBlock(until: "end")
        }
        if accept("repeat") { return repetition() }
        if accept("for") { return loop() }
        if accept("function") { return namedFunction() }
        if accept("local") { return local() }
        if accept("goto") { return _ = name() }
        if accept("::") {
            _ = name()
            return expect("::")
        }
        assignmentOrCall()
    }

    private mutating func conditional() {
        expression()
        expect("then")
        openScope()
        block()
        closeScope()
        while accept("elseif") {
            expression()
            expect("then")
            openScope()
            block()
            closeScope()
        }
        if accept("else") {
            openScope()
            block()
            closeScope()
        }
        expect("end")
    }

    private mutating func repetition() {
        openScope()
        block()
        expect("until")
        expression()
        closeScope()
    }

    private mutating func loop() {
        var names: [String] = []
        repeat {
            guard let name = name() else { return }
            names.append(name.text)
        } while accept(",")
        if !accept("=") { expect("in") }
        expressions()
        expect("do")
        openScope()
        for name in names { declare(name) }
        block()
        closeScope()
        expect("end")
    }

    private mutating func namedFunction() {
        guard let base = name() else { return }
        if isSymbol(".") || isSymbol(":") { read(base) } else { write(base) }
        var isMethod = false
        while isSymbol(".") || isSymbol(":") {
            isMethod = isSymbol(":")
            at += 1
            if let field = name() { constant("s" + field.text) }
        }
        body(line: base.line, isMethod: isMethod)
    }

    private mutating func local() {
        if accept("function") {
            guard let name = name() else { return }
            declare(name.text, told: name.line)
            return body(line: name.line, isMethod: false)
        }
        var names: [LuaToken] = []
        repeat {
            guard let name = name() else { return }
            names.append(name)
            if accept("<") {
                _ = self.name()
                expect(">")
            }
        } while accept(",")
        if accept("=") { expressions() }
        for name in names { declare(name.text, told: name.line) }
    }

    private mutating func assignmentOrCall() {
        var targets: [LuaToken?] = []
        repeat { targets.append(suffixed(asTarget: true)) } while accept(",")
        let isAssignment = accept("=")
        if isAssignment { expressions() }
        for case let target? in targets {
            if isAssignment { write(target) } else { read(target) }
        }
    }

    // MARK: Expressions

    private mutating func expressions() { repeat { expression() } while accept(",") }

    private mutating func expression() {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else {
            scan.isComplete = false
            at = tokens.count
            return
        }
        repeat {
            while accept("not") || accept("-") || accept("#") || accept("~") {}
            simple()
        } while acceptBinary()
    }

    private mutating func acceptBinary() -> Bool {
        if accept("and") || accept("or") { return true }
        guard let token, token.kind == .symbol, Self.binary.contains(token.text) else { return false }
        at += 1
        return true
    }

    private mutating func simple() {
        guard let token else { return expect("an expression") }
        switch token.kind {
        case .number, .string:
            constant((token.kind == .number ? "n" : "s") + token.text)
            at += 1
        case .keyword:
            at += 1
            if token.text == "function" { return body(line: token.line, isMethod: false) }
            if !["nil", "true", "false"].contains(token.text) {
                scan.isComplete = false
                at = tokens.count
            }
        case .symbol where token.text == "...": at += 1
        case .symbol where token.text == "{": constructor()
        case .symbol, .name: _ = suffixed(asTarget: false)
        }
    }

    /// A name or parenthesis with its fields, indexes and calls; gives back a bare name where it may be a
    /// target.
    private mutating func suffixed(asTarget: Bool) -> LuaToken? {
        var bare: LuaToken?
        if accept("(") {
            expression()
            expect(")")
        } else {
            bare = name()
        }
        while suffix(after: bare) { bare = nil }
        if let bare, !asTarget {
            read(bare)
            return nil
        }
        return bare
    }

    /// Takes one suffix, if one follows; the first turns a bare name into something that is read.
    private mutating func suffix(after bare: LuaToken?) -> Bool {
        guard let token else { return false }
        let isText: Bool = if case .string = token.kind { true } else { false }
        let opens = token.kind == .symbol && [".", ":", "[", "(", "{"].contains(token.text)
        guard isText || opens else { return false }
        if let bare {
            read(bare)
            noteLibraryField(of: bare)
        }
        if isText {
            constant("s" + token.text)
            at += 1
        } else if token.text == "{" {
            constructor()
        } else {
            at += 1
            switch token.text {
            case "[":
                expression()
                expect("]")
            case "(":
                if !isSymbol(")") { expressions() }
                expect(")")
            default: if let field = name() { constant("s" + field.text) }
            }
        }
        return true
    }

    private mutating func noteLibraryField(of base: LuaToken) {
        guard Self.libraries.contains(base.text), !scopes.contains(where: { $0.names[base.text] != nil }),
            isSymbol("."), at + 1 < tokens.count, tokens[at + 1].kind == .name
        else { return }
        let name = base.text + "." + tokens[at + 1].text
        scan.libraryFields.append(NameScan.Mention(name: name, line: base.line))
    }

    private mutating func constructor() {
        expect("{")
        while let token, !isSymbol("}") {
            if accept("[") {
                expression()
                expect("]")
                expect("=")
            } else if token.kind == .name, at + 1 < tokens.count, tokens[at + 1].isSymbol("=") {
                constant("s" + token.text)
                at += 2
            }
            expression()
            if !accept(","), !accept(";") { break }
        }
        expect("}")
    }

    private mutating func body(line: Int, isMethod: Bool) {
        openFunction(line: line)
        if isMethod { declare("self") }
        expect("(")
        while !isSymbol(")"), token != nil {
            if !accept("...") {
                guard let name = name() else { break }
                declare(name.text)
            }
            if !accept(",") { break }
        }
        expect(")")
        block()
        closeFunction()
        expect("end")
    }
}
