import Foundation
import HTTPTypes
import HummingbirdTesting
import ReckonControl
import ReckonEngine
import ReckonHost
import ReckonModel
import ReckonTestRig
import Testing

@Suite("Versions of the policy over HTTP", .serialized)
struct PolicyRoutesTests {
    @Test("a reload and a rollback answer with what is at work; a refusal names code, file and line")
    func changes() async throws {
        let folder = try TestFolder()
        let policies = try PolicyFolder(in: folder)
        try policies.write(policy: CountingPolicy().text)
        let rig = try await Rig.start(policy: policies.path)
        try await rig.application().test(.router) { client in
            let first = try await client.ask(.get, "/v1/policy").json
            #expect(first["last_change"] == .null && first["quarantined"] == false)
            let same = try await client.ask(.post, "/v1/policy/reload", #"{"reason":"look"}"#)
            #expect(same.status == .ok && same.json["change"]?["outcome"] == "unchanged")
            try policies.write(policy: CountingPolicy().text + "\n-- two\n")
            let swapped = try await client.ask(.post, "/v1/policy/reload", #"{"reason":"better"}"#)
            #expect(swapped.status == .ok)
            #expect(swapped.json["change"]?["outcome"] == "swapped")
            #expect(swapped.json["change"]?["reason"] == "better")
            #expect(swapped.json["policy"]?["digest"] == swapped.json["change"]?["to"]?["digest"])
            #expect(swapped.json["change"]?["from"]?["digest"] == first["policy"]?["digest"])
            try policies.write(policy: "return {\n  api = 1,,\n}")
            let refused = try await client.ask(.post, "/v1/policy/reload", #"{"reason":"worse"}"#)
            #expect(refused.status == .unprocessableContent)
            let error = try #require(refused.json["error"])
            #expect(error["rule"] == "syntax" && error["file"] == "policy.lua")
            #expect(error["line"] == .number("2"))
            let state = try await client.ask(.get, "/v1/state").json
            #expect(state["policy_change"]?["outcome"] == "refused")
            #expect(state["policy_change"]?["problem"]?["code"] == "syntax")
            #expect(state["policy"]?["digest"] == swapped.json["policy"]?["digest"])
            let back = try await client.ask(.post, "/v1/policy/rollback", #"{"reason":"back"}"#)
            #expect(back.status == .ok && back.json["policy"]?["digest"] == first["policy"]?["digest"])
            let page = try await client.ask(.get, "/v1/policy").json
            #expect(page["versions"]?.rows.count == 2)
            #expect(page["versions"]?.rows.first?["active"] == true)
            #expect(page["demands"]?["watched"] == false)
            #expect(page["last_change"]?["trigger"] == "rollback")
            let none = try await client.ask(
                .post,
                "/v1/policy/rollback",
                #"{"reason":"x","digest":"00000000"}"#
            )
            #expect(none.status == .unprocessableContent && none.json["error"]?["rule"] == "unknown_version")
        }
        await rig.stop()
    }

    @Test("a body without a reason, with a bad digest or an unknown field is refused")
    func bodies() async throws {
        let rig = try await Rig.start()
        try await rig.application().test(.router) { client in
            for (path, body) in [
                ("reload", "{}"), ("reload", #"{"reason":"a","digest":"00000000"}"#), ("rollback", "{}"),
                ("rollback", #"{"reason":"a","digest":"xyz"}"#), ("shadow", #"{"reason":"a"}"#),
                ("rollback", #"{"reason":"a","digest":"ABCDEF0123"}"#), ("shadow", #"{"directory":"a"}"#),
            ] {
                let answer = try await client.ask(.post, "/v1/policy/\(path)", body)
                #expect(answer.status == .badRequest, "\(path) \(body)")
            }
        }
        await rig.stop()
    }

    @Test("a policy that looks on is posted, read and taken away")
    func shadow() async throws {
        let rig = try await Rig.start()
        let baseline = TestFolder.project.appendingPathComponent("policies/baseline").path
        try await rig.application().test(.router) { client in
            #expect(try await client.ask(.get, "/v1/policy/shadow").json["shadow"] == .null)
            #expect(try await client.ask(.delete, "/v1/policy/shadow").status == .notFound)
            let body = #"{"reason":"a trial","directory":"\#(baseline)"}"#
            let posted = try await client.ask(.post, "/v1/policy/shadow", body)
            #expect(posted.status == .ok && posted.json["shadow"]?["name"] == "baseline")
            try await rig.eventually("a comparison") {
                let shadow = try await client.ask(.get, "/v1/policy/shadow").json["shadow"]
                return shadow?["compared"] != .number("0")
            }
            let nowhere = #"{"reason":"a trial","directory":"/nowhere/at/all"}"#
            let refused = try await client.ask(.post, "/v1/policy/shadow", nowhere)
            #expect(refused.status == .unprocessableContent)
            #expect(refused.json["error"]?["rule"] == "no_directory")
            #expect(try await client.ask(.delete, "/v1/policy/shadow").status == .ok)
        }
        await rig.stop()
    }
}
