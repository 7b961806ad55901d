import Foundation
import ReckonCommands
import ReckonEngine
import ReckonModel
import ReckonPolicy
import ReckonSimulation
import Testing

@Suite("What another policy would have done on a record's beliefs")
struct CounterfactualTests {
    private struct Told: Decodable {
        struct Entries: Decodable {
            let admitted: Int
            let would_refuse: Int
            let refused: Int
            let would_admit: Int
        }
        struct Knob: Decodable {
            let knob: String
            let looser_ticks: Int
            let tighter_ticks: Int
        }

        let ticks: Int
        let agreeing_ticks: Int
        let entries: Entries
        let knobs: [Knob]
    }

    /// A stormy record under `brisk`, without a crash, held against another policy.
    private static func told(_ other: PolicyDirectory) throws -> (Told, CounterfactualReport) {
        var scenario = try #require(Scenario.named("lost-acks"))
        scenario.length = .seconds(600)
        let seat = try PolicySeat(try PolicyDirectory(reading: CommandRun.project.path + "/policies/brisk"))
        var world = World(scenario: scenario, seed: 11, seat: seat)
        _ = world.run()
        var record = BeliefRecord()
        for fact in world.facts { record.take(fact) }
        let runtime = try PolicyRuntime(other)
        let limits = GuardLimits(
            maxNotional: Double(scenario.maxNotional),
            maxLeverage: 10,
            minEntryConfidence: 0,
            entryCooldownSeconds: 2,
            maxOpenOrdersPerSymbol: 4
        )
        let source = CounterfactualReport.Source(
            journal: "j",
            recorded: record.policies,
            candidate: (runtime.name, "p", other.digest),
            limits: limits
        )
        let report = CounterfactualReport(Counterfactual(record, runtime, limits: limits), of: source)
        return (try JSONDecoder().decode(Told.self, from: Data(try report.json().utf8)), report)
    }

    @Test("the policy that ran agrees with itself at every tick")
    func same() throws {
        let brisk = try PolicyDirectory(reading: CommandRun.project.path + "/policies/brisk")
        let (told, report) = try CounterfactualTests.told(brisk)
        #expect(told.ticks > 50)
        #expect(told.agreeing_ticks == told.ticks)
        #expect(told.entries.admitted > 0 && told.entries.would_refuse == 0)
        #expect(report.sentence.contains("100 %"))
    }

    @Test("one that never admits is tighter and would have refused every entry; one that always does, looser")
    func controls() throws {
        let (never, _) = try CounterfactualTests.told(try .never)
        #expect(never.entries.would_refuse == never.entries.admitted && never.entries.would_admit == 0)
        #expect(never.knobs.first { $0.knob == "allow_entries" }?.looser_ticks == 0)
        let (always, report) = try CounterfactualTests.told(try .always)
        #expect(always.entries.would_refuse == 0)
        #expect(always.knobs.allSatisfy { $0.tighter_ticks == 0 || $0.knob != "allow_entries" })
        #expect(always.knobs.contains { $0.looser_ticks > 0 })
        #expect(report.text(colour: false).contains { $0.contains("looser") })
    }
}
