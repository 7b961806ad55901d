package import ReckonEngine
import ReckonJournal
import ReckonModel
import ReckonPolicy
import ReckonSeal

/// What whoever wants another version hears.
package enum PolicyReply: Sendable {
    /// What came of it; durable.
    case done(PolicyChange)
    /// A change is under way already.
    case busy
    /// No kept version is called so.
    case unknownVersion(found: String, kept: [String])
    /// The engine could not put it on record in time.
    case unheard(Reply)
}

/// Another version of the policy: tried out away from the engine, put to work between two answers, on record either way.
extension EngineHost {
    /// Puts the version in the policy's directory to work, if it may be.
    package func reloadPolicy(_ trigger: PolicyChange.Trigger, reason: String) async -> PolicyReply {
        let source = parts.source
        var rules = source.rules
        // What was signed later has replaced it; an operator's rollback is the way back.
        if !rules.trustedKeys.isEmpty { rules.leastRevision = snapshot.policies.highestRevision }
        let wish = PolicyWish(trigger: trigger, reason: reason, rules: rules)
        return await alone {
            await self.change(wish, await bench.read(source.directory, settle: source.settle))
        }
    }

    /// Puts a kept version to work: the one before, or that of a digest or of what it begins with.
    package func rollBackPolicy(to digest: String?, reason: String) async -> PolicyReply {
        await alone {
            let kept = (try? self.keptPolicies()) ?? []
            let present = self.policy.identity.digest
            let found = digest.map { wanted in kept.filter { $0.digest.hasPrefix(wanted) } }
            guard
                let version = found.map({ $0.count == 1 ? $0.first : nil })
                    ?? kept.first(where: { $0.digest != present })
            else {
                return .unknownVersion(
                    found: digest ?? "no earlier version",
                    kept: kept.map(\.digest)
                )
            }
            return await self.putToWork(version, .rollback, reason: reason)
        }
    }

    /// The versions that an operator can go back to, the one that was put to work last first.
    package func keptVersions() throws -> [PolicyIdentity] {
        try keptPolicies().map { kept in
            PolicyIdentity(
                name: kept.name,
                version: kept.version,
                digest: kept.digest,
                revision: kept.revision
            )
        }
    }

    /// What a version has to be now, its directory aside.
    package var policyDemands: PolicyDemands {
        let source = parts.source
        return PolicyDemands(
            pinnedDigest: source.rules.pinnedDigest,
            keys: source.rules.trustedKeys.map(\.fingerprint),
            leastRevision: source.rules.trustedKeys.isEmpty ? 0 : snapshot.policies.highestRevision,
            isWatched: source.watchEvery != nil
        )
    }

    /// The same with their bytes.
    private func keptPolicies() throws -> [StoredPolicyVersion] { try parts.journal.versions() }

