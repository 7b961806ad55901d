import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import ReckonSeal
import Testing

@Suite("a version that follows another")
struct FollowTests {
    private func load(_ source: String, isTried: Bool = false) throws -> LoadedPolicy {
        let file = PolicyFile(name: "policy.lua", module: "", bytes: Array(source.utf8))
        return try ReleaseLoader.load(try ReleaseFiles(kept: [file]), ReleaseRules(), isTried: isTried)
    }

    private func source(_ first: String = "", fields: String = "") -> String {
        Sample.source("\(first) state.n = (state.n or 0) + 1 return knobs(), state", fields: fields)
    }

    /// How a version stands that has answered twice.
    private func standing(_ name: String? = nil) throws -> PolicyStanding {
        let old = try load(source(fields: "state_version = 1,"))
        for tick in 1...2 { _ = old.runtime.evaluate(Sample.question(tick: Int64(tick))) }
        return PolicyStanding(
            name: name ?? old.runtime.name,
            state: old.runtime.state,
            question: Sample.question(tick: 3)
        )
    }

    private func code(_ source: String, after standing: PolicyStanding) throws -> String {
        let next = try load(source)
        do throws(PolicyProblem) {
            _ = try next.follow(standing)
            return "followed"
        } catch {
            return error.code
        }
    }

    @Test("the state goes over as it is or by `migrate`, and the trial leaves no trace in it")
    func carries() throws {
        let standing = try standing()
        let same = try load(source(fields: "state_version = 1, version = '2',"))
        #expect(try same.follow(standing) == .carried)
        #expect(same.runtime.state == standing.state)
        let migrate = "state_version = 2, migrate = function(s) return { n = s.n, m = 1 } end,"
        let other = try load(source(fields: migrate))
        #expect(try other.follow(standing) == .migrated(from: 1))
        #expect(other.runtime.state?.version == 2)
    }

    @Test("another policy's state, one without a way over, and one that makes it fault are left and said so")
    func leaves() throws {
        let standing = try standing()
        #expect(try load(source(fields: "state_version = 2,")).follow(standing).record.kind == .reinitialised)
        let foreign = try load(source(fields: "state_version = 1,")).follow(try self.standing("other"))
        #expect(foreign.record.why.contains("`other`"))
        let shape = "if state.n then error('not my shape') end"
        let next = try load(source("\(shape) state = { }", fields: "state_version = 1,"), isTried: true)
        let left = try next.follow(standing)
        #expect(left.record.kind == .reinitialised && left.record.why.contains("not my shape"))
        #expect(next.runtime.state == nil)
    }

    @Test("a `migrate` that faults, and a policy that faults on the last question, are no successors")
    func refuses() throws {
        let standing = try standing()
        let stuck = "state_version = 2, migrate = function() while true do end end,"
        #expect(try code(source(fields: stuck), after: standing) == "migrate_instructions")
        let late = "if context.limits.max_notional_usdt ~= 1000 then error('only at work') end"
        var limits = GuardLimits.trial
        limits.maxNotional = 777
        let question = PolicyQuestion(
            tick: 3,
            now: 3,
            sinceLast: 1,
            belief: .neutral,
            limits: limits,
            lastEnforced: standing.question.lastEnforced
        )
        let at = PolicyStanding(name: standing.name, state: standing.state, question: question)
        #expect(try code(source(late, fields: "state_version = 1,"), after: at) == "faults_now")
    }

    @Test("kept bytes give the same release as the folder did, modules of lib, cases and all")
    func keeps() throws {
        for name in ["steady", "brisk", "baseline", "cautious"] {
            let path = Sample.root.appendingPathComponent("policies/\(name)").path
            let read = try ReleaseFiles(reading: path)
            let kept = try ReleaseFiles(
                kept: read.all.reversed().map { PolicyFile(name: $0.name, module: "", bytes: $0.bytes) }
            )
            #expect(kept.directory.digest == read.directory.digest)
            #expect(kept.fingerprint == read.fingerprint)
            let before = try ReleaseLoader.load(read, ReleaseRules(), isTried: true).runtime
            let after = try ReleaseLoader.load(kept, ReleaseRules(), isTried: true).runtime
            #expect(before.evaluate(Sample.question()) == after.evaluate(Sample.question()))
        }
    }
}
