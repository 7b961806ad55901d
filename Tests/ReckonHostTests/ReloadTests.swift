import Foundation
import ReckonEngine
import ReckonHost
import ReckonJournal
import ReckonModel
import ReckonPolicy
import ReckonSeal
import ReckonTestRig
import Testing

@Suite("Another version of the policy under a running engine", .serialized)
struct ReloadTests {
    /// One engine after the other on one journal and one policy folder.
    private final class Bench: Sendable {
        let folder: TestFolder
        let policies: PolicyFolder
        let board = Switchboard()

        init() throws {
            folder = try TestFolder()
            policies = try PolicyFolder(in: folder)
        }

        func start(on port: VenuePort = QuietVenue.port, _ change: (inout Rig.Life) -> Void = { _ in })
            async throws -> EngineHost
        {
            var life = Rig.Life()
            // Quick, but not so quick that a crowded machine's late answers count as the policy's faults.
            life.configuration.reconcileEvery = .milliseconds(150)
            life.configuration.roundSpacing = .milliseconds(1)
            life.policy = policies.path
            change(&life)
            return try await Rig.start(port, journal: folder.path("journal.sqlite"), board, life)
        }

        var verdicts: [Enforcement] {
            board.committed.compactMap { fact in
                if case .verdictEnforced(let enforcement) = fact.fact { enforcement } else { nil }
            }
        }

        var changes: [PolicyChange] {
            board.committed.compactMap { fact in
                if case .policyChanged(let change) = fact.fact { change } else { nil }
            }
        }

        /// Waits until something holds, for at most 20 s.
        func until(_ what: String, _ holds: () async throws -> Bool) async throws {
            let end = ContinuousClock.now + .seconds(20)
            while try await !holds() {
                try #require(ContinuousClock.now < end, "never came: \(what)")
                try await Task.sleep(for: .milliseconds(10))
            }
        }

        /// Waits until a version has answered without a fault.
        func answered(by digest: String) async throws {
            try await until("an answer of \(digest)") {
                verdicts.contains { $0.policyDigest == digest && $0.fault == nil }
            }
        }

        func count(of enforcement: Enforcement?) -> Int? {
            enforcement?.raw?.notes.reason.flatMap { Int($0.dropFirst(6)) }
        }
    }

    private func change(_ reply: PolicyReply) throws -> PolicyChange {
        guard case .done(let change) = reply else { throw Switchboard.trouble }
        return change
    }

    private func swapped(_ reply: PolicyReply) throws -> PolicyHandover? {
        if case .swapped(let handover) = try change(reply).outcome { handover } else { nil }
    }

    private func code(_ reply: PolicyReply) throws -> String {
        switch try change(reply).outcome {
        case .swapped: "swapped"
        case .unchanged: "unchanged"
        case .refused(let refusal): refusal.code
        }
    }

    private func counting(_ remark: String) -> CountingPolicy {
        var policy = CountingPolicy()
        policy.remark = remark
        return policy
    }

    @Test("a state of another shape is left and said so; the hold begins before the new version answers")
    func reinitialised() async throws {
        let bench = try Bench()
        var tight = counting("tight")
        tight.notional = "10"
        try bench.policies.write(policy: tight.text)
        let engine = try await bench.start()
        try await bench.answered(by: engine.policy.identity.digest)
        var other = counting("other")
        other.field = "sum"
        try bench.policies.write(policy: other.text)
        let handover = try swapped(await engine.reloadPolicy(.reload, reason: "a new shape"))
        #expect(handover?.kind == .reinitialised && handover?.why.contains("fault") == true)
        let digest = engine.policy.identity.digest
        try await bench.answered(by: digest)
        #expect(bench.count(of: bench.verdicts.first { $0.policyDigest == digest }) == 1)
        #expect(engine.snapshot.policies.latest?.change.reason == "a new shape")
        // The first verdict of the new version comes after the fact that it was loaded, which began the hold.
        let loaded = bench.board.committed.firstIndex { fact in
            if case .policyLoaded(let identity) = fact.fact { identity.digest == digest } else { false }
        }
        let first = bench.board.committed.firstIndex { fact in
            if case .verdictEnforced(let row) = fact.fact { row.policyDigest == digest } else { false }
        }
        #expect(try #require(loaded) < #require(first))
        #expect(try code(await engine.reloadPolicy(.reload, reason: "again")) == "unchanged")
        await engine.stop()
    }

