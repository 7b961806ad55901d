import Foundation
import Testing

@Suite("Policies held against each other", .serialized)
struct CompareTests {
    struct Document: Decodable {
        struct Policy: Decodable {
            let label: String
            let name: String
            let settings: [String: Double]
        }

        struct Row: Decodable {
            let scenario: String
            let figure: String
            let challenger: String
            let mean_a: Double
            let mean_b: Double
            let mean_difference: Double
            let ci95: [Double]?
            let wins: Int
            let ties: Int
            let losses: Int
            let p: Double
            let p_adjusted: Double?
            let decided: Bool
            let non_inferior: Bool
            let better: String
            let primary: Bool
        }

        struct Control: Decodable {
            let policy: String
            let verdict: String
        }

        let policies: [Policy]
        let scenarios: [String]
        let seeds: Int
        let figures: [Row]
        let verdict: String
        let self_check: [Control]

        init(_ text: String) throws {
            self = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        }
    }

    private static let primary = [
        "entries_refused_needlessly", "admitted_share", "flaps", "risk_at_doubt_per_admitted",
        "wrong_exposure_per_admitted", "naked_seconds_p99",
    ]

    @Test("identical policies differ by exactly 0 in every figure, and nothing is decided")
    func identical() throws {
        let ending = try CommandRun.ended(
            "compare",
            "--policy",
            "policies/brisk",
            "--policy",
            "policies/brisk",
            "--scenario",
            "lost-acks",
            "--seeds",
            "3",
            "--hours",
            "0.02",
            "--json"
        )
        #expect(ending.code == 0)
        #expect(ending.errors.isEmpty)
        let document = try Document(ending.output)
        #expect(document.policies.map(\.label) == ["a", "b", "never", "always"])
        #expect(document.seeds == 3)
        #expect(document.verdict == "undecided")
        #expect(
            document.figures.filter(\.primary).map(\.figure) == CompareTests.primary + CompareTests.primary
        )
        for row in document.figures {
            #expect(row.mean_a == row.mean_b && row.mean_difference == 0, "\(row.figure)")
            #expect(row.ties == 3 && row.p == 1 && row.better == "none" && row.ci95 == nil)
        }
        #expect(document.figures.contains { $0.figure == "events" } == false)
        #expect(document.figures.contains { $0.figure == "entries_allowed" && $0.mean_a > 0 })
    }

    @Test("parts of three shards, in any order, join to the very bytes of a single run")
    func shards() throws {
        let folder = try ScratchFolder()
        let words = [
            "compare", "--policy", "policies/baseline", "--policy", "always", "--scenario", "calm",
            "--scenario", "lost-acks", "--seeds", "21..23", "--hours", "0.01",
        ]
        let whole = try CommandRun(words + ["--json"]).ended()
        #expect(whole.code == 0)
        let parts = (1...3).map { "\(folder.path)/\($0).part" }
        for (index, part) in parts.enumerated() {
            let ending = try CommandRun(words + ["--shard", "\(index + 1)/3", "--out", part]).ended()
            #expect(ending.code == 0 && ending.output.isEmpty, "\(ending.errors)")
        }
        let merged = try CommandRun(["merge", parts[2], parts[0], parts[1], "--json"]).ended()
        #expect(merged.code == 0)
        #expect(merged.output == whole.output)

        let short = try CommandRun(["merge", parts[0], parts[2]]).ended()
        #expect(short.code == 64)
        #expect(short.errors.contains("runs are missing"))

        let other = "\(folder.path)/other.part"
        _ = try CommandRun(words + ["--shard", "2/3", "--out", other, "--set", "a.red_score=3"]).ended()
        let mixed = try CommandRun(["merge", parts[0], other, parts[2]]).ended()
        #expect(mixed.code == 64)
        #expect(mixed.errors.contains("another list of policies"))
        try refuseForeignBuild(parts, in: folder.path)
    }

    private func refuseForeignBuild(_ parts: [String], in folder: String) throws {
        let text = try String(contentsOfFile: parts[1], encoding: .utf8)
        let start = try #require(text.range(of: "\"build\":\""))
        let foreign = text.replacingCharacters(in: start, with: "\"build\":\"f")
        let path = "\(folder)/foreign.part"
        try Data(foreign.utf8).write(to: URL(fileURLWithPath: path))
        let ending = try CommandRun(["merge", parts[0], path, parts[2]]).ended()
        #expect(ending.code == 64)
        #expect(ending.errors.contains("of another build"))
    }

    @Test(
        "after Ctrl-C the same command goes on with what is there, a torn line included, to the same report"
    )
    func resume() throws {
        let folder = try ScratchFolder()
        let part = "\(folder.path)/kept.part"
        let words = [
            "compare", "--policy", "policies/steady", "--policy", "never", "--scenario", "everything",
            "--seeds", "7..10", "--hours", "0.04", "--jobs", "1", "--json",
        ]
        let run = try CommandRun(words + ["--resume", part])
        let end = Date(timeIntervalSinceNow: 60)
        while lines(part) < 4, Date() < end { usleep(5_000) }
        kill(run.process.processIdentifier, SIGINT)
        let ending = run.ended()
        #expect(ending.code == 130)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.contains("--resume \(part)"))
        let kept = lines(part)
        #expect((4..<13).contains(kept), "\(kept) lines")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: part))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"figures\":{\"bre".utf8))
        try handle.close()

        let rest = try CommandRun(words + ["--resume", part]).ended()
        #expect(rest.code == 0, "\(rest.errors)")
        #expect(lines(part) == 13, "one of terms, and 4 seeds under steady, never and always")
        let whole = try CommandRun(words).ended()
        #expect(rest.output == whole.output)

        let other = try CommandRun(words + ["--resume", part, "--set", "red_score=3"]).ended()
        #expect(other.code == 64)
        #expect(other.errors.contains("is of another comparison"))
    }

    private func lines(_ path: String) -> Int {
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        return bytes.count { $0 == UInt8(ascii: "\n") }
    }

    @Test("a sweep makes a challenger of each value, and --set reaches the policies that have the parameter")
    func sweep() throws {
        let ending = try CommandRun.ended(
            "compare",
            "--policy",
            "policies/baseline",
            "--policy",
            "policies/steady",
            "--sweep",
            "a.red_score=2:3:0.5",
            "--set",
            "b.recover_sec=30",
            "--scenario",
            "calm",
            "--seeds",
            "1",
            "--hours",
            "0.01",
            "--json"
        )
        #expect(ending.code == 0, "\(ending.errors)")
        let policies = try Document(ending.output).policies
        #expect(
            policies.map(\.name) == [
                "baseline", "baseline", "baseline", "baseline", "steady", "never", "always",
            ]
        )
        #expect(policies.map { $0.settings["red_score"] } == [nil, 2, 2.5, 3, nil, nil, nil])
        #expect(policies[4].settings == ["recover_sec": 30])
    }

    @Test(
        "thirty-two seeds decide what is plain, with an interval, and the sign is that of challenger less reference"
    )
    func decided() throws {
        let ending = try CommandRun.ended(
            "compare",
            "--policy",
            "always",
            "--policy",
            "never",
            "--scenario",
            "calm",
            "--seeds",
            "32",
            "--hours",
            "0.04",
            "--json"
        )
        let rows = try Document(ending.output).figures.filter { $0.scenario == "all" }
        let share = try #require(rows.first { $0.figure == "admitted_share" })
        let refused = try #require(rows.first { $0.figure == "entries_refused_needlessly" })
        for (row, sign) in [(share, -1.0), (refused, 1)] {
            let ends = try #require(row.ci95)
            #expect(ends[0] < row.mean_difference && row.mean_difference < ends[1])
            #expect(ends.allSatisfy { $0 * sign > 0 } && row.mean_difference * sign > 0)
            #expect(row.p == 1e-5 && row.decided && row.better == "a" && !row.non_inferior)
            #expect((row.p_adjusted ?? 1) < 1e-4 && row.losses >= 30)
        }
        let risk = try #require(rows.first { $0.figure == "wrong_exposure_per_admitted" })
        #expect(risk.ties == 32 && risk.better == "none", "never trading wins nothing")
    }

    @Test("until decided stops at a block, and never is a trade-off at best")
    func untilDecided() throws {
        let ending = try CommandRun.ended(
            "compare",
            "--policy",
            "always",
            "--policy",
            "never",
            "--scenario",
            "calm",
            "--seeds",
            "200",
            "--hours",
            "0.04",
            "--until-decided",
            "--json"
        )
        let document = try Document(ending.output)
        #expect([20, 40].contains(document.seeds))
        #expect(["trade-off", "worse"].contains(document.verdict))
        #expect(document.self_check.isEmpty, "both controls are contenders themselves")
        let share = try #require(
            document.figures.first { $0.scenario == "all" && $0.figure == "admitted_share" }
        )
        #expect(share.decided && share.better == "a")
        #expect(share.mean_b == 0)
    }

    @Test(
        "64 for a wrong use, and one line says which",
        arguments: [
            (["--policy", "policies/steady"], "twice"),
            (["--policy", "policies/steady", "--policy", "policies/nowhere"], "no directory"),
            (["--policy", "always", "--policy", "never", "--shard", "1/3"], "go together"),
            (["--policy", "always", "--policy", "never", "--shard", "4/3", "--out", "x"], "4/3"),
            (
                ["--policy", "always", "--policy", "never", "--set", "rain=3"],
                "no policy has a parameter rain"
            ),
            (["--policy", "always", "--policy", "never", "--set", "d.rain=3"], "there is no policy d"),
            (["--policy", "always", "--policy", "never", "--sweep", "rain=1:2:3"], "rain=1:2:3"),
            (["--policy", "always", "--policy", "never", "--scenario", "nowhere"], "no scenario"),
            (
                ["--policy", "always", "--policy", "never", "--resume", "Package.swift"],
                "no part of a comparison"
            ),
        ]
    )
    func usage(words: [String], said: String) throws {
        let ending = try CommandRun(["compare"] + words).ended()
        #expect(ending.code == 64)
        #expect(ending.output.isEmpty)
        #expect(ending.errors.contains(said), "\(ending.errors)")
    }
}
