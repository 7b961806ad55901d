import Foundation
import Synchronization

/// The right to write one journal, held until the value goes away or the process dies.
///
/// A lock file beside the journal, because closing any descriptor of the journal itself would drop SQLite's own locks. It
/// also bears witness to how far the journal once was, so that one that has become shorter is found out.
final class FileLock: Sendable {
    private let descriptor: Int32
    /// Number of the last fact that an earlier holder, or this one, knew to be stored; absent where none was.
    private let noted: Mutex<Int64?>

    init(path: String) throws(JournalFailure) {
        let lockPath = FileLock.path(for: path)
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .cannotOpen(path: path, reason: "\(lockPath): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = FileLock.holder(descriptor)
            close(descriptor)
            throw .locked(path: path, holder: holder)
        }
        self.descriptor = descriptor
        noted = Mutex(FileLock.witness(descriptor))
        // Only for the other engine's error text, so a failure here is of no consequence.
        FileLock.put(FileLock.padded("process \(getpid())", to: FileLock.width), at: 0, in: descriptor)
    }

    deinit {
        release()
        close(descriptor)
    }

    static func path(for journal: String) -> String { journal + ".lock" }

    /// Gives the right back; closing alone would not while a child process that is just starting still shares the file.
    func release() { flock(descriptor, LOCK_UN) }

    /// How far the journal was at least, by the word of whoever held it last.
    var witness: Int64? { noted.withLock { $0 } }

    /// Notes that the journal is durable up to a fact.
    ///
    /// Never ahead of the journal: it is written after the commit, and the machine may lose it. A line of fixed length is
    /// overwritten, which a full disk allows.
    func note(_ number: Int64) {
        let isNews = noted.withLock { noted in
            defer { noted = number }
            return noted != number
        }
        guard isNews else { return }
        FileLock.put(
            FileLock.padded("\(FileLock.mark)\(number)", to: FileLock.width),
            at: FileLock.width,
            in: descriptor
        )
    }

    private static let mark = "last fact "
    /// Bytes of a line.
    private static let width = 48

    private static func padded(_ text: String, to width: Int) -> [UInt8] {
        Array(text.utf8.prefix(width - 1))
            + Array(repeating: 0x20, count: max(0, width - 1 - text.utf8.count)) + [0x0A]
    }

    private static func put(_ line: [UInt8], at place: Int, in descriptor: Int32) {
        _ = pwrite(descriptor, line, line.count, off_t(place))
    }

    private static func line(at place: Int, in descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: width)
        let count = pread(descriptor, &buffer, buffer.count, off_t(place))
        guard count > 0 else { return nil }
        let text = String(decoding: buffer.prefix(count), as: UTF8.self)
        return text.split(separator: "\n").first?.trimmingCharacters(in: .whitespaces)
    }

    private static func witness(_ descriptor: Int32) -> Int64? {
        guard let line = line(at: width, in: descriptor), line.hasPrefix(mark) else { return nil }
        return Int64(line.dropFirst(mark.count))
    }

    private static func holder(_ descriptor: Int32) -> String {
        line(at: 0, in: descriptor) ?? "another engine"
    }
}
