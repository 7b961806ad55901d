import Hummingbird
import ReckonEngine
import ReckonHost

/// What an operator orders; each order needs its reason, which the journal keeps.
struct OperatorRoutes: Sendable {
    typealias Context = BasicRequestContext

    let engine: EngineHost

    func add(to router: RouterGroup<Context>) {
        router.post("halt") { request, _ in try await obey(request) { .halt(reason: $0) } }
        router.post("resume") { request, _ in try await obey(request) { .resume(reason: $0) } }
    }

    private func obey(_ request: Request, _ command: (String) -> OperatorCommand) async throws -> Response {
        var body = try await Body(request)
        let allowed = "1 to 200 characters on one line"
        let reason = try body.text("reason", allowed: allowed) { text in
            (1...200).contains(text.count) && !text.contains(where: \.isNewline)
                && text.contains { !$0.isWhitespace }
        }
        guard let reason else { throw ControlError.malformed("reason", found: "nothing", allowed: allowed) }
        try body.finish()
        switch try Replies.answer(await engine.command(command(reason))) {
        case .done, .accepted: return Response(Shape.state(of: engine))
        case .refused(let refusal): throw ControlError(refusal)
        }
    }
}
