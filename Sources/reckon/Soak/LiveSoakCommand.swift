import ArgumentParser

/// `reckon soak-live`: long trials on real sockets and real processes, judged by the venue's record.
struct LiveSoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak-live",
        abstract: "Try the engine for long: killed at any instant, or under every fault profile.",
        subcommands: [CrashSoakCommand.self, ProfileSoakCommand.self]
    )
}
