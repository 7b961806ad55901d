import ArgumentParser
import Foundation
import ReckonCommands
import ReckonControl
import ReckonVenue

/// `reckon soak-live profiles`: the demo's run under each fault profile, side by side, in one table.
struct ProfileSoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "Run engine, venue and sample strategy under each fault profile, and print one table.",
        discussion: """
            Each profile is a process of its own on real sockets. Exits with 0 if every figure that has to be 0 is 0 \
            under every profile and everything came to rest, with 1 otherwise.
            Built-in profiles: \(FaultPlan.profileNames.joined(separator: ", ")).
            """
    )

    @Option(help: "Minutes for which each run trades, counted from ready.")
    var minutes = 20.0

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these, instead of all built-in profiles.", valueName: "profile|file")
    )
    var faults: [String] = []

    @Option(help: "Seed of venues and strategies.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The policy's directory.", valueName: "dir"))
    var policy = "policies/brisk"

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard minutes > 0, minutes <= 10_000 else { throw ValidationError("--minutes must lie above 0") }
        try PolicyPath.requireDirectory(policy)
    }

    func run() async throws {
        let profiles = faults.isEmpty ? FaultPlan.profileNames : faults
        if !json { print("\(profiles.count) runs of \(minutes) min side by side, seed \(seed)") }
        fflush(nil)
        let progress = Task { await showProgress() }
        let runs = await withTaskGroup(of: (Int, ProfileRun).self) { group in
            for (index, profile) in profiles.enumerated() {
                group.addTask { (index, await trial(profile)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        progress.cancel()
        await progress.value
        let table = ProfileTable(runs: runs)
        print(json ? table.json.description : table.lines().joined(separator: "\n"))
        guard table.holds else { throw ExitCode(1) }
    }

    private func trial(_ profile: String) async -> ProfileRun {
        var arguments = [
            "run", "--demo", "--json", "--duration", "\(minutes * 60)", "--faults", profile, "--seed",
            "\(seed)",
        ]
        arguments += ["--policy", policy, "--api", "127.0.0.1:0"]
        do {
            let child = try ChildEngine(arguments, keepsOutput: true)
            let end = await child.ended()
            return ProfileRun(profile: profile, end: end, document: try? JSONReader.read(child.said()))
        } catch {
            return ProfileRun(profile: profile, end: .code(64), document: nil)
        }
    }

    private func showProgress() async {
        let line = ProgressLine()
        let began = Date()
        let whole = Int(minutes * 60)
        while !Task.isCancelled {
            let passed = -began.timeIntervalSinceNow
            line.show(done: min(Int(passed), whole), of: whole, unit: "seconds")
            try? await Task.sleep(for: .seconds(1))
        }
        line.clear()
    }
}
