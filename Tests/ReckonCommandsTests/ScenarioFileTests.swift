import Foundation
import ReckonCommands
import ReckonEngine
import ReckonModel
import ReckonSimulation
import Testing

/// What a scenario file says is what the world gets, and what it must not say is refused by name.
@Suite("Scenario files")
struct ScenarioFileTests {
    /// A key, a value that differs from the default, a value out of its range, and where it has to show.
    struct Key: Sendable, CustomTestStringConvertible {
        let section: String
        let line: String
        let wrong: String
        let holds: @Sendable (Scenario) -> Bool

        var name: String { String(line.prefix { $0 != " " }) }
        var testDescription: String { "\(section)\(name)" }

        func file(_ line: String) -> String { section.isEmpty ? line : "[\(section)]\n\(line)" }
    }

    static let keys: [Key] = [
        Key(section: "", line: "orders_per_ten_sec = 7", wrong: "4") { $0.ordersPerTenSeconds == 7 },
        Key(section: "", line: "orders_per_minute = 40", wrong: "1_201") { $0.ordersPerMinute == 40 },
        Key(section: "", line: "ban_sec = 120", wrong: "0") { $0.ban == .seconds(120) },
        Key(section: "", line: "depth_usdt = 900", wrong: "-1") { $0.depth == 900 },
        Key(section: "", line: "max_leverage = 3", wrong: "126") { $0.maxLeverage == 3 },
        Key(section: "", line: "most_open_orders = 2", wrong: "0") { $0.mostOpenOrders == 2 },
        Key(section: "", line: "margin_mode = \"isolated\"", wrong: "\"none\"") {
            $0.marginMode == .isolated
        },
        Key(section: "workload", line: "repeated_withdrawals = \"1/3\"", wrong: "\"4/3\"") {
            $0.workload.repeatedWithdrawals == Ratio(1, in: 3)
        },
        Key(section: "workload", line: "leverages = \"1/2\"", wrong: "\"2\"") {
            $0.workload.leverages == Ratio(1, in: 2)
        },
        Key(section: "workload", line: "amends_again = \"1/2\"", wrong: "\"2/1\"") {
            $0.workload.amendsAgain == Ratio(1, in: 2)
        },
        Key(section: "workload", line: "moves_again = \"3/4\"", wrong: "\"3\"") {
            $0.workload.movesAgain == Ratio(3, in: 4)
        },
        Key(section: "workload", line: "limit_exits = \"1/2\"", wrong: "\"-1/2\"") {
            $0.workload.limitExits == Ratio(1, in: 2)
        },
        Key(section: "workload", line: "mistakes = \"1/4\"", wrong: "\"1/0\"") {
            $0.workload.mistakes == Ratio(1, in: 4)
        },
        Key(section: "workload", line: "entry_lifetime_sec = 90", wrong: "0") {
            $0.workload.lifetime == .seconds(90)
        },
        paced("journal_slow", .journalSlow),
        paced("policy_slow", .policySlow),
        paced("other_engine", .otherEngine),
        paced("others_ordering", .othersOrdering),
        paced("hand_order", .handOrder),
        paced("line_stalled", .lineStalled),
        Key(section: "", line: "external_positions = \"leave\"", wrong: "\"ignore\"") {
            $0.external.positions == .leave
        },
        Key(section: "", line: "external_orders = \"flatten\"", wrong: "\"\"") {
            $0.external.orders == .flatten
        },
    ]

    private static func paced(_ name: String, _ fault: AmbientFault) -> Key {
        Key(
            section: "faults",
            line: "\(name) = { every_sec = 60, longest_sec = 20 }",
            wrong: "{ every_sec = -1, longest_sec = 20 }"
        ) { $0.faults[fault].every == .seconds(60) && $0.faults[fault].longest == .seconds(20) }
    }

    @Test("A key reaches the world", arguments: keys)
    func reaches(_ key: Key) throws {
        #expect(!key.holds(try ScenarioFile.scenario(parsing: "", file: "world.toml")))
        #expect(key.holds(try ScenarioFile.scenario(parsing: key.file(key.line), file: "world.toml")))
    }

    @Test("A value out of its range is refused, and the sentence names the key", arguments: keys)
    func refuses(_ key: Key) throws {
        let problem = try #require(throws: ScenarioProblem.self) {
            try ScenarioFile.scenario(parsing: key.file("\(key.name) = \(key.wrong)"), file: "world.toml")
        }
        #expect(problem.text.contains(key.name))
        #expect(problem.text.hasPrefix("world.toml:"))
    }

    @Test(
        "Every world that comes with the project can be read",
        arguments: [".ci/worlds", "examples/scenarios"]
    )
    func comesAlong(_ folder: String) throws {
        let path = CommandRun.project.appendingPathComponent(folder).path
        let files = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".toml") }
        #expect(files.count >= 10)
        for file in files {
            let scenario = try ScenarioFile.scenario(at: "\(path)/\(file)")
            #expect(!scenario.story.isEmpty, "\(file) has no story")
        }
    }
}
