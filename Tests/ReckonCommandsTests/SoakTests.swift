import Foundation
import Testing

@Suite("Hours of fresh seeds", .serialized)
struct SoakTests {
    struct State: Decodable {
        struct Totals: Decodable {
            let seeds: Int
            let held: Int
            let virtual_seconds: Double
            let events: Int
            let coverage: [String: Int]
            let strikes: [String: Int]
            let lanes: [String: [String: Int]]
        }

        let first: UInt64
        let round: UInt64
        let done: [Int]
        let seconds: Double
        let tally: Totals

        init(in folder: String) throws {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/state.json"))
            self = try JSONDecoder().decode(State.self, from: bytes)
        }
    }

    private func words(_ out: String) -> [String] {
        [
            "soak", "--hours", "1", "--out", out, "--scenario", "calm", "--scenario", "lost-acks", "--policy",
            "policies/steady", "--from", "4000", "--jobs", "2",
        ]
    }

    /// Runs until the state on disk has so many seeds, however slow the machine is, then presses Ctrl-C.
    private func soaked(_ words: [String], in out: String, until seeds: Int) throws -> CommandRun.Ending {
        let run = try CommandRun(words)
        let end = Date(timeIntervalSinceNow: 120)
        while Date() < end, (try? State(in: out).tally.seeds) ?? 0 < seeds { usleep(50_000) }
        run.process.interrupt()
        return run.ended()
    }

    @Test("ended by Ctrl-C and taken up again, it counts each seed once")
    func resumed() throws {
        let folder = try ScratchFolder()
        let out = "\(folder.path)/soak"
        #expect(try soaked(words(out), in: out, until: 1).code == 0)
        let before = try State(in: out)
        let second = try soaked(words(out), in: out, until: before.tally.seeds + 1)
        #expect(second.code == 0)
        let after = try State(in: out)
        #expect(after.tally.seeds > before.tally.seeds)
        #expect(after.seconds > before.seconds)
        #expect(
            second.outputLines.last?.hasPrefix("\(after.tally.seeds) seeds: \(after.tally.held) held") == true
        )
        try expectEachOnce(after, folder.path)
    }

    @Test("it ends by itself when the hours are over, and says so again without running on")
    func over() throws {
        let folder = try ScratchFolder()
        var brief = words(folder.path)
        brief[2] = "0.0003"
        #expect(try CommandRun(brief).ended().code == 0)
        let state = try State(in: folder.path)
        #expect((1...100).contains(state.seconds))
        let again = try CommandRun(brief).ended()
        #expect(again.code == 0)
        #expect(again.outputLines.last?.hasPrefix("\(state.tally.seeds) seeds: ") == true)
    }

    /// The very seeds that the state calls done, run once more in one go, give the very same sums.
    private func expectEachOnce(_ state: State, _ folder: String) throws {
        var lines: [String] = []
        for (lane, scenario) in ["calm", "lost-acks"].enumerated() {
            for round in 0...state.round {
                let done = round < state.round ? 4 : state.done.isEmpty ? 0 : state.done[lane]
                let from = state.first + round * 16
                guard done > 0 else { continue }
                lines.append("\(scenario) policies/steady \(from)..\(from + UInt64(done) - 1)")
            }
        }
        let list = "\(folder)/list"
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: list))
        let ending = try CommandRun.ended("batch", list, "--json")
        let whole = try JSONDecoder().decode(State.Totals.self, from: Data(ending.output.utf8))
        #expect(whole.seeds == state.tally.seeds)
        #expect(whole.events == state.tally.events)
        #expect(whole.coverage == state.tally.coverage)
        #expect(whole.strikes == state.tally.strikes)
        #expect(whole.lanes == state.tally.lanes)
        #expect(abs(whole.virtual_seconds - state.tally.virtual_seconds) < 1e-3)
    }

    @Test("sums of two programs, policies or lists are never mixed")
    func terms() throws {
        let folder = try ScratchFolder()
        #expect(try soaked(words(folder.path), in: folder.path, until: 1).code == 0)
        let seeds = try State(in: folder.path).tally.seeds
        var other = words(folder.path)
        other[other.count - 3] = "4001"
        for changed in [words(folder.path) + ["--policy", "policies/baseline"], other] {
            let ending = try CommandRun(changed).ended()
            #expect(ending.code == 64)
            #expect(ending.errors.contains("--out"))
        }
        _ = try folder.write("{", to: "state.json.part")
        #expect(try State(in: folder.path).tally.seeds == seeds)
        _ = try folder.write("{}", to: "state.json")
        let broken = try CommandRun(words(folder.path)).ended()
        #expect(broken.code == 64)
        #expect(broken.errors.contains("is no state of a soak"))
    }

    @Test("a failing seed is in the summary with its command, and the exit code is its verdict's")
    func failing() throws {
        let folder = try ScratchFolder()
        let world = try folder.restless()
        let words = [
            "soak", "--hours", "1", "--out", folder.path, "--scenario", world, "--policy", "policies/steady",
        ]
        let ending = try soaked(words, in: folder.path, until: 1)
        #expect(ending.code == 2)
        let text = try String(contentsOfFile: "\(folder.path)/summary.txt", encoding: .utf8)
        #expect(ending.output == text)
        let command = try #require(ending.repeating)
        #expect(text.contains("    repeat: \(command)\n"))
        let json = try String(contentsOfFile: "\(folder.path)/summary.json", encoding: .utf8)
        #expect(json.contains("\"command\" : \"\(command)\""))
        #expect(try CommandRun(typing: command).ended().code == 2)
    }
}
