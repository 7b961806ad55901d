package import GRDB

/// Why the journal could not do what it was asked; each text is one line that says what to do.
package enum JournalFailure: Error, Sendable, Hashable {
    case cannotOpen(path: String, reason: String)
    /// Another engine holds the journal.
    case locked(path: String, holder: String)
    /// SQLite would acknowledge commits that a power cut can undo.
    case notDurable(path: String, setting: String, found: String, allowed: String)
    case readOnly(path: String)
    case diskFull(path: String)
    /// The file itself is broken, by SQLite's word.
    case damaged(path: String, reason: String)
    /// One row is missing, altered or unreadable.
    case corrupt(path: String, row: Int64, reason: String)
    /// A file of the journal is no more where it was opened, so what is written to it would be lost.
    case vanished(path: String, file: String)
    /// Facts that were stored once are there no more.
    case shorter(path: String, found: Int64, allowed: Int64)
    case schema(path: String, found: String, allowed: String)
    /// The journal belongs to another engine id.
    case foreign(path: String, found: String, allowed: String)
    /// Fact numbers are to follow on without gaps or repeats.
    case outOfSequence(path: String, found: Int64, allowed: Int64)
    /// A fact that cannot be written down; a bug of ours, refused before anything is stored.
    case cannotEncode(path: String, row: Int64, reason: String)
    case failed(path: String, reason: String)
}

extension JournalFailure {
    /// Stable short code, for metrics and exit messages.
    package var code: String {
        switch self {
        case .cannotOpen: "cannot_open"
        case .locked: "locked"
        case .notDurable: "not_durable"
        case .readOnly: "read_only"
        case .diskFull: "disk_full"
        case .damaged: "damaged"
        case .corrupt: "corrupt"
        case .vanished: "vanished"
        case .shorter: "shorter"
        case .schema: "schema"
        case .foreign: "foreign"
        case .outOfSequence: "out_of_sequence"
        case .cannotEncode: "cannot_encode"
        case .failed: "failed"
        }
    }

    /// Sorts what SQLite says into our own cases.
    package init(_ error: DatabaseError, path: String) {
        let reason = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_FULL: self = .diskFull(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path: path, reason: reason)
        case .SQLITE_CANTOPEN: self = .cannotOpen(path: path, reason: reason)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(path: path, holder: "another SQLite connection")
        default: self = .failed(path: path, reason: "\(reason) (\(error.extendedResultCode))")
        }
    }

    init(wrapping error: any Error, path: String) {
        switch error {
        case let failure as JournalFailure: self = failure
        case let error as DatabaseError: self.init(error, path: path)
        case let damage as RowDamage: self = .corrupt(path: path, row: damage.row, reason: damage.reason)
        default: self = .failed(path: path, reason: "\(error)")
        }
    }
}

extension JournalFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotOpen(let path, let reason):
            "journal \(path) cannot be opened: \(reason); check the path and its permissions"
        case .locked(let path, let holder):
            "journal \(path) is in use by \(holder); stop that engine, or give this one its own journal"
        case .notDurable(let path, let setting, let found, let allowed):
            "journal \(path) would not survive a power cut: \(setting) is \(found), must be \(allowed); not started"
        case .readOnly(let path):
            "journal \(path) is read-only; make the file and its folder writable for this user"
        case .diskFull(let path):
            "journal \(path): the disk is full; free some space, facts are kept in memory until then"
        case .damaged(let path, let reason):
            "journal \(path) is damaged: \(reason); keep the file, restore a copy or start with a new journal"
        case .corrupt(let path, let row, let reason):
            "journal \(path), row \(row): \(reason); keep the file, restore a copy or start with a new journal"
        case .vanished(let path, let file):
            "journal \(path): \(file) is no more where it was opened (removed, moved or covered by another mount);"
                + " put it back, or restart the engine; facts are kept in memory until then"
        case .shorter(let path, let found, let allowed):
            "journal \(path) ends with fact \(found), and fact \(allowed) was stored once; keep the file, restore a whole"
                + " copy, or remove \(FileLock.path(for: path)) to go on with what is left"
        case .schema(let path, let found, let allowed):
            "journal \(path) has schema \(found), this build reads \(allowed); use the build that wrote it"
        case .foreign(let path, let found, let allowed):
            "journal \(path) belongs to engine \(found), this is engine \(allowed); check engine.id and journal.path"
        case .outOfSequence(let path, let found, let allowed):
            "journal \(path): fact \(found) offered, \(allowed) is next; nothing of the batch was written"
        case .cannotEncode(let path, let row, let reason):
            "journal \(path): fact \(row) cannot be written down: \(reason); nothing of the batch was written"
        case .failed(let path, let reason):
            "journal \(path): \(reason)"
        }
    }
}
