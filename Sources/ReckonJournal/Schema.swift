import GRDB
import ReckonModel

/// The tables of a journal, and the checks that a file is one that this build may write.
enum Schema {
    static let version = 1

    private static let tables = """
        CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE facts (
            number INTEGER PRIMARY KEY,
            at_ns INTEGER NOT NULL,
            kind TEXT NOT NULL,
            symbol TEXT,
            intent INTEGER,
            client_order TEXT,
            correlation TEXT,
            body TEXT NOT NULL,
            digest INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX facts_by_correlation ON facts (correlation, number) WHERE correlation IS NOT NULL;
        CREATE INDEX facts_by_intent ON facts (intent) WHERE kind = 'intent_accepted';
        CREATE TABLE policy_state (
            slot INTEGER PRIMARY KEY CHECK (slot = 1),
            policy_digest TEXT NOT NULL,
            version INTEGER NOT NULL,
            at_fact INTEGER NOT NULL,
            state BLOB NOT NULL
        ) STRICT;
        CREATE TABLE black_box (sequence INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
        """

    /// Makes the tables in an empty file.
    static func create(in database: Database, engine: String, at now: Instant) throws {
        try database.execute(sql: tables)
        try set("schema_version", to: "\(version)", in: database)
        try set("engine", to: engine, in: database)
        try set("created_ns", to: "\(now.nanoseconds)", in: database)
    }

    static func isEmpty(_ database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
    }

    /// Refuses what is not a journal, or one of a later build.
    static func check(_ database: Database, path: String) throws {
        guard try database.tableExists("meta"), let found = try value("schema_version", in: database) else {
            throw JournalFailure.cannotOpen(path: path, reason: "it is a database, but not a journal")
        }
        guard let number = Int(found), (1...version).contains(number) else {
            throw JournalFailure.schema(path: path, found: found, allowed: "1 to \(version)")
        }
    }

    static func value(_ key: String, in database: Database) throws -> String? {
        try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
    }

    static func set(_ key: String, to value: String, in database: Database) throws {
        try database.execute(
            sql:
                "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            arguments: [key, value]
        )
    }
}
