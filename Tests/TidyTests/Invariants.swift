import Foundation

/// The invariants table of the architecture document: what it names must be there.
///
/// Columns: id, always true, kept by, asserted at, watched by, proven by. In the last four, `a path` in backticks is a
/// file or folder of the project, any other backticked word is a symbol (`Type`, `Type.member`, `member`), and words in
/// double quotes are the name of a test.
enum Invariants {
    static let page = "docs/architecture.md"
    static let ids = (1...14).map { number in "I" + (number < 10 ? "-0\(number)" : "-\(number)") }

    static let rules = [table, mentions]

    struct Row: Sendable {
        let id: String
        let line: Int
        let cells: [String]
    }

    static func rows(of text: String) -> [Row] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard line.hasPrefix("|") else { return nil }
            let cells = line.replacingOccurrences(of: "\\|", with: "\u{1}").split(
                separator: "|",
                omittingEmptySubsequences: false
            ).dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
            guard let id = cells.first?.trimmingCharacters(in: CharacterSet(charactersIn: "`*")),
                (#"^I-\d\d$"# as Pattern).isFound(in: id)
            else { return nil }
            return Row(id: id, line: index + 1, cells: Array(cells))
        }
    }

    private static let table = Rule(
        name: "the invariants table names files, symbols and tests that exist",
        check: { tree in
            guard let file = tree[page] else {
                return [Finding(page, 1, "missing; it holds the invariants table")]
            }
            let rows = rows(of: file.text)
            let found = rows.map(\.id)
            let missing = ids.filter { !found.contains($0) }.map { Finding(page, 1, "\($0) has no row") }
            let twice = Set(found.filter { id in found.count { $0 == id } > 1 }).sorted()
            return missing + twice.map { Finding(page, 1, "\($0) has more than one row") }
                + rows.flatMap { check($0, in: Names(tree)) }
        },
        bad: [
            Sample("docs/other.md", ""),
            sample(row: "`Sources/A/Gone.swift` | `Keeper.keep` | `Keeper` | \"it holds\""),
            sample(row: "`Sources/A/A.swift` | `Keeper.lose` | `Keeper` | \"it holds\""),
            sample(row: "`Sources/A/A.swift` | `Keeper.keep` | `Watcher` | \"it holds\""),
            sample(row: "`Sources/A/A.swift` | `Keeper.keep` | `Keeper` | \"it does not hold\""),
            sample(row: "`Sources/A/A.swift` | `Keeper.keep` | `Keeper` | the tests"),
            sample(row: "the code | everywhere | nobody | \"it holds\""),
            sample(row: "`Sources/A/A.swift` | `Keeper.keep` | \"it holds\""),
            sample(row: nil),
        ],
        good: [
            sample(
                row:
                    "`Sources/A/A.swift`: `Keeper` | `Keeper.keep()` | – | \"it holds\", \"it holds\" (`Tests/ATests`)"
            ),
            sample(
                row: "`Keeper`, `Sources/A` | `keep` | `Keeper.Part` | `Tests/ATests/T.swift` \"it holds\""
            ),
        ]
    )

    private static let mentions = Rule(
        name: "each invariant that is named anywhere is in the table",
        check: { tree in
            let known = Set(rows(of: tree[page]?.text ?? "").map(\.id)).union(tree[page] == nil ? ids : [])
            let places = [".swift", ".c", ".h", ".lua", ".md"]
            return tree.files(under: ["Sources/", "Tests/", "policies/", "docs/"], ending: places).flatMap {
                file in
                (#"\bI-\d\d\b"# as Pattern).matches(in: file.text).filter { !known.contains($0.text) }.map {
                    Finding(file.path, $0.line, "\($0.text) is not in the table of \(page)")
                }
            }
        },
        bad: [Sample([page: "| I-01 | x | | | | |", "Sources/A/A.swift": "/// Keeps: I" + "-99."])],
        good: [
            Sample([page: "| I-01 | x | | | | |", "Sources/A/A.swift": "/// Keeps: I-01. See SI-99, I-9."])
        ]
    )

    private static func check(_ row: Row, in names: Names) -> [Finding] {
        guard row.cells.count == 6 else {
            return [Finding(page, row.line, "\(row.id) has \(row.cells.count) columns; 6 are wanted")]
        }
        let cells = row.cells.dropFirst(2).joined(separator: " ")
        let words = (#"`([^`]+)`"# as Pattern).matches(in: cells).compactMap(\.group)
        let tests = (#"["“]([^"”]+)["”]"# as Pattern).matches(in: row.cells[5]).compactMap(\.group)
        let files = words.filter { $0.contains("/") || $0.hasSuffix(".swift") || $0.hasSuffix(".c") }
        let symbols = words.filter { !files.contains($0) }
        var complaints = files.filter { !names.hasFile($0) }.map { "there is no file \($0)" }
        complaints += symbols.filter { !names.hasSymbol($0) }.map { "there is no symbol \($0)" }
        complaints += tests.filter { !names.hasTest($0) }.map { "there is no test \"\($0)\"" }
        if files.isEmpty { complaints.append("no file is named") }
        if symbols.isEmpty { complaints.append("no symbol is named") }
        if tests.isEmpty { complaints.append("no test is named under \"proven by\"") }
        return complaints.map { Finding(page, row.line, "\(row.id): \($0)") }
    }

    /// What the table may name.
    private struct Names {
        private let tree: Tree
        private let declared: Set<String>
        private let tests: Set<String>

        init(_ tree: Tree) {
            self.tree = tree
            let declaration: Pattern =
                #"\b(?:struct|class|enum|actor|protocol|typealias|func|var|let|case)[ \t]+`?(\w+)"#
            let inC: Pattern = #"^[A-Za-z_][\w \t\*]*?\b(\w+)\s*\("#
            declared = Set(
                tree.files(in: .code).flatMap { file in
                    (file.path.hasSuffix(".swift") ? declaration : inC).matches(in: file.code).compactMap(
                        \.group
                    )
                }
            )
            let named: Pattern = #"@Test\(\s*"((?:[^"\\]|\\.)*)""#
            tests = Set(
                tree.files(in: .tests).flatMap { named.matches(in: $0.text).compactMap(\.group) }
                    .map { $0.replacingOccurrences(of: "\\\"", with: "'") }
            )
        }

        func hasFile(_ path: String) -> Bool {
            let path = path.hasSuffix("/") ? String(path.dropLast()) : path
            return tree.holds(path)
                || (!path.contains("/") && tree.paths.contains { $0.hasSuffix("/" + path) })
        }

        func hasSymbol(_ word: String) -> Bool {
            let bare = word.prefix { $0 != "(" && $0 != "<" && $0 != ":" }
            let parts = bare.split(separator: ".").map(String.init)
            return !parts.isEmpty && parts.allSatisfy { $0 == "init" || declared.contains($0) }
        }

        func hasTest(_ name: String) -> Bool { tests.contains(name) }
    }

    private static func sample(row: String?) -> Sample {
        let rows = ids.filter { row != nil || $0 != ids[0] }.map { "| \($0) | always | \(row ?? good) |" }
        let head =
            "| id | always true | kept by | asserted at | watched by | proven by |\n|---|---|---|---|---|---|\n"
        return Sample([
            page: "# Architecture\n\n" + head + rows.joined(separator: "\n") + "\n",
            "Sources/A/A.swift": "struct Keeper {\n struct Part {}\n func keep() {}\n}\n",
            "Tests/ATests/T.swift": "@Test(\"it holds\") func holds() {}\n",
        ])
    }

    private static let good = "`Sources/A/A.swift` | `Keeper.keep` | `Keeper` | \"it holds\""
}
