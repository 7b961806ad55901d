import Foundation
import ReckonModel
import ReckonPolicy
import ReckonSimulation

/// All that a run needs, read and checked.
struct SimulationPlan {
    let policy: PolicyDirectory
    let overrides: Table<String, Double>
    let scenario: Scenario
    let without: [String]
    /// How many symbols trade, where not as many as the scenario says.
    let symbols: Int?
    let seeds: ClosedRange<UInt64>

    /// The world of one seed, as it was drawn and then reduced.
    func world(of seed: UInt64) -> Scenario {
        var world = scenario.drawn(by: seed)
        for name in without { _ = world.switchOff(name) }
        if let symbols {
            let more = stride(from: world.symbols.count + 1, through: symbols, by: 1).map {
                Symbol("X\($0)USDT")
            }
            world.symbols = world.symbols.prefix(symbols) + more
        }
        return world
    }
}

extension Scenario {
    /// A built-in one of that name, or the file.
    static func known(as name: String) throws(ScenarioProblem) -> Scenario {
        if let known = Scenario.named(name) { return known }
        guard FileManager.default.fileExists(atPath: name) else {
            let names = Scenario.named.map(\.name).joined(separator: ", ")
            throw ScenarioProblem(text: "there is no scenario or file \(name); built in are \(names)")
        }
        return try ScenarioFile.scenario(at: name)
    }
}
