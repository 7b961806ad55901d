import ArgumentParser
import ReckonCommands

/// The program; every subcommand is a type of its own.
@main
struct Reckon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reckon",
        abstract: "An execution-reliability engine for perpetual futures.",
        subcommands: [
            RunCommand.self, VenueCommand.self, SimulateCommand.self, CompareCommand.self, MergeCommand.self,
            SoakCommand.self, BatchCommand.self,
            FullPolicyCommand.self, StatusCommand.self, HaltCommand.self, ResumeCommand.self,
            FlattenCommand.self, CancelAllCommand.self, ResolveSharingCommand.self, ReloadCommand.self,
            RollbackCommand.self, ShadowCommand.self, LiveSoakCommand.self,
        ]
    )
}
