package import ReckonEngine
import ReckonModel

/// A policy and the engine's guard on their way through beliefs.
///
/// A value: a copy goes its own way, so that one can stop anywhere and try several beliefs.
package struct PolicyWalk {
    package let runtime: PolicyRuntime
    package private(set) var gate: Guard
    package private(set) var position = PolicyPosition()
    /// What was asked and answered so far; kept only where wanted.
    package private(set) var lead: [LeadTick] = []
    package private(set) var lastNow: Double?
    private var tick: Int64 = 0
    private let digests: Bool

    /// A walk from where the runtime stands, within what the operator allows at best; `digests` says whether
    /// verdicts carry that of their state.
    package init(_ runtime: PolicyRuntime, limits: GuardLimits = .trial, digests: Bool = false) {
        self.runtime = runtime
        self.digests = digests
        gate = Guard(limits: limits, settings: GuardSettings())
        position = runtime.position
    }

    /// What the engine would ask now.
    package func question(_ belief: Belief, at now: Double) -> PolicyQuestion {
        PolicyQuestion(
            tick: tick + 1,
            now: now,
            sinceLast: lastNow.map { now - $0 } ?? 0,
            belief: belief,
            limits: gate.limits,
            lastEnforced: gate.enforced
        )
    }

    /// What would come of a belief, without taking the step.
    package func look(_ belief: Belief, at now: Double) -> PolicyStep {
        let question = question(belief, at: now)
        let (verdict, next) = runtime.answer(question, at: position, digests: digests)
        let enforcement = gate.decide(verdict, belief: belief, at: .epoch + Span(seconds: now))
        return PolicyStep(
            question: question,
            verdict: verdict,
            enforcement: enforcement,
            log: runtime.log,
            next: next
        )
    }

    /// The raw verdict on a belief, without the guard and without taking the step.
    package func verdict(_ belief: Belief, at now: Double) -> PolicyVerdict {
        runtime.answer(question(belief, at: now), at: position, digests: digests).verdict
    }

    /// The process begins anew, and the policy goes on from its stored state.
    mutating func restart() { position = position.restarted() }

    @discardableResult
    package mutating func step(_ belief: Belief, at now: Double) -> PolicyStep {
        let step = look(belief, at: now)
        gate.apply(step.enforcement)
        position = step.next
        tick += 1
        lastNow = now
        lead.append(LeadTick(now: now, belief: belief))
        return step
    }
}

/// One belief on the way to a state.
package struct LeadTick: Sendable, Hashable {
    package var now: Double
    package var belief: Belief

    package init(now: Double, belief: Belief) {
        self.now = now
        self.belief = belief
    }
}

/// What one tick came to.
package struct PolicyStep: Sendable {
    package let question: PolicyQuestion
    package let verdict: PolicyVerdict
    package let enforcement: Enforcement
    package let log: [String]
    package let next: PolicyPosition
}

extension GuardLimits {
    /// What a guard without a past makes of a verdict: clamped, and closed where the mode says so, but held by nothing.
    ///
    /// Such a guard needs no belief: there is nothing yet that could have loosened.
    package func effective(_ verdict: PolicyVerdict) -> Knobs {
        Guard(limits: self, settings: GuardSettings()).decide(verdict, belief: .neutral, at: .epoch).enforced
    }
}
