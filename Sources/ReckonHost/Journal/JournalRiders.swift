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
    }

    private struct State {
        var box: BlackBox
        /// Inputs that are yet to be written down.
        var waiting = 0
        /// What a commit has taken and not stored.
        var unsaved: [BlackBox.Entry] = []
        var policy: (digest: String, state: StoredPolicyState)?
    }

    private static let mostWaiting = 4_096

    private let writing = DispatchQueue(label: "reckon.black-box", qos: .utility)
    private let state: Mutex<State>

    /// - Parameters:
    ///   - last: Number of the last input that the journal holds.
    ///   - capacity: How many inputs the journal keeps.
    package init(countingFrom last: Int64 = 0, capacity: Int = 2_048) {
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
            return Load(
                inputs: BlackBox.Batch(entries: entries, keep: state.box.capacity),
                policy: state.policy.flatMap { $0.digest == digest ? $0.state : nil }
            )
        }
    }

    /// The load is on disk.
    func stored(_ load: Load) {
        state.withLock { state in
            let last = load.inputs.entries.last?.sequence ?? 0
            state.unsaved.removeAll { $0.sequence <= last }
        }
    }

    /// Waits until every input so far is written down; for the end, when nobody is in a hurry.
    func finish() { writing.sync {} }
}
