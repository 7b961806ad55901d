package import GRDB

/// Whether an acknowledged commit survives a power cut (I-01).
///
/// GRDB sets `synchronous = NORMAL` when it opens a file in WAL mode, after every hook that it offers, so the setting is
/// made once the connection stands, and believed only when read back.
package enum Durability {
    package static func enforce(on database: Database, path: String) throws {
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try check(database, path: path)
    }

    /// Throws `JournalFailure.notDurable` unless the connection is in WAL mode with `synchronous` at FULL or EXTRA.
    package static func check(_ database: Database, path: String) throws {
        let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode") ?? "none"
        guard mode == "wal" else {
            throw JournalFailure.notDurable(path: path, setting: "journal_mode", found: mode, allowed: "wal")
        }
        let level = try Int.fetchOne(database, sql: "PRAGMA synchronous") ?? 0
        guard level >= 2 else {
            throw JournalFailure.notDurable(
                path: path,
                setting: "synchronous",
                found: name(level),
                allowed: "FULL"
            )
        }
    }

    private static func name(_ level: Int) -> String {
        switch level {
        case 0: "OFF"
        case 1: "NORMAL"
        default: "\(level)"
        }
    }
}
