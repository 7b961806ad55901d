import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

/// The same beliefs through the same policies in several processes, whose hash seeds differ, Swift's and Lua's.
@Suite("the same bytes in every process")
struct DeterminismTests {
    static let shipped = ["baseline", "brisk", "cautious", "steady"]

    /// Verdicts with their instructions, what is enforced, and states, byte by byte.
    static func transcript() throws -> String {
        var text = ""
        for name in shipped {
            text += try walk(try Sample.policy(name), seed: 11, ticks: 150, named: name)
        }
        for seed in UInt64(500)..<530 {
            var policy = RandomPolicy(seed: seed)
            let directory = try PolicyDirectory(source: policy.source())
            text += try walk(directory, seed: seed, ticks: 30, named: "random \(seed)")
        }
        return text
    }

    private static func walk(_ directory: PolicyDirectory, seed: UInt64, ticks: Int, named name: String)
        throws -> String
    {
        let runtime = try PolicyRuntime(directory)
        var walk = PolicyWalk(runtime, digests: true)
        var wander = BeliefWander(seed: seed)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var text = "\(name) \(directory.digest)\n"
        for tick in 1...ticks {
            let step = walk.step(wander.step(), at: Double(tick) * 5)
            text += String(decoding: try encoder.encode(step.enforcement), as: UTF8.self)
            text +=
                " \(step.verdict.instructions) \(step.verdict.stateDigest) \(step.next.state ?? []) \(step.log)\n"
        }
        return text
    }

    @Test("verdicts, instructions and states are the same here and in two other processes")
    func processes() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "processes-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let own = try Self.transcript()
        #expect(own.split(separator: "\n").count > 1000)
        for child in ["first", "second"] {
            let path = folder.appendingPathComponent(child).path
            await #expect(processExitsWith: .success) { [path = path as String] in
                alarm(240)
                try DeterminismTests.transcript().write(toFile: path, atomically: true, encoding: .utf8)
            }
            let other = try String(contentsOfFile: path, encoding: .utf8)
            let differing = zip(own.split(separator: "\n"), other.split(separator: "\n")).first { $0 != $1 }
            #expect(own == other, "\(differing.map { "\($0.0.prefix(500)) | \($0.1.prefix(500))" } ?? "")")
        }
    }

    @Test("hash seeds do differ between processes, or equal bytes would prove nothing")
    func seeds() throws {
        #expect(ProcessInfo.processInfo.environment["SWIFT_DETERMINISTIC_HASHING"] == nil)
        // Where a table has holes and text keys, its length tells the seed: hosts of one process differ already.
        let source = """
            local out, seed = {}, 1
            for round = 1, 60 do
              local t = {}
              for i = 1, 40 do
                seed = (seed * 1103515245 + 12345) % 2147483648
                local r = seed // 65536
                if r % 3 == 0 then t["k" .. (r % 11)] = r % 2 == 0 and 1 or nil else t[r % 17] = r % 5 ~= 0 and i or nil end
              end
              table.insert(out, tostring(#t))
            end
            local k = knobs() k.reason = table.concat(out, " ") return k, state
            """
        var lengths: Set<String> = []
        var kept: [PolicyRuntime] = []
        for _ in 0..<60 {
            let runtime = try Sample.runtime(source)
            lengths.insert(runtime.evaluate(Sample.question()).knobs?.notes.reason ?? "")
            kept.append(runtime)
        }
        #expect(lengths.count > 1)
    }
}
