import ArgumentParser
import Foundation
import ReckonControl

/// Where the engine's API is.
struct APIOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the engine's API is.", valueName: "host:port|url"))
    var api: String?

    @Option(help: ArgumentHelp("The file with the API's token, mode 0600.", valueName: "file"))
    var tokenFile: String?

    func client() throws -> APIClient { try APIClient(api: api, tokenFile: tokenFile) }
}

/// `reckon status`: one screen that says how the engine stands.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how a running engine stands."
    )

    @OptionGroup var options: APIOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() async throws {
        do {
            let state = try await options.client().get("/v1/state")
            print(json ? state.description : StateText(state).lines.joined(separator: "\n"))
        } catch {
            throw Complaint.exit("status", error)
        }
    }
}

/// `reckon halt`: closes entries until somebody resumes them.
struct HaltCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halt",
        abstract: "Close entries and cancel working ones; exits and stops go on."
    )

    @OptionGroup var options: APIOptions

    @Option(help: "Why; the journal keeps it.")
    var reason: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() async throws {
        try await Order(path: "/v1/halt", reason: reason, json: json).give(options, "halt")
    }
}

/// `reckon resume`: lifts the operator's halt.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Lift the operator's halt; the policy's knobs still hold."
    )

    @OptionGroup var options: APIOptions

    @Option(help: "Why; the journal keeps it.")
    var reason: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() async throws {
        try await Order(path: "/v1/resume", reason: reason, json: json).give(options, "resume")
    }
}

/// One operator's command on its way.
private struct Order {
    let path: String
    let reason: String
    let json: Bool

    func give(_ options: APIOptions, _ command: String) async throws {
        do {
            let state = try await options.client().post(path, ["reason": .text(reason)])
            print(json ? state.description : StateText(state).lines.joined(separator: "\n"))
        } catch {
            throw Complaint.exit(command, error)
        }
    }
}
