/// How things are called and who may see them, as data.
enum Naming {
    static let bannedEndings = [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Base", "Common", "Data", "Info",
    ]

    /// Fine where NIO itself calls its parts so.
    static let nioEndings = ["Handler"]

    static let bannedFolders = ["Utils", "Util", "Helpers", "Common", "Misc", "Shared"]

    static let rules = [types, fileNames, access]

    private static let types = Rule.perFile(
        "no type's name ends in a word that says nothing",
        in: .swift,
        bad: bannedEndings.map { Sample("Sources/A/A.swift", "package struct Order\($0)<A> {}") } + [
            Sample("Sources/A/A.swift", "final class RetryHandler {}"),
            Sample("Sources/A/A.swift", "typealias Info = Int"),
        ],
        good: [
            Sample("Sources/A/A.swift", "struct Database {}\nenum Helpfulness {}"),
            Sample("Sources/A/A.swift", "// struct OrderManager\nlet text = \"class DataHelper\""),
            Sample("Sources/A/A.swift", "import NIOCore\nfinal class FrameHandler {}"),
        ]
    ) { file in
        let declared = #"\b(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)"# as Pattern
        let usesNIO = (#"\bimport\s+NIO\w*"# as Pattern).isFound(in: file.code)
        let banned = bannedEndings + (usesNIO ? [] : nioEndings)
        return declared.matches(in: file.code).compactMap { match in
            guard let name = match.group, let ending = banned.first(where: { endsInWord(name, $0) }) else {
                return nil
            }
            return Finding(file.path, match.line, "\(name) ends in \(ending): say what it is")
        }
    }

    private static let fileNames = Rule(
        name: "no file or folder is called by a word that says nothing, none has a space in its name",
        check: { tree in
            tree.paths.flatMap { path -> [Finding] in
                let parts = path.split(separator: "/").map(String.init)
                let stem = parts.last?.split(separator: ".").first.map(String.init) ?? ""
                var findings: [Finding] = []
                if path.contains(" ") { findings.append(Finding(path, 1, "a space in the path")) }
                if let folder = parts.dropLast().first(where: { bannedFolders.contains($0) }) {
                    findings.append(Finding(path, 1, "nobody can say what belongs in \(folder)"))
                }
                if path.hasSuffix(".swift"), bannedEndings.contains(where: { endsInWord(stem, $0) }) {
                    findings.append(Finding(path, 1, "\(stem): say what it is"))
                }
                return findings
            }
        },
        bad: [
            Sample("Sources/A/Utils/A.swift", ""),
            Sample("Sources/A/OrderHelper.swift", ""),
            Sample("docs/a page.md", ""),
        ],
        good: [Sample("Sources/A/Database.swift", ""), Sample("Sources/A/Order+Data.md", "")]
    )

    private static let access = Rule.perFile(
        "nothing is public: siblings share by `package`",
        in: .swiftSources,
        bad: [
            Sample("Sources/A/A.swift", "public struct A {}"),
            Sample("Sources/A/A.swift", "@inlinable public func f() {}"),
        ],
        good: [
            Sample(
                "Sources/A/A.swift",
                "package struct A {} // public\nlet text = \"public\"\nlet publicKey = 1"
            )
        ]
    ) { file in
        let declared =
            #"\b(?:public|open)\s+(?:final\s+|static\s+)*(?:struct|class|enum|actor|protocol|func|var|let|init|typealias)\b"#
        return file.findings(of: Pattern(declared), in: file.code) { "\($0.text): use package" }
    }

    /// `Database` does not end in the word `Base`, `OrderBase` does.
    private static func endsInWord(_ name: String, _ ending: String) -> Bool { name.hasSuffix(ending) }
}
