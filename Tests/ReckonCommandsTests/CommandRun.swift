import Foundation

/// The small program as a process of its own, in the project's folder.
final class CommandRun {
    let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Where `swift build` put the program: beside the test bundle that runs now.
    static var program: String {
        let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
        let folder = (bundle ?? URL(fileURLWithPath: CommandLine.arguments[0])).deletingLastPathComponent()
        return folder.appendingPathComponent("reckon-simulate").path
    }

    init(_ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: CommandRun.program)
        process.arguments = arguments
        process.currentDirectoryURL = CommandRun.project
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    /// A line as one would type it into a shell.
    init(typing line: String) throws {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = CommandRun.project
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    struct Ending {
        let code: Int32
        let output: String
        let errors: String

        var outputLines: [String] { output.split(separator: "\n").map(String.init) }

        /// The command that repeats a failure.
        var repeating: String? {
            errors.split(separator: "\n").last.flatMap { line in
                line.hasPrefix("repeat: ") ? String(line.dropFirst("repeat: ".count)) : nil
            }
        }
    }

    /// Waits for its end.
    func ended() -> Ending {
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Ending(
            code: process.terminationStatus,
            output: String(decoding: said, as: UTF8.self),
            errors: String(decoding: complained, as: UTF8.self)
        )
    }

    static func ended(_ arguments: String...) throws -> Ending { try CommandRun(arguments).ended() }

    /// Its first child process, as soon as there is one.
    func child(within seconds: Double = 30) throws -> pid_t {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            if let child = CommandRun.children(of: process.processIdentifier).first { return child }
            usleep(5_000)
        }
        throw Absent(what: "a child of process \(process.processIdentifier)")
    }

    static func isAlive(_ pid: pid_t) -> Bool {
        guard let words = stat("\(pid)") else { return false }
        return words.first != "Z"
    }

    private static func children(of parent: pid_t) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { name in
            guard let pid = pid_t(name), let words = stat(name), words.count > 1, words[1] == "\(parent)"
            else {
                return nil
            }
            return pid
        }
    }

    /// The words after the program's name: state, parent, and so on.
    private static func stat(_ pid: String) -> [Substring]? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let close = text.lastIndex(of: ")")
        else { return nil }
        return text[text.index(after: close)...].split(separator: " ")
    }

    struct Absent: Error {
        let what: String
    }
}

/// A folder that is gone after the test.
struct ScratchFolder: ~Copyable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent(
                "reckon-commands-\(UUID().uuidString)"
            ).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }

    /// A world that cannot come to rest: nobody waits for an answer as long as it takes.
    func restless() throws -> String {
        try write(
            """
            symbols = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
            minutes = 3
            rest_within_sec = 1
            [network]
            typical_ms = 8000
            slowest_ms = 50000
            timeout_ms = 100
            [faults]
            dropped = "1/10"
            disconnect = { every_sec = 60, longest_sec = 5 }
            """,
            to: "restless.toml"
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// What of the document the tests look at.
struct SimulationDocument: Decodable {
    struct Run: Decodable, Equatable {
        let seed: UInt64
        let verdict: String
        let trace_hash: String
        let complaints: [String]
    }

    let runs: [Run]

    init(_ text: String) throws {
        self = try JSONDecoder().decode(SimulationDocument.self, from: Data(text.utf8))
    }
}
