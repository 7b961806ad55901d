import HTTPTypes
import HummingbirdTesting
import ReckonControl
import ReckonEngine
import ReckonHost
import ReckonModel
import ReckonTestRig
import Synchronization
import Testing

@Suite("The API answers as it promises", .serialized)
struct ControlServerTests {
    @Test("an intent's life over HTTP: 202, the same key again, another body, its story, its end")
    func life() async throws {
        let rig = try await Rig.start()
        try await rig.application().test(.live) { client in
            @Sendable func body(_ key: Int64) -> String {
                #"{"key":"a-\#(key)","kind":"entry","symbol":"BTCUSDT","side":"buy","notional_usdt":"300"}"#
            }
            // On a busy machine a round can come late and close entries for a moment; a strategy would come again.
            let key = Mutex<Int64>(0)
            try await rig.eventually("202") {
                let next = rig.engine.snapshot.factCount
                key.withLock { $0 = next }
                return try await client.ask(.post, "/v1/intents", body(next)).status == .accepted
            }
            let body = body(key.withLock { $0 })
            let first = try await client.ask(.post, "/v1/intents", body)
            #expect(first.json["repeat"] == true)
            let id = try #require(first.text("intent_id"))
            #expect(first.text("state")?.isEmpty == false)
            #expect(first.text("correlation_id")?.isEmpty == false)
            let again = try await client.ask(.post, "/v1/intents", body)
            #expect(again.status == .accepted)
            #expect(again.text("intent_id") == id)
            let other = try await client.ask(.post, "/v1/intents", body.replacing("300", with: "301"))
            #expect(other.status == .conflict)
            #expect(other.json["error"]?["rule"] == "key_reused")
            try await rig.eventually("filled") {
                try await client.ask(.get, "/v1/intents/\(id)").json["state"] == "filled"
            }
            let story = try await client.ask(.get, "/v1/intents/\(id)").json
            guard case .list(let lines) = story["timeline"] else {
                Issue.record("no timeline: \(story)")
                return
            }
            #expect(lines.first?["kind"] == "intent_accepted")
            #expect(lines.last?["kind"] == "intent_ended")
            let ended = try await client.ask(.delete, "/v1/intents/\(id)")
            #expect(ended.status == .conflict, "\(ended.json)")
            let positions = try await client.ask(.get, "/v1/positions").json
            guard case .list(let rows) = positions["positions"] else {
                Issue.record("no positions: \(positions)")
                return
            }
            #expect(rows.first?["symbol"] == "BTCUSDT")
            #expect(rows.first?["side"] == "long")
        }
        await rig.stop()
    }

    @Test("every looking call answers 200 with its own key; the health calls need no token")
    func looking() async throws {
        let rig = try await Rig.start()
        try await rig.application().test(.router) { client in
            let keys = [
                "state": "mode", "positions": "positions", "orders": "orders", "belief": "belief",
                "knobs": "knobs",
                "policy": "policy",
            ]
            for (path, key) in keys {
                let answer = try await client.ask(.get, "/v1/\(path)")
                #expect(answer.status == .ok, "\(path)")
                #expect(answer.json[key] != nil, "\(path)")
            }
            #expect(try await client.ask(.get, "/healthz").status == .ok)
            #expect(try await client.ask(.get, "/readyz").status == .ok)
        }
        await rig.stop()
    }

