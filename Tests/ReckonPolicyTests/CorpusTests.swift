import Foundation
import ReckonModel
import ReckonPolicy
import Testing

/// Scripts that each try one attack, run here and in processes of their own.
@Suite("hostile scripts")
struct CorpusTests {
    @Test("each attack class has at least three scripts, and each script says what must come of it")
    func classes() throws {
        let scripts = try CorpusScript.all()
        #expect(scripts.count >= 230)
        for script in scripts {
            #expect(script.title != nil, "\(script.name) is of no class")
            let kind = script.expectation.prefix { $0 != " " }
            #expect(["load", "fault", "runs", "says", "clamped"].contains(kind), "\(script.name)")
        }
        for row in CorpusScript.classes where row.prefixes != ["found_"] {
            #expect(scripts.count { $0.title == row.title } >= 3, "\(row.title)")
        }
    }

    @Test(
        "each script ends as it says, and never hangs or crashes",
        arguments: (try? CorpusScript.all()) ?? []
    )
    func outcome(script: CorpusScript) {
        let (text, flaws) = script.outcome()
        #expect(text == script.expectation)
        #expect(flaws.isEmpty)
    }

    @Test("a script that ends otherwise than it says is noticed")
    func canFail() {
        let hostile = CorpusScript(name: "x", bytes: Array("-- expect: runs\nwhile true do end".utf8))
        #expect(hostile.outcome().text != hostile.expectation)
        #expect(!CorpusScript.isPlain("a\nb") && !CorpusScript.isPlain(String(repeating: "a", count: 600)))
    }

    /// Two children with hash seeds of their own, Swift's and Lua's; each ends by a signal where it hangs.
    @Test("the corpus hangs and crashes no process, and gives the same bytes in each")
    func children() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "corpus-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for child in ["first", "second"] {
            let path = folder.appendingPathComponent(child).path
            await #expect(processExitsWith: .success, "\(child) child") { [path = path as String] in
                alarm(240)
                try CorpusTests.write(to: path)
            }
        }
        let first = try String(contentsOfFile: folder.path + "/first", encoding: .utf8)
        let second = try String(contentsOfFile: folder.path + "/second", encoding: .utf8)
        #expect(first == second, "\(Self.difference(first, second))")
        let count = try CorpusScript.all().count
        #expect(first.hasSuffix("end of \(count)\n"), "the last script was \(Self.lastScript(first))")
    }

    /// Each script's name goes to the file before it runs, so that the file ends with the one that took the process down.
    private static func write(to path: String) throws {
        try Data().write(to: URL(fileURLWithPath: path))
        guard let file = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileNoSuchFile) }
        let scripts = try CorpusScript.all()
        for script in scripts {
            file.write(Data("script \(script.name)\n".utf8))
            file.write(Data(script.transcript().utf8))
        }
        file.write(Data("end of \(scripts.count)\n".utf8))
    }

    /// Measures, and demands nothing: machines differ.
    ///
    /// `RECKON_CORPUS_TIMES=1` prints the ten that took longest.
    @Test(
        "how long the longest evaluations take",
        .enabled(if: ProcessInfo.processInfo.environment["RECKON_CORPUS_TIMES"] != nil)
    )
    func times() throws {
        var rows: [(milliseconds: Double, name: String)] = []
        for script in try CorpusScript.all() { rows.append((script.longestEvaluation, script.name)) }
        for row in rows.sorted(by: { $0.milliseconds > $1.milliseconds }).prefix(10) {
            print("\(Int(row.milliseconds * 1000)) µs \(row.name)")
        }
    }

    private static func lastScript(_ text: String) -> String {
        String(text.split(separator: "\n").last { $0.hasPrefix("script ") } ?? "none")
    }

    private static func difference(_ first: String, _ second: String) -> String {
        var script = ""
        for (left, right) in zip(first.split(separator: "\n"), second.split(separator: "\n")) {
            if left.hasPrefix("script ") { script = String(left) }
            if left != right { return "\(script): \(left.prefix(300)) | \(right.prefix(300))" }
        }
        return "one is longer"
    }
}
