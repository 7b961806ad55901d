package import ReckonJournal
import Synchronization

extension JournalPort {
    /// A journal file.
    ///
    /// Its stories are read over a connection of their own, so that no commit is in their way. The close gives the file
    /// free for whoever comes next.
    package static func file(_ journal: Journal) throws(JournalFailure) -> JournalPort {
        let reader = try JournalReader(path: journal.path)
        let holder = JournalHolder(journal)
        return JournalPort(
            commit: { try holder.open().commit($0) },
            story: { id in
                try (reader.timeline(of: id)?.rows ?? []).map { row in
                    StoryRow(fact: try reader.fact(of: row), kind: row.kind, order: row.order, body: row.body)
                }
            },
            close: { try holder.release()?.close() }
        )
    }
}

/// Keeps a journal, and with it the right to write its file, until it is released.
private final class JournalHolder: Sendable {
    private let journal: Mutex<Journal?>

    init(_ journal: Journal) { self.journal = Mutex(journal) }

    func open() throws(JournalFailure) -> Journal {
        guard let journal = journal.withLock({ $0 }) else {
            throw .failed(path: "journal", reason: "it is closed already")
        }
        return journal
    }

    func release() -> Journal? {
        journal.withLock { journal in
            defer { journal = nil }
            return journal
        }
    }
}
