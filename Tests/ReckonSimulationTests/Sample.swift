import Foundation
import ReckonModel
import ReckonPolicy
import ReckonSimulation

/// What the tests of this target share: policies, scenarios, runs.
enum Sample {
    static let project = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func policy(_ name: String) throws -> PolicyDirectory {
        try PolicyDirectory(reading: project.appendingPathComponent("policies/\(name)").path)
    }

    static func scenario(_ name: String, minutes: Int64) throws -> Scenario {
        guard var scenario = Scenario.named(name) else { throw Absent(what: "scenario \(name)") }
        scenario.length = .seconds(minutes * 60)
        return scenario
    }

    static func run(_ scenario: Scenario, seed: UInt64, policy: PolicyDirectory) throws -> RunResult {
        var world = World(scenario: scenario, seed: seed, seat: try PolicySeat(policy))
        return world.run()
    }

    struct Absent: Error {
        let what: String
    }

    /// The command, built beside the tests; absent where only the tests are built.
    static var command: URL? {
        let words = ProcessInfo.processInfo.arguments + [Bundle.main.bundlePath, "/proc/self/exe"]
        for word in words where word.contains("/") {
            var folder = URL(fileURLWithPath: word).resolvingSymlinksInPath()
            for _ in 0..<5 {
                folder.deleteLastPathComponent()
                let file = folder.appendingPathComponent("reckon")
                var isFolder: ObjCBool = false
                let exists = FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder)
                if exists, !isFolder.boolValue, FileManager.default.isExecutableFile(atPath: file.path) {
                    return file
                }
            }
        }
        return nil
    }
}
