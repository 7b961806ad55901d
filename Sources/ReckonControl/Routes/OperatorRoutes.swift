import Hummingbird
import ReckonEngine
import ReckonHost
import ReckonModel

/// What an operator orders; each order needs its reason, which the journal keeps.
struct OperatorRoutes: Sendable {
    typealias Context = BasicRequestContext

    let engine: EngineHost

    func add(to router: RouterGroup<Context>) {
        router.post("halt") { request, _ in try await obey(request) { .halt(reason: $0) } }
        router.post("resume") { request, _ in try await obey(request) { .resume(reason: $0) } }
        router.post("resolve-sharing") { request, _ in
            try await obey(request) { .resolveSharing(reason: $0) }
        }
        router.post("flatten") { request, _ in
            try await obeyScoped(request) { .flatten($0, reason: $1) }
        }
        router.post("flatten/release") { request, _ in
            try await obeyScoped(request) { .releaseFlatten($0, reason: $1) }
        }
        router.post("cancel-all") { request, _ in
            try await obeyScoped(request) { .cancelAll($0, reason: $1) }
        }
    }

    private func obey(_ request: Request, _ command: (String) -> OperatorCommand) async throws -> Response {
        var body = try await Body(request)
        let reason = try CommandBody.reason(&body)
        try body.finish()
        try await give(command(reason))
        return Response(Shape.state(of: engine))
    }

    private func obeyScoped(
        _ request: Request,
        _ command: (CommandScope, String) -> OperatorCommand
    ) async throws -> Response {
        var body = try await Body(request)
        let scope = try CommandBody.scope(&body)
        let reason = try CommandBody.reason(&body)
        try body.finish()
        if case .symbol(let symbol) = scope { try check(symbol) }
        try await give(command(scope, reason))
        return Response(Shape.state(of: engine))
    }

    private func give(_ command: OperatorCommand) async throws {
        if case .refused(let refusal) = try Replies.answer(await engine.command(command)) {
            throw ControlError(refusal)
        }
    }

    /// A name that nothing bears must not be called flat.
    private func check(_ symbol: Symbol) throws(ControlError) {
        let snapshot = engine.snapshot
        let isKnown =
            engine.configuration.symbols.contains { symbol.includes($0) }
            || snapshot.holdings.contains { $0.symbol == symbol }
            || snapshot.orders.contains { $0.ticket.symbol == symbol }
            || snapshot.flattens.rows[.symbol(symbol)] != nil
        guard !isKnown else { return }
        let names = engine.configuration.symbols.prefix(20).map(\.name).joined(separator: ", ")
        throw ControlError(Refusal(.unknownSymbol, symbol: symbol, found: symbol.name, allowed: names))
    }
}

/// The fields of an operator's command.
enum CommandBody {
    static func reason(_ body: inout Body) throws(ControlError) -> String {
        let allowed = "1 to 200 characters on one line"
        let reason = try body.text("reason", allowed: allowed) { text in
            (1...200).contains(text.count) && text.utf8.count <= 256 && !text.contains(where: \.isNewline)
                && text.contains { !$0.isWhitespace }
        }
        guard let reason else { throw ControlError.malformed("reason", found: "nothing", allowed: allowed) }
        return reason
    }

    /// Nothing said means the account: who orders a flatten in a hurry must not get less than that.
    static func scope(_ body: inout Body) throws(ControlError) -> CommandScope {
        let allowed = "\"account\", or a symbol such as \"BTCUSDT\" or \"BTCUSDT/LONG\""
        let name = try body.text("scope", allowed: allowed) { text in
            text == "account" || SymbolName.isBook(text)
        }
        guard let name, name != "account" else { return .account }
        return .symbol(Symbol(name))
    }
}

/// What symbols look like in requests.
enum SymbolName {
    static func isInstrument(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 95 }
    }

    /// An instrument, or one leg of it.
    static func isBook(_ text: String) -> Bool { isInstrument(Symbol(text).instrument.name) }
}
