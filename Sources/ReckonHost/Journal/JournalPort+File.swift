package import ReckonEngine
package import ReckonJournal
import Synchronization

extension JournalPort {
    /// A journal file.
    ///
    /// Its stories are read over a connection of their own, so that no commit is in their way. The close gives the file
    /// free for whoever comes next. The riders go along with each commit.
    package static func file(
        _ journal: Journal,
        riders: JournalRiders = JournalRiders()
    ) throws(JournalFailure) -> JournalPort {
        let reader = try JournalReader(path: journal.path)
        let holder = JournalHolder(journal)
        return JournalPort(
            commit: { facts in
                let load = riders.load(with: facts)
                try holder.open().commit(
                    facts,
                    inputs: load.inputs,
                    policy: load.policy,
                    versions: load.versions
                )
                riders.stored(load)
            },
            story: { id in
                try (reader.timeline(of: id)?.rows ?? []).map { row in
                    StoryRow(fact: try reader.fact(of: row), kind: row.kind, order: row.order, body: row.body)
                }
            },
            versions: { try reader.policyVersions() },
            close: {
                guard let journal = holder.release() else { return }
                riders.finish()
                // The last inputs are no facts: that they cannot be stored is no reason not to close.
                _ = try? journal.commit([], inputs: riders.load(with: []).inputs)
                try journal.close()
            }
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

extension PolicyDesk.Legacy {
    /// What the last run on a journal left, if it left anything.
    package static func left(
        in journal: Journal,
        _ facts: [StampedFact]
    ) throws(JournalFailure) -> PolicyDesk.Legacy? {
        guard let state = try journal.loadPolicyState() else { return nil }
        // A version that was put to work and had not answered yet left no state: it is still that of the one before.
        let owner = facts.lazy.reversed().compactMap { fact -> PolicyIdentity? in
            guard case .policyLoaded(let identity) = fact.fact, identity.digest == state.policyDigest else {
                return nil
            }
            return identity
        }
        .first
        return PolicyDesk.Legacy(state: state, owner: owner)
    }
}
