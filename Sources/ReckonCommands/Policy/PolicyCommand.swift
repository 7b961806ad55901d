package import ArgumentParser

/// `reckon policy …`: what one does with a policy before and beside trading.
package struct PolicyCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check policies and run belief traces through them.",
        subcommands: [PolicyCheckCommand.self, PolicyEvalCommand.self]
    )

    package init() {}
}
