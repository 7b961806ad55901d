import Foundation

/// The right to write one journal, held until the value goes away or the process dies.
///
/// A lock file beside the journal, because closing any descriptor of the journal itself would drop SQLite's own locks.
final class FileLock: Sendable {
    private let descriptor: Int32

    init(path: String) throws(JournalFailure) {
        let lockPath = path + ".lock"
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
        let text = Array("process \(getpid())".utf8)
        // Only for the other engine's error text, so a failure here is of no consequence.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    deinit {
        release()
        close(descriptor)
    }

    /// Gives the right back; closing alone would not while a child process that is just starting still shares the file.
    func release() { flock(descriptor, LOCK_UN) }

    private static func holder(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return "another engine" }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
