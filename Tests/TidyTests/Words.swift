/// Words that do not belong in the tree, as data; put together from pieces so that this table passes its own rule.
enum Words {
    struct Ban: Sendable {
        let pattern: Pattern
        let reason: String
        let sample: String
    }

    /// Places and things of whoever wrote this, which a reader does not have.
    static let workplace = [
        Ban(
            pattern: Pattern(#"(?<![\w/.-])"# + "sha" + #"red/"#),
            reason: "a folder that readers lack",
            sample: "see sha" + "red/design"
        ),
        Ban(pattern: Pattern("/wo" + "rk/"), reason: "a path of one machine", sample: "cd /wo" + "rk/main"),
        Ban(
            pattern: Pattern(#"/(?:ro"# + #"ot|home/\w+)/"#),
            reason: "a path of one machine",
            sample: "open /ro" + "ot/a"
        ),
        Ban(
            pattern: Pattern("before" + "-stop"),
            reason: "a tool that readers lack",
            sample: "run before" + "-stop"
        ),
        Ban(
            pattern: Pattern(#"\bRULES"# + #"\.md\b"#),
            reason: "a file that readers lack",
            sample: "as RULES" + ".md says"
        ),
        Ban(
            pattern: Pattern(#"(?i)\b(?:the le"# + #"ad|help"# + #"er agent|sub-?agent)\b"#),
            reason: "who wrote it is of no interest",
            sample: "the le" + "ad decides"
        ),
    ]

    /// What is to be done belongs in an issue.
    static let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

    static let rules = [places, leftovers, blocks]

    private static let places = Rule.perFile(
        "no file speaks of the place where it was written",
        in: .all,
        bad: workplace.flatMap {
            [Sample("docs/a.md", $0.sample), Sample("Sources/A/A.swift", "// \($0.sample)")]
        },
        good: [
            Sample(
                "docs/a.md",
                "a shared mutable cache; shared between tasks; /usr/share/lua; network/work; leads to"
            ),
            Sample("Makefile", "PREFIX ?= /usr/local"),
        ]
    ) { file in
        workplace.flatMap { ban in
            file.findings(of: ban.pattern, in: file.text) { "`\($0.text)`: \(ban.reason)" }
        }
    }

    private static let leftovers = Rule.perFile(
        "no marks of unfinished work",
        in: Selection(
            roots: ["Sources/", "Tests/", "policies/", "examples/"],
            suffixes: [".swift", ".c", ".h", ".lua", ".py"]
        ),
        bad: marks.map { Sample("Sources/A/A.swift", "// \($0): later") },
        good: [Sample("Sources/A/A.swift", "// Nothing left to do here\nlet hack" + "ney = 1")]
    ) { file in
        let pattern = Pattern(#"\b(?:"# + marks.joined(separator: "|") + #")\b"#)
        return file.findings(of: pattern, in: file.text) { "\($0.text): finish it or open an issue" }
    }

    private static let blocks = Rule.perFile(
        "Swift has no block comments and no banners",
        in: .swift,
        bad: [
            Sample("Sources/A/A.swift", "/" + "* a */"), Sample("Sources/A/A.swift", "// ======" + "======"),
        ],
        good: [Sample("Sources/A/A.swift", "let text = \"/" + "* a */\"\n// a == b\n// MARK: - Parts")]
    ) { file in
        file.findings(of: #"/\*|//[ \t]*[=*#-]{6,}"#, in: file.comments) {
            "`\($0.text)`: use plain line comments"
        }
    }
}
