package import ReckonEngine
package import ReckonPolicy

/// A policy that was read, verified, compiled and tried out, and may be put to work.
///
/// Not `Sendable`, as its runtime: the task that loads it owns it.
package struct LoadedPolicy {
    package let files: ReleaseFiles
    package let runtime: PolicyRuntime
    /// Absent where the directory has no manifest.
    package let revision: Int?
    /// Fingerprint of the key that signed it, where one was demanded.
    package let signer: String?
    package let warnings: [PolicyProblem]

    package var digest: String { runtime.digest }

    package var identity: PolicyIdentity {
        PolicyIdentity(
            name: runtime.name,
            version: runtime.version ?? "",
            digest: runtime.digest,
            revision: revision
        )
    }

    /// What became of the state of the version before.
    package enum Handover: Sendable, Hashable {
        /// There was none.
        case fresh
        case carried
        /// By the policy's `migrate`, from this version of the state.
        case migrated(from: Int64)
        /// It could not be taken over: the policy starts from its initial state, for this reason.
        case reinitialised(PolicyFault)

        /// Whether the state is a new one, so that what was enforced has to be held for a while.
        package var isNew: Bool {
            switch self {
            case .fresh, .reinitialised: true
            case .carried, .migrated: false
            }
        }

        /// As facts and answers tell it.
        package var record: PolicyHandover {
            switch self {
            case .fresh: PolicyHandover(.fresh)
            case .carried: PolicyHandover(.carried)
            case .migrated: PolicyHandover(.migrated)
            case .reinitialised(let fault): PolicyHandover(.reinitialised, why: fault.message)
            }
        }
    }

    /// Takes over the state of the version before, by `migrate` where its shape is another.
    ///
    /// Never fails: a state that cannot be taken over is left, and the answer says why.
    package func takeOver(_ kept: PolicyState?, asking question: PolicyQuestion) -> Handover {
        guard let kept else { return .fresh }
        do throws(PolicyFault) {
            try runtime.restore(kept, asking: question)
            return kept.version == runtime.stateVersion ? .carried : .migrated(from: kept.version)
        } catch {
            runtime.reset()
            return .reinitialised(error)
        }
    }
}

/// How the version at work stands, for the one that is to follow it.
package struct PolicyStanding: Sendable {
    /// The policy's name: the state of another policy is no state of this one.
    package let name: String
    package let state: PolicyState?
    /// The last question, which the successor has to be able to answer.
    package let question: PolicyQuestion

    package init(name: String, state: PolicyState?, question: PolicyQuestion) {
        self.name = name
        self.state = state
        self.question = question
    }
}

extension LoadedPolicy {
    /// Takes over from a version, and answers its last question on trial.
    ///
    /// A state that makes it fault is left for the initial one. Throws where it faults on that too, as it would at work,
    /// and where its own `migrate` faults: what it promises to carry over must not be lost.
    package func follow(_ standing: PolicyStanding) throws(PolicyProblem) -> Handover {
        var handover = takeOver(from: standing)
        if case .reinitialised(let fault) = handover, let kept = standing.state, runtime.canMigrate,
            standing.name == runtime.name, kept.version != runtime.stateVersion
        {
            throw PolicyProblem(fault, code: "migrate_\(fault.code.rawValue)")
        }
        if !handover.isNew, let fault = trial(standing.question) {
            runtime.reset()
            let words = "its first answer on the kept state is a fault: \(fault.message)"
            handover = .reinitialised(PolicyFault(code: fault.code, message: words))
        }
        if handover.isNew, let fault = trial(standing.question) {
            let problem = PolicyProblem(fault, code: "faults_now")
            throw PolicyProblem(
                code: problem.code,
                file: problem.file,
                line: problem.line,
                message: "the policy faults on what the engine believes now: \(problem.message)"
            )
        }
        return handover
    }

    /// The state as it is, where it is one of this policy.
    package func takeOver(from standing: PolicyStanding) -> Handover {
        guard standing.state == nil || standing.name == runtime.name else {
            let words = "the state is that of `\(standing.name)`, this policy is `\(runtime.name)`"
            return .reinitialised(PolicyFault(code: .state, message: words))
        }
        return takeOver(standing.state, asking: standing.question)
    }

    private func trial(_ question: PolicyQuestion) -> PolicyFault? {
        runtime.answer(question, at: runtime.position, digests: false).verdict.fault
    }
}
