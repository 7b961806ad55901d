package import ReckonModel

/// A try to put another version of the policy to work, and what came of it.
package struct PolicyChange: Sendable, Codable, Hashable {
    /// Who wanted it.
    package enum Trigger: String, Sendable, Codable, Hashable, CaseIterable {
        /// An operator, from the policy's directory.
        case reload
        /// An operator, back to a version that the journal keeps.
        case rollback
        /// SIGHUP.
        case hangup
        /// The directory was seen to have changed.
        case watch
        /// The engine itself: the version before faulted too often.
        case quarantine
    }

    package enum Outcome: Sendable, Codable, Hashable {
        case swapped(PolicyHandover)
        /// The version is at work already.
        case unchanged
        /// What was at work goes on.
        case refused(PolicyRefusal)
    }

    package let trigger: Trigger
    /// The operator's reason, or the engine's own.
    package let reason: String
    /// What was at work before.
    package let from: PolicyIdentity
    /// What was to be put to work; absent where it could not be read so far.
    package let to: PolicyIdentity?
    package let outcome: Outcome

    package init(
        _ trigger: Trigger,
        reason: String,
        from: PolicyIdentity,
        to: PolicyIdentity?,
        outcome: Outcome
    ) {
        self.trigger = trigger
        self.reason = reason
        self.from = from
        self.to = to
        self.outcome = outcome
    }

    /// Whether somebody took a version away, which must not come back by itself.
    package var isReturn: Bool { trigger == .rollback || trigger == .quarantine }
}

/// What became of the state of the version before.
package struct PolicyHandover: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        /// There was none yet.
        case fresh
        case carried
        case migrated
        /// It could not be taken over: the policy starts from its initial state.
        case reinitialised
    }

    package let kind: Kind
    /// Why it could not be taken over; empty otherwise.
    package let why: String

    package init(_ kind: Kind, why: String = "") {
        self.kind = kind
        self.why = why
    }
}

/// Why a version was not put to work.
package struct PolicyRefusal: Error, Sendable, Codable, Hashable {
    /// Short and stable, free of dynamic text.
    package let code: String
    /// Name within the policy; empty where no file is at fault.
    package let file: String
    /// Counted from 1; 0 where no line is at fault.
    package let line: Int
    package let message: String

    package init(code: String, file: String = "", line: Int = 0, message: String) {
        self.code = code
        self.file = file
        self.line = line
        self.message = message
    }

    /// `policy.lua:3: message [code]`.
    package var text: String {
        let place = file.isEmpty ? "" : line > 0 ? "\(file):\(line): " : "\(file): "
        return "\(place)\(message) [\(code)]"
    }
}

/// Which versions have been at work, how they did, and how the last change ended.
///
/// Written only by `EngineState.apply`.
package struct PolicyHistory: Sendable, Codable, Hashable {
    package struct Row: Sendable, Codable, Hashable {
        package fileprivate(set) var identity: PolicyIdentity
        package fileprivate(set) var loadedAt: Instant
        /// Verdicts without a fault since the last fault.
        package fileprivate(set) var cleanInRow: Int64 = 0
        package fileprivate(set) var faults: Int64 = 0
        /// It has answered without a fault at least once.
        package fileprivate(set) var hasAnswered = false
        /// It faulted too often in a row when it was last at work.
        package fileprivate(set) var isQuarantined = false

        /// Worth going back to: a single late answer at its end, which a crowded machine makes, is no reason against it.
        fileprivate var isSound: Bool { !isQuarantined && hasAnswered }
    }

    package struct Latest: Sendable, Codable, Hashable {
        package let at: Instant
        package let change: PolicyChange
    }

    /// How many versions are remembered.
    static let most = 100

    /// In the order in which they were last put to work; the last one is at work.
    package private(set) var rows: [Row] = []
    package private(set) var latest: Latest?
    /// The highest revision of a manifest that was ever at work; 0 where none had one.
    package private(set) var highestRevision = 0
    /// What an operator or the quarantine took away last, unless something else came since.
    package private(set) var withdrawn: String?

    package init() {}

    /// As the journal's facts tell it.
    package init(replaying facts: some Sequence<StampedFact>) {
        for stamped in facts {
            switch stamped.fact {
            case .policyLoaded(let identity): loaded(identity, at: stamped.at)
            case .policyChanged(let change): changed(change, at: stamped.at)
            case .verdictEnforced(let enforcement): enforced(enforcement)
            default: break
            }
        }
    }

    /// The versions to go back to: those whose last answer was clean, newest first, then the others that ever gave one.
    package var returns: [PolicyIdentity] {
        let sound = rows.dropLast().reversed().filter(\.isSound)
        return (sound.filter { $0.cleanInRow > 0 } + sound.filter { $0.cleanInRow == 0 }).map(\.identity)
    }

    package func isQuarantined(_ digest: String) -> Bool {
        rows.contains { $0.identity.digest == digest && $0.isQuarantined }
    }

    mutating func loaded(_ identity: PolicyIdentity, at now: Instant) {
        highestRevision = max(highestRevision, identity.revision ?? 0)
        if rows.last?.identity.digest == identity.digest {
            rows[rows.count - 1].identity = identity
            rows[rows.count - 1].isQuarantined = false
            return
        }
        rows.removeAll { $0.identity.digest == identity.digest }
        rows.append(Row(identity: identity, loadedAt: now))
        if rows.count > PolicyHistory.most { rows.removeFirst() }
    }

    mutating func changed(_ change: PolicyChange, at now: Instant) {
        latest = Latest(at: now, change: change)
        guard case .swapped = change.outcome else { return }
        withdrawn = change.isReturn ? change.from.digest : nil
    }

    mutating func enforced(_ enforcement: Enforcement) {
        guard let index = rows.indices.last else { return }
        if enforcement.fault == nil {
            rows[index].cleanInRow += 1
            rows[index].hasAnswered = true
        } else {
            rows[index].cleanInRow = 0
            rows[index].faults += 1
        }
        rows[index].isQuarantined = enforcement.memory.isQuarantined
    }
}

/// What a policy that only looks on would have decided, counted since it was put there.
package struct ShadowTally: Sendable, Codable, Hashable {
    package struct Count: Sendable, Codable, Hashable {
        package var looser: Int64 = 0
        package var tighter: Int64 = 0

        package init() {}
    }

    package let identity: PolicyIdentity
    /// Why somebody had it look on.
    package let reason: String
    /// Digest of the policy at work that it was last compared with.
    package var champion: String
    /// The tick of the last comparison.
    package var tick: Int64 = 0
    package var compared: Int64 = 0
    package var disagreements: Int64 = 0
    package var faults: Int64 = 0
    /// Questions that came while it was still at the one before.
    package var skipped: Int64 = 0
    package var knobs: Table<String, Count> = Table()

    package init(_ identity: PolicyIdentity, champion: String, reason: String) {
        self.identity = identity
        self.champion = champion
        self.reason = reason
    }
}
