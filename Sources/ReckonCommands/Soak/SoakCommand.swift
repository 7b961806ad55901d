package import ArgumentParser
import Foundation
import ReckonEngine
import ReckonPolicy
import ReckonSimulation

/// `reckon soak`: fresh seeds for hours, to be ended and taken up again at will.
package struct SoakCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Simulate fresh seeds of every scenario for hours.",
        discussion: """
            Goes round all scenarios and policies; the swarm gets four times the seeds of the others. Ctrl-C ends it, \
            and the same command takes it up again where it was. The folder has state.json, summary.json and \
            summary.txt at any time. Exit codes as for simulate: the worst verdict of any seed.
            """
    )

    @Option(help: "Wall-clock hours, those of earlier sessions included; parts of an hour are fine.")
    var hours: Double

    @Option(help: "The folder for state and summary.")
    var out = "soak"

    @Option(
        help:
            "A policy's directory; may be given several times. Default: policies/brisk, policies/steady."
    )
    var policy: [String] = []

    @Option(
        help: "A scenario's name or file; may be given several times. Default: all that are built in."
    )
    var scenario: [String] = []

    @Option(help: "The first seed; by chance without it.")
    var from: UInt64?

    @Option(help: "How many seeds run at once; all cores by default.")
    var jobs: Int?

    package init() {}

    package func validate() throws {
        guard hours > 0, hours <= 10_000 else {
            throw ValidationError("--hours must lie above 0 and within 10,000")
        }
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs must be 1 to 256") }
        if let from, from > 1 << 60 {
            throw ValidationError("--from must be at most 2 to the power of 60")
        }
        for path in directories { try PolicyPath.requireDirectory(path) }
    }

    package func run() throws {
        do {
            try conclude(soaked())
        } catch let problem as ScenarioProblem {
            throw ValidationError(problem.text)
        } catch let problem as PolicyProblem {
            throw ValidationError(problem.text)
        }
    }

    private func soaked() throws -> SoakState {
        var lanes: [SeedLane] = []
        var swarms: [String] = []
        for name in scenario.isEmpty ? Scenario.named.map(\.name) : scenario {
            if try Scenario.known(as: name).isSwarm { swarms.append(name) }
            lanes += directories.map { SeedLane(scenario: name, policy: $0) }
        }
        let state = try state(of: lanes)
        PolicyOutput.complain(
            "soak from seed \(state.first), \(state.tally.seeds) seeds done before; summary in \(out)/summary.txt\n"
                + "Ctrl-C ends it, and the same command goes on"
        )
        let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        let known = swarms
        let soak = Soak(state, folder: URL(fileURLWithPath: out), hours: hours, jobs: jobs) { lane in
            known.contains(lane.scenario)
        }
        return try soak.run()
    }

    /// The state of earlier sessions in the folder, or a new one.
    private func state(of lanes: [SeedLane]) throws -> SoakState {
        let policies = try directories.map { path in
            let identity = try PolicySeat(PolicyDirectory(reading: path)).identity
            return "\(identity.name) \(identity.digest.prefix(16))"
        }
        let terms = SoakState.Terms(program: OwnProgram.digest, policies: policies, lanes: lanes)
        do {
            try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        } catch {
            throw ScenarioProblem(text: "\(out): is no folder and cannot be made one")
        }
        guard let known = try SoakState.read("\(out)/state.json") else {
            return SoakState(terms: terms, first: from ?? UInt64.random(in: 1_000_000_000...1 << 48))
        }
        guard known.terms == terms, from == nil || from == known.first else {
            throw ScenarioProblem(
                text:
                    "\(out)/state.json: is of another program, policy, list of scenarios or first seed; give another "
                    + "--out, or remove it to start afresh"
            )
        }
        return known
    }

    private func conclude(_ state: SoakState) throws {
        let text = SoakSummary(state).text
        for line in text.lines { PolicyOutput.print(line) }
        guard let failure = state.tally.foremost else { return }
        PolicyOutput.complain("repeat: \(failure.command)")
        throw ExitCode(state.tally.worstVerdict.exitCode)
    }

    private var directories: [String] {
        policy.isEmpty ? ["policies/brisk", "policies/steady"] : policy
    }
}
