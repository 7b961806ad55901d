import ReckonEngine
import ReckonModel
import Testing

@Suite("Versions of the policy as facts")
struct PolicyChangeTests {
    private static func identity(_ digest: String, revision: Int? = nil) -> PolicyIdentity {
        PolicyIdentity(name: "p", version: "1", digest: digest, revision: revision)
    }

    private static func change(
        _ trigger: PolicyChange.Trigger,
        from: String,
        to: String,
        _ outcome: PolicyChange.Outcome = .swapped(PolicyHandover(.carried))
    ) -> PolicyChange {
        PolicyChange(trigger, reason: "r", from: identity(from), to: identity(to), outcome: outcome)
    }

    /// A rig whose policy answers, or raises for as long as it is told to.
    private func rig() -> EngineRig {
        var rig = EngineRig.open()
        rig.step(.policyLoaded(Self.identity("one")))
        rig.advance(by: .seconds(12))
        return rig
    }

    private func raise(_ rig: inout EngineRig, for span: Span) {
        rig.policy = { _ in .failure(PolicyFault(code: .error, message: "boom")) }
        rig.advance(by: span)
    }

    private func returns(_ rig: EngineRig) -> [[String]] {
        rig.actions.compactMap { action in
            if case .putBack(let versions) = action { versions.map(\.digest) } else { nil }
        }
    }

    @Test("the third fault in a row asks for the versions that ran clean, newest first, and asks once")
    func quarantine() {
        var rig = rig()
        for (old, new) in [("one", "two"), ("two", "three")] {
            rig.step(.policyChanged(Self.change(.reload, from: old, to: new), ticket: nil))
            rig.advance(by: .seconds(12))
        }
        // It never answers at all, so it did not run clean.
        rig.policy = nil
        rig.step(.policyChanged(Self.change(.reload, from: "three", to: "mute"), ticket: nil))
        rig.advance(by: .seconds(7))
        rig.step(.policyChanged(Self.change(.reload, from: "mute", to: "bad"), ticket: nil))
        #expect(returns(rig).isEmpty)
        raise(&rig, for: .seconds(60))
        #expect(returns(rig) == [["three", "two", "one"]])
        #expect(rig.engine.state.policies.isQuarantined("bad"))
        #expect(rig.engine.state.guarding.enforced.mode == .red)
        #expect(rig.takeNotices(.policyQuarantined).count == 1)
    }

    /// In a crowded machine the last question before a change was answered too late, and nothing was left to go back to.
    @Test("a version whose last answer came late is still gone back to, after those that ended clean")
    func lateAtItsEnd() {
        var rig = rig()
        let answers = rig.policy
        rig.step(.policyChanged(Self.change(.reload, from: "one", to: "two"), ticket: nil))
        rig.advance(by: .seconds(12))
        rig.policy = nil
        rig.advance(by: .seconds(12))
        rig.policy = answers
        rig.step(.policyChanged(Self.change(.reload, from: "two", to: "three"), ticket: nil))
        rig.advance(by: .seconds(12))
        raise(&rig, for: .seconds(6))
        rig.step(.policyChanged(Self.change(.reload, from: "three", to: "bad"), ticket: nil))
        raise(&rig, for: .seconds(60))
        #expect(returns(rig) == [["one", "three", "two"]])
    }

    @Test("with nothing to go back to the engine stays closed and asks for nothing")
    func alone() {
        var rig = rig()
        raise(&rig, for: .seconds(60))
        #expect(returns(rig).isEmpty)
        #expect(rig.engine.state.guarding.enforced.mode == .red)
    }

    @Test("what is put back is out of quarantine, and no looser than before while debt is left")
    func putBack() {
        var rig = rig()
        rig.step(.policyChanged(Self.change(.reload, from: "one", to: "bad"), ticket: nil))
        raise(&rig, for: .seconds(30))
        let limits = rig.configuration.limits
        rig.policy = { _ in .success(Knobs(mode: .green, allowEntries: true, limits: limits)) }
        rig.advance(by: .seconds(30))
        #expect(
            rig.engine.state.guarding.enforced.mode == .red,
            "answers of a quarantined version are not heard"
        )
        rig.step(.policyChanged(Self.change(.quarantine, from: "bad", to: "one"), ticket: nil))
        #expect(!rig.engine.state.guarding.memory.isQuarantined)
        #expect(rig.engine.state.policies.withdrawn == "bad")
        #expect(rig.engine.state.guarding.memory.holdUntil != nil)
        #expect(!rig.engine.state.guarding.enforced.allowEntries)
        #expect(rig.takeNotices(.policyRolledBack).count == 1)
        rig.advance(by: .seconds(90))
        #expect(rig.engine.state.guarding.enforced.allowEntries, "there is no debt, so nothing is held")
    }

    @Test("a refusal changes nothing but the record, and whoever asked is answered")
    func refusal() {
        var rig = rig()
        let before = rig.engine.state.guarding
        let refusal = PolicyRefusal(code: "syntax", file: "policy.lua", line: 3, message: "no")
        let answer = rig.ask { ticket in
            .policyChanged(Self.change(.watch, from: "one", to: "two", .refused(refusal)), ticket: ticket)
        }
        #expect(answer == .done)
        #expect(rig.engine.state.policy?.digest == "one")
        #expect(rig.engine.state.guarding == before)
        #expect(rig.engine.state.policies.latest?.change.outcome == .refused(refusal))
        #expect(rig.takeNotices(.policyRefused).count == 1)
    }

    @Test("the highest revision is never forgotten, a withdrawal only by another swap")
    func memory() {
        var history = PolicyHistory(replaying: [])
        #expect(history.highestRevision == 0 && history.withdrawn == nil)
        func stamp(_ facts: [Fact]) -> [StampedFact] {
            facts.enumerated().map { StampedFact(number: Int64($0.offset + 1), at: .epoch, fact: $0.element) }
        }
        let facts: [Fact] = [
            .policyLoaded(Self.identity("a", revision: 4)),
            .policyChanged(Self.change(.reload, from: "a", to: "b")),
            .policyLoaded(Self.identity("b", revision: 7)),
            .policyChanged(Self.change(.rollback, from: "b", to: "a")),
            .policyLoaded(Self.identity("a", revision: 4)),
            .policyChanged(
                Self.change(.hangup, from: "a", to: "b", .refused(PolicyRefusal(code: "x", message: "y")))
            ),
        ]
        history = PolicyHistory(replaying: stamp(facts))
        #expect(history.highestRevision == 7)
        #expect(history.withdrawn == "b")
        #expect(history.rows.map(\.identity.digest) == ["b", "a"])
        history = PolicyHistory(
            replaying: stamp(facts + [.policyChanged(Self.change(.reload, from: "a", to: "b"))])
        )
        #expect(history.withdrawn == nil)
    }
}
