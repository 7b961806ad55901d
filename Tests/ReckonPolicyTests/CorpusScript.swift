import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

/// One hostile script: its first line says what must come of it.
///
/// `-- expect: ` and one of: `load CODE`, refused at load; `fault CODE`, within six ticks; `runs`; `says TEXT`, runs and
/// gives this reason; `clamped KNOBS`, runs, and the guard clamps exactly these.
struct CorpusScript: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]

    var testDescription: String { name }

    static func all() throws -> [CorpusScript] {
        let folder = try Sample.resource("Corpus")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try names.filter { $0.hasSuffix(".lua") }.sorted().map { name in
            let bytes = try Data(contentsOf: folder.appendingPathComponent(name))
            return CorpusScript(name: String(name.dropLast(4)), bytes: Array(bytes))
        }
    }

    /// The attack classes of a script that knows where it runs, by how the names of their scripts begin.
    static let classes: [(title: String, prefixes: [String])] = [
        ("loops in the VM", ["loop_"]),
        ("pcall, xpcall and close swallowing the end", ["pcall_", "xpcall_", "close_"]),
        ("a good answer after the budget", ["late_", "loop_late_"]),
        ("coroutines", ["coroutine_"]),
        ("finalizers", ["finalizer"]),
        (
            "loops inside C functions",
            [
                "rep_", "table_", "pattern_", "insert_", "unpack_", "format_", "concat_", "varargs_",
                "pairs_", "compare_",
            ]
        ),
        ("few instructions that take long", ["time_"]),
        ("memory", ["memory_"]),
        ("C stack", ["stack_"]),
        ("escape", ["escape_"]),
        ("poisoned tables and environments", ["poison_"]),
        ("hidden state", ["hidden_", "upvalue_"]),
        ("results", ["result_"]),
        ("next states", ["state_", "initial_state_"]),
        ("figures beyond the limits", ["clamp_"]),
        ("errors", ["error_"]),
        ("loading", ["load_"]),
        ("determinism", ["order_", "tostring_"]),
        ("found by the fuzzer", ["found_"]),
    ]

    /// The class with the longest prefix that fits.
    var title: String? {
        Self.classes.flatMap { row in row.prefixes.map { (row.title, $0) } }
            .filter { name.hasPrefix($0.1) }.max { $0.1.count < $1.1.count }?.0
    }

    var expectation: String {
        // Bytecode has no room for a comment.
        if bytes.first == 0x1B { return "load bytecode" }
        let line = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
        return line.hasPrefix("-- expect: ") ? String(line.dropFirst("-- expect: ".count)) : "no expectation"
    }

    private var directory: PolicyDirectory {
        get throws(PolicyProblem) {
            try PolicyDirectory { name throws(PolicyProblem) in name == "policy.lua" ? bytes : nil }
        }
    }

    /// What comes of the script, in the words of the expectation, and what is wrong about how it came.
    func outcome() -> (text: String, flaws: [String]) {
        do throws(PolicyProblem) {
            var walk = PolicyWalk(try PolicyRuntime(try directory))
            var last: PolicyStep?
            for tick in 1...6 {
                let step = walk.step(.neutral, at: Double(tick) * 5)
                last = step
                guard let fault = step.verdict.fault else { continue }
                return ("fault \(fault.code.rawValue)", Self.flaws(step, fault))
            }
            return (Self.text(last, expecting: expectation), [])
        } catch {
            return ("load \(error.code)", Self.isPlain(error.message) ? [] : ["message: \(error.message)"])
        }
    }

    private static func text(_ step: PolicyStep?, expecting expectation: String) -> String {
        guard let step else { return "nothing" }
        switch expectation.prefix(4) {
        case "says": return "says \(step.verdict.knobs?.notes.reason ?? "")"
        case "clam": return (["clamped"] + step.enforcement.clamped).joined(separator: " ")
        default: return step.enforcement.clamped.isEmpty ? "runs" : "clamped"
        }
    }

    private static func flaws(_ step: PolicyStep, _ fault: PolicyFault) -> [String] {
        var flaws: [String] = []
        let enforced = step.enforcement.enforced
        if !isPlain(fault.message) { flaws.append("message: \(fault.message)") }
        if enforced.allowEntries || enforced.mode < .orange || enforced.maxNotional != 0 {
            flaws.append("not closed after a fault (I-06)")
        }
        if step.verdict.knobs != nil { flaws.append("knobs beside a fault") }
        if step.verdict.instructions > PolicyRuntime.instructionBudget + 2000 {
            flaws.append("\(step.verdict.instructions) instructions")
        }
        return flaws
    }

    /// One line of bounded plain text.
    static func isPlain(_ message: String) -> Bool {
        message.utf8.count < 600 && message.utf8.allSatisfy { (32...126).contains($0) }
    }

    /// All that may not differ from one process to the next: verdicts, what is enforced, states, logs.
    func transcript(ticks: Int = 4) -> String {
        var lines = [name]
        do throws(PolicyProblem) {
            let runtime = try PolicyRuntime(try directory)
            var walk = PolicyWalk(runtime, digests: true)
            for tick in 1...ticks {
                let step = walk.step(.debt(Double(tick)), at: Double(tick) * 5)
                lines += step.log + [Self.json(step.enforcement), Self.hexadecimal(step.next.state ?? [])]
            }
        } catch {
            lines.append("\(error.code) \(error.file) \(error.line) \(error.message)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Milliseconds of the longest of three evaluations; 0 where none is reached.
    var longestEvaluation: Double {
        guard let directory = try? directory, let runtime = try? PolicyRuntime(directory) else { return 0 }
        return (1...3).reduce(0) { longest, tick in
            let start = ContinuousClock.now
            _ = runtime.evaluate(Sample.question(tick: Int64(tick), now: Double(tick) * 5))
            let taken = ContinuousClock.now - start
            return max(longest, Double(taken.components.attoseconds) / 1e15)
        }
    }

    private static func json(_ enforcement: Enforcement) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(enforcement) else { return "cannot be encoded" }
        return String(decoding: data, as: UTF8.self)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }
}