    @Test("a version goes on from the state even if the engine dies before it has answered once")
    func crashAfterSwap() async throws {
        let bench = try Bench()
        try bench.policies.write(policy: counting("one").text)
        var engine = try await bench.start()
        try await bench.answered(by: engine.policy.identity.digest)
        await engine.stop()
        let last = try #require(bench.count(of: bench.verdicts.last))
        try bench.policies.write(policy: counting("two").text)
        // The venue answers nothing, so no round ends and nothing is asked of the policy.
        var mute = QuietVenue.port
        mute.snapshot = { _ in
            try? await Task.sleep(for: .seconds(30))
            return .failure(.unknown("mute"))
        }
        let seen = bench.verdicts.count
        engine = try await bench.start(on: mute)
        try bench.policies.write(policy: counting("three").text)
        #expect(try swapped(await engine.reloadPolicy(.reload, reason: "x"))?.kind == .carried)
        await engine.stop()
        #expect(bench.verdicts.count == seen, "nothing was answered")
        engine = try await bench.start()
        try await bench.until("more verdicts") { bench.verdicts.count > seen }
        await engine.stop()
        let counts = bench.verdicts.dropFirst(seen).compactMap { bench.count(of: $0) }
        #expect(try #require(counts.first) > last)
    }

    @Test("a rollback finds the exact bytes in the journal, and a restart does not undo it")
    func rollback() async throws {
        let bench = try Bench()
        try bench.policies.write(policy: counting("one").text)
        var engine = try await bench.start { $0.settings.keptVersions = 3 }
        let first = engine.policy.identity.digest
        guard case .unknownVersion(_, let kept) = await engine.rollBackPolicy(to: nil, reason: "back") else {
            Issue.record("there is nothing to go back to")
            return
        }
        #expect(kept.isEmpty || kept == [first])
        try bench.policies.write(policy: counting("two").text)
        #expect(try swapped(await engine.reloadPolicy(.reload, reason: "on"))?.kind != .reinitialised)
        let second = engine.policy.identity.digest
        try bench.policies.write([:])
        #expect(try swapped(await engine.rollBackPolicy(to: nil, reason: "back")) != nil)
        #expect(engine.policy.identity.digest == first)
        #expect(try engine.keptVersions().map(\.digest) == [first, second])
        #expect(try swapped(await engine.rollBackPolicy(to: String(second.prefix(12)), reason: "on")) != nil)
        #expect(try swapped(await engine.rollBackPolicy(to: first, reason: "back")) != nil)
        for wanted in ["0000000000", "", second + "0"] {
            guard case .unknownVersion = await engine.rollBackPolicy(to: wanted, reason: "x") else {
                Issue.record("\(wanted) is no version")
                continue
            }
        }
        try bench.policies.write(policy: counting("two").text)
        #expect(try code(await engine.reloadPolicy(.hangup, reason: "SIGHUP")) == "withdrawn")
        await engine.stop()
        engine = try await bench.start { $0.settings.keptVersions = 3 }
        #expect(engine.policy.identity.digest == first, "what was taken away does not come back by itself")
        #expect(try swapped(await engine.reloadPolicy(.reload, reason: "now it may")) != nil)
        #expect(engine.policy.identity.digest == second)
        for remark in ["three", "four"] {
            try bench.policies.write(policy: counting(remark).text)
            #expect(try swapped(await engine.reloadPolicy(.reload, reason: remark)) != nil)
        }
        #expect(try engine.keptVersions().map(\.digest).contains(first) == false, "only three are kept")
        await engine.stop()
        #expect(bench.changes.map(\.trigger).contains(.rollback))
    }

