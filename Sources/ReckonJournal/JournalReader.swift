import Foundation
import GRDB
package import ReckonEngine
package import ReckonModel

/// Reads a journal, also while an engine writes it.
package struct JournalReader: Sendable {
    package let path: String
    private let database: any DatabaseReader

    init(path: String, database: any DatabaseReader) {
        self.path = path
        self.database = database
    }

    /// A connection of its own that can only read.
    package init(path: String) throws(JournalFailure) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw .cannotOpen(path: path, reason: "there is no such file")
        }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(2)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.read { try Schema.check($0, path: path) }
            self.init(path: path, database: queue)
        } catch {
            throw JournalFailure(wrapping: error, path: path)
        }
    }

    /// What the journal says of itself.
    package func meta() throws(JournalFailure) -> JournalMeta {
        try reading { database in
            JournalMeta(
                schemaVersion: try Schema.value("schema_version", in: database) ?? "",
                engine: try Schema.value("engine", in: database) ?? "",
                created: Instant(nanoseconds: Int64(try Schema.value("created_ns", in: database) ?? "") ?? 0),
                lastFact: try Int64.fetchOne(database, sql: "SELECT max(number) FROM facts") ?? 0
            )
        }
    }

    /// Hands out every row in order, checked: numbers without gaps, digests that chain.
    ///
    /// One row is in memory at a time. Ends at the first row that is missing or altered, naming it.
    package func forEach(_ body: (FactRow) throws(JournalFailure) -> Void) throws(JournalFailure) {
        try reading { database in
            let rows = try Row.fetchCursor(
                database,
                sql: "SELECT \(FactRow.columns) FROM facts ORDER BY number"
            )
            var number: Int64 = 0
            var digest: Int64 = 0
            while let row = try rows.next() {
                let fact = try FactRow(row)
                number += 1
                guard fact.number == number else {
                    throw RowDamage(row: number, reason: "it is missing, the next is \(fact.number)")
                }
                try fact.check(after: digest)
                digest = fact.digest
                try body(fact)
            }
        }
    }

    /// Hands out every fact in order; ends at the first that cannot be trusted or decoded, naming its row.
    package func forEachFact(_ body: (StampedFact) -> Void) throws(JournalFailure) {
        try forEach { (row) throws(JournalFailure) in body(try fact(of: row)) }
    }

    /// All facts, oldest first.
    package func load() throws(JournalFailure) -> [StampedFact] {
        var facts: [StampedFact] = []
        try forEachFact { facts.append($0) }
        return facts
    }

    /// Rows after a number, for resuming an event stream.
    package func rows(after number: Int64, limit: Int) throws(JournalFailure) -> [FactRow] {
        try rows("number > ? ORDER BY number LIMIT ?", [number, limit])
    }

    /// The latest rows, oldest first.
    package func latest(_ count: Int) throws(JournalFailure) -> [FactRow] {
        try rows("number > (SELECT coalesce(max(number), 0) FROM facts) - ? ORDER BY number", [count])
    }

    /// The state that a policy left last.
    package func policyState() throws(JournalFailure) -> StoredPolicyState? {
        try reading { database in
            let sql = "SELECT policy_digest, version, state FROM policy_state"
            guard let row = try Row.fetchOne(database, sql: sql),
                let digest = String.fromDatabaseValue(row[0]),
                let version = Int64.fromDatabaseValue(row[1]),
                let state = Data.fromDatabaseValue(row[2])
            else { return nil }
            return StoredPolicyState(policyDigest: digest, version: version, bytes: Array(state))
        }
    }

    /// The stored inputs, oldest first.
    package func blackBox() throws(JournalFailure) -> [BlackBox.Entry] {
        try reading { database in
            let sql = "SELECT sequence, at_ns, text FROM black_box ORDER BY sequence"
            return try Row.fetchAll(database, sql: sql).map { row in
                BlackBox.Entry(
                    sequence: Int64.fromDatabaseValue(row[0]) ?? 0,
                    at: Instant(nanoseconds: Int64.fromDatabaseValue(row[1]) ?? 0),
                    text: String.fromDatabaseValue(row[2]) ?? ""
                )
            }
        }
    }

    /// Number of the last stored input; 0 where there is none.
    package func lastInput() throws(JournalFailure) -> Int64 {
        try reading { try Int64.fetchOne($0, sql: "SELECT max(sequence) FROM black_box") ?? 0 }
    }

    /// The fact of a row; throws naming the row.
    package func fact(of row: FactRow) throws(JournalFailure) -> StampedFact {
        do {
            return try row.fact()
        } catch {
            throw JournalFailure(wrapping: error, path: path)
        }
    }

    /// `ok`, or the first thing that SQLite finds wrong with the file.
    func integrity() throws(JournalFailure) -> String {
        try reading { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") ?? "no answer" }
    }

    func rows(_ condition: String, _ arguments: StatementArguments) throws(JournalFailure) -> [FactRow] {
        try reading { database in
            let sql = "SELECT \(FactRow.columns) FROM facts WHERE \(condition)"
            return try Row.fetchAll(database, sql: sql, arguments: arguments).map(FactRow.init)
        }
    }

    static func row(_ number: Int64, in database: Database) throws -> FactRow? {
        let sql = "SELECT \(FactRow.columns) FROM facts WHERE number = ?"
        return try Row.fetchOne(database, sql: sql, arguments: [number]).map(FactRow.init)
    }

    func reading<Result>(_ body: (Database) throws -> Result) throws(JournalFailure) -> Result {
        do {
            return try withoutActuallyEscaping(body) { try database.read($0) }
        } catch {
            throw JournalFailure(wrapping: error, path: path)
        }
    }
}

/// What a journal says of itself.
package struct JournalMeta: Sendable, Hashable {
    package let schemaVersion: String
    package let engine: String
    package let created: Instant
    package let lastFact: Int64
}
