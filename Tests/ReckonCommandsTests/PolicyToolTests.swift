import Foundation
import Testing

@Suite("The policy tools, as the shell sees them", .serialized)
struct PolicyToolTests {
    /// What one types, as words, and the exit code.
    private static let documents: [(line: String, code: Int32)] = [
        ("check policies/steady", 0),
        ("test policies/cautious --threshold 99", 0),
        ("search policies/steady --pairs 40", 0),
        ("explain policies/baseline --case slams", 0),
        ("diff policies/cautious policies/steady --hold 0", 1),
        ("diff policies/steady policies/steady --hold 0", 0),
        ("digest policies/steady", 0),
        ("bench policies/baseline --rounds 1", 0),
        ("types --check policies/types/reckon.lua", 0),
        ("types", 0),
    ]

    @Test("each says it all in one JSON document, and nothing on stderr", arguments: documents)
    func json(line: String, code: Int32) throws {
        let words = line.split(separator: " ").map(String.init)
        let ending = try CommandRun(["policy"] + words + ["--json"]).ended()
        #expect(ending.code == code, "\(ending.errors)")
        #expect(ending.errors.isEmpty)
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) }
    }

    @Test("a new policy passes check and test, is packed, signed and verified; a changed byte is not")
    func life() throws {
        let folder = try ScratchFolder()
        let fresh = "\(folder.path)/fresh"
        let packed = "\(folder.path)/packed"
        func code(_ words: String...) throws -> Int32 { try CommandRun(["policy"] + words).ended().code }
        #expect(try code("new", fresh) == 0)
        #expect(try code("new", fresh) == 64, "nothing is overwritten")
        #expect(try code("check", fresh) == 0)
        #expect(try code("test", fresh, "--threshold", "100") == 0)
        #expect(try code("search", fresh, "--pairs", "300") == 0)
        #expect(try code("pack", fresh, "--out", packed) == 0)
        #expect(try code("sign", packed, "--key", "\(folder.path)/key", "--new-key") == 0)
        #expect(
            try code("sign", packed, "--key", "\(folder.path)/key", "--revision", "1") == 1,
            "it only rises"
        )
        #expect(try code("sign", packed, "--key", "\(folder.path)/key") == 0)
        #expect(try code("verify", packed, "--key", "\(folder.path)/key.pub", "--least-revision", "2") == 0)
        let mode =
            try FileManager.default.attributesOfItem(atPath: "\(folder.path)/key")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let policy = try String(contentsOfFile: "\(packed)/policy.lua", encoding: .utf8)
        _ = try folder.write(policy + "\n", to: "packed/policy.lua")
        let refused = try CommandRun(["policy", "verify", packed, "--key", "\(folder.path)/key.pub"]).ended()
        #expect(refused.code == 1)
        #expect(refused.errors.contains("[file_changed]"))
    }

    @Test("a counterexample ends with 1, and its case stands in the output")
    func counterexample() throws {
        let folder = try ScratchFolder()
        #expect(try CommandRun(["policy", "new", "\(folder.path)/loose"]).ended().code == 0)
        let path = "\(folder.path)/loose/policy.lua"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let loose = text.replacing("belief.debt_symbols * p.symbol_weight", with: "(0 - belief.debt_symbols)")
        _ = try folder.write(loose, to: "loose/policy.lua")
        let ending = try CommandRun(["policy", "search", "\(folder.path)/loose", "--pairs", "500", "--first"])
            .ended()
        #expect(ending.code == 1)
        #expect(ending.output.contains("monotone"))
        #expect(ending.output.contains("pair = {"))
    }

    @Test(
        "wrong use ends with 64",
        arguments: [
            ["test"], ["test", "policies/nowhere"], ["test", "policies/steady", "--threshold", "101"],
            ["search", "policies/steady", "--pairs", "0"], ["explain", "policies/steady"],
            ["diff", "policies/steady", "policies/baseline", "--across", "luck"],
            ["verify", "policies/steady", "--key", "/nowhere"], ["new", "/tmp/no name"],
        ]
    )
    func usage(words: [String]) throws {
        let ending = try CommandRun(["policy"] + words).ended()
        #expect(ending.code == 64)
        #expect(ending.output.isEmpty)
    }
}
