import GRDB
import ReckonEngine
import ReckonJournal
import ReckonModel
import Testing

/// A commit that failed may have reached the disk all the same.
///
/// A second connection plays the disk: it makes the commit fail, and then stores as much of it as the case wants.
@Suite("A commit tried again")
struct RetryTests {
    @Test("what was stored after all is skipped, what was not is written", arguments: 0...5)
    func again(stored: Int) throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 71)
        let facts = sample.batch(8)
        let journal = try folder.journal(Array(facts.prefix(3)))
        try fail(journal, facts[3...], storing: stored, from: folder.journal(facts, name: "twin.sqlite"))
        let receipt = try journal.commit(Array(facts[3...]))
        #expect(receipt.facts == 5 - stored && receipt.through == 8)
        #expect(try journal.reader.load() == facts)
        try journal.commit([sample.next()])
        #expect(try journal.reader.verify() == 9)
    }

    @Test("other facts under numbers that were stored are refused")
    func otherFacts() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 72)
        let facts = sample.batch(6)
        let journal = try folder.journal(Array(facts.prefix(3)))
        try fail(journal, facts[3...], storing: 2, from: folder.journal(facts, name: "twin.sqlite"))
        let other = StampedFact(number: 4, at: facts[3].at, fact: .journalLatched("another story"))
        #expect(throws: JournalFailure.outOfSequence(path: journal.path, found: 4, allowed: 6)) {
            try journal.commit([other])
        }
        try journal.commit(Array(facts[3...]))
        #expect(try journal.reader.load() == facts)
    }

    private func fail(
        _ journal: Journal,
        _ facts: ArraySlice<StampedFact>,
        storing count: Int,
        from twin: Journal
    ) throws {
        let disk = try DatabaseQueue(path: journal.path)
        try disk.writeWithoutTransaction { database in
            try database.execute(sql: "ATTACH ? AS twin", arguments: [twin.path])
            try database.execute(sql: "BEGIN IMMEDIATE")
            #expect(
                (#expect(throws: JournalFailure.self) { try journal.commit(Array(facts)) })?.code == "locked"
            )
            try database.execute(
                sql: "INSERT INTO facts SELECT * FROM twin.facts WHERE number >= ? ORDER BY number LIMIT ?",
                arguments: [facts.first?.number, count]
            )
            try database.execute(sql: "COMMIT")
        }
        try disk.close()
    }
}
