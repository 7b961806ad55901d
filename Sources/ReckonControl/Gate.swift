import HTTPTypes
import Hummingbird
import Logging
import ReckonHost

/// Turns every failure of a route into the one error shape.
struct ErrorShape: RouterMiddleware {
    typealias Context = BasicRequestContext

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as ControlError {
            return error.response
        } catch let error as any HTTPResponseError {
            return ErrorShape.shaped(error.status, request).response
        } catch {
            context.logger.error(
                "api.failed",
                metadata: ["path": "\(request.uri.path)", "reason": "\(error)"]
            )
            return ControlError(
                .internalServerError,
                .failed,
                rule: "internal",
                found: "a failure of ours",
                allowed: "none",
                message: "the request failed inside the engine; its log says why"
            ).response
        }
    }

    private static func shaped(_ status: HTTPResponse.Status, _ request: Request) -> ControlError {
        switch status {
        case .notFound:
            .notFound(
                "path",
                found: "\(request.method.rawValue) \(request.uri.path)",
                allowed: "a path of docs/api.md"
            )
        case .contentTooLarge:
            ControlError(
                status,
                .tooLarge,
                rule: "body",
                found: "a larger body",
                allowed: "at most \(Body.mostBytes) bytes"
            )
        default:
            ControlError(
                status,
                .failed,
                rule: "request",
                found: status.description,
                allowed: "a path of docs/api.md"
            )
        }
    }
}

/// Who may ask: the bearer of the token, or where there is none, programs of this machine that are no web page.
struct Gate: RouterMiddleware {
    typealias Context = BasicRequestContext

    let token: Secret?

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try checkOrigin(request)
        if let token { try check(token, request) }
        return try await next(request, context)
    }

    private func check(_ token: Secret, _ request: Request) throws(ControlError) {
        let given = request.headers[.authorization] ?? ""
        guard given.hasPrefix("Bearer "), Gate.isSame(String(given.dropFirst(7)), token.text) else {
            throw ControlError(
                .unauthorized,
                .unauthorised,
                rule: "authorization",
                found: given.isEmpty ? "no token" : "another token",
                allowed: "Bearer and the token of api.token_file"
            )
        }
    }

    /// A web page that the user visits can reach the loopback too; its requests name its origin or a host of its own.
    private func checkOrigin(_ request: Request) throws(ControlError) {
        let authority = request.head.authority ?? ""
        if let origin = request.headers[.origin], origin != "http://\(authority)",
            origin != "https://\(authority)"
        {
            throw ControlError(
                .forbidden,
                .forbidden,
                rule: "origin",
                found: String(origin.prefix(60)),
                allowed: "this API's own pages"
            )
        }
        if token == nil, !authority.isEmpty, ListenAddress(authority)?.isLoopback != true,
            !ListenAddress(host: authority, port: 0).isLoopback, authority != "[::1]"
        {
            throw ControlError(
                .forbidden,
                .forbidden,
                rule: "host",
                found: String(authority.prefix(60)),
                allowed: "a loopback address, as no token is set"
            )
        }
    }

    /// Takes as long whatever the texts share.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard !right.isEmpty else { return false }
        var difference = left.count ^ right.count
        for index in left.indices { difference |= Int(left[index] ^ right[index % right.count]) }
        return difference == 0
    }
}
