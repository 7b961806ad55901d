import Foundation
import ReckonEngine
import ReckonExchange
import ReckonHost
import ReckonJournal
import ReckonModel
import ReckonTestRig
import ReckonVenue
import Testing

/// The journal's own file in trouble, with everything else real (I-01).
@Suite("A journal that is down", .serialized)
struct JournalDownTests {
    @Test(
        "while a commit hangs on the disk exits leave and entries don't, and all is written once it is over"
    )
    func hanging() async throws {
        let rig = try await Rig.start(answerWithin: .milliseconds(900))
        try await rig.open("before")
        try await trouble(rig, begin: { rig.board.disk = .hanging }, end: { rig.board.disk = .well })
    }

    @Test("so it is while the journal's file is gone from its place")
    func vanished() async throws {
        let rig = try await Rig.start(answerWithin: .milliseconds(900))
        try await rig.open("before")
        let (path, away) = (rig.folder.path("journal.sqlite"), rig.folder.path("elsewhere.sqlite"))
        try await trouble(
            rig,
            begin: { try FileManager.default.moveItem(atPath: path, toPath: away) },
            end: { try FileManager.default.moveItem(atPath: away, toPath: path) },
            saying: "no more where it was opened"
        )
    }

    /// Begins a trouble, sees the alarm, an exit through and an entry kept, ends it, and sees that nothing was lost.
    private func trouble(
        _ rig: Rig,
        begin: () throws -> Void,
        end: () throws -> Void,
        saying words: String = "commit took"
    ) async throws {
        let entries = rig.board.placed(.entry)
        try begin()
        _ = await rig.engine.submit(rig.entry("during"))
        try await rig.eventually("the alarm") { rig.engine.journalHealth.isDown }
        try await rig.eventually("the reason") {
            rig.engine.reasonsNotReady.contains { $0.hasPrefix("journal down") }
        }
        guard case .answered(.refused(let refusal)) = await rig.engine.submit(rig.entry("later")) else {
            Issue.record("an entry was taken on")
            return
        }
        #expect(refusal.rule == .journalDown)
        _ = await rig.engine.submit(rig.exit("way-out"))
        try await rig.eventually("flat at the venue") {
            rig.venue.snapshot().positions.allSatisfy { $0.quantity.isZero }
        }
        let health = rig.engine.journalHealth
        #expect(health.isDown && health.unwritten > 0)
        #expect(health.reason?.contains(words) == true, "\(health)")
        #expect(rig.board.placed(.entry) == entries)
        try end()
        try await rig.eventually("ready again") { rig.engine.reasonsNotReady.isEmpty }
        try await rig.eventually("everything written") { rig.engine.journalHealth.unwritten == 0 }
        #expect(!rig.engine.journalHealth.isDown)
        let engine = try #require(await rig.engine.stop())
        let facts = try JournalReader(path: rig.folder.path("journal.sqlite")).load()
        #expect(Int64(facts.count) == engine.state.factCount)
        #expect(Engine(Rig.configuration, replaying: facts).state == engine.state)
        await rig.venue.stop()
    }
}
