import Foundation
import GRDB
import ReckonEngine
import ReckonJournal
import ReckonModel
import Testing

@Suite("The journal")
struct JournalTests {
    @Test("a journal opened by GRDB's own settings is not durable, and is found out")
    func defaultIsNotDurable() throws {
        let folder = try Folder()
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        let queue = try DatabaseQueue(path: folder.file("x.sqlite"), configuration: configuration)
        try queue.writeWithoutTransaction { database in
            let failure = #expect(throws: JournalFailure.self) { try Durability.check(database, path: "x") }
            #expect(
                failure == .notDurable(path: "x", setting: "synchronous", found: "NORMAL", allowed: "FULL")
            )
            try Durability.enforce(on: database, path: "x")
            #expect(try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2)
        }
    }

    @Test("the journal's own connection reads back as FULL, new or found")
    func isDurable() throws {
        let folder = try Folder()
        for _ in 1...2 {
            let journal = try Journal.sample(folder.file("j.sqlite"))
            #expect(throws: Never.self) { try journal.checkDurability() }
            try journal.close()
        }
    }

    @Test("a database without a WAL is not durable either")
    func needsWAL() throws {
        let folder = try Folder()
        let queue = try DatabaseQueue(path: folder.file("x.sqlite"))
        let failure = #expect(throws: JournalFailure.self) {
            try queue.writeWithoutTransaction { try Durability.enforce(on: $0, path: "x") }
        }
        #expect(
            failure == .notDurable(path: "x", setting: "journal_mode", found: "delete", allowed: "wal")
        )
    }

    @Test("a second engine on the same journal is refused, by another name of it too, and let in afterwards")
    func exclusiveLock() throws {
        let folder = try Folder()
        let path = folder.file("j.sqlite")
        let link = folder.file("link.sqlite")
        do {
            let first = try Journal.sample(path)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            for name in [path, link] {
                let failure = #expect(throws: JournalFailure.self) { try Journal.sample(name) }
                #expect(failure?.code == "locked")
                #expect(failure?.description.contains(path) == true)
                #expect(failure?.description.contains("process \(getpid())") == true)
                #expect(failure?.description.contains("\n") == false)
            }
            try first.close()
        }
        _ = try Journal.sample(path)
    }

    @Test("a gap and a repeat are refused and leave nothing behind", arguments: [-1, 0, 2, 7] as [Int64])
    func outOfSequence(shift: Int64) throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 3)
        let facts = sample.batch(6)
        let journal = try folder.journal(Array(facts.prefix(3)))
        let odd = StampedFact(number: 4 + shift, at: facts[3].at, fact: facts[3].fact)
        if shift != 0 {
            #expect(throws: JournalFailure.outOfSequence(path: journal.path, found: 4 + shift, allowed: 4)) {
                try journal.commit([odd])
            }
        }
        #expect(throws: JournalFailure.outOfSequence(path: journal.path, found: 6, allowed: 5)) {
            try journal.commit([facts[3], facts[5]])
        }
        #expect(try journal.reader.load() == Array(facts.prefix(3)))
        let receipt = try journal.commit(Array(facts[3...]))
        #expect(receipt.facts == 3 && receipt.through == 6)
        #expect(try journal.reader.load() == facts)
    }

    @Test("a closed journal is found again, and numbers go on where they ended")
    func reopen() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 9)
        let facts = sample.batch(40)
        try folder.journal(Array(facts.prefix(25))).close()
        let again = try Journal.sample(folder.file("j.sqlite"))
        #expect(again.commits.through == 25)
        try again.commit(Array(facts[25...]))
        #expect(try again.reader.load() == facts)
        #expect(try again.reader.verify() == 40)
        let meta = try again.reader.meta()
        #expect(meta.engine == "e1" && meta.schemaVersion == "1" && meta.lastFact == 40)
    }

    @Test("another engine's journal, a later schema and a foreign file are refused by name")
    func refusals() throws {
        let folder = try Folder()
        let path = folder.file("j.sqlite")
        try Journal.sample(path).close()
        #expect(throws: JournalFailure.foreign(path: path, found: "e1", allowed: "e2")) {
            try Journal.sample(path, engine: "e2")
        }
        try edit(path, "UPDATE meta SET value = '2' WHERE key = 'schema_version'")
        #expect(throws: JournalFailure.schema(path: path, found: "2", allowed: "1 to 1")) {
            try Journal.sample(path)
        }
        #expect(throws: JournalFailure.schema(path: path, found: "2", allowed: "1 to 1")) {
            try JournalReader(path: path)
        }
        let other = folder.file("other.sqlite")
        try edit(other, "CREATE TABLE t (x)")
        #expect(throws: JournalFailure.self) { try Journal.sample(other) }
        let noise = folder.file("noise.sqlite")
        try Data(repeating: 0x41, count: 9_000).write(to: URL(fileURLWithPath: noise))
        #expect((#expect(throws: JournalFailure.self) { try Journal.sample(noise) })?.code == "damaged")
        let lost = folder.file("no/such/folder/j.sqlite")
        #expect((#expect(throws: JournalFailure.self) { try Journal.sample(lost) })?.code == "cannot_open")
        #expect(
            (#expect(throws: JournalFailure.self) { try JournalReader(path: lost) })?.code == "cannot_open"
        )
    }

    @Test(
        "a row that was altered, lost or made unreadable is named and never skipped",
        arguments: [
            "UPDATE facts SET body = replace(body, '\"', '''') WHERE number = 5",
            "UPDATE facts SET body = '{}' WHERE number = 5",
            "UPDATE facts SET kind = 'nonsense' WHERE number = 5",
            "UPDATE facts SET at_ns = at_ns + 1 WHERE number = 5",
            "UPDATE facts SET digest = digest + 1 WHERE number = 5",
            "DELETE FROM facts WHERE number = 5",
        ]
    )
    func corruptRow(change: String) throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 21)
        let facts = sample.batch(12)
        try folder.journal(facts).close()
        try edit(folder.file("j.sqlite"), change)
        let reader = try JournalReader(path: folder.file("j.sqlite"))
        var seen: [StampedFact] = []
        let failure = #expect(throws: JournalFailure.self) { try reader.forEachFact { seen.append($0) } }
        guard case .corrupt(_, let row, let reason) = try #require(failure) else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(row == 5 && !reason.isEmpty)
        #expect(seen == Array(facts.prefix(4)))
    }

    @Test("a body that cannot be decoded is named even where its digest fits")
    func undecodable() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 2)
        try folder.journal(sample.batch(3)).close()
        let reader = try JournalReader(path: folder.file("j.sqlite"))
        let row = try #require(try reader.rows(after: 2, limit: 1).first)
        #expect(throws: Never.self) { try reader.fact(of: row) }
        try edit(folder.file("j.sqlite"), "UPDATE facts SET body = '{\"fromTheFuture\":{}}' WHERE number = 3")
        let odd = try #require(try reader.rows(after: 2, limit: 1).first)
        let failure = #expect(throws: JournalFailure.self) { try reader.fact(of: odd) }
        #expect(failure?.code == "corrupt")
        #expect(failure?.description.contains("row 3") == true)
    }

    @Test("a lost row in the middle keeps an engine from writing on")
    func lostRow() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 21)
        try folder.journal(sample.batch(12)).close()
        try edit(folder.file("j.sqlite"), "DELETE FROM facts WHERE number = 5")
        let failure = #expect(throws: JournalFailure.self) { try Journal.sample(folder.file("j.sqlite")) }
        #expect(failure?.code == "corrupt")
    }

    @Test("a reader of its own sees each commit while the writer holds the lock")
    func readsBesideTheWriter() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 4)
        let journal = try folder.journal(sample.batch(5))
        let reader = try JournalReader(path: journal.path)
        #expect(try reader.meta().lastFact == 5)
        let more = sample.batch(3)
        try journal.commit(more)
        #expect(try reader.rows(after: 5, limit: 9).map(\.number) == [6, 7, 8])
        #expect(try reader.latest(2).map(\.number) == [7, 8])
        #expect(try reader.latest(99).count == 8)
    }

    @Test("what a policy left is found again, and only the latest")
    func policyState() throws {
        let folder = try Folder()
        let journal = try Journal.sample(folder.file("j.sqlite"))
        #expect(try journal.loadPolicyState() == nil)
        try journal.savePolicyState(StoredPolicyState(policyDigest: "old", version: 1, bytes: [1]))
        let latest = StoredPolicyState(policyDigest: "new", version: 2, bytes: (0...255).map { UInt8($0) })
        var sample = SampleFacts(seed: 6)
        try journal.commit(sample.batch(2), policy: latest)
        try journal.close()
        #expect(try JournalReader(path: journal.path).policyState() == latest)
    }

    @Test("commits are counted and timed")
    func statistics() throws {
        let folder = try Folder()
        var sample = SampleFacts(seed: 6)
        let journal = try folder.journal(sample.batch(20))
        let before = journal.commits
        let receipt = try journal.commit(sample.batch(4))
        #expect(receipt.duration > .zero)
        #expect(journal.commits.commits == before.commits + 1)
        #expect(journal.commits.facts == 24 && journal.commits.through == 24)
        #expect(journal.commits.total >= before.total + receipt.duration)
        #expect(journal.commits.slowest >= receipt.duration)
        #expect(CommitReceipt(facts: 1, through: 1, duration: .milliseconds(251)).isSlow)
        #expect(!CommitReceipt(facts: 1, through: 1, duration: .milliseconds(250)).isSlow)
    }

    @Test("SQLite's complaints become our own cases")
    func failureMapping() {
        func code(_ result: ResultCode) -> String {
            JournalFailure(DatabaseError(resultCode: result), path: "p").code
        }
        #expect(code(.SQLITE_FULL) == "disk_full")
        #expect(code(.SQLITE_READONLY) == "read_only")
        #expect(code(.SQLITE_CORRUPT) == "damaged")
        #expect(code(.SQLITE_NOTADB) == "damaged")
        #expect(code(.SQLITE_CANTOPEN) == "cannot_open")
        #expect(code(.SQLITE_BUSY) == "locked")
        #expect(code(.SQLITE_IOERR) == "failed")
    }

    private func edit(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }
}