    /// Every second time the picture came after the look whether the quarantine was in it, and nothing came back.
    @Test(
        "a version that faults again and again makes way for the last that ran clean, which keeps its state",
        arguments: 1...4
    )
    func quarantine(turn: Int) async throws {
        let bench = try Bench()
        try bench.policies.write(policy: counting("one").text)
        let engine = try await bench.start()
        let good = engine.policy.identity.digest
        try await bench.answered(by: good)
        var bomb = counting("bomb")
        bomb.first = "if l.max_leverage == 5 and context.since_load_ticks > 2 then error('late') end"
        try bench.policies.write(policy: bomb.text)
        #expect(try swapped(await engine.reloadPolicy(.reload, reason: "in good faith"))?.kind == .carried)
        let bad = engine.policy.identity.digest
        try await bench.until("the good one back") { engine.policy.identity.digest == good }
        try await bench.until("on record") { bench.changes.last?.trigger == .quarantine }
        #expect(bench.changes.last?.from.digest == bad && bench.changes.last?.isReturn == true)
        let faults = bench.verdicts.filter { $0.policyDigest == bad && $0.fault?.code == .error }
        #expect(faults.count >= 3 && faults.last?.enforced.mode == .red)
        let seen = bench.verdicts.count
        try await bench.until("verdicts again") {
            bench.verdicts.dropFirst(seen).contains { $0.fault == nil && $0.policyDigest == good }
        }
        let before = bench.verdicts.last { $0.policyDigest == bad && $0.fault == nil }
        let after = bench.verdicts.last { $0.policyDigest == good && $0.fault == nil }
        #expect(try #require(bench.count(of: after)) > #require(bench.count(of: before)))
        #expect(engine.snapshot.policies.isQuarantined(bad))
        #expect(try code(await engine.reloadPolicy(.hangup, reason: "SIGHUP")) == "withdrawn")
        await engine.stop()
    }