    /// Puts the first of these versions back to work that still can be.
    func putBack(_ versions: [PolicyIdentity]) async {
        let quarantined = policy.identity.digest
        for identity in versions {
            // Whoever else is changing the policy goes first; after that it may be well already.
            for _ in 0..<600 {
                let (now, faulty) = (policy.identity.digest, snapshot.policies.isQuarantined(quarantined))
                guard now == quarantined, faulty, !isStopping else { return }
                let reply = await alone {
                    let kept = (try? self.keptPolicies()) ?? []
                    guard let version = kept.first(where: { $0.digest == identity.digest }) else {
                        return .unknownVersion(found: identity.digest, kept: kept.map(\.digest))
                    }
                    return await self.putToWork(
                        version,
                        .quarantine,
                        reason: "the version \(quarantined.prefix(16)) faulted again and again"
                    )
                }
                if case .done(let change) = reply, case .swapped = change.outcome { return }
                guard case .busy = reply else { break }
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func putToWork(
        _ version: StoredPolicyVersion,
        _ trigger: PolicyChange.Trigger,
        reason: String
    ) async -> PolicyReply {
        let files: Result<ReleaseFiles, PolicyProblem>
        do throws(PolicyProblem) {
            files = .success(try version.release())
        } catch {
            files = .failure(error)
        }
        return await change(PolicyWish(trigger: trigger, reason: reason, rules: parts.source.rules), files)
    }

    /// One change at a time.
    private func alone(_ body: () async -> PolicyReply) async -> PolicyReply {
        guard claimPolicy() else { return .busy }
        defer { releasePolicy() }
        return await body()
    }

    private func change(
        _ wish: PolicyWish,
        _ read: Result<ReleaseFiles, PolicyProblem>
    ) async -> PolicyReply {
        let from = policy.identity
        let files: ReleaseFiles
        switch read {
        case .failure(let problem): return await record(wish, from, nil, .refused(PolicyRefusal(problem)))
        case .success(let found): files = found
        }
        let digest = files.directory.digest
        let unknown = PolicyIdentity(name: "", version: "", digest: digest)
        let history = snapshot.policies
        switch bench.verify(files, wish.rules) {
        case .failure(let problem): return await record(wish, from, unknown, .refused(PolicyRefusal(problem)))
        case .success(let revision):
            if digest == from.digest, revision == from.revision, !history.isQuarantined(digest) {
                return await record(wish, from, from, .unchanged)
            }
        }
        if wish.isUnattended, history.isQuarantined(digest) || history.withdrawn == digest {
            return await record(wish, from, unknown, .refused(.withdrawn))
        }
        let question = currentQuestion()
        switch await bench.make(files, wish.rules, after: await desk.standing(orAsking: question)) {
        case .failure(let problem): return await record(wish, from, unknown, .refused(PolicyRefusal(problem)))
        case .success(let ready):
            await desk.prepare(ready.policy, handover: ready.handover)
            return await swap(wish, question)
        }
    }

    /// The desk tells the engine of the swap before the new version can answer anything.
    private func swap(_ wish: PolicyWish, _ question: PolicyQuestion) async -> PolicyReply {
        let (desk, riders) = (desk, parts.riders)
        let order = PolicyDesk.Order(
            trigger: wish.trigger,
            reason: wish.reason,
            directory: parts.source.directory
        )
        let reply = await askPolicyTicket { ticket, offer in
            Task {
                await desk.swap(order, orAsking: question) { change, version in
                    riders.note(version)
                    offer(.policyChanged(change, ticket: ticket))
                }
            }
        }
        guard case .answered = reply, let change = snapshot.policies.latest?.change else {
            return .unheard(reply)
        }
        return .done(change)
    }

    private func record(
        _ wish: PolicyWish,
        _ from: PolicyIdentity,
        _ to: PolicyIdentity?,
        _ outcome: PolicyChange.Outcome
    ) async -> PolicyReply {
        let change = PolicyChange(wish.trigger, reason: wish.reason, from: from, to: to, outcome: outcome)
        let reply = await askPolicyTicket { ticket, offer in
            offer(.policyChanged(change, ticket: ticket))
        }
        guard case .answered = reply else { return .unheard(reply) }
        return .done(change)
    }

    /// What a policy is asked on trial where nothing was asked so far.
    private func currentQuestion() -> PolicyQuestion {
        let snapshot = snapshot
        return PolicyQuestion(
            tick: 0,
            now: Double(clock.now().nanoseconds) / 1e9,
            sinceLast: 0,
            belief: snapshot.belief,
            limits: configuration.limits,
            lastEnforced: snapshot.enforced
        )
    }
}

/// What a version of the policy has to be before it is put to work.
package struct PolicyDemands: Sendable, Hashable {
    package let pinnedDigest: String?
    /// Fingerprints of the keys of which one has to have signed it; none where no signature is demanded.
    package let keys: [String]
    package let leastRevision: Int
    package let isWatched: Bool
}

/// Who wants another version, why, and what it has to be.
struct PolicyWish: Sendable {
    let trigger: PolicyChange.Trigger
    let reason: String
    let rules: ReleaseRules

    /// Nobody has looked at what stands in the directory now.
    var isUnattended: Bool { trigger == .watch || trigger == .hangup }
}

extension PolicyRefusal {
    init(_ problem: PolicyProblem) {
        self.init(
            code: problem.code,
            file: problem.file,
            line: problem.line,
            message: String(problem.message.prefix(1_000))
        )
    }

    static let withdrawn = PolicyRefusal(
        code: "withdrawn",
        message:
            "this version was taken away by a rollback or its faults; an operator's reload brings it back"
    )
}
