import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

/// Each script of the corpus says on its first line what must come of it.
@Suite("hostile scripts")
struct CorpusTests {
    static let names: [String] = {
        let folder = try? Sample.resource("Corpus")
        let names = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.path) } ?? []
        return names.filter { $0.hasSuffix(".lua") }.sorted()
    }()

    @Test("the corpus is found")
    func found() { #expect(Self.names.count >= 150) }

    @Test("each script ends as it says, and never hangs or crashes", arguments: names)
    func outcome(name: String) throws {
        let bytes = Array(try Data(contentsOf: try Sample.resource("Corpus/\(name)")))
        let expected = expectation(in: bytes)
        #expect(outcome(of: bytes) == expected)
        #expect(outcome(of: bytes) == expected, "a second host must say the same")
    }

    @Test("each script runs through eval twice with the same bytes", arguments: names)
    func evaluation(name: String) throws {
        let bytes = Array(try Data(contentsOf: try Sample.resource("Corpus/\(name)")))
        let first = try? transcript(of: bytes)
        #expect(first == (try? transcript(of: bytes)))
    }

    private func expectation(in bytes: [UInt8]) -> String {
        // Bytecode has no room for a comment.
        if bytes.first == 0x1B { return "load bytecode" }
        let line = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
        return String(line.dropFirst("-- expect: ".count))
    }

    private func directory(_ bytes: [UInt8]) throws(PolicyProblem) -> PolicyDirectory {
        try PolicyDirectory { name throws(PolicyProblem) in name == "policy.lua" ? bytes : nil }
    }

    private func outcome(of bytes: [UInt8]) -> String {
        do throws(PolicyProblem) {
            let runtime = try PolicyRuntime(try directory(bytes))
            for tick in 1...6 {
                let verdict = runtime.evaluate(Sample.question(tick: Int64(tick), now: Double(tick) * 5))
                guard let fault = verdict.fault else { continue }
                let isPlain =
                    fault.message.utf8.count < 600
                    && fault.message.utf8.allSatisfy { (32...126).contains($0) }
                #expect(isPlain, "a message is one line of bounded plain text: \(fault.message)")
                return "fault \(fault.code.rawValue)"
            }
            return "runs"
        } catch {
            return "load \(error.code)"
        }
    }

    private func transcript(of bytes: [UInt8]) throws -> [String] {
        let runtime = try PolicyRuntime(try directory(bytes))
        var evaluation = TraceEvaluation(runtime, overrides: Table(), file: "t")
        var lines: [String] = []
        for tick in 1...4 {
            let line = #"{"now": \#(tick * 5), "belief": {"debt_sec": \#(tick)}}"#
            if let answer = try evaluation.take(Array(line.utf8)) { lines.append(answer) }
        }
        return lines
    }
}
