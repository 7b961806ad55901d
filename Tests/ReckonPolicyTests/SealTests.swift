import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import ReckonSeal
import Testing

@Suite("signed policies and how they are loaded")
struct SealTests {
    /// A packed and signed copy of `steady`, gone after the test.
    private struct Signed: ~Copyable {
        let path: String
        let secret = PolicySigningKey.generate()

        init(revision: Int = 3) throws {
            path =
                FileManager.default.temporaryDirectory.appendingPathComponent(
                    "reckon-seal-\(UUID().uuidString)"
                ).path
            let steady = Sample.root.appendingPathComponent("policies/steady").path
            let packed = try PolicyPack.write(steady, to: path)
            let manifest = PolicyManifest(policy: "steady", revision: revision, packed)
            try write(manifest.text, PolicyManifest.file)
            try write(try secret.signature(of: manifest), ReleaseLoader.signatureFile)
        }

        func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: place(name)) }

        func append(_ text: String, _ name: String) throws {
            try write(try String(contentsOf: place(name), encoding: .utf8) + text, name)
        }

        func place(_ name: String) -> URL { URL(fileURLWithPath: path).appendingPathComponent(name) }

        func rules() throws -> ReleaseRules {
            var rules = ReleaseRules()
            rules.trustedKeys = [try secret.publicKey()]
            return rules
        }

        func code(_ rules: ReleaseRules) -> String {
            do throws(PolicyProblem) {
                _ = try ReleaseLoader.load(path, rules)
                return "loaded"
            } catch {
                return error.code
            }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test("a packed, signed policy is loaded, and answers as the one it was made of")
    func loads() throws {
        let signed = try Signed()
        let loaded = try ReleaseLoader.load(signed.path, try signed.rules())
        #expect(loaded.revision == 3)
        #expect(loaded.signer == (try signed.secret.publicKey().fingerprint))
        let original = try PolicyRuntime(try Sample.policy("steady"))
        for tick in 1...20 {
            let question = Sample.question(
                tick: Int64(tick),
                now: Double(tick) * 5,
                belief: .debt(Double(tick) * 9)
            )
            #expect(loaded.runtime.evaluate(question).knobs == original.evaluate(question).knobs)
        }
    }

    @Test(
        "a changed byte, a file more, a file less, another key and an old revision are refused, each by its name"
    )
    func refusals() throws {
        let signed = try Signed()
        var rules = try signed.rules()
        rules.leastRevision = 4
        #expect(signed.code(rules) == "revision")
        rules = try signed.rules()
        rules.trustedKeys = [try PolicySigningKey.generate().publicKey()]
        #expect(signed.code(rules) == "signature")
        rules = ReleaseRules()
        rules.pinnedDigest = String(repeating: "0", count: 64)
        #expect(signed.code(rules) == "digest_pinned")
        rules = try signed.rules()
        try signed.append("\n", "doubt.lua")
        #expect(signed.code(rules) == "file_changed")
        try signed.append("local more = require(\"more\")\n", "window.lua")
        try signed.write("return {}", "more.lua")
        #expect(signed.code(rules).hasPrefix("file_"))
        try FileManager.default.removeItem(at: signed.place(ReleaseLoader.signatureFile))
        #expect(signed.code(rules) == "signature")
        try FileManager.default.removeItem(at: signed.place(PolicyManifest.file))
        #expect(signed.code(rules) == "unsigned")
    }

    @Test("an edited manifest is no longer signed, whatever it says")
    func forgery() throws {
        let signed = try Signed()
        try signed.append("file \(String(repeating: "0", count: 64)) 0 x.lua\n", PolicyManifest.file)
        #expect(signed.code(try signed.rules()) == "signature")
        #expect(signed.code(ReleaseRules()) == "file_missing", "digests count without a key too")
    }

    @Test("a policy whose own cases fail is not put to work")
    func selfTest() throws {
        let signed = try Signed()
        let wish = "return { { name = 'w', ticks = { { now = 0, knobs = { mode = 'RED' } } } } }"
        try signed.write(wish, "cases.lua")
        #expect(signed.code(try signed.rules()) == "case_failed")
    }

    @Test("a state is carried over, migrated, or left with its reason")
    func handover() throws {
        func loaded(_ version: Int, migrates: Bool) throws -> LoadedPolicy {
            let migrate = migrates ? "migrate = function(s) return { n = s.n } end," : ""
            let source = Sample.source(
                "state.n = (state.n or 0) + 1 return knobs(), state",
                fields: "state_version = \(version), \(migrate)"
            )
            let path = FileManager.default.temporaryDirectory.appendingPathComponent(
                "reckon-\(UUID().uuidString)"
            )
            try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: path) }
            try Data(source.utf8).write(to: path.appendingPathComponent("policy.lua"))
            return try ReleaseLoader.load(path.path, ReleaseRules())
        }
        let old = try loaded(1, migrates: false)
        _ = old.runtime.evaluate(Sample.question())
        let state = try #require(old.runtime.state)
        #expect(try loaded(1, migrates: false).takeOver(nil, asking: Sample.question()) == .fresh)
        #expect(try loaded(1, migrates: false).takeOver(state, asking: Sample.question()) == .carried)
        #expect(
            try loaded(2, migrates: true).takeOver(state, asking: Sample.question()) == .migrated(from: 1)
        )
        let left = try loaded(2, migrates: false).takeOver(state, asking: Sample.question())
        #expect(left.isNew)
        let damaged = PolicyState(bytes: Array(state.bytes.dropLast()), version: 1)
        #expect(try loaded(1, migrates: false).takeOver(damaged, asking: Sample.question()).isNew)
    }
}
