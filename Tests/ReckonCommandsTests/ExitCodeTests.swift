import Foundation
import ReckonSimulation
import Testing

@Suite("How a simulation ends, as the shell sees it", .serialized)
struct ExitCodeTests {
    @Test("each verdict has its own code, and of several the most severe counts")
    func codes() {
        #expect(Verdict.allCases.map(\.rawValue) == ["held", "breach", "stuck", "crash"])
        #expect(Verdict.allCases.map(\.exitCode) == [0, 1, 2, 3])
        let bySeverity = Verdict.allCases.sorted { $0.severity < $1.severity }
        #expect(bySeverity == [.held, .stuck, .breach, .crash])
    }

    @Test("0 where every seed held, and nothing on stderr")
    func held() throws {
        let ending = try CommandRun.ended("--scenario", "calm", "--seeds", "3", "--hours", "0.02")
        #expect(ending.code == 0)
        #expect(ending.errors.isEmpty)
        #expect(ending.outputLines.last?.hasPrefix("calm with steady: 3 seeds, 3 held") == true)
    }

    @Test("2 where something did not come to rest; the last line repeats that very seed")
    func stuck() throws {
        let folder = try ScratchFolder()
        let world = try folder.restless()
        let ending = try CommandRun.ended("simulate", "--scenario", world, "--seeds", "7..8", "--json")
        #expect(ending.code == 2)
        let first = try #require(try SimulationDocument(ending.output).runs.first)
        #expect(first.seed == 7)
        #expect(first.verdict == "stuck")
        let again = try CommandRun(typing: try #require(ending.repeating) + " --json").ended()
        #expect(again.code == 2)
        #expect(try SimulationDocument(again.output).runs == [first])
        #expect(again.repeating == ending.repeating)
    }

    @Test(
        "3 where a child dies; it is named with its seed and signal, and the other seeds go on",
        arguments: [SIGKILL, SIGSEGV]
    )
    func crash(signal: Int32) throws {
        let run = try CommandRun([
            "--scenario", "everything", "--seeds", "31..34", "--hours", "0.2", "--jobs", "1", "--json",
        ])
        kill(try run.child(), signal)
        let ending = run.ended()
        #expect(ending.code == 3)
        let runs = try SimulationDocument(ending.output).runs
        #expect(runs.map(\.seed) == [31, 32, 33, 34])
        #expect(runs.map(\.verdict) == ["crash", "held", "held", "held"])
        #expect(runs.first?.complaints == ["the process ended by signal \(signal)"])
        let command = try #require(ending.repeating)
        #expect(
            command.hasSuffix("simulate --policy policies/steady --scenario everything --hours 0.2 --seed 31")
        )
        #expect(try CommandRun(typing: command).ended().code == 0, "the seed itself holds")
    }

    @Test(
        "64 for a wrong use, and one line says which",
        arguments: [
            ["--scenario", "nowhere"], ["--seed", "1", "--seeds", "2"], ["--policy", "policies/nowhere"],
            ["--hours", "0"], ["--symbols", "0"], ["--without", "rain"], ["--trace", "a.txt"],
            ["--sedes", "3"],
            ["batch", "nowhere.list"], ["soak", "--hours", "-1"], ["soak"],
        ]
    )
    func usage(words: [String]) throws {
        let ending = try CommandRun(words).ended()
        #expect(ending.code == 64)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.contains("Error: "))
    }

    @Test("a child ends when the one that asked is gone")
    func orphan() throws {
        let run = try CommandRun(["--scenario", "everything", "--seed", "1", "--hours", "200"])
        let child = try run.child()
        kill(run.process.processIdentifier, SIGKILL)
        _ = run.ended()
        let end = Date(timeIntervalSinceNow: 30)
        while CommandRun.isAlive(child), Date() < end { usleep(20_000) }
        #expect(!CommandRun.isAlive(child))
    }
}
