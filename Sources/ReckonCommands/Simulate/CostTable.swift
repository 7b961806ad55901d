import Foundation
import ReckonEngine
import ReckonModel
import ReckonSimulation

/// What a virtual hour costs, by the number of symbols: processor time of this process, which does nothing else.
struct CostTable {
    struct Row: Codable {
        let symbols: Int
        let virtual_hours: Double
        let events: Int64
        /// Of one core, user and system together.
        let cpu_seconds_per_virtual_hour: Double
        let times_real_time_per_core: Double
    }

    private struct Document: Codable {
        let scenario: String
        let policy: String
        let seed: UInt64
        let cost: [Row]
    }

    let plan: SimulationPlan
    let seat: PolicySeat

    func print(asJSON: Bool) throws {
        let counts = plan.symbols.map { [$0] } ?? [1, 10, 100]
        let name = seat.identity.name
        if asJSON {
            let rows = counts.map(row)
            let seed = plan.seeds.lowerBound
            return try SimulationText.printJSON(
                Document(scenario: plan.scenario.name, policy: name, seed: seed, cost: rows)
            )
        }
        PolicyOutput.print("\(plan.scenario.name) with \(name), seed \(plan.seeds.lowerBound)")
        PolicyOutput.print(
            "symbols  virtual hours    events  CPU s per virtual hour  times real time per core"
        )
        for count in counts {
            let row = row(count)
            let columns = [
                ("\(row.symbols)", 7), (SimulationText.rounded(row.virtual_hours), 13),
                ("\(row.events)", 8),
                (SimulationText.rounded(row.cpu_seconds_per_virtual_hour), 22),
                ("\(Int(row.times_real_time_per_core))", 24),
            ]
            PolicyOutput.print(
                columns.map { SimulationText.padded($0.0, $0.1) }.joined(separator: "  ")
            )
        }
    }

    private func row(_ symbols: Int) -> Row {
        let seed = plan.seeds.lowerBound
        let sized = SimulationPlan(
            policy: plan.policy,
            overrides: plan.overrides,
            scenario: plan.scenario,
            without: plan.without,
            symbols: symbols,
            seeds: plan.seeds
        )
        let before = CostTable.processorSeconds
        var world = World(scenario: sized.world(of: seed), seed: seed, seat: seat)
        let end = world.run().trace
        let spent = CostTable.processorSeconds - before
        return Row(
            symbols: symbols,
            virtual_hours: end.length.seconds / 3_600,
            events: end.events,
            cpu_seconds_per_virtual_hour: spent * 3_600 / end.length.seconds,
            times_real_time_per_core: end.length.seconds / max(spent, 1e-9)
        )
    }

    private static var processorSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
