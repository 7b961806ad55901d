import Foundation

/// What the tree holds besides code, as data.
enum Documents {
    /// All that may stand at the top.
    static let top: Set<String> = [
        "Package.swift", "Sources", "Tests", "policies", "examples", "docs", "README.md", "Makefile",
        "LICENSE",
        "CHANGELOG.md", ".ci", ".githooks", ".github", ".swift-format", ".gitignore", ".gitattributes",
        ".luacheckrc",
        ".editorconfig",
    ]

    static let readmeLines = 40

    static let rules = [topLevel, readmes, links]

    private static let topLevel = Rule(
        name: "the top level holds what it is to hold and nothing else",
        check: { tree in
            Set(tree.paths.compactMap { $0.split(separator: "/").first.map(String.init) }).subtracting(top)
                .sorted()
                .map {
                    Finding(
                        $0,
                        1,
                        "not a name for the top level; allowed: \(top.sorted().joined(separator: ", "))"
                    )
                }
        },
        bad: [Sample("scripts/a.sh", ""), Sample("utils.swift", "")],
        good: [Sample("docs/a.md", ""), Sample(".ci/run", ""), Sample("Makefile", "")]
    )

    private static let readmes = Rule(
        name: "each target says in a short README what it is and what it may import",
        check: { tree in
            tree.names(in: "Sources").filter { tree.holds("Sources/\($0)") && tree["Sources/\($0)"] == nil }
                .flatMap {
                    readmeFindings(tree, "Sources/\($0)/README.md")
                }
        },
        bad: [
            Sample("Sources/A/A.swift", ""),
            Sample("Sources/A/README.md", "# B\n\nSomething.\n"),
            Sample("Sources/A/README.md", "# A\n" + String(repeating: "\nline\n", count: 30)),
        ],
        good: [
            Sample([
                "Sources/A/A.swift": "", "Sources/A/README.md": "# A\n\nSomething.\n\nImports: nothing.\n",
            ])
        ]
    )

    private static func readmeFindings(_ tree: Tree, _ path: String) -> [Finding] {
        guard let file = tree[path] else { return [Finding(path, 1, "missing")] }
        let target = file.target ?? ""
        var findings: [Finding] = []
        if !file.text.hasPrefix("# \(target)\n") {
            findings.append(Finding(path, 1, "must begin with `# \(target)`"))
        }
        if !(#"(?i)\b(?:imports?|includes?|depends)\b"# as Pattern).isFound(in: file.text) {
            findings.append(Finding(path, 1, "does not say what the target may import"))
        }
        if file.lineCount > readmeLines {
            findings.append(Finding(path, 1, "\(file.lineCount) lines; at most \(readmeLines)"))
        }
        return findings
    }

    private static let links = Rule(
        name: "links between documents lead somewhere",
        check: { tree in
            tree.files(under: [""], ending: [".md"]).flatMap { file in
                link.matches(in: withoutFences(file.text)).compactMap { match in
                    match.group.flatMap { broken($0, from: file, in: tree) }.map {
                        Finding(file.path, match.line, $0)
                    }
                }
            }
        },
        bad: [
            Sample("docs/a.md", "see [b](b.md)"),
            Sample(["docs/a.md": "see [b](b.md#other)", "docs/b.md": "# One\n"]),
            Sample("docs/a.md", "see [there](#nowhere)"),
            Sample("README.md", "![picture](docs/a.png)"),
            Sample(["docs/a.md": "[b](../../b.md)", "b.md": ""]),
        ],
        good: [
            Sample([
                "docs/a.md": "see [b](b.md#two-words-and-i-01)",
                "docs/b.md": "# One\n\n## Two words, and `I-01`\n",
            ]),
            Sample([
                "README.md": "[sources](Sources/A/) [up](docs/x/../a.md)", "Sources/A/A.swift": "",
                "docs/a.md": "",
            ]),
            Sample(
                "docs/a.md",
                "[out](https://example.org/a.md) [mail](mailto:a@example.org)\n```\n[x](y.md)\n```\n"
            ),
            Sample("docs/a.md", "in code: `[x](y.md)`"),
        ]
    )

    private static let link: Pattern = #"\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)"#

    /// Why a link leads nowhere; `nil` where it leads somewhere, or out of the project.
    private static func broken(_ link: String, from file: SourceText, in tree: Tree) -> String? {
        if (#"^[a-z][a-z0-9+.-]*:"# as Pattern).isFound(in: link) { return nil }
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init
        )
        let target: String
        if parts[0].isEmpty {
            target = file.path
        } else {
            guard let path = resolved(parts[0], from: file.path) else {
                return "\(link) leads out of the project"
            }
            target = path
        }
        guard target.isEmpty || tree.holds(target) else { return "\(link): there is no \(target)" }
        guard parts.count == 2, let page = tree[target], target.hasSuffix(".md") else { return nil }
        return anchors(of: page.text).contains(parts[1]) ? nil : "\(link): \(target) has no such heading"
    }

    private static func resolved(_ link: String, from path: String) -> String? {
        var parts = link.hasPrefix("/") ? [] : path.split(separator: "/").dropLast().map(String.init)
        for part in (link.removingPercentEncoding ?? link).split(separator: "/") where part != "." {
            guard part == ".." else {
                parts.append(String(part))
                continue
            }
            guard !parts.isEmpty else { return nil }
            parts.removeLast()
        }
        return parts.joined(separator: "/")
    }

    /// Anchors as the common renderers make them: lower case, spaces to dashes, punctuation gone.
    private static func anchors(of text: String) -> Set<String> {
        let headings = (#"^#{1,6}[ \t]+(.+?)[ \t]*#*$"# as Pattern).matches(in: withoutFences(text))
            .compactMap(\.group)
        return Set(
            headings.map { heading in
                String(
                    heading.lowercased().filter {
                        $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_"
                    }
                    .map { $0 == " " ? "-" : $0 }
                )
            }
        )
    }

    /// The text with fenced and inline code blanked, line for line.
    private static func withoutFences(_ text: String) -> String {
        var isFenced = false
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            let isFence = line.drop { $0 == " " }.hasPrefix("```")
            if isFence { isFenced.toggle() }
            if isFenced || isFence { return "" }
            guard line.contains("](") else { return String(line) }
            return blanked(String(line))
        }
        return lines.joined(separator: "\n")
    }

    private static func blanked(_ line: String) -> String {
        line.replacingOccurrences(of: "`[^`]*\\]\\([^`]*`", with: "", options: .regularExpression)
    }
}
