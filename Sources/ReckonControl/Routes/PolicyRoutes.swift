import Hummingbird
import ReckonEngine
import ReckonHost

/// Which policy is at work, which one looks on, and another version of either.
struct PolicyRoutes: Sendable {
    typealias Context = BasicRequestContext

    let engine: EngineHost

    func add(to router: RouterGroup<Context>) {
        router.get("policy") { _, _ in Response(try page()) }
        router.post("policy/reload") { request, _ in
            var body = try await Body(request)
            let reason = try CommandBody.reason(&body)
            try body.finish()
            return try answer(await engine.reloadPolicy(.reload, reason: reason))
        }
        router.post("policy/rollback") { request, _ in
            var body = try await Body(request)
            let reason = try CommandBody.reason(&body)
            let digest = try body.text("digest", allowed: "8 to 64 of 0-9 a-f") { text in
                (8...64).contains(text.utf8.count)
                    && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
            }
            try body.finish()
            return try answer(await engine.rollBackPolicy(to: digest, reason: reason))
        }
        router.get("policy/shadow") { _, _ in Response(shadow()) }
        router.post("policy/shadow") { request, _ in try await seat(request) }
        router.delete("policy/shadow") { _, _ in
            guard let tally = engine.clearShadow() else { throw noShadow }
            return Response(["at": Shape.time(engine.snapshot.at), "shadow": Shape.shadow(tally, nil)])
        }
    }

    private func page() throws -> JSON {
        let snapshot = engine.snapshot
        return [
            "at": Shape.time(snapshot.at),
            "policy": Shape.policyCard(engine.policy),
            "quarantined": .flag(snapshot.policies.isQuarantined(engine.policy.identity.digest)),
            "last_change": Shape.latest(snapshot.policies),
            "versions": Shape.versions(try engine.keptVersions(), snapshot.policies),
            "demands": Shape.demands(engine.policyDemands),
        ]
    }

    private func shadow() -> JSON {
        let shadow = engine.shadow.tally.map { Shape.shadow($0, engine.shadow.card) } ?? .null
        return ["at": Shape.time(engine.snapshot.at), "shadow": shadow]
    }

    private var noShadow: ControlError {
        .notFound("shadow", found: "no policy that looks on", allowed: "one that was posted or `--shadow`")
    }

    private func seat(_ request: Request) async throws -> Response {
        var body = try await Body(request)
        let reason = try CommandBody.reason(&body)
        let allowed = "the path of a policy's directory on the engine's machine"
        let directory = try body.text("directory", allowed: allowed) { (1...1_000).contains($0.utf8.count) }
        try body.finish()
        guard let directory else {
            throw ControlError.malformed("directory", found: "nothing", allowed: allowed)
        }
        do throws(PolicyRefusal) {
            try await engine.seatShadow(directory, reason: reason)
        } catch {
            throw ControlError(error)
        }
        return Response(shadow())
    }

    private func answer(_ reply: PolicyReply) throws -> Response {
        switch reply {
        case .done(let change):
            if case .refused(let refusal) = change.outcome { throw ControlError(refusal) }
            let snapshot = engine.snapshot
            return Response([
                "at": Shape.time(snapshot.at), "policy": Shape.policyCard(engine.policy),
                "change": Shape.change(change, at: snapshot.policies.latest?.at),
            ])
        case .busy:
            throw ControlError(
                .conflict,
                .conflict,
                rule: "policy_changing",
                found: "another change of the policy under way",
                allowed: "one at a time; try again"
            )
        case .unknownVersion(let found, let kept):
            let names = kept.map { String($0.prefix(16)) }.joined(separator: ", ")
            throw ControlError(
                .unprocessableContent,
                .refused,
                rule: "unknown_version",
                found: found,
                allowed: names.isEmpty ? "nothing: no version is kept" : "exactly one of \(names)"
            )
        case .unheard(let reply):
            _ = try Replies.answer(reply)
            return Response(try page())
        }
    }
}
