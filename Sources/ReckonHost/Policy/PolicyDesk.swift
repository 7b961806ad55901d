package import ReckonEngine
package import ReckonJournal
package import ReckonModel
package import ReckonPolicy
package import ReckonSeal
import Synchronization

/// Where the policy answers: beside the crank, so that no script ever holds it up.
///
/// An actor, so that a version can only take another's place between two answers.
package actor PolicyDesk {
    /// A state that an earlier run left, and whose it was.
    package struct Legacy: Sendable {
        package let state: StoredPolicyState
        /// The policy that left it, by the journal's facts.
        package let owner: PolicyIdentity?

        package init(state: StoredPolicyState, owner: PolicyIdentity?) {
            self.state = state
            self.owner = owner
        }
    }

    private var work: LoadedPolicy
    /// Waits for the first question: a policy may have to be asked how to take it over.
    private var legacy: Legacy?
    /// The state came from another version of the policy, and no answer has yet shown that this one can live with it.
    private var isOnProbation = false
    private var lastQuestion: PolicyQuestion?
    /// Ready to take the place of the one at work, and what is to become of the state.
    private var successor: (policy: LoadedPolicy, handover: LoadedPolicy.Handover)?
    private nonisolated let shown: Mutex<PolicyCard>
    /// What the run began with, for the journal to keep.
    package nonisolated let first: StoredPolicyVersion

    /// Loads the policy of a directory as it is, untried, which takes over what an earlier run of it left.
    package init(
        reading directory: String,
        parameters: Table<String, Double> = Table(),
        legacy: Legacy? = nil
    ) throws(PolicyProblem) {
        var rules = ReleaseRules()
        rules.overrides = parameters
        let loaded = try ReleaseLoader.load(try ReleaseFiles(reading: directory), rules, isTried: true)
        self.init(loaded, from: directory, legacy: legacy)
    }

    /// Puts a loaded policy to work.
    package init(_ loaded: sending LoadedPolicy, from directory: String, legacy: Legacy? = nil) {
        shown = Mutex(PolicyCard(loaded, directory))
        first = StoredPolicyVersion(loaded)
        self.legacy = legacy
        work = loaded
    }

    /// Which policy is at work now.
    package nonisolated var card: PolicyCard { shown.withLock { $0 } }

    /// What came of a question: the verdict, the state that it left, and what is to be said about the state's descent.
    struct Answer: Sendable {
        let verdict: PolicyVerdict
        let state: StoredPolicyState?
        let note: String?
    }

    /// Answers, and hands the answer on before any other version can take the place of the one that gave it.
    func answer(_ question: PolicyQuestion, deliver: @Sendable (Answer) -> Void) {
        lastQuestion = question
        var note = takeOver(asking: question)
        let runtime = work.runtime
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
        deliver(Answer(verdict: verdict, state: state, note: note))
    }

    /// A restart keeps the state as a reload does: of the same policy, or of an earlier version under the same name.
    private func takeOver(asking question: PolicyQuestion) -> String? {
        guard let legacy else { return nil }
        self.legacy = nil
        let runtime = work.runtime
        let isSame = legacy.state.policyDigest == runtime.digest
        guard isSame || legacy.fits(runtime.name) else {
            return "the stored state is another policy's; this one starts from its initial state"
        }
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

    // MARK: Another version

    /// How the version at work stands; `question` is what a successor is asked where nothing was asked so far.
    func standing(orAsking question: PolicyQuestion) -> PolicyStanding {
        let runtime = work.runtime
        let question = lastQuestion ?? question
        guard let legacy else {
            return PolicyStanding(name: runtime.name, state: runtime.state, question: question)
        }
        let isOurs = legacy.state.policyDigest == runtime.digest || legacy.fits(runtime.name)
        let kept = PolicyState(bytes: legacy.state.bytes, version: legacy.state.version)
        return PolicyStanding(
            name: isOurs ? runtime.name : legacy.owner?.name ?? "",
            state: kept,
            question: question
        )
    }

    /// Lays a version ready that was tried on how things stood a moment ago.
    func prepare(_ policy: sending LoadedPolicy, handover: LoadedPolicy.Handover) {
        successor = (policy, handover)
    }

    /// Who wants the version that lies ready, and why.
    struct Order: Sendable {
        let trigger: PolicyChange.Trigger
        let reason: String
        let directory: String
    }

    /// Puts the version that lies ready to work, with the state as it is now, and tells of it before it can answer.
    func swap(
        _ order: Order,
        orAsking question: PolicyQuestion,
        tell: @Sendable (PolicyChange, StoredPolicyVersion) -> Void
    ) {
        guard let (next, tried) = successor else { return }
        successor = nil
        let from = card.identity
        var handover = tried
        if !tried.isNew {
            next.runtime.reset()
            handover = next.takeOver(from: standing(orAsking: question))
        }
        legacy = nil
        isOnProbation = false
        work = next
        shown.withLock { $0 = PolicyCard(next, order.directory) }
        let change = PolicyChange(
            order.trigger,
            reason: order.reason,
            from: from,
            to: next.identity,
            outcome: .swapped(handover.record)
        )
        tell(change, StoredPolicyVersion(next))
    }
}

extension PolicyDesk.Legacy {
    /// Whether the state is one of a policy of this name.
    fileprivate func fits(_ name: String) -> Bool {
        owner?.name == name && owner?.digest == state.policyDigest
    }
}

/// Which policy is loaded, from where, with which parameters.
package struct PolicyCard: Sendable, Hashable {
    package let directory: String
    package let identity: PolicyIdentity
    package let parameters: Table<String, Double>
    /// Fingerprint of the key that signed it, where one was demanded.
    package let signer: String?

    init(_ loaded: LoadedPolicy, _ directory: String) {
        self.directory = directory
        identity = loaded.identity
        parameters = loaded.runtime.parameters.values
        signer = loaded.signer
    }
}

extension StoredPolicyVersion {
    /// The bytes of a loaded policy, to be kept.
    fileprivate init(_ loaded: LoadedPolicy) {
        self.init(
            digest: loaded.digest,
            name: loaded.runtime.name,
            version: loaded.runtime.version ?? "",
            revision: loaded.revision,
            files: loaded.files.all.map { File(name: $0.name, bytes: $0.bytes) }
        )
    }

    /// The same bytes, to be loaded.
    func release() throws(PolicyProblem) -> ReleaseFiles {
        let release = try ReleaseFiles(
            kept: files.map { PolicyFile(name: $0.name, module: "", bytes: $0.bytes) }
        )
        guard release.directory.digest == digest else {
            throw PolicyProblem(
                code: "version_damaged",
                message: "the kept bytes have the digest \(release.directory.digest), noted is \(digest)"
            )
        }
        return release
    }
}
