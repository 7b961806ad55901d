import Foundation

/// Who may import whom: the diagram of the architecture, as data.
///
/// A name that ends in `*` allows every module that begins so. A target that is not here may not exist.
enum Arrows {
    static let allowed: [String: [String]] = [
        "ReckonModel": [],
        "ReckonEngine": ["ReckonModel"],
        "ReckonExchange": ["ReckonModel"],
        "CLua": [],
        "CPolicyHost": [],
        "ReckonPolicy": ["CPolicyHost", "Foundation", "ReckonEngine", "ReckonModel"],
        "ReckonSeal": ["Crypto", "Foundation", "ReckonEngine", "ReckonModel", "ReckonPolicy"],
        "ReckonSimulation": ["ReckonEngine", "ReckonExchange", "ReckonModel", "ReckonPolicy"],
        "ReckonStatistics": ["ReckonModel"],
        "ReckonCommands": [
            "ArgumentParser", "Foundation", "ReckonEngine", "ReckonExchange", "ReckonModel", "ReckonPolicy",
            "ReckonSeal", "ReckonSimulation", "ReckonStatistics", "Synchronization", "TOMLKit",
        ],
        "reckon-simulate": ["ArgumentParser", "ReckonCommands"],
        "ReckonVenue": ["Crypto", "Foundation", "NIO*", "ReckonExchange", "ReckonModel", "Synchronization"],
        "ReckonJournal": ["Foundation", "GRDB", "ReckonEngine", "ReckonModel", "Synchronization"],
        "ReckonBinance": [
            "AsyncHTTPClient", "Crypto", "Foundation", "Logging", "NIO*", "ReckonEngine", "ReckonModel",
            "Synchronization",
        ],
        "ReckonHost": [
            "Dispatch", "Foundation", "Logging", "Metrics", "NIO*", "ReckonBinance", "ReckonEngine",
            "ReckonJournal",
            "ReckonModel", "ReckonPolicy", "ReckonSeal", "ServiceLifecycle", "Synchronization", "TOMLKit",
        ],
        "ReckonControl": [
            "Foundation", "HTTPTypes", "Hummingbird*", "Logging", "Metrics", "NIO*", "ReckonEngine",
            "ReckonHost",
            "ReckonJournal", "ReckonModel", "ReckonPolicy", "ServiceLifecycle", "Synchronization",
        ],
        "reckon": ["*"],
        "reckon-bench": ["*"],
    ]

    /// Only the policy's host in C may see Lua, and the module that names the system's library.
    static let mayIncludeLua = ["CLua", "CPolicyHost"]

    static let rules = [imports, luaHeaders, testable]

    private static let importLine: Pattern =
        #"^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*(?:(?:public|package|internal|fileprivate|private)[ \t]+)?import[ \t]+(?:(?:struct|class|enum|func|typealias|protocol|let|var)[ \t]+)?(\w+)"#

    private static let imports = Rule.perFile(
        "imports follow the architecture's arrows",
        in: .swiftSources,
        bad: [
            Sample("Sources/ReckonModel/A.swift", "import Foundation"),
            Sample("Sources/ReckonEngine/A.swift", "package import ReckonExchange"),
            Sample("Sources/ReckonEngine/A.swift", "@preconcurrency import struct Foundation.Date"),
            Sample("Sources/ReckonHost/A.swift", "import Hummingbird"),
            Sample("Sources/ReckonSimulation/A.swift", "import NIOCore"),
            Sample("Sources/ReckonCommands/A.swift", "import ReckonVenue"),
            Sample("Sources/ReckonNovel/A.swift", "let a = 1"),
        ],
        good: [
            Sample("Sources/ReckonEngine/A.swift", "package import ReckonModel"),
            Sample("Sources/ReckonModel/A.swift", "// import Foundation\nlet text = \"import Foundation\""),
            Sample("Sources/ReckonVenue/A.swift", "internal import NIOWebSocket"),
            Sample("Sources/reckon/A.swift", "import Hummingbird"),
        ]
    ) { file in
        guard let target = file.target, let allowed = Arrows.allowed[target] else {
            return [Finding(file.path, 1, "target \(file.target ?? "") is not in the table of arrows")]
        }
        return importLine.matches(in: file.code).compactMap { match in
            guard let module = match.group, !Arrows.allows(allowed, module) else { return nil }
            let list = allowed.isEmpty ? "nothing" : allowed.joined(separator: ", ")
            return Finding(file.path, match.line, "\(target) imports \(module); it may import \(list)")
        }
    }

    private static let luaHeaders = Rule.perFile(
        "only the policy host includes Lua's headers",
        in: Selection(roots: ["Sources/"], suffixes: [".c", ".h", ".swift"]),
        bad: [
            Sample("Sources/CBelief/a.c", "#include <lua.h>"),
            Sample("Sources/CBelief/a.h", "# include \"lua5.4/lauxlib.h\""),
            Sample("Sources/ReckonPolicy/A.swift", "import CLua"),
        ],
        good: [
            Sample("Sources/CPolicyHost/host.c", "#include <lua.h>"),
            Sample("Sources/CBelief/a.c", "// #include <lua.h>\n#include <string.h>"),
        ]
    ) { file in
        guard let target = file.target, !Arrows.mayIncludeLua.contains(target) else { return [] }
        let include: Pattern =
            #"^[ \t]*(?:#[ \t]*include[ \t]*[<"][^>"]*(?:lua|lauxlib|lualib)[^>"]*[>"]|.*\bimport[ \t]+CLua\b)"#
        // In C the header's name stands in a literal, which is blank in the code.
        let part = file.path.hasSuffix(".swift") ? file.code : file.withoutComments
        return file.findings(of: include, in: part) {
            "only \(mayIncludeLua.joined(separator: ", ")) may: \($0.text)"
        }
    }

    private static let testable = Rule.perFile(
        "tests use what siblings use, without @testable",
        in: .swift,
        bad: [Sample("Tests/ATests/A.swift", "@" + "testable import ReckonModel")],
        good: [Sample("Tests/ATests/A.swift", "import ReckonModel\nlet text = \"@testable import\"")]
    ) { file in
        file.findings(of: #"@testable\b"#, in: file.code) { _ in
            "@testable hides what a release build would not do"
        }
    }

    private static func allows(_ allowed: [String], _ module: String) -> Bool {
        allowed.contains { $0 == module || ($0.hasSuffix("*") && module.hasPrefix($0.dropLast())) }
    }
}

extension SourceText {
    /// The text with its comments blanked and its literals left.
    var withoutComments: String {
        String(
            decoding: zip(text.utf8, comments.utf8).map { $1 == UInt8(ascii: " ") ? $0 : UInt8(ascii: " ") },
            as: UTF8.self
        )
    }
}
