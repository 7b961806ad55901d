import Foundation
import GRDB
package import ReckonEngine
package import ReckonModel
import Synchronization

/// The one writer of a journal file: facts on disk before effects on the wire (I-01).
///
/// A commit may block for as long as the disk does, so it is called away from the engine's task; the host latches
/// `journal_down` when one fails or its receipt is slow. After a failure the same facts may be handed in again: what
/// turned out to be stored is skipped.
package final class Journal: Sendable {
    package let path: String
    package let engine: String
    private let lock: FileLock
    private let presence: FilePresence
    private let door: DiskDoor
    private let queue: DatabaseQueue
    /// Held for the whole of a commit; only the committer may wait for it.
    private let tail: Mutex<Tail>
    private let statistics = Mutex(CommitStatistics())

    /// Where the next fact goes.
    private struct Tail {
        var last: Int64
        var digest: Int64
        var index: FactIndex
        /// The last commit failed, and what of it reached the disk is unknown.
        var isUncertain = false
    }

    /// Opens a journal, or makes one where there is none, and holds it until `close` or the process's end.
    ///
    /// Refuses a file that another engine holds, that is of a later schema, of another engine id, or whose commits would
    /// not survive a power cut, and one that is shorter than it once was.
    package convenience init(
        path: String,
        engine: String,
        at now: Instant,
        door: DiskDoor = .open
    ) throws(JournalFailure) {
        let resolved = Journal.resolved(path)
        let lock = try FileLock(path: resolved)
        do {
            try FileLength.check(resolved)
            let queue = try Journal.open(resolved)
            let tail = try queue.writeWithoutTransaction { database in
                try Journal.refuseShorter(database, than: lock.witness, path: resolved)
                return try Journal.prepare(database, path: resolved, engine: engine, at: now)
            }
            self.init(Opened(path: resolved, engine: engine, lock: lock, queue: queue, door: door), tail)
        } catch {
            throw JournalFailure(wrapping: error, path: resolved)
        }
    }

    /// What goes to disk along with facts.
    private struct Riders {
        let inputs: BlackBox.Batch
        let policy: StoredPolicyState?
        let versions: StoredPolicyVersion.Batch

        var isEmpty: Bool { inputs.entries.isEmpty && policy == nil && versions.versions.isEmpty }

        func store(in database: Database, at fact: Int64) throws {
            try inputs.insert(into: database)
            try policy?.store(in: database, at: fact)
            try versions.store(in: database, at: fact)
        }
    }

    /// What an opening brings.
    private struct Opened {
        let path: String
        let engine: String
        let lock: FileLock
        let queue: DatabaseQueue
        let door: DiskDoor
    }

    private init(_ opened: Opened, _ tail: Tail) {
        path = opened.path
        engine = opened.engine
        lock = opened.lock
        queue = opened.queue
        door = opened.door
        presence = FilePresence(opened.path)
        lock.note(tail.last)
        statistics.withLock { $0.through = tail.last }
        self.tail = Mutex(tail)
    }

    /// Reads what is stored, through the writer's own connection.
    package var reader: JournalReader { JournalReader(path: path, database: queue) }

    /// What commits have taken so far; never waits for one.
    package var commits: CommitStatistics { statistics.withLock { $0 } }

    /// Stores the facts of one turn, all or none, and returns once they would survive a power cut.
    ///
    /// Numbers must follow on from what is stored. The newest inputs, the policy's state and versions of policies ride
    /// along.
    @discardableResult
    package func commit(
        _ facts: [StampedFact],
        inputs: BlackBox.Batch = .none,
        policy: StoredPolicyState? = nil,
        versions: StoredPolicyVersion.Batch = .none
    ) throws(JournalFailure) -> CommitReceipt {
        let started = ContinuousClock.now
        do {
            let stored = try tail.withLock { tail in
                try self.store(facts, Riders(inputs: inputs, policy: policy, versions: versions), &tail)
            }
            let receipt = CommitReceipt(facts: stored.count, through: stored.last, duration: .since(started))
            statistics.withLock { $0.add(receipt) }
            return receipt
        } catch {
            statistics.withLock { $0.failures += 1 }
            throw JournalFailure(wrapping: error, path: path)
        }
    }

    /// Whether commits still survive a power cut, read from the connection itself.
    package func checkDurability() throws(JournalFailure) {
        do {
            try queue.writeWithoutTransaction { try Durability.check($0, path: path) }
        } catch {
            throw JournalFailure(wrapping: error, path: path)
        }
    }

    /// Ends the use of the file and lets another engine have it.
    package func close() throws(JournalFailure) {
        do {
            try queue.close()
            lock.release()
        } catch {
            throw JournalFailure(wrapping: error, path: path)
        }
    }

    private func store(
        _ facts: [StampedFact],
        _ riders: Riders,
        _ tail: inout Tail
    ) throws -> (count: Int, last: Int64) {
        var facts = facts[...]
        if tail.isUncertain { facts = try settle(facts, tail: &tail) }
        let rows = try rows(of: facts, tail: &tail)
        guard !rows.isEmpty || !riders.isEmpty else { return (0, tail.last) }
        let through = rows.last?.number ?? tail.last
        try presence.check()
        do {
            try queue.write { database in
                for row in rows { try row.insert(into: database) }
                try riders.store(in: database, at: through)
                try door.beforeCommit()
            }
        } catch {
            tail.isUncertain = true
            throw error
        }
        tail.last = through
        tail.digest = rows.last?.digest ?? tail.digest
        lock.note(through)
        return (rows.count, tail.last)
    }

    /// The rows to write; throws before anything is written when a number does not follow on.
    private func rows(of facts: ArraySlice<StampedFact>, tail: inout Tail) throws -> [FactRow] {
        var rows: [FactRow] = []
        rows.reserveCapacity(facts.count)
        var number = tail.last
        var digest = tail.digest
        for fact in facts {
            number += 1
            guard fact.number == number else {
                throw JournalFailure.outOfSequence(path: path, found: fact.number, allowed: number)
            }
            do {
                let row = try FactRow(fact, subject: tail.index.take(fact), after: digest)
                digest = row.digest
                rows.append(row)
            } catch let error as EncodingError {
                throw JournalFailure.cannotEncode(path: path, row: number, reason: "\(error)")
            }
        }
        return rows
    }

    /// After a failed commit, finds out what of it was stored, and leaves of `facts` what was not.
    private func settle(_ facts: ArraySlice<StampedFact>, tail: inout Tail) throws -> ArraySlice<StampedFact>
    {
        let (last, digest, stored) = try queue.read { [path] database in
            let end = try Journal.end(of: database)
            let known = try facts.prefix { $0.number <= end.last }.allSatisfy { fact in
                let row = try JournalReader.row(fact.number, in: database)
                return try row?.at == fact.at && row?.body == FactRow.text(fact.fact)
            }
            guard known else {
                throw JournalFailure.outOfSequence(
                    path: path,
                    found: facts.first?.number ?? 0,
                    allowed: end.last + 1
                )
            }
            return (end.last, end.digest, facts.prefix { $0.number <= end.last }.count)
        }
        tail.last = last
        tail.digest = digest
        tail.isUncertain = false
        return facts.dropFirst(stored)
    }
}

