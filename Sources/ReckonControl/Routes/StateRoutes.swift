import Hummingbird
import ReckonEngine
import ReckonHost

/// Look only: every answer comes from the picture after the latest turn.
struct StateRoutes: Sendable {
    typealias Context = BasicRequestContext

    let engine: EngineHost

    func add(to router: RouterGroup<Context>) {
        router.get("state") { _, _ in
            Response(Shape.state(of: engine))
        }
        router.get("positions") { _, _ in page("positions") { Shape.positions($0) } }
        router.get("orders") { _, _ in page("orders") { Shape.orders($0) } }
        router.get("belief") { _, _ in page("belief") { Shape.belief($0.belief) } }
        router.get("knobs") { _, _ in
            let snapshot = engine.snapshot
            return Response([
                "at": Shape.time(snapshot.at), "knobs": Shape.knobs(snapshot.enforced),
                "limits": Shape.limits(engine.configuration.limits),
            ])
        }
    }

    private func page(_ name: String, _ content: (Snapshot) -> JSON) -> Response {
        let snapshot = engine.snapshot
        return Response(.object([.init("at", Shape.time(snapshot.at)), .init(name, content(snapshot))]))
    }
}

/// Alive, and fit to trade; open to everybody, for supervisors.
struct HealthRoutes: Sendable {
    let engine: EngineHost

    func add(to router: Router<BasicRequestContext>) {
        router.get("healthz") { _, _ in Response(["status": "alive"]) }
        router.get("readyz") { _, _ in
            let reasons = engine.reasonsNotReady
            return Response(
                status: reasons.isEmpty ? .ok : .serviceUnavailable,
                ["ready": .flag(reasons.isEmpty), "reasons": .texts(reasons)]
            )
        }
    }
}
