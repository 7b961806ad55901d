import Foundation
import ReckonEngine
import ReckonHost
import ReckonJournal
import ReckonModel
import ReckonTestRig
import ReckonVenue
import Testing

@Suite("Facts are durable before entries leave (I-01)", .serialized)
struct CommitBeforeActTests {
    @Test("every entry, exit and stop leaves after its own submission is on disk")
    func order() async throws {
        let rig = try await Rig.start()
        for round in 0..<4 {
            try await rig.open("entry-\(round)")
            _ = await rig.engine.submit(rig.exit("exit-\(round)"))
            try await rig.eventually("flat") {
                rig.engine.snapshot.holdings.allSatisfy { $0.position.isFlat }
            }
        }
        let facts = rig.board.committed
        #expect(rig.board.placed(.entry) >= 4)
        #expect(rig.board.placed(.stop) >= 4)
        // A busy machine can make a commit slow; then, and only then, exits and stops go ahead of their facts.
        let wasSlow = facts.contains { fact in
            if case .journalLatched = fact.fact { return true }
            return false
        }
        for (placement, through) in rig.board.placements where placement.ticket.role == .entry || !wasSlow {
            let submitted = facts.first { fact in
                guard case .order(placement.ticket.id, .submitted(let attempt, _, _)) = fact.fact else {
                    return false
                }
                return attempt == placement.attempt
            }
            #expect(try #require(submitted).number <= through, "\(placement.ticket.id)")
        }
        await rig.stop()
    }

    @Test(
        "while the disk fails or is slow no entry leaves, the exit does, and nothing is lost",
        arguments: [Switchboard.Disk.failing, .slow(700)]
    )
    func diskTrouble(_ trouble: Switchboard.Disk) async throws {
        let rig = try await Rig.start(answerWithin: .milliseconds(900))
        try await rig.open("before")
        let entriesBefore = rig.board.placed(.entry)
        rig.board.disk = trouble
        // The first turn of the trouble is the one that finds out; this entry must already stay.
        let reply = await rig.engine.submit(rig.entry("during"))
        if trouble == .failing { #expect(reply == .undecided || reply.isRefusal) }
        _ = await rig.engine.submit(rig.exit("way-out"))
        try await rig.eventually("the exit's order at the venue") { rig.board.placed(.exit) > 0 }
        #expect(rig.board.placed(.entry) == entriesBefore)
        rig.board.disk = .well
        try await rig.eventually("ready again") { rig.engine.reasonsNotReady.isEmpty }
        try await rig.eventually("flat") { rig.engine.snapshot.holdings.allSatisfy { $0.position.isFlat } }
        try await rig.eventually("a new entry taken") {
            if case .answered(.accepted) = await rig.engine.submit(rig.entry("after")) { return true }
            return false
        }
        let path = rig.folder.path("journal.sqlite")
        let engine = try #require(await rig.engine.stop())
        let facts = try JournalReader(path: path).load()
        #expect(Int64(facts.count) == engine.state.factCount)
        #expect(Engine(Rig.configuration, replaying: facts).state == engine.state)
        await rig.venue.stop()
    }

    @Test("an answer waits for its facts: none while the disk fails, and one under the same key afterwards")
    func answers() async throws {
        let rig = try await Rig.start(answerWithin: .milliseconds(600))
        try await rig.open("before")
        rig.board.disk = .failing
        #expect(await rig.engine.submit(rig.exit("once")) == .undecided)
        rig.board.disk = .well
        try await rig.eventually("the same intent, now durable") {
            if case .answered(.accepted(let receipt)) = await rig.engine.submit(rig.exit("once")) {
                return receipt.isRepeat
            }
            return false
        }
        await rig.stop()
    }
}

extension Reply {
    fileprivate var isRefusal: Bool {
        if case .answered(.refused) = self { return true }
        return false
    }
}
