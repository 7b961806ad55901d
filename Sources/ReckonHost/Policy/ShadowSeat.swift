package import ReckonEngine
import ReckonModel
import ReckonPolicy
import ReckonSeal
import Synchronization

/// Where a policy looks on: it is asked what the one at work is asked, and nothing comes of its answers but counts.
package final class ShadowSeat: Sendable {
    private let state = Mutex<ShadowDesk?>(nil)
    private let tell: @Sendable (ShadowTally) -> Void

    init(tell: @escaping @Sendable (ShadowTally) -> Void) { self.tell = tell }

    /// How it compares so far; absent while nobody looks on.
    package var tally: ShadowTally? { state.withLock { $0 }?.tally }

    /// Where it was loaded from; absent while nobody looks on.
    package var card: PolicyCard? { state.withLock { $0 }?.card }

    /// Puts a policy here in place of whichever was; the counts begin anew.
    func seat(_ desk: ShadowDesk) {
        state.withLock { $0 = desk }
        tell(desk.tally)
    }

    /// Ends the looking on; gives the last counts.
    func clear() -> ShadowTally? {
        let gone = state.withLock { desk in
            defer { desk = nil }
            return desk
        }
        guard let tally = gone?.tally else { return nil }
        tell(tally)
        return tally
    }

    /// Asks the one that looks on, after the one at work has answered; never waits.
    func look(_ question: PolicyQuestion, besides verdict: PolicyVerdict) {
        guard let desk = state.withLock({ $0 }), desk.begin() else { return }
        let tell = tell
        Task { await desk.compare(question, verdict, tell) }
    }
}

/// One policy that looks on: its own Lua state, its own state, its own budget.
package actor ShadowDesk {
    private let policy: LoadedPolicy
    private var lastPattern: [String]?
    /// How many comparisons the last counts had that were told.
    private var toldOf: Int64 = 0
    /// However alike they differ, so many comparisons are told of at the latest: a crash loses no more.
    private static let tellEvery: Int64 = 12
    private nonisolated let shown: Mutex<(tally: ShadowTally, isBusy: Bool)>
    nonisolated let card: PolicyCard

    init(
        _ loaded: sending LoadedPolicy,
        from directory: String,
        against champion: PolicyIdentity,
        reason: String
    ) {
        card = PolicyCard(loaded, directory)
        let tally = ShadowTally(loaded.identity, champion: champion.digest, reason: reason)
        shown = Mutex((tally, false))
        policy = loaded
    }

    nonisolated var tally: ShadowTally { shown.withLock { $0.tally } }

    /// Whether it is free for a question; one that comes while it is not is counted and left out.
    nonisolated func begin() -> Bool {
        shown.withLock { state in
            guard !state.isBusy else {
                state.tally.skipped += 1
                return false
            }
            state.isBusy = true
            return true
        }
    }

    /// Compares after the operator's limits and the mode's severity; tells the counts where it differs in another way, and now
    /// and then.
    func compare(
        _ question: PolicyQuestion,
        _ verdict: PolicyVerdict,
        _ tell: @Sendable (ShadowTally) -> Void
    ) {
        let own = policy.runtime.evaluate(question)
        let mine = question.limits.effective(own)
        let theirs = question.limits.effective(verdict)
        let looser = mine.looser(than: theirs).map(\.rawValue)
        let tighter = theirs.looser(than: mine).map(\.rawValue)
        let tally = shown.withLock { state in
            state.isBusy = false
            state.tally.note(verdict, fault: own.fault != nil, looser: looser, tighter: tighter)
            return state.tally
        }
        let pattern = looser + ["|"] + tighter + (own.fault.map { [$0.code.rawValue] } ?? [])
        let isNew = lastPattern.map { $0 != pattern } ?? !(looser.isEmpty && tighter.isEmpty)
        lastPattern = pattern
        guard isNew || tally.compared - toldOf >= ShadowDesk.tellEvery else { return }
        toldOf = tally.compared
        tell(tally)
    }
}

extension EngineHost {
    /// Has the policy of a directory look on; what cannot be loaded is refused and changes nothing.
    package func seatShadow(_ directory: String, reason: String) async throws(PolicyRefusal) {
        // It cannot act, so nothing has to have signed it; and the parameters that are set are those of the one at work.
        let files: ReleaseFiles
        switch await bench.read(directory, settle: parts.source.settle) {
        case .failure(let problem): throw PolicyRefusal(problem)
        case .success(let found): files = found
        }
        switch await bench.load(files, ReleaseRules()) {
        case .failure(let problem): throw PolicyRefusal(problem)
        case .success(let policy):
            shadow.seat(
                ShadowDesk(policy, from: directory, against: self.policy.identity, reason: reason)
            )
        }
    }

    /// Nobody looks on any more; the last counts, where somebody did.
    package func clearShadow() -> ShadowTally? { shadow.clear() }
}

extension ShadowTally {
    fileprivate mutating func note(
        _ verdict: PolicyVerdict,
        fault isFault: Bool,
        looser: [String],
        tighter: [String]
    ) {
        champion = verdict.policyDigest
        tick = verdict.tick
        compared += 1
        if isFault { faults += 1 }
        if !looser.isEmpty || !tighter.isEmpty { disagreements += 1 }
        for knob in looser { knobs[knob, default: Count()].looser += 1 }
        for knob in tighter { knobs[knob, default: Count()].tighter += 1 }
    }
}
