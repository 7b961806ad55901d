import Foundation

/// The options of a simulation, as words of a command line.
struct WorkerCommand: Sendable {
    let policy: String
    let scenario: String
    var hours: Double?
    let settings: [(name: String, value: Double)]
    var without: [String]
    private var range: String?

    init(policy: String, scenario: String, hours: Double?, settings: [ParameterSetting], without: [String]) {
        self.policy = policy
        self.scenario = scenario
        self.hours = hours
        self.settings = settings.map { ($0.name, $0.value) }
        self.without = without
    }

    var words: [String] {
        var words = ["--policy", policy, "--scenario", scenario]
        if let hours { words += ["--hours", "\(hours)"] }
        for setting in settings { words += ["--set", "\(setting.name)=\(setting.value)"] }
        for fault in without { words += ["--without", fault] }
        if let range { words += range.contains("..") ? ["--seeds", range] : ["--seed", range] }
        return words
    }

    /// As one would type it.
    var text: String {
        words.map { word in word.contains { " '\"$\\".contains($0) } ? "'\(word)'" : word }.joined(
            separator: " "
        )
    }

    func seed(_ seed: UInt64) -> WorkerCommand {
        var command = self
        command.range = "\(seed)"
        return command
    }

    func seeds(_ seeds: ClosedRange<UInt64>) -> WorkerCommand {
        var command = self
        command.range = "\(seeds.lowerBound)..\(seeds.upperBound)"
        return command
    }

    /// This very program, running these seeds for another of its kind.
    func process(trace: String? = nil) -> Process {
        let process = Process()
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(
            fileURLWithPath: own ?? Bundle.main.executablePath ?? CommandLine.arguments[0]
        )
        process.arguments = ["simulate", "--worker"] + words + (trace.map { ["--trace", $0] } ?? [])
        // A crash is an answer here and not a surprise: its first line is enough.
        var environment = ProcessInfo.processInfo.environment
        environment["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = environment
        return process
    }
}
