import ReckonEngine
import ReckonModel
import ReckonPolicy
import ReckonSimulation
import Testing

@Suite("The policy's seat in a simulated process")
struct PolicySeatTests {
    /// Its notional is how often it was asked.
    private static var counting: PolicyDirectory {
        get throws {
            try PolicyDirectory(
                source: """
                    return {
                      api = 1, name = "counting", version = "1",
                      initial_state = function() return { asked = 0 } end,
                      evaluate = function(_, state, context)
                        state.asked = state.asked + 1
                        return {
                          mode = "GREEN", allow_entries = true, kill_switch_trip = false,
                          max_notional_usdt = state.asked, max_leverage = 1, min_entry_conf = 0,
                          entry_cooldown_seconds = 0, max_open_orders_per_symbol = 1,
                        }, state
                      end,
                    }
                    """
            )
        }
    }

    private func ask(_ seat: PolicySeat) throws -> Double {
        let limits = GuardLimits.trial
        let question = PolicyQuestion(
            tick: 1,
            now: 0,
            sinceLast: 0,
            belief: .neutral,
            limits: limits,
            lastEnforced: Knobs(mode: .orange, allowEntries: false, limits: limits)
        )
        return try #require(seat.evaluate(question).knobs).maxNotional
    }

    @Test("a new process goes on from the state whose verdict is on disk, and from none that was not stored")
    func restart() throws {
        var seat = try PolicySeat(try PolicySeatTests.counting)
        #expect(try ask(seat) == 1)
        seat.restart(factCount: 4)
        #expect(try ask(seat) == 1, "nothing was stored")
        seat.store(after: 10)
        #expect(try ask(seat) == 2)
        #expect(try ask(seat) == 3)
        seat.restart(factCount: 12)
        #expect(try ask(seat) == 2)
        seat.store(after: 20)
        #expect(try ask(seat) == 3)
        seat.restart(factCount: 15)
        #expect(try ask(seat) == 2, "the journal came back as it was before the second verdict")
    }
}
