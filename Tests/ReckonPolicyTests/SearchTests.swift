import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

@Suite("the search for counterexamples")
struct SearchTests {
    /// A copy of `brisk` broken on purpose: what stands instead of one passage of one file.
    struct Break: Sendable, CustomTestStringConvertible {
        let story: String
        let file: String
        let old: String
        let new: String
        /// The knob or fault that shows it.
        let kinds: Set<String>
        /// One with which it is found soon, for the time that tests may take; others find it later.
        let seed: UInt64

        var testDescription: String { story }

        init(
            _ story: String,
            in file: String = "policy.lua",
            _ change: (old: String, new: String),
            _ kinds: Set<String>,
            seed: UInt64
        ) {
            self.story = story
            self.file = file
            old = change.old
            new = change.new
            self.kinds = kinds
            self.seed = seed
        }
    }

    static let breaks: [Break] = [
        Break(
            "contradiction lowers the score",
            in: "lib/doubt.lua",
            (
                "+ evidence.contradiction_score * p",
                "- evidence.contradiction_score * p"
            ),
            ["max_notional_usdt", "mode"],
            seed: 7
        ),
        Break(
            "a sliver of scores under the threshold of YELLOW gets full size",
            (
                "  local caps = {",
                "  if score > 0.497 and score < 0.499 then return 1 end\n  local caps = {"
            ),
            ["max_notional_usdt"],
            seed: 3
        ),
        Break(
            "within half a percent above the threshold of ORANGE nothing is wanted",
            (
                "local bursts = score >=",
                "if score >= p.orange_score and score < p.orange_score * 1.005 then wanted = 0 end\n"
                    + "  local bursts = score >="
            ),
            ["mode", "allow_entries", "max_notional_usdt"],
            seed: 1
        ),
        Break(
            "seven unknown orders, and no other number, count for nothing",
            in: "lib/doubt.lua",
            (
                "unknown.count * p.unknown_weight",
                "(unknown.count == 7 and 0 or unknown.count) * p.unknown_weight"
            ),
            ["max_notional_usdt", "mode"],
            seed: 6
        ),
        Break(
            "while it reopens, a high score skips the ramp",
            (
                "local size = s.opened_at < 0 and 1",
                "local size = (s.opened_at < 0 or (score > 0.3 and now - s.opened_at < 20)) and 1"
            ),
            ["max_notional_usdt"],
            seed: 7
        ),
        Break(
            "with more than three symbols in debt, none is held",
            in: "lib/holds.lua",
            (
                "for _, row in ipairs(belief.symbols) do",
                "for _, row in ipairs(#belief.symbols > 3 and {} or belief.symbols) do"
            ),
            ["symbols"],
            seed: 12
        ),
        Break(
            "a full streak without debt divides by nothing",
            in: "lib/doubt.lua",
            (
                "return score, largest[1]",
                "if terms[1][2] == 0 and terms[3][2] == 0.8 then score = 0 / 0 end\n  return score, largest[1]"
            ),
            ["invalid", "state"],
            seed: 3
        ),
        Break(
            "a wish beyond the next level starts its timer anew",
            in: "lib/hysteresis.lua",
            (
                "if level > reached and (lasted or wanted > level) then",
                "if wanted > level then ladder.since[level] = -1 lasted = false end\n      if level > reached and lasted then"
            ),
            ["mode"],
            seed: 1
        ),
        Break(
            "the second RED is called ORANGE at a high score",
            (
                "mode = MODES[level],",
                "mode = level == RED and s.opened_at >= 0 and score > 3 and MODES[ORANGE] or MODES[level],"
            ),
            ["mode"],
            seed: 1
        ),
        Break(
            "debt recovers sooner than cleanness",
            (
                "doubt.is_clean(belief) and p.recover_clean_sec or p.recover_sec",
                "doubt.is_clean(belief) and p.recover_sec or p.recover_clean_sec"
            ),
            ["mode"],
            seed: 1
        ),
    ]

    private static let folder = Sample.root.appendingPathComponent("policies/brisk").path

    private static func brisk(_ change: Break? = nil) throws -> PolicyDirectory {
        try PolicyDirectory { name throws(PolicyProblem) in
            let path = name.hasPrefix("lib/") ? "\(folder)/../\(name)" : "\(folder)/\(name)"
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
            guard let change, change.file == name else { return Array(text.utf8) }
            return Array(text.replacingOccurrences(of: change.old, with: change.new).utf8)
        }
    }

    @Test(
        "finds and shrinks what is broken on purpose, and the printed case tells the two apart",
        arguments: breaks
    )
    func broken(change: Break) throws {
        let broken = try Self.brisk(change)
        let sound = try Self.brisk()
        #expect(broken.digest != sound.digest, "the passage is still there")
        var plan = SearchPlan()
        plan.pairs = 6_000
        plan.seed = change.seed
        plan.stopsAtFirst = true
        var search = try PolicySearch(broken, plan)
        let report = search.run()
        let finding = try #require(report.findings.first, "nothing found in \(report.pairs) pairs")
        let witness = try #require(finding.witness)
        #expect(change.kinds.contains(finding.kind), "found \(finding.kind)")
        #expect(finding.example.lead.count <= 8)
        let differing = BeliefField.all.count {
            $0.read(finding.example.better) != $0.read(finding.example.worse)
        }
        #expect(differing <= 2)
        let text = "return { \(finding.example.caseText(witness, named: change.story)) }"
        let example = try #require(try CaseFile(source: Array(text.utf8)).cases.first)
        #expect(!(try CaseRun(example, with: try PolicyRuntime(broken)).passed), "\(text)")
        #expect(try CaseRun(example, with: try PolicyRuntime(sound)).passed, "\(text)")
    }
}
