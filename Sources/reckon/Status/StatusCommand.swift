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
