import ReckonEngine
import ReckonModel

/// Which of the engine's timers; at most one of each is armed.
struct TimerKey: Hashable, Sendable {
    private let kind: Int
    private let number: Int64
    private let text: String

    init(_ timer: EngineTimer) {
        switch timer {
        case .reconcile: (kind, number, text) = (0, 0, "")
        case .roundOverdue(let round): (kind, number, text) = (1, round, "")
        case .hint: (kind, number, text) = (2, 0, "")
        case .intent(let id): (kind, number, text) = (3, id.number, "")
        case .order(let id): (kind, number, text) = (4, 0, id.text)
        case .protection(let symbol): (kind, number, text) = (5, 0, symbol.name)
        case .keepAlive(let symbol): (kind, number, text) = (6, 0, symbol.name)
        }
    }
}
