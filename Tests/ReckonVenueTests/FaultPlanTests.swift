import ReckonModel
import ReckonVenue
import Testing

@Suite("Fault plans") struct FaultPlanTests {
    @Test(
        "each profile is known before the start: the same seed gives the same plan",
        arguments: FaultPlan.profileNames
    )
    func profiles(_ name: String) throws {
        let plan = try #require(FaultPlan.profile(name, seed: 5))
        #expect(plan == FaultPlan.profile(name, seed: 5))
        #expect(plan.rules.isEmpty == (name == "none"))
        for rule in plan.rules { #expect(start(of: rule) >= .seconds(10)) }
        let early = try #require(FaultPlan.profile(name, seed: 5, startSecond: 0))
        #expect(early.shifted(by: .seconds(10)) == plan)
    }

    @Test(
        "ambient faults move with the seed",
        arguments: ["silent-stream", "stale-snapshots", "outage", "everything", "demo"]
    )
    func seeds(_ name: String) {
        #expect(FaultPlan.profile(name, seed: 1) != FaultPlan.profile(name, seed: 2))
    }

    @Test("a demo minute has three lasting faults and a calm end, for any seed")
    func demo() throws {
        for seed in UInt64(1)...50 {
            let plan = try #require(FaultPlan.profile("demo", seed: seed))
            var lasting: [FaultKind] = []
            for rule in plan.rules {
                guard case .window(let from, let to) = rule.trigger, from < .seconds(60) else { continue }
                lasting.append(rule.kind)
                #expect(to <= .seconds(40))
            }
            #expect(lasting.count >= 3)
            #expect(lasting.contains(.silentStream) && lasting.contains(.disconnect))
        }
    }

    @Test("everything means every kind")
    func everything() throws {
        let plan = try #require(FaultPlan.profile("everything", seed: 1))
        for kind in FaultKind.allCases { #expect(plan.rules.contains { $0.kind == kind }, "\(kind)") }
    }

    @Test("an unknown profile is none at all")
    func unknown() { #expect(FaultPlan.profile("nonsense", seed: 1) == nil) }

    @Test("a plan is read from a file with all that a rule can say")
    func file() throws {
        let text = """
            { "name": "mine", "start_sec": 10, "rules": [
              { "kind": "answer_lost", "scope": "orders", "every": 3, "ms": 500 },
              { "kind": "unknown_executed", "scope": "openings", "chance": [1, 8], "to_sec": 120 },
              { "kind": "stale_snapshot", "from_sec": 5, "to_sec": 12.5, "ms": 3000, "symbol": "BTCUSDT" },
              { "kind": "rate_limited", "from_sec": 40, "to_sec": 42, "retry_after_sec": 3 } ] }
            """
        let plan = try FaultFile.plan(from: text, named: "f.json")
        #expect(plan.name == "mine" && plan.rules.count == 4)
        #expect(plan.rules[0].trigger == .every(3, from: .seconds(10)) && plan.rules[0].milliseconds == 500)
        #expect(
            plan.rules[1].trigger == .chance(FaultChance(1, in: 8, from: .seconds(10), to: .seconds(130)))
        )
        #expect(plan.rules[2].trigger == .window(from: .seconds(15), to: .milliseconds(22_500)))
        #expect(plan.rules[2].symbol == bitcoin && plan.rules[3].retryAfterSeconds == 3)
    }

    @Test(
        "a wrong file is refused in one line that says where, what was found and what is allowed",
        arguments: [
            ("{", "f.json"), ("[]", "f.json"), ("{}", "rules"),
            (#"{"rules": [{"kind": "explosion", "to_sec": 1}]}"#, "rules[0]: kind: found \"explosion\""),
            (#"{"rules": [{"kind": "answer_lost"}]}"#, "needs one of to_sec, chance or every"),
            (#"{"rules": [{"kind": "answer_lost", "evry": 3}]}"#, "unknown key \"evry\""),
            (#"{"rule": []}"#, "unknown key \"rule\""),
            (#"{"rules": [{"kind": "answer_lost", "chance": [3, 2]}]}"#, "chance: found [3, 2]"),
            (#"{"rules": [{"kind": "answer_lost", "chance": [1, 0]}]}"#, "chance"),
            (#"{"rules": [{"kind": "answer_lost", "every": 0}]}"#, "every: found 0"),
            (#"{"rules": [{"kind": "answer_lost", "every": 2, "chance": [1, 2]}]}"#, "both"),
            (
                #"{"rules": [{"kind": "disconnect", "every": 2}]}"#,
                "disconnect takes from_sec and to_sec only"
            ),
            (#"{"rules": [{"kind": "answer_lost", "from_sec": 5, "to_sec": 5}]}"#, "to_sec: found"),
            (#"{"rules": [{"kind": "answer_lost", "scope": "none", "to_sec": 5}]}"#, "scope: found \"none\""),
            (#"{"rules": [{"kind": "slow_answer", "ms": -1, "to_sec": 5}]}"#, "ms: found -1"),
        ]
    )
    func wrong(_ text: String, _ words: String) {
        let refusal = #expect(throws: FaultFileRefusal.self) {
            _ = try FaultFile.plan(from: text, named: "f.json")
        }
        let line = refusal?.description ?? ""
        #expect(line.hasPrefix("f.json: ") && line.contains(words) && !line.contains("\n"), "\(line)")
    }

    private func start(of rule: FaultRule) -> Span {
        switch rule.trigger {
        case .window(let from, _), .every(_, let from): from
        case .chance(let chance): chance.from
        }
    }
}
