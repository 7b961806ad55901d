import ReckonEngine
import ReckonHost
import ReckonModel
import Synchronization
import Testing

@Suite("Timers fire once, keyed")
struct TimersTests {
    private final class Fired: Sendable {
        private let list = Mutex<[EngineTimer]>([])

        var all: [EngineTimer] { list.withLock { $0 } }

        func note(_ timer: EngineTimer) { list.withLock { $0.append(timer) } }
    }

    @Test("the earlier fires first, and a past one at once")
    func order() async throws {
        let (clock, fired) = (HostClock(), Fired())
        let timers = Timers(clock: clock) { fired.note($0) }
        timers.arm(.reconcile, at: clock.now() + .milliseconds(120))
        timers.arm(.hint, at: clock.now() + .milliseconds(40))
        timers.arm(.intent(IntentID(1)), at: clock.now() - .seconds(5))
        while fired.all.count < 3 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(fired.all == [.intent(IntentID(1)), .hint, .reconcile])
        #expect(timers.count == 0)
    }

    @Test("arming anew replaces: the earlier wish never fires")
    func rearm() async throws {
        let (clock, fired) = (HostClock(), Fired())
        let timers = Timers(clock: clock) { fired.note($0) }
        for wait in [10, 20, 30, 40, 60] {
            timers.arm(.reconcile, at: clock.now() + .milliseconds(Int64(wait)))
        }
        #expect(timers.count == 1)
        while fired.all.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        try await Task.sleep(for: .milliseconds(80))
        #expect(fired.all == [.reconcile])
    }

    @Test("nothing fires after the close, and nothing can be armed")
    func close() async throws {
        let (clock, fired) = (HostClock(), Fired())
        let timers = Timers(clock: clock) { fired.note($0) }
        timers.arm(.reconcile, at: clock.now() + .milliseconds(30))
        timers.close()
        timers.arm(.hint, at: clock.now())
        try await Task.sleep(for: .milliseconds(80))
        #expect(fired.all.isEmpty)
        #expect(timers.count == 0)
    }
}
