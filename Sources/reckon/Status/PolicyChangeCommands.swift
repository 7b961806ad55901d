import ArgumentParser
import Foundation
import ReckonCommands
import ReckonControl
import ReckonJournal

/// `reckon reload`: the version in the policy's directory, if it may be put to work.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Put the version in the engine's policy directory to work.",
        discussion: """
            It is read, verified, compiled and tried out beside the engine, and takes over between two ticks with the \
            state of the version before. Whatever is wrong with it leaves that one at work: exit code 1, with the reason.
            """
    )

    @OptionGroup var options: APIOptions

    @Option(help: "Why; the journal keeps it.")
    var reason: String

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() async throws {
        let members: [JSON.Member] = [.init("reason", .text(reason))]
        try await PolicyOrder(path: "/v1/policy/reload", members: members, json: json)
            .give(options, "reload")
    }
}

/// `reckon rollback`: back to a version that the journal keeps.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Put an earlier version of the policy back to work.",
        discussion:
            "The journal keeps the last versions byte for byte, so their folder may be gone. --list shows them."
    )

    @OptionGroup var options: APIOptions

    @Option(help: "Why; the journal keeps it.")
    var reason: String?

    @Option(
        name: .customLong("to"),
        help: ArgumentHelp("The version's digest, or its first 8 or more characters.", valueName: "digest")
    )
    var digest: String?

    @Flag(help: "Show the kept versions, and change nothing.")
    var list = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard list || reason != nil else { throw ValidationError("--reason is missing") }
    }

    func run() async throws {
        if list { return try await show() }
        var members: [JSON.Member] = [.init("reason", .text(reason ?? ""))]
        if let digest { members.append(.init("digest", .text(digest))) }
        try await PolicyOrder(path: "/v1/policy/rollback", members: members, json: json)
            .give(options, "rollback")
    }

    private func show() async throws {
        do {
            let page = try await options.client().get("/v1/policy")
            if json { return print(page.description) }
            guard case .list(let versions) = page["versions"] else { return }
            for version in versions {
                let mark = version["active"] == true ? "*" : " "
                let fields = ["digest", "name", "version", "loaded_at"]
                let words = fields.map { PolicyChangeText.text(version[$0]) }
                print("\(mark) \(words.joined(separator: "  "))")
            }
        } catch {
            throw Complaint.exit("rollback", error)
        }
    }
}

/// `reckon shadow`: how a policy that looks on compares, or another one to look on.
struct ShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow",
        abstract: "Show how a policy that only looks on compares, have one look on, or end it.",
        discussion: """
            Asks a running engine. With --journal it tells of all that looked on while that journal was written; the
            journal is only read, and may be that of a running engine.
            """
    )

    @OptionGroup var options: APIOptions

    @Option(help: ArgumentHelp("Have this policy look on.", valueName: "dir"))
    var policy: String?

    @Option(help: "Why; with --policy.")
    var reason: String?

    @Flag(help: "Nobody looks on any more.")
    var end = false

    @Option(help: ArgumentHelp("Tell what this journal has on record instead.", valueName: "file"))
    var journal: String?

    @Option(help: ArgumentHelp("Write what came of the journal as a page, too.", valueName: "file"))
    var html: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard policy == nil || reason != nil else { throw ValidationError("--policy needs --reason") }
        guard [policy != nil, end, journal != nil].count(where: { $0 }) < 2 else {
            throw ValidationError("--policy, --end and --journal exclude each other")
        }
        guard html == nil || journal != nil else { throw ValidationError("--html goes with --journal") }
        if let journal { try PolicyPath.requireReadable(journal) }
    }

    func run() async throws {
        do {
            if let journal { return try tell(of: journal) }
            let client = try options.client()
            let answer: JSON
            if end {
                answer = try await client.delete("/v1/policy/shadow")
            } else if let policy {
                let path = URL(fileURLWithPath: policy).standardizedFileURL.path
                answer = try await client.post(
                    "/v1/policy/shadow",
                    ["reason": .text(reason ?? ""), "directory": .text(path)]
                )
            } else {
                answer = try await client.get("/v1/policy/shadow")
            }
            print(json ? answer.description : lines(answer["shadow"]).joined(separator: "\n"))
        } catch {
            throw Complaint.exit("shadow", error)
        }
    }

    private func tell(of journal: String) throws {
        var record = ShadowRecord()
        try JournalReader(path: journal).forEachFact { record.take($0) }
        guard !record.isEmpty else {
            throw Complaint("\(journal): no policy has looked on", isAnswer: true)
        }
        let report = ShadowReport(record, of: journal)
        if let html { try report.write(to: html) }
        let isColoured = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        print(json ? try report.json() : report.text(colour: isColoured).joined(separator: "\n"))
    }

    private func lines(_ shadow: JSON?) -> [String] {
        guard let shadow, shadow != .null else { return ["nobody looks on"] }
        func text(_ key: String) -> String { PolicyChangeText.text(shadow[key]) }
        var lines = [
            "\(text("name")) \(text("digest").prefix(16)): \(text("compared")) compared, "
                + "\(text("disagreements")) disagreements, \(text("faults")) faults, \(text("skipped")) skipped"
        ]
        if case .object(let knobs) = shadow["knobs"] {
            for knob in knobs {
                let (looser, tighter) = (knob.value["looser"], knob.value["tighter"])
                lines.append(
                    "  \(knob.key): looser \(PolicyChangeText.text(looser)), "
                        + "tighter \(PolicyChangeText.text(tighter))"
                )
            }
        }
        return lines
    }
}

/// One order about the policy on its way.
private struct PolicyOrder {
    let path: String
    let members: [JSON.Member]
    let json: Bool

    func give(_ options: APIOptions, _ command: String) async throws {
        do {
            let answer = try await options.client().post(path, .object(members))
            print(json ? answer.description : PolicyChangeText(answer["change"]).line)
        } catch {
            throw Complaint.exit(command, error)
        }
    }
}

/// How a change of the policy ended, for eyes.
struct PolicyChangeText {
    private let change: JSON?

    init(_ change: JSON?) { self.change = change }

    var line: String {
        let to = "\(text("to", "name")) \(text("to", "digest").prefix(16))"
        let by = "by \(text("trigger")) at \(text("at"))"
        switch text("outcome") {
        case "swapped":
            let why = text("why")
            let state = "state \(text("state"))" + (why.isEmpty || why == "-" ? "" : " (\(why))")
            return "policy \(to) at work \(by), after \(text("from", "digest").prefix(16)); \(state)"
        case "unchanged": return "policy \(to) is at work already"
        default:
            let file = text("problem", "file")
            let place = file.isEmpty ? "" : "\(file):\(text("problem", "line")): "
            return "POLICY REFUSED \(by): \(place)\(text("problem", "message")) [\(text("problem", "code"))]"
        }
    }

    private func text(_ keys: String...) -> String {
        PolicyChangeText.text(keys.reduce(change) { $0?[$1] })
    }

    static func text(_ value: JSON?) -> String {
        switch value {
        case .text(let text): text
        case .null, .none: "-"
        case .some(let value): value.description
        }
    }
}