// MARK: - Opening

extension Journal {
    /// The one name of a file, so that a symbolic link does not come with a lock of its own.
    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        // Made here and not by SQLite, so that nobody else can read it; the WAL file takes over its mode.
        let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw JournalFailure.cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        Foundation.close(descriptor)
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.label = "journal"
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Facts that were stored once and are stored no more must not be taken for facts that never were.
    private static func refuseShorter(_ database: Database, than witness: Int64?, path: String) throws {
        guard let witness else { return }
        let last = try Schema.isEmpty(database) ? 0 : Journal.lastNumber(in: database)
        guard last < witness else { return }
        throw JournalFailure.shorter(path: path, found: last, allowed: witness)
    }

    private static func lastNumber(in database: Database) throws -> Int64 {
        guard try database.tableExists("facts") else { return 0 }
        return try Int64.fetchOne(database, sql: "SELECT max(number) FROM facts") ?? 0
    }

    private static func prepare(
        _ database: Database,
        path: String,
        engine: String,
        at now: Instant
    ) throws -> Tail {
        try Durability.enforce(on: database, path: path)
        try database.inTransaction(.immediate) {
            if try Schema.isEmpty(database) {
                try Schema.create(in: database, engine: engine, at: now)
            }
            try Schema.check(database, path: path)
            try database.execute(sql: StoredPolicyVersion.tables)
            let found = try Schema.value("engine", in: database) ?? "unnamed"
            guard found == engine else {
                throw JournalFailure.foreign(path: path, found: found, allowed: engine)
            }
            // Written at each start: a file that cannot be written is to be found out now and not at the first fact.
            try Schema.set("opened_ns", to: "\(now.nanoseconds)", in: database)
            return .commit
        }
        let end = try end(of: database)
        guard end.count == end.last else {
            throw JournalFailure.corrupt(
                path: path,
                row: end.last,
                reason: "\(end.count) rows are stored up to it, a row is missing"
            )
        }
        return Tail(last: end.last, digest: end.digest, index: try index(of: database))
    }

    private static func end(of database: Database) throws -> (last: Int64, count: Int64, digest: Int64) {
        let last = try Int64.fetchOne(database, sql: "SELECT max(number) FROM facts") ?? 0
        let count = try Int64.fetchOne(database, sql: "SELECT count(*) FROM facts") ?? 0
        let digest = try JournalReader.row(last, in: database)?.digest ?? 0
        return (last, count, digest)
    }

    private static func index(of database: Database) throws -> FactIndex {
        var index = FactIndex()
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT \(FactRow.columns) FROM facts
                WHERE kind IN ('intent_accepted', 'order_planned', 'order_adopted') ORDER BY number
                """
        )
        while let row = try rows.next() {
            let fact = try FactRow(row)
            let subject = FactIndex.Subject(
                intent: fact.intent,
                correlation: fact.correlation,
                symbol: fact.symbol
            )
            if let order = fact.order {
                index.learn(subject, order: order)
            } else if let intent = fact.intent {
                index.learn(subject, intent: intent)
            }
        }
        return index
    }
}
