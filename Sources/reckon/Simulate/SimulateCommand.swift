import ArgumentParser
import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import ReckonSimulation

/// `reckon simulate`: seeds of a hostile world against the real engine and a policy.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the engine and a policy through a hostile world, in virtual time.",
        discussion: """
            Exits with 0 if every seed held, 1 after a breach of an invariant, 2 if something did not come to rest,
            3 after a crash. The last line of a failure is the command that repeats it.
            Built-in scenarios: \(Scenario.named.map(\.name).joined(separator: ", ")).
            """
    )

    @Option(help: "The policy's directory, with its policy.lua.")
    var policy = "policies/steady"

    @Option(help: "The name of a built-in scenario, or a scenario file.")
    var scenario = "everything"

    @Option(help: "One seed.")
    var seed: UInt64?

    @Option(help: "Seeds A..B, or the seeds 1 to N.")
    var seeds: SeedRange?

    @Option(help: "Virtual hours for which faults rage, instead of the scenario's own length.")
    var hours: Double?

    @Option(name: .customLong("set"), help: "Override a parameter of the policy; may be given several times.")
    var settings: [ParameterSetting] = []

    @Option(help: "Switch a fault off, by its name in scenario files; may be given several times.")
    var without: [String] = []

    @Option(help: "How many seeds run at once; all cores by default.")
    var jobs: Int?

    @Flag(help: "Reduce the first failing seed to fewer faults and less time that still fail.")
    var shrink = false

    @Option(help: "Write what happened to a file, in time and by correlation id; needs --seed.")
    var trace: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @Flag(help: .hidden)
    var worker = false

    func validate() throws {
        if seed != nil, seeds != nil { throw ValidationError("give --seed or --seeds, not both") }
        if trace != nil, seed == nil { throw ValidationError("--trace needs one --seed") }
        if let hours, !(hours > 0 && hours <= 10_000) {
            throw ValidationError("--hours must lie above 0 and within 10,000")
        }
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs must be 1 to 256") }
        try PolicyPath.requireDirectory(policy)
        _ = try plan()
    }

    func run() throws {
        let plan = try plan()
        if worker { return try SimulationWorker(plan: plan, trace: trace).run() }
        let seat: PolicySeat
        do throws(PolicyProblem) {
            seat = try PolicySeat(plan.policy, overrides: plan.overrides)
        } catch {
            throw ValidationError("\(policy): \(error.text)")
        }
        let name = SimulationReport.Policy(name: seat.identity.name, digest: seat.identity.digest)
        let pool = SeedPool(command: command, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
        let runs = pool.run(range, trace: trace)
        let report = SimulationReport(scenario: plan.scenario.name, policy: name, runs: runs)
        if json {
            try SimulationText.printJSON(report)
        } else {
            SimulationText.print(report, took: pool.took)
        }
        if let failing = runs.first(where: { $0.outcome != .held }) { try conclude(failing, plan) }
        if report.worst != .held { throw ExitCode(report.worst.exitCode) }
    }

    private func conclude(_ failing: SeedReport, _ plan: SimulationPlan) throws {
        var command = command
        if shrink {
            let world = plan.scenario.drawn(by: failing.seed)
            let shrinking = Shrinking(command: command, seed: failing.seed, verdict: failing.outcome)
            command = shrinking.smallest(from: world, without: without)
        }
        PolicyOutput.complain("repeat: reckon simulate \(command.seed(failing.seed).text)")
    }

    private var range: ClosedRange<UInt64> {
        if let seed { return seed...seed }
        return seeds?.seeds ?? 1...20
    }

    /// The options that a worker needs to run the very same seeds.
    private var command: WorkerCommand {
        WorkerCommand(policy: policy, scenario: scenario, hours: hours, settings: settings, without: without)
    }

    private func plan() throws -> SimulationPlan {
        var overrides: Table<String, Double> = Table()
        for setting in settings { overrides[setting.name] = setting.value }
        do {
            var scenario = try named()
            if let hours { scenario.length = Span(seconds: hours * 3_600) }
            for name in without {
                var probe = scenario
                guard probe.switchOff(name) else { throw ValidationError("there is no fault \(name)") }
            }
            return SimulationPlan(
                policy: try PolicyDirectory(reading: policy),
                overrides: overrides,
                scenario: scenario,
                without: without,
                seeds: range
            )
        } catch let problem as PolicyProblem {
            throw ValidationError("\(policy): \(problem.text)")
        } catch let problem as ScenarioProblem {
            throw ValidationError(problem.text)
        }
    }

    private func named() throws -> Scenario {
        if let known = Scenario.named(scenario) { return known }
        guard FileManager.default.fileExists(atPath: scenario) else {
            let names = Scenario.named.map(\.name).joined(separator: ", ")
            throw ValidationError("there is no scenario or file \(scenario); built in are \(names)")
        }
        return try ScenarioFile.scenario(at: scenario)
    }
}

/// All that a run needs, read and checked.
struct SimulationPlan {
    let policy: PolicyDirectory
    let overrides: Table<String, Double>
    let scenario: Scenario
    let without: [String]
    let seeds: ClosedRange<UInt64>
}
