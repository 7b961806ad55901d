import Foundation
package import ReckonEngine
import ReckonJournal
package import ReckonModel
import Synchronization

/// What goes to disk along with facts: the latest raw inputs, and the state that the policy left with its verdict.
///
/// Inputs are written down away from the engine's task and from the journal's; they are for reproducing bugs, so nothing
/// ever waits for them, and where too many wait some are left out.
package final class JournalRiders: Sendable {
    /// Entries and a state that one commit takes along.
    struct Load {
        let inputs: BlackBox.Batch
        let policy: StoredPolicyState?
        let versions: StoredPolicyVersion.Batch
    }

    private struct State {
        var box: BlackBox
        /// Inputs that are yet to be written down.
        var waiting = 0
        /// What a commit has taken and not stored.
        var unsaved: [BlackBox.Entry] = []
        var policy: (digest: String, state: StoredPolicyState)?
        /// Versions whose loading is not on disk yet, by digest.
        var versions: [String: StoredPolicyVersion] = [:]
    }

    private static let mostWaiting = 4_096

    /// How many versions of policies the journal keeps.
    private let keep: Int
    private let writing = DispatchQueue(label: "reckon.black-box", qos: .utility)
    private let state: Mutex<State>

    /// - Parameters:
    ///   - last: Number of the last input that the journal holds.
    ///   - capacity: How many inputs the journal keeps.
    ///   - keep: How many versions of policies it keeps.
    package init(countingFrom last: Int64 = 0, capacity: Int = 2_048, keep: Int = 10) {
        self.keep = keep
        state = Mutex(State(box: BlackBox(capacity: capacity, countingFrom: last)))
    }

    /// Notes an input as it is stepped.
    package func note(_ input: Input, at now: Instant) {
        let mayWait = state.withLock { state in
            guard state.waiting < JournalRiders.mostWaiting else { return false }
            state.waiting += 1
            return true
        }
        guard mayWait else { return }
        writing.async {
            let text = "\(input)"
            self.state.withLock { state in
                state.waiting -= 1
                state.box.note(text, at: now)
            }
        }
    }

    /// Notes the state that a policy left, under the digest that its verdict carries.
    func note(_ policy: StoredPolicyState, digest: String) {
        state.withLock { $0.policy = (digest, policy) }
    }

    /// Notes a version that is about to be put to work.
    func note(_ version: StoredPolicyVersion) {
        state.withLock { $0.versions[version.digest] = version }
    }

    /// What is to go along with these facts.
    ///
    /// The policy's state goes with the fact of its own verdict only, so that no state is stored whose verdict is not.
    func load(with facts: [StampedFact]) -> Load {
        state.withLock { state in
            let batch = state.box.takeUnsaved()
            let entries = Array((state.unsaved + batch.entries).suffix(state.box.capacity))
            state.unsaved = entries
            let digest = facts.lazy.reversed().compactMap { fact -> String? in
                if case .verdictEnforced(let enforcement) = fact.fact { enforcement.stateDigest } else { nil }
            }
            .first
            let versions = facts.compactMap { fact -> StoredPolicyVersion? in
                guard case .policyLoaded(let identity) = fact.fact else { return nil }
                return state.versions[identity.digest]
            }
            return Load(
                inputs: BlackBox.Batch(entries: entries, keep: state.box.capacity),
                policy: state.policy.flatMap { $0.digest == digest ? $0.state : nil },
                versions: StoredPolicyVersion.Batch(versions: versions, keep: keep)
            )
        }
    }

    /// The load is on disk.
    func stored(_ load: Load) {
        state.withLock { state in
            let last = load.inputs.entries.last?.sequence ?? 0
            state.unsaved.removeAll { $0.sequence <= last }
            for version in load.versions.versions { state.versions[version.digest] = nil }
        }
    }

    /// Waits until every input so far is written down; for the end, when nobody is in a hurry.
    func finish() { writing.sync {} }
}
