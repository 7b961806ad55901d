package import ArgumentParser

/// `reckon policy …`: what one does with a policy before and beside trading.
package struct PolicyCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Check, test, search, explain and measure policies.",
        subcommands: [
            PolicyCheckCommand.self, PolicyTestCommand.self, PolicySearchCommand.self, PolicyEvalCommand.self,
            PolicyExplainCommand.self, PolicyBenchCommand.self, PolicyDiffCommand.self,
            PolicyNewCommand.self, PolicyPackCommand.self, PolicyDigestCommand.self, PolicySignCommand.self,
            PolicyVerifyCommand.self, PolicyTypesCommand.self,
        ]
    )

    package init() {}
}
