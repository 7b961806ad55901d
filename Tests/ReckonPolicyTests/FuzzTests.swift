import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

/// Seeded: `RECKON_FUZZ_CASES` says how many cases of a kind, `RECKON_FUZZ_SEED` where they begin.
///
/// What is found goes to the corpus as `found_….lua`.
@Suite("random programs, mutated scripts and made-up answers")
struct FuzzTests {
    enum Kind: String, CaseIterable, Codable {
        case program
        case mutation
    }

    private static func figure(_ name: String, otherwise: UInt64) -> UInt64 {
        UInt64(ProcessInfo.processInfo.environment[name] ?? "") ?? otherwise
    }

    private static var seeds: Range<UInt64> {
        let first = figure("RECKON_FUZZ_SEED", otherwise: 1)
        return first..<first + figure("RECKON_FUZZ_CASES", otherwise: 400)
    }

    private static func script(_ kind: Kind, _ seed: UInt64, from corpus: [CorpusScript]) -> CorpusScript {
        let name = "\(kind.rawValue)-\(seed)"
        switch kind {
        case .program:
            var program = RandomProgram(seed: seed)
            return CorpusScript(name: name, bytes: Array(program.source().utf8))
        case .mutation:
            var mutation = Mutation(seed: seed)
            let base = corpus[Int(seed % UInt64(corpus.count))]
            let other = corpus[Int(seed / 7 % UInt64(corpus.count))]
            return CorpusScript(name: name, bytes: mutation.changed(base.bytes, graft: other.bytes))
        }
    }

    /// In a process of its own, which an alarm ends; the script it is at lies in a file.
    @Test(
        "no random script hangs or crashes a process, or does one thing in one host and another in the next",
        arguments: Kind.allCases
    )
    func scripts(kind: Kind) async throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent(
            "fuzz-\(UUID().uuidString).lua"
        ).path
        let seeds = Self.seeds
        let ended = await #expect(processExitsWith: .success, "the script is \(place)") {
            [
                place = place as String, kind = kind as Kind, first = seeds.lowerBound as UInt64,
                end = seeds.upperBound as UInt64
            ] in
            let flaws = try FuzzTests.run(kind, first..<end, at: place)
            try flaws.prefix(5).joined(separator: "\n").write(
                toFile: place + ".flaws",
                atomically: true,
                encoding: .utf8
            )
        }
        guard ended != nil else { return }
        let flaws = try String(contentsOfFile: place + ".flaws", encoding: .utf8)
        #expect(flaws.isEmpty, "the script is \(place)")
        guard flaws.isEmpty else { return }
        try FileManager.default.removeItem(atPath: place)
        try FileManager.default.removeItem(atPath: place + ".flaws")
    }

    /// Runs each script in two hosts; the file keeps the first that is wrong.
    static func run(_ kind: Kind, _ seeds: Range<UInt64>, at place: String) throws -> [String] {
        let corpus = try CorpusScript.all()
        var flaws: [String] = []
        for seed in seeds {
            // So long no single script may take, whatever the machine does beside.
            alarm(60)
            let script = script(kind, seed, from: corpus)
            if flaws.isEmpty { try Data(script.bytes).write(to: URL(fileURLWithPath: place)) }
            let (text, found) = script.outcome()
            flaws += found.map { "\(script.name): \($0)" }
            // Where time ran out, it may run out elsewhere the next time.
            guard text != "fault instructions" else { continue }
            let first = script.transcript(ticks: 2)
            let second = script.transcript(ticks: 2)
            if first != second, !(first + second).contains("or the time for them") {
                flaws.append("\(script.name): two hosts differ")
            }
        }
        return flaws
    }

    @Test("random programs are not all refused: most compile, many run")
    func isWorthwhile() throws {
        var kinds: [String: Int] = [:]
        for seed in UInt64(1)...120 {
            let outcome = Self.script(.program, seed, from: []).outcome().text
            kinds[outcome, default: 0] += 1
        }
        #expect((kinds["load syntax"] ?? 0) < 20, "\(kinds)")
        #expect((kinds["runs"] ?? 0) + (kinds["clamped"] ?? 0) > 10, "\(kinds)")
        #expect((kinds["fault error"] ?? 0) > 10 && kinds.count >= 5, "\(kinds)")
    }

    @Test("a table of knobs is taken exactly where each of its fields is sound, with these values")
    func results() throws {
        var dice = Dice(seed: Self.seeds.lowerBound)
        let count = Int(Self.figure("RECKON_FUZZ_CASES", otherwise: 400))
        var taken = 0
        for _ in 0..<count {
            var edits: [KnobEdit] = []
            for _ in 0..<dice.roll(in: 0...4) {
                let edit = KnobEdit.all[Int(dice.roll(below: UInt64(KnobEdit.all.count)))]
                if !edits.contains(where: { $0.field == edit.field }) { edits.append(edit) }
            }
            let runtime = try Sample.runtime(
                "local k = knobs() \(edits.map(\.lua).joined(separator: " ")) return k, state"
            )
            let verdict = runtime.evaluate(Sample.question())
            let isSound = edits.allSatisfy(\.isSound)
            #expect((verdict.fault?.code == .invalid) == !isSound, "\(edits.map(\.lua))")
            guard isSound, let knobs = verdict.knobs else { continue }
            taken += 1
            for edit in edits { #expect(edit.holds(knobs), "\(edit.lua)") }
        }
        #expect(taken > count / 8 && taken < count)
    }
}