    @Test("a halt needs a reason, closes entries with 422, shows in readyz, and is lifted by a resume")
    func halt() async throws {
        let rig = try await Rig.start()
        try await rig.application().test(.router) { client in
            for body in [
                "", "{}", #"{"reason":""}"#, #"{"reason":" "}"#, #"{"reason":5}"#, #"{"reason":"a","x":1}"#,
            ] {
                #expect(try await client.ask(.post, "/v1/halt", body).status == .badRequest, "\(body)")
            }
            let halted = try await client.ask(.post, "/v1/halt", #"{"reason":"lunch"}"#)
            #expect(halted.status == .ok)
            #expect(halted.json["halted"] == "lunch")
            let entry = #"{"key":"h","kind":"entry","symbol":"BTCUSDT","side":"buy","notional_usdt":"300"}"#
            let refused = try await client.ask(.post, "/v1/intents", entry)
            #expect(refused.status == .unprocessableContent)
            #expect(refused.json["error"]?["rule"] == "halted")
            #expect(try await client.ask(.get, "/readyz").status == .serviceUnavailable)
            let resumed = try await client.ask(.post, "/v1/resume", #"{"reason":"back"}"#)
            #expect(resumed.json["halted"] == .null)
            #expect(try await client.ask(.get, "/readyz").status == .ok)
        }
        await rig.stop()
    }

    @Test("what cannot be answered is an error of one shape: unknown paths and ids, bad and large bodies")
    func errors() async throws {
        let rig = try await Rig.start()
        try await rig.application().test(.router) { client in
            let large = String(repeating: " ", count: 20_000)
            let rows: [(HTTPRequest.Method, String, String?, Int)] = [
                (.get, "/v1/nothing", nil, 404), (.get, "/nothing", nil, 404),
                (.get, "/v1/intents/999", nil, 404),
                (.get, "/v1/intents/x", nil, 400), (.get, "/v1/intents/01", nil, 400),
                (.get, "/v1/intents/-1", nil, 400), (.delete, "/v1/intents/999", nil, 404),
                (.post, "/v1/intents", "{", 400), (.post, "/v1/intents", large, 413),
                (.post, "/v1/halt", large, 413),
            ]
            for (method, path, body, status) in rows {
                let answer = try await client.ask(method, path, body)
                #expect(answer.status.code == status, "\(method) \(path)")
                for key in ["code", "rule", "found", "allowed", "message"] {
                    #expect(answer.json["error"]?[key] != nil, "\(method) \(path): \(answer.json)")
                }
            }
        }
        await rig.stop()
    }

    @Test("202 only after the commit: while the disk fails 503, then the same key is taken on")
    func durable() async throws {
        let rig = try await Rig.start(answerWithin: .milliseconds(600))
        try await rig.open("before")
        try await rig.application().test(.router) { client in
            rig.board.disk = .failing
            let body = #"{"key":"d","kind":"exit","symbol":"BTCUSDT","close":true}"#
            let early = try await client.ask(.post, "/v1/intents", body)
            #expect(early.status == .serviceUnavailable)
            #expect(early.retryAfter == "1")
            #expect(early.json["error"]?["code"] == "undecided")
            rig.board.disk = .well
            try await rig.eventually("202") {
                try await client.ask(.post, "/v1/intents", body).status == .accepted
            }
        }
        await rig.stop()
    }

    @Test("with a token only its bearer is let in; without one only loopback, and no web page")
    func token() async throws {
        let rig = try await Rig.start()
        try await rig.application(token: Secret("sesame")).test(.router) { client in
            #expect(try await client.ask(.get, "/v1/state").status == .unauthorized)
            for given in ["Bearer ", "Bearer sesam", "Bearer sesamee", "Basic sesame", "sesame"] {
                let answer = try await client.ask(.get, "/v1/state", headers: [.authorization: given])
                #expect(answer.status == .unauthorized, "\(given)")
                #expect(!answer.json.description.contains("sesame"))
            }
            let bearer = try await client.ask(.get, "/v1/state", headers: [.authorization: "Bearer sesame"])
            #expect(bearer.status == .ok)
            #expect(try await client.ask(.get, "/healthz").status == .ok)
        }
        try await rig.application().test(.router) { client in
            let page = try await client.ask(
                .post,
                "/v1/halt",
                #"{"reason":"x"}"#,
                headers: [.origin: "https://evil.example"]
            )
            #expect(page.status == .forbidden)
        }
        #expect(throws: Misconfiguration.self) {
            try ControlServer.check(ListenAddress(host: "0.0.0.0", port: 1), nil)
        }
        #expect(throws: Never.self) {
            try ControlServer.check(ListenAddress(host: "0.0.0.0", port: 1), Secret("t"))
        }
        await rig.stop()
    }
}
