import Foundation

/// Whether the files that a journal was opened on still are where they were.
///
/// Writes to a file that was removed, moved or covered by another mount succeed, and are gone with the process: they must
/// count as failed (I-01).
struct FilePresence: Sendable {
    private struct Identity: Sendable, Equatable {
        let device: UInt64
        let number: UInt64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
        }
    }

    private let path: String
    private let files: [(path: String, identity: Identity?)]

    /// Looks at a journal that is open.
    init(_ path: String) {
        self.path = path
        files = [path, path + "-wal"].map { ($0, Identity($0)) }
    }

    func check() throws(JournalFailure) {
        for file in files where Identity(file.path) != file.identity {
            throw .vanished(path: path, file: file.path)
        }
    }
}

/// Whether a closed journal's file has lost its end; looked at before SQLite opens it and mends what it takes for small
/// faults.
enum FileLength {
    static func check(_ path: String) throws(JournalFailure) {
        let size = length(of: path) ?? 0
        let walSize = length(of: path + "-wal") ?? 0
        guard walSize == 0 else {
            // What the WAL holds is put right by SQLite; but it forgets a WAL that stands beside an empty file.
            if size == 0 { throw .damaged(path: path, reason: "it is empty, and its WAL beside it is not") }
            return
        }
        guard size > 0, let whole = wholeLength(path), size < whole else { return }
        throw .damaged(path: path, reason: "it has \(size) bytes of \(whole), its end is missing")
    }

    private static func length(of path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// What the file's own header says; `nil` where there is none to trust.
    ///
    /// Source: "Database File Format", SQLite, The Database Header.
    private static func wholeLength(_ path: String) -> Int64? {
        guard let handle = FileHandle(forReadingAtPath: path), let header = try? handle.read(upToCount: 100),
            header.count == 100, header.starts(with: Array("SQLite format 3\u{0}".utf8))
        else { return nil }
        let bytes = Array(header)
        func number(at place: Int, bytes count: Int) -> Int64 {
            bytes[place..<place + count].reduce(0) { $0 << 8 | Int64($1) }
        }
        guard number(at: 24, bytes: 4) == number(at: 92, bytes: 4) else { return nil }
        let page = number(at: 16, bytes: 2)
        return (page == 1 ? 65_536 : page) * number(at: 28, bytes: 4)
    }
}

/// Where the disk can be made slow or broken on purpose: asked in each transaction, just before it is committed.
package struct DiskDoor: Sendable {
    package var beforeCommit: @Sendable () throws -> Void

    package init(beforeCommit: @escaping @Sendable () throws -> Void) { self.beforeCommit = beforeCommit }

    /// Lets everything through at once.
    package static let open = DiskDoor {}
}
