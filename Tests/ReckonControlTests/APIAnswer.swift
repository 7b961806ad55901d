import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ReckonControl
import ReckonHost
import ReckonTestRig

/// One answer of the API.
struct APIAnswer {
    let status: HTTPResponse.Status
    let json: JSON
    let retryAfter: String?

    func text(_ key: String) -> String? {
        if case .text(let text) = json[key] { return text }
        return nil
    }
}

extension TestClientProtocol {
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: String? = nil,
        headers: HTTPFields = [:]
    ) async throws -> APIAnswer {
        try await execute(
            uri: path,
            method: method,
            headers: headers,
            body: body.map { ByteBuffer(string: $0) }
        ) { response in
            APIAnswer(
                status: response.status,
                json: try JSONReader.read(response.body.readableBytesView),
                retryAfter: response.headers[.retryAfter]
            )
        }
    }
}

extension JSON {
    /// The rows of a list; none where it is none.
    var rows: [JSON] {
        if case .list(let rows) = self { return rows }
        return []
    }
}

extension Rig {
    /// This engine's API.
    func application(
        token: Secret? = nil
    ) throws -> Application<RouterResponder<BasicRequestContext>> {
        try ControlServer(
            engine,
            listen: ListenAddress(host: "127.0.0.1", port: 0),
            token: token,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ).application()
    }
}