    @Test(
        "where a signature is demanded nothing unsigned, foreign or older is loaded, not even after a restart"
    )
    func signatures() async throws {
        let bench = try Bench()
        let key = PolicySigningKey.generate()
        func sign(_ policy: CountingPolicy, _ revision: Int, by key: PolicySigningKey) throws {
            try bench.policies.write(policy: policy.text)
            let files = try PolicyDirectory(reading: bench.policies.path)
            let manifest = PolicyManifest(policy: policy.name, revision: revision, files)
            try Data(manifest.text.utf8).write(to: bench.policies.place(PolicyManifest.file))
            try Data(try key.signature(of: manifest).utf8)
                .write(to: bench.policies.place(ReleaseLoader.signatureFile))
        }
        let trusted = try key.publicKey()
        let demand: @Sendable (inout Rig.Life) -> Void = { $0.settings.trustedKeys = [trusted] }
        try bench.policies.write(policy: counting("unsigned").text)
        await #expect(throws: PolicyProblem.self) { _ = try await bench.start(demand) }
        try sign(counting("five"), 5, by: key)
        var engine = try await bench.start(demand)
        #expect(engine.policy.identity.revision == 5 && engine.policy.signer == trusted.fingerprint)
        try bench.policies.write(policy: counting("unsigned").text)
        #expect(try code(await engine.reloadPolicy(.reload, reason: "x")) == "unsigned")
        try sign(counting("foreign"), 9, by: .generate())
        #expect(try code(await engine.reloadPolicy(.reload, reason: "x")) == "signature")
        try sign(counting("older"), 4, by: key)
        #expect(try code(await engine.reloadPolicy(.reload, reason: "x")) == "revision")
        try sign(counting("seven"), 7, by: key)
        #expect(try code(await engine.reloadPolicy(.reload, reason: "x")) == "swapped")
        try sign(counting("six"), 6, by: key)
        #expect(try code(await engine.reloadPolicy(.reload, reason: "x")) == "revision")
        await engine.stop()
        await #expect(throws: PolicyProblem.self) { _ = try await bench.start(demand) }
        try sign(counting("seven"), 7, by: key)
        engine = try await bench.start(demand)
        #expect(engine.policy.identity.revision == 7)
        #expect(engine.policyDemands.leastRevision == 7)
        #expect(try code(await engine.rollBackPolicy(to: nil, reason: "an operator may")) == "swapped")
        #expect(engine.policy.identity.revision == 5)
        #expect(
            engine.policyDemands.leastRevision == 7,
            "the way back is the operator's, not the directory's"
        )
        await engine.stop()
    }

    @Test("a pinned digest is the only one that is loaded")
    func pin() async throws {
        let bench = try Bench()
        try bench.policies.write(policy: counting("one").text)
        let digest = try PolicyDirectory(reading: bench.policies.path).digest
        let engine = try await bench.start { $0.settings.pinnedDigest = digest }
        try bench.policies.write(policy: counting("two").text)
        let reply = await engine.reloadPolicy(.reload, reason: "x")
        #expect(try code(reply) == "digest_pinned")
        #expect(try change(reply).to?.digest != digest && engine.policy.identity.digest == digest)
        await engine.stop()
        await #expect(throws: PolicyProblem.self) {
            _ = try await bench.start { $0.settings.pinnedDigest = digest }
        }
    }

    @Test("a watched folder is loaded once it stands still, and never while it is being written")
    func watch() async throws {
        let bench = try Bench()
        try bench.policies.write(policy: counting("one").text)
        let engine = try await bench.start { $0.watchEvery = .milliseconds(400) }
        let first = engine.policy.identity.digest
        let text = counting("two").text + "\n-- " + String(repeating: "x", count: 400)
        // Each step is a file that loads or one that does not; none of them is meant.
        for part in stride(from: text.count - 400, through: text.count, by: 16) {
            try bench.policies.write(policy: String(text.prefix(part)))
            try await Task.sleep(for: .milliseconds(20))
        }
        try bench.policies.write(policy: text)
        let meant = try PolicyDirectory(reading: bench.policies.path).digest
        try await bench.until("the new one") { engine.policy.identity.digest == meant }
        let broken = String(text.prefix(text.count / 2))
        try bench.policies.write(policy: broken)
        try await bench.until("a refusal") {
            if case .refused = bench.changes.last?.outcome {
                bench.changes.last?.to?.digest != meant
            } else {
                false
            }
        }
        try await Task.sleep(for: .milliseconds(500))
        #expect(engine.policy.identity.digest == meant)
        #expect(bench.changes.allSatisfy { $0.trigger == .watch })
        let loaded = bench.changes.filter { if case .swapped = $0.outcome { true } else { false } }
        #expect(loaded.map(\.to?.digest) == [meant] && loaded.first?.from.digest == first)
        let refused = bench.changes.count { if case .refused = $0.outcome { true } else { false } }
        #expect(refused == 1, "the same trouble is told once")
        await engine.stop()
    }

    @Test("a policy that looks on is compared knob by knob, and cannot be felt, whatever it does")
    func shadow() async throws {
        let bench = try Bench()
        try bench.policies.write(policy: counting("champion").text)
        let engine = try await bench.start()
        let shadows = try PolicyFolder("shadow", in: bench.folder)
        var tight = counting("shadow")
        tight.name = "shadow"
        tight.notional = "10"
        tight.first = "if l.max_leverage == 5 and count > 8 then while true do end end"
        try shadows.write(policy: tight.text)
        try await engine.seatShadow(shadows.path, reason: "a trial")
        try await bench.until("comparisons and faults") {
            (engine.shadow.tally?.compared ?? 0) > 14 && (engine.shadow.tally?.faults ?? 0) > 3
        }
        let tally = try #require(engine.shadow.tally)
        #expect(tally.identity.name == "shadow" && tally.champion == engine.policy.identity.digest)
        let notional = try #require(tally.knobs["max_notional_usdt"])
        #expect(notional.tighter >= 8 && notional.looser == 0)
        #expect(tally.disagreements == tally.compared)
        #expect(engine.policy.identity.name == "counter")
        try shadows.write(policy: "return {")
        await #expect(throws: PolicyRefusal.self) {
            try await engine.seatShadow(shadows.path, reason: "broken")
        }
        #expect(engine.shadow.tally?.identity == tally.identity, "the one before looks on")
        #expect(engine.clearShadow() != nil && engine.shadow.tally == nil && engine.clearShadow() == nil)
        await engine.stop()
        #expect(bench.verdicts.allSatisfy { $0.policyDigest == engine.policy.identity.digest })
        #expect(bench.verdicts.allSatisfy { $0.enforced.maxNotional != 10 })
        let told = bench.board.committed.compactMap { fact -> ShadowTally? in
            if case .shadowCompared(let tally) = fact.fact { tally } else { nil }
        }
        #expect(told.first?.compared == 0 && told.first?.reason == "a trial")
        #expect(told.contains { $0.faults == 1 }, "that it faults now is told when it begins")
        #expect(told.count < 10, "the same way to differ is told now and then")
        #expect(zip(told, told.dropFirst()).allSatisfy { $1.compared - $0.compared <= 12 })
        #expect((told.last?.compared ?? 0) >= tally.compared, "the end is told")
    }
}
