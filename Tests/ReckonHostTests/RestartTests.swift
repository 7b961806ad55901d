import Foundation
import ReckonEngine
import ReckonExchange
import ReckonHost
import ReckonJournal
import ReckonModel
import ReckonTestRig
import ReckonVenue
import Testing

@Suite("A restart finds what a dead engine left", .serialized)
struct RestartTests {
    @Test("the journal of an engine that ended replays to its very state")
    func orderlyEnd() async throws {
        let rig = try await Rig.start()
        try await rig.open("one")
        _ = await rig.engine.submit(rig.exit("two"))
        let engine = try #require(await rig.engine.stop())
        let facts = try JournalReader(path: rig.folder.path("journal.sqlite")).load()
        #expect(facts.count > 10)
        #expect(Engine(Rig.configuration, replaying: facts).state == engine.state)
        await rig.venue.stop()
    }

    @Test("an engine on a dead one's journal knows its intents and takes up its position", arguments: [1, 7])
    func killed(_ seed: UInt64) async throws {
        let rig = try await Rig.start(seed: seed)
        try await rig.open("one")
        guard case .answered(.accepted(let receipt)) = await rig.engine.submit(rig.exit("way-out")) else {
            Issue.record("the exit was not accepted")
            return
        }
        // What a disk holds at the instant of a kill -9: the files as they are, with no word of farewell.
        let image = rig.folder.path("image.sqlite")
        let committed = rig.board.committed
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(
                atPath: rig.folder.path("journal.sqlite") + suffix,
                toPath: image + suffix
            )
        }
        await rig.engine.stop()
        let facts = try JournalReader(path: image).load()
        #expect(facts.count >= committed.count)
        #expect(Array(facts.prefix(committed.count)) == committed)
        let second = try await Rig.start(rig.venue, journal: image, Switchboard())
        try await rig.eventually("ready again") { second.reasonsNotReady.isEmpty }
        guard case .answered(.accepted(let again)) = await second.submit(rig.exit("way-out")) else {
            Issue.record("the key is not known any more")
            return
        }
        #expect(again.isRepeat)
        #expect(again.intent == receipt.intent)
        try await rig.eventually("flat here and at the venue") {
            second.snapshot.holdings.allSatisfy { $0.position.isFlat }
                && rig.venue.snapshot().positions.allSatisfy { $0.quantity.isZero }
        }
        #expect(second.snapshot.identity.epoch != rig.engine.snapshot.identity.epoch)
        await second.stop()
        await rig.venue.stop()
    }

    @Test("a venue that cannot be reached does not keep the engine from starting; readiness says why")
    func venueDown() async throws {
        let rig = try await Rig.start()
        let board = Switchboard()
        board.isVenueDown = true
        let engine = try await Rig.start(rig.venue, journal: rig.folder.path("second.sqlite"), board)
        #expect(engine.reasonsNotReady.contains { $0.hasPrefix("venue clock") })
        #expect(engine.reasonsNotReady.contains { $0.hasPrefix("venue access") })
        guard case .answered(.refused(let refusal)) = await engine.submit(rig.entry("too-soon")) else {
            Issue.record("an entry was taken on")
            return
        }
        #expect(refusal.rule == .starting || refusal.rule == .unknownSymbol, "\(refusal.message)")
        board.isVenueDown = false
        try await rig.eventually("ready once the venue answers") { engine.reasonsNotReady.isEmpty }
        await engine.stop()
        await rig.stop()
    }
}
