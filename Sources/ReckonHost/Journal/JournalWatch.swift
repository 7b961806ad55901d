package import Logging
import ReckonEngine
package import ReckonModel
import Synchronization

/// How the journal does, for people and programs (I-01).
package struct JournalHealth: Sendable, Hashable {
    /// Since when it counts as down; absent while it is well.
    package let downSince: Instant?
    /// Why; the latest complaint of the disk where there is one.
    package let reason: String?
    /// Facts that are in memory only.
    package let unwritten: Int
    /// Number of the last fact on disk.
    package let durableThrough: Int64

    package var isDown: Bool { downSince != nil }
}

/// Sounds the alarm while the journal is down, and says when it is well again.
package final class JournalWatch: Sendable {
    private struct State {
        var fellAt: Instant?
        var reason: String?
        var toldAt: Instant?
    }

    /// How often a journal that stays down is told of again.
    static let repeats = Span.seconds(30)

    private let logger: Logger
    private let state = Mutex(State())

    package init(logger: Logger = Logger(label: "reckon", factory: { _ in SwiftLogNoOpLogHandler() })) {
        self.logger = logger
    }

    /// The first fall of a row counts; the engine's own notice is its alarm.
    func fell(_ signal: JournalSignal, at now: Instant) {
        let reason: String? =
            switch signal {
            case .failed(let reason): reason
            case .slow(let span): "a commit took over \(span.milliseconds) ms"
            case .healthy: nil
            }
        state.withLock { state in
            if state.fellAt == nil {
                state.fellAt = now
                state.toldAt = now
            }
            state.reason = reason
        }
    }

    func rose(at now: Instant) {
        let fellAt = state.withLock { state in
            defer { state = State() }
            return state.fellAt
        }
        guard let fellAt else { return }
        logger.notice("journal.recovered", metadata: ["down_sec": "\((now - fellAt).seconds)"])
    }

    /// Repeats the alarm where it is due.
    func remind(_ writer: JournalWriter, at now: Instant) {
        let isDue = state.withLock { state in
            guard let told = state.toldAt, now - told >= JournalWatch.repeats else { return false }
            state.toldAt = now
            return true
        }
        guard isDue else { return }
        let health = health(writer)
        logger.error(
            "journal.still_down",
            metadata: [
                "reason": "\(health.reason ?? "")", "unwritten_facts": "\(health.unwritten)",
                "down_sec": "\(health.downSince.map { (now - $0).seconds } ?? 0)",
            ]
        )
    }

    func health(_ writer: JournalWriter) -> JournalHealth {
        let (fellAt, reason) = state.withLock { ($0.fellAt, $0.reason) }
        return JournalHealth(
            downSince: fellAt,
            reason: fellAt == nil ? nil : writer.lastFailure ?? reason,
            unwritten: writer.backlog,
            durableThrough: writer.durableThrough
        )
    }
}
