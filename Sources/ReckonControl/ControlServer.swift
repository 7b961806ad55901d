package import Hummingbird
package import Logging
package import NIOCore
package import ReckonHost

/// The HTTP API of one engine.
package struct ControlServer: Sendable {
    private let engine: EngineHost
    private let listen: ListenAddress
    private let token: Secret?
    private let logger: Logger

    /// Refuses to be reachable from other machines without a token.
    package init(
        _ engine: EngineHost,
        listen: ListenAddress,
        token: Secret?,
        logger: Logger
    ) throws(Misconfiguration) {
        try ControlServer.check(listen, token)
        self.engine = engine
        self.listen = listen
        self.token = token
        self.logger = logger
    }

    /// Whether the API may listen there.
    package static func check(_ listen: ListenAddress, _ token: Secret?) throws(Misconfiguration) {
        guard token != nil || listen.isLoopback else {
            throw Misconfiguration(
                place: "api.listen",
                key: "",
                found: "\(listen) without a token",
                allowed: "a loopback address, or any with api.token_file"
            )
        }
    }

    /// The server as a service; `onRunning` is told once it listens.
    package func application(
        onRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) -> Application<RouterResponder<BasicRequestContext>> {
        Application(
            responder: router().buildResponder(),
            configuration: ApplicationConfiguration(
                address: .hostname(listen.host, port: listen.port),
                serverName: "reckon"
            ),
            onServerRunning: onRunning,
            logger: logger
        )
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: ErrorShape())
        HealthRoutes(engine: engine).add(to: router)
        let guarded = router.group("v1").add(middleware: Gate(token: token))
        IntentRoutes(engine: engine).add(to: guarded)
        StateRoutes(engine: engine).add(to: guarded)
        OperatorRoutes(engine: engine).add(to: guarded)
        PolicyRoutes(engine: engine).add(to: guarded)
        return router
    }
}
