package import ArgumentParser
import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import ReckonSimulation

/// `reckon simulate`: seeds of a hostile world against the real engine and a policy.
package struct SimulateCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Run the engine and a policy through a hostile world, in virtual time.",
        discussion: """
            Exits with 0 if every seed held, 1 after a breach of an invariant, 2 if something did not come to rest,
            3 after a crash. The last line of a failure is the command that repeats it.
            Built-in scenarios: \(Scenario.named.map(\.name).joined(separator: ", ")).
            """
    )

    @Option(help: "The policy's directory, with its policy.lua; `never` and `always` are built in.")
    var policy = "policies/steady"

    @Option(help: "The name of a built-in scenario, or a scenario file.")
    var scenario = "everything"

    @Option(help: "One seed.")
    var seed: UInt64?

    @Option(help: "Seeds A..B, or the seeds 1 to N.")
    var seeds: SeedRange?

    @Option(help: "Virtual hours for which faults rage, instead of the scenario's own length.")
    var hours: Double?

    @Option(
        name: .customLong("set"),
        help: "Override a parameter of the policy; may be given several times."
    )
    var settings: [ParameterSetting] = []

    @Option(help: "Switch a fault off, by its name in scenario files; may be given several times.")
    var without: [String] = []

    @Option(help: "Prices from a file, SYMBOL=FILE (candles or trades as CSV); may be given several times.")
    var prices: [PriceSetting] = []

    @Option(help: "How many symbols trade: the first ones of the scenario, made-up ones beyond.")
    var symbols: Int?

    @Option(help: "How many seeds run at once; all cores by default.")
    var jobs: Int?

    @Flag(
        help: "Reduce the first failing seed to fewer faults and symbols and less time that still fail."
    )
    var shrink = false

    @Option(help: "Write what happened to a file, in time and by correlation id; needs --seed.")
    var trace: String?

    @Flag(
        help:
            "Measure what a virtual hour costs with 1, 10 and 100 symbols, in this process; no verdict."
    )
    var cost = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @Flag(help: .hidden)
    var worker = false

    package init() {}

    package func validate() throws {
        if seed != nil, seeds != nil { throw ValidationError("give --seed or --seeds, not both") }
        if trace != nil, seed == nil { throw ValidationError("--trace needs one --seed") }
        if let hours, !(hours > 0 && hours <= 10_000) {
            throw ValidationError("--hours must lie above 0 and within 10,000")
        }
        if let symbols, !(1...500).contains(symbols) {
            throw ValidationError("--symbols must be 1 to 500")
        }
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs must be 1 to 256") }
        try PolicyChoice.require(policy)
        _ = try plan(withPrices: false)
    }

    package func run() throws {
        let plan = try plan()
        if worker { return try SimulationWorker(plan: plan, trace: trace).run() }
        let seat: PolicySeat
        do throws(PolicyProblem) {
            seat = try PolicySeat(plan.policy, overrides: plan.overrides)
        } catch {
            throw ValidationError("\(policy): \(error.text)")
        }
        if cost { return try CostTable(plan: plan, seat: seat).print(asJSON: json) }
        let name = SimulationReport.Policy(name: seat.identity.name, digest: seat.identity.digest)
        let progress = ProgressLine()
        let report = SimulationReport(
            scenario: plan.scenario.name,
            policy: name,
            runs: simulated(plan.seeds, progress)
        )
        if json {
            try SimulationText.printJSON(report)
        } else {
            SimulationText.print(report, took: progress.seconds, command: command)
        }
        guard let failing = report.mostSevere else { return }
        PolicyOutput.complain("repeat: \(repeating(failing, plan).seed(failing.seed).text)")
        throw ExitCode(failing.outcome.exitCode)
    }

    private func simulated(_ seeds: ClosedRange<UInt64>, _ progress: ProgressLine) -> [SeedReport] {
        let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        let reports = SeedReports()
        SeedPool(jobs: jobs, trace: trace).run(SeedLot.lots(of: command, seeds, jobs: jobs)) {
            _,
            report in
            let (done, failed) = reports.add(report)
            progress.show(done: done, of: seeds.count, failed: failed)
        }
        progress.clear()
        return reports.sorted
    }

    private func repeating(_ failing: SeedReport, _ plan: SimulationPlan) -> WorkerCommand {
        shrink ? command.shrunk(failing, in: plan.world(of: failing.seed)) : command
    }

    private var range: ClosedRange<UInt64> {
        if let seed { return seed...seed }
        return seeds?.seeds ?? 1...20
    }

    /// The options that a worker needs to run the very same seeds.
    private var command: WorkerCommand {
        var command = WorkerCommand(policy: policy, scenario: scenario, hours: hours)
        command.symbols = symbols
        command.settings = settings
        command.without = without
        command.prices = prices
        return command
    }

    private func plan(withPrices: Bool = true) throws -> SimulationPlan {
        var overrides: Table<String, Double> = Table()
        for setting in settings { overrides[setting.name] = setting.value }
        do {
            var scenario = try Scenario.known(as: scenario)
            if let hours { scenario.length = Span(seconds: hours * 3_600) }
            for setting in prices { scenario.priceFiles[setting.symbol] = setting.file }
            // A large file takes its time: it is read once, and not at each look at the options.
            if withPrices { try PriceFile.read(into: &scenario) }
            for name in without {
                var probe = scenario
                guard probe.switchOff(name) else { throw ValidationError("there is no fault \(name)") }
            }
            return SimulationPlan(
                policy: try PolicyChoice.directory(policy),
                overrides: overrides,
                scenario: scenario,
                without: without,
                symbols: symbols,
                seeds: range
            )
        } catch let problem as PolicyProblem {
            throw ValidationError("\(policy): \(problem.text)")
        } catch let problem as ScenarioProblem {
            throw ValidationError(problem.text)
        }
    }
}
