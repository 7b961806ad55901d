package import ReckonEngine
import ReckonModel
package import ReckonPolicy

/// What another policy would have enforced on the beliefs that a journal holds.
///
/// The beliefs are those of the engine under the policy that ran: what the other one would have let happen, and what that
/// would have done to later beliefs, is not in them. A comparison of policies in simulation answers that.
package struct Counterfactual: Sendable {
    struct Difference: Sendable {
        let knob: KnobName
        var looserTicks = 0
        var tighterTicks = 0
        var looserSeconds = 0.0
        var tighterSeconds = 0.0
    }

    struct Entries: Sendable {
        var admitted = 0
        /// Of those, how many the other policy would have turned away.
        var wouldRefuse = 0
        var refused = 0
        /// Of those, how many it would have let by.
        var wouldAdmit = 0
    }

    private(set) var recorded = Course()
    private(set) var candidate = Course()
    private(set) var differences = KnobName.allCases.map { Difference(knob: $0) }
    private(set) var entries = Entries()
    private(set) var agreeingTicks = 0
    /// Debt of the belief at each tick, in seconds.
    private(set) var debts: [Double] = []

    var ticks: Int { debts.count }

    /// Evaluates the runtime's policy on every belief of a record, from a fresh state.
    package init(_ record: BeliefRecord, _ runtime: PolicyRuntime, limits: GuardLimits) {
        runtime.reset()
        var walk = PolicyWalk(runtime, limits: limits)
        for (index, tick) in record.ticks.enumerated() {
            let next = index + 1 < record.ticks.count ? record.ticks[index + 1].at : tick.at
            let other = walk.step(tick.enforcement.belief, at: tick.at).enforcement
            recorded.take(tick.enforcement, at: tick.at, for: next - tick.at)
            candidate.take(other, at: tick.at, for: next - tick.at)
            debts.append(tick.enforcement.belief.debtSeconds)
            compare(tick.enforcement.enforced, other.enforced, for: min(next - tick.at, Course.longestHold))
            for entry in tick.entries { count(entry, other.enforced) }
        }
    }

    private mutating func compare(_ mine: Knobs, _ theirs: Knobs, for seconds: Double) {
        let looser = theirs.looser(than: mine)
        let tighter = mine.looser(than: theirs)
        if looser.isEmpty, tighter.isEmpty { agreeingTicks += 1 }
        for index in differences.indices {
            if looser.contains(differences[index].knob) {
                differences[index].looserTicks += 1
                differences[index].looserSeconds += seconds
            }
            if tighter.contains(differences[index].knob) {
                differences[index].tighterTicks += 1
                differences[index].tighterSeconds += seconds
            }
        }
    }

    private mutating func count(_ entry: BeliefRecord.Entry, _ knobs: Knobs) {
        switch entry {
        case .admitted(let symbol, let confidence):
            entries.admitted += 1
            let own = knobs.narrowed(to: symbol)
            if !own.admits || confidence < own.minEntryConfidence { entries.wouldRefuse += 1 }
        case .refused(let symbol):
            entries.refused += 1
            if (symbol.map { knobs.narrowed(to: $0) } ?? knobs).admits { entries.wouldAdmit += 1 }
        }
    }
}
