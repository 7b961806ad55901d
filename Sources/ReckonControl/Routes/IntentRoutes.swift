import Hummingbird
import ReckonEngine
import ReckonHost
import ReckonModel

/// Submit, look, withdraw.
struct IntentRoutes: Sendable {
    typealias Context = BasicRequestContext

    let engine: EngineHost

    func add(to router: RouterGroup<Context>) {
        router.post("intents", use: submit)
        router.get("intents/:id", use: look)
        router.delete("intents/:id", use: withdraw)
    }

    @Sendable private func submit(_ request: Request, _ context: Context) async throws -> Response {
        let intent = try IntentBody.read(try await Body(request))
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
        switch try Replies.answer(await engine.withdraw(id)) {
        case .done, .accepted:
            return Response(
                status: .accepted,
                ["intent_id": .text("\(id)"), "state": .text(try story(id)?.state ?? "open")]
            )
        case .refused(let refusal): throw ControlError(refusal)
        }
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
                message: "not known to be durable yet; ask again under the same key, which is safe"
            )
            error.retryAfterSeconds = 1
            throw error
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
