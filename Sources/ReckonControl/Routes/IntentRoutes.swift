import Hummingbird
import ReckonEngine
import ReckonHost
import ReckonModel

/// Submit, look, take back, change.
struct IntentRoutes: Sendable {
    typealias Context = BasicRequestContext

    let engine: EngineHost

    func add(to router: RouterGroup<Context>) {
        router.post("intents", use: submit)
        router.get("intents/:id", use: look)
        router.delete("intents/:id", use: withdraw)
        router.delete("intents", use: withdrawByKey)
        router.patch("intents/:id", use: amend)
    }

    private var isHedged: Bool { engine.configuration.symbols.contains { $0.leg != nil } }

    @Sendable private func submit(_ request: Request, _ context: Context) async throws -> Response {
        let intent = try IntentBody.read(try await Body(request), isHedged: isHedged)
        switch try Replies.answer(await engine.submit(intent)) {
        case .accepted(let receipt):
            let state = receipt.isRepeat ? try story(receipt.intent)?.state ?? "open" : "open"
            return Response(
                status: .accepted,
                [
                    "intent_id": .text("\(receipt.intent)"),
                    "correlation_id": .text(receipt.correlation.text),
                    "state": .text(state), "repeat": .flag(receipt.isRepeat),
                ]
            )
        case .refused(let refusal): throw ControlError(refusal)
        case .done: throw Replies.outOfPlace
        }
    }

    @Sendable private func look(_ request: Request, _ context: Context) async throws -> Response {
        let id = try intent(context)
        guard let story = try story(id) else { throw unknown(id) }
        return Response(story.json)
    }

    @Sendable private func withdraw(_ request: Request, _ context: Context) async throws -> Response {
        let id = try intent(context)
        try Replies.done(await engine.withdraw(id))
        return try standing(id)
    }

    /// `DELETE /v1/intents?key=…`, for a caller that never heard which number its intent got.
    @Sendable private func withdrawByKey(_ request: Request, _ context: Context) async throws -> Response {
        let key = request.uri.queryParameters["key"].map(String.init) ?? ""
        guard !key.isEmpty, key.utf8.count <= 128 else {
            throw ControlError.malformed(
                "key",
                found: key.isEmpty ? "nothing" : "\(key.utf8.count) bytes",
                allowed: "?key= and the key of an intent, percent-encoded"
            )
        }
        let before = openIntent(key)
        try Replies.done(await engine.withdraw(key: key))
        guard let id = before ?? openIntent(key) else {
            // It ended before we looked, without an execution: nothing of it is left to name.
            return Response(status: .accepted, ["intent_id": .null, "key": .text(key), "state": "ended"])
        }
        return try standing(id)
    }

    @Sendable private func amend(_ request: Request, _ context: Context) async throws -> Response {
        let id = try intent(context)
        var body = try await Body(request)
        let price: Price? = try body.decimal("price")
        let quantity: Quantity? = try body.decimal("quantity")
        guard price != nil || quantity != nil else {
            throw body.malformed("price", "neither price nor quantity", "at least one of them")
        }
        try body.finish()
        try Replies.done(await engine.amend(Amendment(.id(id), price: price, quantity: quantity)))
        return try standing(id)
    }

    private func openIntent(_ key: String) -> IntentID? {
        engine.snapshot.openIntents.first { $0.intent.key == key }?.id
    }

    /// 202: the wish is durable, and this is how the intent stands.
    private func standing(_ id: IntentID) throws -> Response {
        guard let story = try story(id) else { throw unknown(id) }
        return Response(status: .accepted, story.standing)
    }

    private func intent(_ context: Context) throws(ControlError) -> IntentID {
        let text = context.parameters.get("id") ?? ""
        guard let number = Int64(text), number > 0, "\(number)" == text else {
            throw .malformed(
                "id",
                found: "\"\(text.prefix(40))\"",
                allowed: "the intent_id of an accepted intent"
            )
        }
        return IntentID(number)
    }

    private func unknown(_ id: IntentID) -> ControlError {
        .notFound("id", found: "\(id)", allowed: "the intent_id of an accepted intent")
    }

    private func story(_ id: IntentID) throws -> IntentStory? {
        IntentStory(try engine.story(of: id), of: id)
    }
}

/// From what the host replies to what the API answers.
enum Replies {
    static func answer(_ reply: Reply) throws(ControlError) -> Answer {
        switch reply {
        case .answered(let answer): return answer
        case .busy:
            throw .unavailable("throttled", found: "too many requests waiting", allowed: "fewer; ask again")
        case .stopping:
            throw .unavailable("stopping", found: "an engine that is going down", allowed: "a running one")
        case .undecided:
            var error = ControlError(
                .serviceUnavailable,
                .undecided,
                rule: "journal_down",
                found: "no durable answer in time",
                allowed: "one",
                message: "not known to be durable yet; ask again the same, which is safe"
            )
            error.retryAfterSeconds = 1
            throw error
        }
    }

    /// For wishes that have nothing to tell but that they were taken on.
    static func done(_ reply: Reply) throws(ControlError) {
        switch try answer(reply) {
        case .done, .accepted: return
        case .refused(let refusal): throw ControlError(refusal)
        }
    }

    static let outOfPlace = ControlError(
        .internalServerError,
        .failed,
        rule: "internal",
        found: "an answer of another kind",
        allowed: "a receipt"
    )
}
