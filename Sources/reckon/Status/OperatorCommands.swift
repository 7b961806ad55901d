import ArgumentParser
import Foundation
import ReckonControl

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

/// `reckon flatten`: everything closed and off the book, latched until the venue shows it.
struct FlattenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flatten",
        abstract: "Close entries, take orders off the book, close positions, then remove their stops.",
        discussion: """
            It is done once the venue has shown everything flat twice; `reckon status` says so. Entries stay closed \
            until `reckon resume`. --release ends it on your word, whatever is still open.
            """
    )

    @OptionGroup var options: APIOptions

    @Option(help: ArgumentHelp("Only this symbol, or leg (BTCUSDT/LONG).", valueName: "symbol"))
    var symbol: String?

    @Option(help: "Why; the journal keeps it.")
    var reason: String

    @Flag(help: "End a flatten that was ordered, instead of ordering one.")
    var release = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() async throws {
        let path = release ? "/v1/flatten/release" : "/v1/flatten"
        try await Order(path: path, reason: reason, scope: symbol ?? "account", json: json)
            .give(options, "flatten")
    }
}

/// `reckon cancel-all`: entries and resting exits off the book, protection left.
struct CancelAllCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel-all",
        abstract: "Take every entry and resting exit off the book; stops and take-profits stay."
    )

    @OptionGroup var options: APIOptions

    @Option(help: ArgumentHelp("Only this symbol, or leg (BTCUSDT/LONG).", valueName: "symbol"))
    var symbol: String?

    @Option(help: "Why; the journal keeps it.")
    var reason: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() async throws {
        try await Order(path: "/v1/cancel-all", reason: reason, scope: symbol ?? "account", json: json)
            .give(options, "cancel-all")
    }
}

/// `reckon resolve-sharing`: the operator answers for the strangers on the account.
struct ResolveSharingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve-sharing",
        abstract: "Answer for the orders that bear our name and are not ours, so that entries open again."
    )

    @OptionGroup var options: APIOptions

    @Option(help: "Why; the journal keeps it.")
    var reason: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() async throws {
        try await Order(path: "/v1/resolve-sharing", reason: reason, json: json)
            .give(options, "resolve-sharing")
    }
}

/// One operator's command on its way.
private struct Order {
    let path: String
    let reason: String
    var scope: String?
    let json: Bool

    func give(_ options: APIOptions, _ command: String) async throws {
        do {
            var body = [JSON.Member("reason", .text(reason))]
            if let scope { body.append(JSON.Member("scope", .text(scope))) }
            let state = try await options.client().post(path, .object(body))
            print(json ? state.description : StateText(state).lines.joined(separator: "\n"))
        } catch {
            throw Complaint.exit(command, error)
        }
    }
}
