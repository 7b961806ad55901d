import ArgumentParser
import ReckonCommands

/// The simulation's commands alone; without a subcommand it simulates.
struct ReckonSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reckon-simulate",
        abstract: "The simulation and the policy tools of reckon, built without network and database.",
        subcommands: [
            SimulateCommand.self, CompareCommand.self, MergeCommand.self, SoakCommand.self, BatchCommand.self,
            PolicyCommand.self,
        ],
        defaultSubcommand: SimulateCommand.self
    )
}

ReckonSimulate.main()
