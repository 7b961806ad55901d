/// What switches off a check of the compiler or ends the process, as data.
enum Safety {
    struct Ban: Sendable {
        let pattern: Pattern
        let name: String
        let sample: String
    }

    /// Allowed only with a comment on the same line or right above that says why it cannot go wrong.
    static let needReason = [
        Ban(pattern: #"\btry!"#, name: "try!", sample: "let a = try! f()"),
        Ban(pattern: #"\bas!"#, name: "as!", sample: "let a = b as! C"),
        Ban(pattern: #"[\w)\]}>"`]!(?![=\w])"#, name: "force unwrap", sample: "let a = rows.first!"),
        Ban(
            pattern: #"@unchecked\s+Sendable"#,
            name: "@unchecked Sendable",
            sample: "final class A: @unchecked Sendable {}"
        ),
        Ban(
            pattern: #"nonisolated\s*\(\s*unsafe\s*\)"#,
            name: "nonisolated(unsafe)",
            sample: "nonisolated(unsafe) var a = 1"
        ),
        Ban(
            pattern: #"\bunowned\s*\(\s*unsafe\s*\)"#,
            name: "unowned(unsafe)",
            sample: "unowned(unsafe) let a: A"
        ),
        Ban(pattern: #"\bunsafeBitCast\b"#, name: "unsafeBitCast", sample: "unsafeBitCast(a, to: B.self)"),
        Ban(pattern: #"\bfatalError\s*\("#, name: "fatalError", sample: "fatalError()"),
    ]

    private static let allowed = [
        "let a = b != c && !d && a!=b",
        "// try! as! a!\nlet text = \"what! no!\"",
        "let a = try #require(b)",
        "if isReady && !isDone {}",
        "func f() -> Never { exit(1) }",
    ]

    static let rules = [
        Rule.perFile(
            "what switches off a check says why beside it",
            in: .swift,
            bad: needReason.map { Sample("Sources/A/A.swift", "let x = 1\n\($0.sample)\n// too late") },
            good: allowed.map { Sample("Sources/A/A.swift", $0) }
                + needReason.flatMap { ban in
                    [
                        Sample("Sources/A/A.swift", "// The table is never empty, see init.\n\(ban.sample)"),
                        Sample("Sources/A/A.swift", "\(ban.sample)  // checked one line above by the guard"),
                    ]
                }
        ) { file in
            let comments = file.comments.split(separator: "\n", omittingEmptySubsequences: false)
            return needReason.flatMap { ban in
                ban.pattern.matches(in: file.code).compactMap { match in
                    let hasReason = [match.line - 1, match.line - 2].contains { index in
                        comments.indices.contains(index) && comments[index].split(separator: " ").count > 3
                    }
                    return hasReason
                        ? nil : Finding(file.path, match.line, "\(ban.name) without a reason beside it")
                }
            }
        }
    ]
}
