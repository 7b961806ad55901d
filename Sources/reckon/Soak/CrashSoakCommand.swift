import ArgumentParser
import Foundation
import ReckonCommands
import ReckonControl
import ReckonSimulation
import Synchronization

/// `reckon soak-live crash`: kill -9 at random instants of a live run.
struct CrashSoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crash",
        abstract: "Kill the engine at random instants while it trades with a venue that misbehaves.",
        discussion: """
            Each lane is an engine process with an account, a venue and a journal of its own. Kills strike while it \
            starts, recovers and trades. Exits with 0 if no intent was lost, none doubled, no exit refused, and all was \
            covered after every recovery; with 1 otherwise, and then keeps journals and logs.
            """
    )

    @Option(help: "How many kills in all.")
    var kills = 500

    @Option(help: "How many engines side by side.")
    var lanes = 4

    @Option(help: "Seed of venues, traffic and kills.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Faults of the venues.", valueName: "profile|file"))
    var faults = "lost-acks"

    @Option(help: ArgumentHelp("The policy's directory.", valueName: "dir"))
    var policy = "policies/brisk"

    @Option(help: "Let the engine put everything in order after so many kills of a lane.")
    var restEvery = 10

    @Option(help: ArgumentHelp("Where journals go, instead of the temporary folder.", valueName: "dir"))
    var folder: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(kills) else { throw ValidationError("--kills must be 1 to 100000") }
        guard (1...32).contains(lanes) else { throw ValidationError("--lanes must be 1 to 32") }
        guard restEvery >= 1 else { throw ValidationError("--rest-every must be 1 or more") }
        try PolicyPath.requireDirectory(policy)
    }

    func run() async throws {
        let began = Date()
        let count = KillCount(of: kills)
        let outcomes: [CrashLane.Outcome]
        do {
            outcomes = try await withThrowingTaskGroup(of: CrashLane.Outcome.self) { group in
                for order in orders() {
                    group.addTask {
                        try await CrashLane(order).run { count.add() }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        } catch {
            throw Complaint.exit("soak-live crash", error)
        }
        count.clear()
        let summary = CrashSummary(
            outcomes: outcomes.sorted { $0.order.number < $1.order.number },
            seconds: -began.timeIntervalSinceNow
        )
        print(json ? summary.json.description : summary.lines().joined(separator: "\n"))
        guard summary.holds else { throw ExitCode(1) }
    }

    private func orders() -> [CrashLane.Order] {
        let count = min(lanes, kills)
        return (0..<count).map { index in
            CrashLane.Order(
                number: index + 1,
                seed: seed &* 1_000 &+ UInt64(index),
                kills: kills / count + (index < kills % count ? 1 : 0),
                restEvery: restEvery,
                faults: faults,
                policy: policy,
                folder: folder.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
            )
        }
    }
}

/// Counts the kills of all lanes, for the line that shows how far it is.
private final class KillCount: Sendable {
    private let done = Mutex(0)
    private let total: Int
    private let line = ProgressLine()

    init(of total: Int) { self.total = total }

    func add() {
        let count = done.withLock { done in
            done += 1
            return done
        }
        line.show(done: count, of: total, unit: "kills")
    }

    func clear() { line.clear() }
}
