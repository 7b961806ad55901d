import Testing

/// One breach of one rule.
struct Finding: Sendable, Hashable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    init(_ path: String, _ line: Int = 1, _ message: String) {
        self.path = path
        self.line = line
        self.message = message
    }

    var description: String { "\(path):\(line): \(message)" }
}

/// One rule of the house, with samples that show that it can fail and that it can pass.
struct Rule: Sendable, CustomTestStringConvertible {
    let name: String
    let check: @Sendable (Tree) -> [Finding]
    /// Each of these must give at least one finding.
    let bad: [Sample]
    /// Each of these must give none.
    let good: [Sample]

    var testDescription: String { name }
}

/// A tree of a few files, to try a rule on.
struct Sample: Sendable, CustomTestStringConvertible {
    let texts: [String: String]

    init(_ texts: [String: String]) { self.texts = texts }

    /// A tree of a single file.
    init(_ path: String, _ text: String) { texts = [path: text] }

    var testDescription: String {
        texts.map { "\($0.key): \($0.value.prefix(80))" }.sorted().joined(separator: " | ")
    }
}

extension Rule {
    /// A rule that looks at one file at a time.
    static func perFile(
        _ name: String,
        in selection: Selection,
        bad: [Sample],
        good: [Sample],
        check: @escaping @Sendable (SourceText) -> [Finding]
    ) -> Rule {
        Rule(name: name, check: { $0.files(in: selection).flatMap(check) }, bad: bad, good: good)
    }
}

/// Which files a rule looks at.
struct Selection: Sendable {
    let roots: [String]
    let suffixes: [String]

    static let swiftSources = Selection(roots: ["Sources/"], suffixes: [".swift"])
    static let swift = Selection(roots: ["Sources/", "Tests/"], suffixes: [".swift"])
    static let sources = Selection(roots: ["Sources/"], suffixes: [".swift", ".c", ".h"])
    static let code = Selection(roots: ["Sources/", "Tests/"], suffixes: [".swift", ".c", ".h"])
    static let tests = Selection(roots: ["Tests/"], suffixes: [".swift"])
    static let all = Selection(roots: [""], suffixes: [""])
}

extension Tree {
    func files(in selection: Selection) -> [SourceText] {
        files(under: selection.roots, ending: selection.suffixes)
    }
}

extension SourceText {
    /// A finding for each place where a pattern is found in `part`.
    func findings(of pattern: Pattern, in part: String, _ message: (Match) -> String) -> [Finding] {
        pattern.matches(in: part).map { Finding(path, $0.line, message($0)) }
    }
}
