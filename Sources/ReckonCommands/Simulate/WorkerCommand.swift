import Foundation

/// The options of a simulation, as words of a command line.
struct WorkerCommand: Sendable {
    let policy: String
    let scenario: String
    var hours: Double?
    /// How many symbols trade, where not as many as the scenario says.
    var symbols: Int?
    var settings: [ParameterSetting] = []
    var without: [String] = []
    var prices: [PriceSetting] = []
    private var range: String?

    init(policy: String, scenario: String, hours: Double? = nil) {
        self.policy = policy
        self.scenario = scenario
        self.hours = hours
    }

    var words: [String] {
        var words = ["--policy", policy, "--scenario", scenario]
        if let hours { words += ["--hours", "\(hours)"] }
        if let symbols { words += ["--symbols", "\(symbols)"] }
        for setting in settings { words += ["--set", "\(setting.name)=\(setting.value)"] }
        for fault in without { words += ["--without", fault] }
        for setting in prices { words += ["--prices", "\(setting.symbol)=\(setting.file)"] }
        if let range { words += range.contains("..") ? ["--seeds", range] : ["--seed", range] }
        return words
    }

    /// As one would type it.
    var text: String {
        ([OwnProgram.typed, "simulate"] + words)
            .map { word in word.contains { " '\"$\\".contains($0) } ? "'\(word)'" : word }
            .joined(separator: " ")
    }

    func seed(_ seed: UInt64) -> WorkerCommand { seeds(seed...seed) }

    func seeds(_ seeds: ClosedRange<UInt64>) -> WorkerCommand {
        var command = self
        let isOne = seeds.lowerBound == seeds.upperBound
        command.range =
            isOne ? "\(seeds.lowerBound)" : "\(seeds.lowerBound)..\(seeds.upperBound)"
        return command
    }
}
