package import ReckonEngine
package import ReckonJournal
package import ReckonModel
package import ReckonPolicy

/// Where the policy answers: beside the crank, so that no script ever holds it up.
package actor PolicyDesk {
    /// A state that an earlier run left, and whose it was.
    package struct Legacy: Sendable {
        package let state: StoredPolicyState
        /// The policy that ran last, by the journal's facts.
        package let owner: PolicyIdentity?

        package init(state: StoredPolicyState, owner: PolicyIdentity?) {
            self.state = state
            self.owner = owner
        }
    }

    private let runtime: PolicyRuntime
    /// Waits for the first question: a policy may have to be asked how to take it over.
    private var legacy: Legacy?
    /// The state came from another version of the policy, and no answer has yet shown that this one can live with it.
    private var isOnProbation = false
    package nonisolated let card: PolicyCard

    /// Loads the policy of a directory, which takes over what an earlier run of it left.
    package init(
        reading directory: String,
        parameters: Table<String, Double> = Table(),
        legacy: Legacy? = nil
    ) throws(PolicyProblem) {
        let runtime = try PolicyRuntime(try PolicyDirectory(reading: directory), overrides: parameters)
        self.runtime = runtime
        self.legacy = legacy
        card = PolicyCard(
            directory: directory,
            identity: PolicyIdentity(
                name: runtime.name,
                version: runtime.version ?? "",
                digest: runtime.digest
            ),
            parameters: runtime.parameters.values
        )
    }

    /// What came of a question: the verdict, the state that it left, and what is to be said about the state's descent.
    struct Answer: Sendable {
        let verdict: PolicyVerdict
        let state: StoredPolicyState?
        let note: String?
    }

    func answer(_ question: PolicyQuestion) -> Answer {
        var note = takeOver(asking: question)
        let verdict = runtime.evaluate(question)
        if isOnProbation, verdict.fault != nil {
            // A state that its successor cannot read would fault at every tick.
            runtime.reset()
            note =
                "the state of the policy's earlier version makes it fault; it starts from its initial state"
        }
        isOnProbation = false
        let state = runtime.state.map {
            StoredPolicyState(policyDigest: runtime.digest, version: $0.version, bytes: $0.bytes)
        }
        return Answer(verdict: verdict, state: state, note: note)
    }

    /// A restart keeps the state as a reload does: of the same policy, or of an earlier version under the same name.
    private func takeOver(asking question: PolicyQuestion) -> String? {
        guard let legacy else { return nil }
        self.legacy = nil
        let isSame = legacy.state.policyDigest == runtime.digest
        guard
            isSame || legacy.owner?.name == runtime.name && legacy.owner?.digest == legacy.state.policyDigest
        else { return "the stored state is another policy's; this one starts from its initial state" }
        do throws(PolicyFault) {
            let kept = PolicyState(bytes: legacy.state.bytes, version: legacy.state.version)
            try runtime.restore(kept, asking: question)
            isOnProbation = !isSame
            return isSame
                ? "the policy goes on from its stored state"
                : "the policy took over an earlier version's state"
        } catch {
            return error.message
        }
    }
}

/// Which policy is loaded, from where, with which parameters.
package struct PolicyCard: Sendable, Hashable {
    package let directory: String
    package let identity: PolicyIdentity
    package let parameters: Table<String, Double>
}
