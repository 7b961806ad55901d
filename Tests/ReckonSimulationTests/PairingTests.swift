import ReckonExchange
import ReckonModel
import ReckonPolicy
import ReckonSimulation
import Testing

@Suite("Pairing: what one policy refuses shifts nothing else")
struct PairingTests {
    /// Like `always`, but for one symbol without entries.
    private static let withoutEther = """
        return {
          api = 1, name = "without_ether",
          initial_state = function() return {} end,
          evaluate = function(_, state, context)
            local l = context.limits
            return {
              mode = "GREEN", allow_entries = true, kill_switch_trip = false,
              max_notional_usdt = l.max_notional_usdt, max_leverage = l.max_leverage,
              min_entry_conf = l.min_entry_conf, entry_cooldown_seconds = l.entry_cooldown_seconds,
              max_open_orders_per_symbol = l.max_open_orders_per_symbol,
              symbols = { ETHUSDT = { allow_entries = false } },
            }, state
          end,
        }
        """

    private func record(_ scenario: Scenario, _ policy: PolicyDirectory) throws -> ExchangeRecord {
        var world = World(scenario: scenario, seed: 21, seat: try PolicySeat(policy))
        let result = world.run()
        #expect(result.verdict == .held, "\(result.complaints)")
        return world.record
    }

    @Test("entries refused on one symbol leave those on the other with the same fates")
    func unrelated() throws {
        var scenario = try Sample.scenario("calm", minutes: 8)
        scenario.faults[.slowAnswer] = Ratio(1, in: 10)
        scenario.faults[.delayed] = Ratio(1, in: 10)
        let all = try record(scenario, try .always)
        let some = try record(scenario, try PolicyDirectory(source: PairingTests.withoutEther))
        let bitcoin = Symbol("BTCUSDT")
        let before = firstEntries(all, bitcoin)
        #expect(before.count > 2)
        #expect(before == firstEntries(some, bitcoin))
        #expect(all.orders.values.contains { $0.symbol != bitcoin })
        #expect(!some.orders.values.contains { $0.symbol != bitcoin })
    }

    /// Side, size, and moments of creation and first execution: all that the draws of the request decide.
    private func firstEntries(_ record: ExchangeRecord, _ symbol: Symbol) -> [String] {
        record.orders.values.filter { $0.symbol == symbol && !$0.isReduceOnly && $0.parentID == nil }.map {
            order in
            "\(order.side) \(order.quantity) \(order.createdAt.milliseconds) \(order.executions.first?.at.milliseconds ?? 0)"
        }
    }
}
