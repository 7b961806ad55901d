package import ReckonEngine
package import ReckonModel
import Synchronization

/// The engine's wake-ups, keyed: arming one anew replaces it.
///
/// Kept on a clock that nobody sets.
package final class Timers: Sendable {
    private struct State {
        var armed: [EngineTimer: (number: Int64, task: Task<Void, Never>)] = [:]
        var count: Int64 = 0
        var isClosed = false
    }

    private let clock: HostClock
    private let fire: @Sendable (EngineTimer) -> Void
    private let state = Mutex(State())

    package init(clock: HostClock, fire: @escaping @Sendable (EngineTimer) -> Void) {
        self.clock = clock
        self.fire = fire
    }

    package var count: Int { state.withLock { $0.armed.count } }

    package func arm(_ timer: EngineTimer, at instant: Instant) {
        let wait = Duration(max(instant - clock.now(), .zero))
        state.withLock { state in
            guard !state.isClosed else { return }
            state.count += 1
            let number = state.count
            state.armed[timer]?.task.cancel()
            let task = Task { [self] in
                do { try await Task.sleep(for: wait, tolerance: .zero) } catch { return }
                if isDue(timer, number) { fire(timer) }
            }
            state.armed[timer] = (number, task)
        }
    }

    /// Nothing fires any more.
    package func close() {
        state.withLock { state in
            state.isClosed = true
            for row in state.armed.values { row.task.cancel() }
            state.armed.removeAll()
        }
    }

    /// Whether this very arming is still the valid one; if so it is used up.
    private func isDue(_ timer: EngineTimer, _ number: Int64) -> Bool {
        state.withLock { state in
            guard state.armed[timer]?.number == number else { return false }
            state.armed[timer] = nil
            return true
        }
    }
}
