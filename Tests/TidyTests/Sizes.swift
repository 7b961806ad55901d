/// How long files and functions may get, as data.
enum Sizes {
    static let sourceLines = 500
    static let testLines = 800
    static let functionLines = 60
    static let parameters = 5
    static let generics = 2

    static let rules = [files, functions, parameterLists]

    private static func lines(_ count: Int) -> String { String(repeating: "let a = 1\n", count: count) }

    private static func function(_ count: Int) -> String { "func f() {\n\(lines(count - 2))}\n" }

    private static let files = Rule.perFile(
        "files stay short",
        in: Selection(
            roots: ["Sources/", "Tests/", "policies/", "examples/"],
            suffixes: [".swift", ".c", ".h", ".lua", ".py"]
        ),
        bad: [
            Sample("Sources/A/A.swift", lines(sourceLines + 1)),
            Sample("Sources/A/a.c", lines(sourceLines + 1)),
            Sample("Tests/ATests/A.swift", lines(testLines + 1)),
        ],
        good: [
            Sample("Sources/A/A.swift", lines(sourceLines)),
            Sample("Tests/ATests/A.swift", lines(testLines)),
            Sample("Sources/A/A.swift", "// Generated from the schema.\n" + lines(sourceLines + 1)),
        ]
    ) { file in
        let allowed = file.path.hasPrefix("Tests/") ? testLines : sourceLines
        guard !file.isGenerated, file.lineCount > allowed else { return [] }
        return [Finding(file.path, 1, "\(file.lineCount) lines; at most \(allowed)")]
    }

    private static let functions = Rule.perFile(
        "functions stay short",
        in: .code,
        bad: [
            Sample("Sources/A/A.swift", "struct A {\n" + function(functionLines + 1) + "}"),
            Sample("Sources/A/A.swift", "init(\n  a: Int\n) {\n" + lines(functionLines) + "}"),
            Sample("Tests/ATests/A.swift", function(functionLines + 1)),
            Sample("Sources/A/a.c", "static int f(void)\n{\n" + lines(functionLines) + "}\n"),
        ],
        good: [
            Sample("Sources/A/A.swift", function(functionLines) + function(functionLines)),
            Sample("Sources/A/A.swift", "protocol A {\n  func f()\n}\nstruct B {\n" + lines(80) + "}"),
            Sample("Sources/A/A.swift", "let text = \"func f() {\"\n" + lines(80)),
            Sample("Sources/A/a.c", "static int f(void) {\n" + lines(functionLines - 2) + "}\n"),
        ]
    ) { file in
        guard !file.isGenerated else { return [] }
        let found =
            file.path.hasSuffix(".swift") ? Declaration.all(in: file.code) : Declaration.allOfC(in: file.code)
        return found.filter { $0.lines > functionLines }.map {
            Finding(file.path, $0.line, "\($0.name) has \($0.lines) lines; at most \(functionLines)")
        }
    }

    /// Initialisers are exempt: a struct is what more parameters are to become.
    private static let parameterLists = Rule.perFile(
        "functions take few parameters",
        in: .swift,
        bad: [
            Sample("Sources/A/A.swift", "func f(a: Int, b: Int, c: Int, d: Int, e: Int, f: Int)"),
            Sample(
                "Sources/A/A.swift",
                "func f(\n a: [A: B], b: (A, B) -> C, c: D<E, F>, d: Int, e: Int, f: Int,\n) {}"
            ),
            Sample("Sources/A/A.swift", "func f<A, B, C>(a: A, b: B, c: C) {}"),
            Sample("Sources/A/A.swift", "struct S<A, B: P, C> {}"),
        ],
        good: [
            Sample(
                "Sources/A/A.swift",
                "func f(a: Int, b: Int, c: (Int, Int) -> Int, d: [A: B], e: D<E, F>) {}"
            ),
            Sample("Sources/A/A.swift", "func f(a: Int, b: Int = g(1, 2), c: Int, d: Int, e: Int,) {}"),
            Sample("Sources/A/A.swift", "init(a: Int, b: Int, c: Int, d: Int, e: Int, f: Int) {}"),
            Sample("Sources/A/A.swift", "func f<A: P<Q, R>, B>(a: A, b: B) {}\nstruct S<A, B> {}"),
        ]
    ) { file in
        let crowded = Declaration.all(in: file.code).compactMap { declaration -> Finding? in
            guard declaration.keyword == "func", declaration.parameters > parameters else { return nil }
            let message =
                "\(declaration.name) takes \(declaration.parameters) parameters; at most \(parameters)"
            return Finding(file.path, declaration.line, message)
        }
        let generic = #"\b(?:func|struct|class|enum|actor)\s+\w+\s*<"# as Pattern
        let towers = generic.matches(in: file.code).compactMap { match -> Finding? in
            let count = Declaration.items(in: file.code[file.code.index(before: match.end)...])
            guard count > generics else { return nil }
            return Finding(
                file.path,
                match.line,
                "\(match.text)…> has \(count) type parameters; at most \(generics)"
            )
        }
        return crowded + towers
    }
}
