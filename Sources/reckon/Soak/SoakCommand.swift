import ArgumentParser

/// `reckon soak`: long trials on real sockets and real processes, judged by the venue's record.
struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Try the engine for long: killed at any instant, or under every fault profile.",
        subcommands: [CrashSoakCommand.self, ProfileSoakCommand.self]
    )
}
