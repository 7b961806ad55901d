import ArgumentParser
import Foundation
import ReckonPolicy

/// `reckon policy check DIR`: exit 0 if there is no error, 1 if there is one, 64 without a directory.
struct PolicyCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a policy.",
        discussion: """
            Loads the policy as the engine does, looks over its source, and walks it through a grid of beliefs
            under budget. Exits with 1 if there is any error; warnings alone exit with 0.
            """
    )

    @Argument(help: "The policy's directory, with its policy.lua.")
    var directory: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws { try PolicyPath.requireDirectory(directory) }

    func run() throws {
        let check = PolicyCheck(directory: directory)
        if json {
            PolicyOutput.print(check.json)
        } else {
            let ink = Ink.output
            for problem in check.problems {
                PolicyOutput.print(
                    problem.severity == .error ? ink.red(problem.text) : ink.yellow(problem.text)
                )
            }
            PolicyOutput.print(check.isSound ? summary(of: check) : ink.red(summary(of: check)))
        }
        if !check.isSound { throw ExitCode(1) }
    }

    private func counted(_ count: Int, _ word: String) -> String {
        "\(count) \(word)\(count == 1 ? "" : "s")"
    }

    private func summary(of check: PolicyCheck) -> String {
        let errors = check.problems.count { $0.severity == .error }
        let warnings = check.problems.count - errors
        let figures = counted(errors, "error") + ", " + counted(warnings, "warning")
        guard let identity = check.identity else { return figures }
        let version = identity.version.map { " version \($0)" } ?? ""
        return "\(identity.name)\(version), api \(identity.api), digest \(identity.digest.prefix(16)): "
            + "\(figures); \(check.mostInstructions) of \(PolicyRuntime.instructionBudget) instructions"
    }
}
