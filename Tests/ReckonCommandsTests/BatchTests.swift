import Foundation
import Testing

@Suite("Seeds that a file lists", .serialized)
struct BatchTests {
    struct Totals: Decodable {
        let seeds: Int
        let held: Int
        let stuck: Int
        let lanes: [String: [String: Int]]
        let coverage: [String: Int]
    }

    @Test("all lines are run under one total, and the exit code is that of the worst seed")
    func total() throws {
        let folder = try ScratchFolder()
        let world = try folder.restless()
        let list = try folder.write(
            """
            # scenario policy seeds hours
            calm policies/steady 5..7 0.02
            everything policies/baseline 9 0.02  # one seed

            \(world) policies/steady 2..3
            """,
            to: "list"
        )
        let ending = try CommandRun.ended("batch", list, "--json")
        #expect(ending.code == 2)
        let totals = try JSONDecoder().decode(Totals.self, from: Data(ending.output.utf8))
        #expect(totals.seeds == 6)
        #expect(totals.held == 4)
        #expect(totals.stuck == 2)
        #expect(totals.lanes["calm with policies/steady"] == ["seeds": 3, "failed": 0])
        #expect(ending.repeating?.hasSuffix("--scenario \(world) --seed 2") == true)
    }

    @Test("a situation that no seed met fails the batch, where that is asked for")
    func unmet() throws {
        let folder = try ScratchFolder()
        let list = try folder.write("calm policies/steady 1..2 0.01", to: "list")
        #expect(try CommandRun.ended("batch", list).code == 0)
        let ending = try CommandRun.ended("batch", list, "--all-met")
        #expect(ending.code == 1)
        #expect(ending.errors.contains("never met by any seed"))
        #expect(ending.errors.contains("I-01 a crash before the commit"))
    }

    @Test(
        "what the engine did is kept; a policy that acts otherwise fails the batch, a remark in it does not"
    )
    func conduct() throws {
        let folder = try ScratchFolder()
        try FileManager.default.copyItem(
            atPath: CommandRun.project.path + "/policies",
            toPath: folder.path + "/policies"
        )
        let policy = folder.path + "/policies/brisk"
        let list = try folder.write("lost-acks \(policy) 1..3 0.1", to: "list")
        let kept = folder.path + "/kept"
        #expect(try CommandRun.ended("batch", list, "--write-conduct", kept).code == 0)
        #expect(try CommandRun.ended("batch", list, "--conduct", kept).code == 0)

        let script = policy + "/policy.lua"
        let text = try String(contentsOfFile: script, encoding: .utf8)
        try Data((text + "\n-- a remark\n").utf8).write(to: URL(fileURLWithPath: script))
        #expect(try CommandRun.ended("batch", list, "--conduct", kept).code == 0)

        let strict = text.replacingOccurrences(
            of: "orange_score = param(1,",
            with: "orange_score = param(0.2,"
        )
        #expect(strict != text)
        try Data(strict.utf8).write(to: URL(fileURLWithPath: script))
        let ending = try CommandRun.ended("batch", list, "--conduct", kept)
        #expect(ending.code == 1)
        #expect(
            ending.errors.contains("of 3 seeds act otherwise than kept")
                && ending.errors.contains("planned entry: ")
        )
        #expect(ending.errors.contains("repeat with --write-conduct \(kept)"))
    }

    @Test("a file of conduct that cannot be read is refused with its line")
    func damagedConduct() throws {
        let folder = try ScratchFolder()
        let list = try folder.write("calm policies/brisk 1 0.01", to: "list")
        let kept = try folder.write("[calm with policies/brisk]\naccepted = many\n", to: "kept")
        let ending = try CommandRun.ended("batch", list, "--conduct", kept)
        #expect(ending.code == 64)
        #expect(ending.errors.contains("kept:2: found accepted = many"), "\(ending.errors)")
    }

    @Test(
        "a wrong line is refused with file and line",
        arguments: [
            ("calm policies/steady", "found 2 words"), ("storm policies/steady 1", "there is no scenario"),
            ("calm policies/nowhere 1", "policies/nowhere"),
            ("calm policies/steady 9..1", "found seeds 9..1"),
            ("calm policies/steady 1 -2", "found hours -2"),
        ]
    )
    func refused(line: String, words: String) throws {
        let folder = try ScratchFolder()
        let list = try folder.write("# first\n\(line)\n", to: "list")
        let ending = try CommandRun.ended("batch", list)
        #expect(ending.code == 64)
        #expect(ending.errors.contains("list:2: ") && ending.errors.contains(words), "\(ending.errors)")
    }
}
