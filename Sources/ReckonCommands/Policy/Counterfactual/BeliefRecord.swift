package import ReckonEngine
package import ReckonModel

/// What an engine believed and enforced, tick by tick, and which entries it took on or refused, as its journal tells.
package struct BeliefRecord: Sendable {
    package struct Tick: Sendable {
        /// Seconds since the record's first fact.
        package let at: Double
        package let enforcement: Enforcement
        /// What happened to entries until the next tick.
        package var entries: [Entry] = []
    }

    package enum Entry: Sendable, Hashable {
        case admitted(Symbol, confidence: Double)
        /// By a knob; refusals that no policy has a say in are left out.
        case refused(Symbol?)
    }

    package private(set) var ticks: [Tick] = []
    private var start: Instant?

    /// Digests of the policies that answered, in the order in which they came.
    package var policies: [String] {
        ticks.reduce(into: []) { found, tick in
            if found.last != tick.enforcement.policyDigest { found.append(tick.enforcement.policyDigest) }
        }
    }

    package init() {}

    /// Takes the next fact of a journal.
    package mutating func take(_ stamped: StampedFact) {
        let start = start ?? stamped.at
        self.start = start
        switch stamped.fact {
        case .verdictEnforced(let enforcement):
            ticks.append(Tick(at: (stamped.at - start).seconds, enforcement: enforcement))
        case .intentAccepted(let acceptance):
            guard case .entry(let wish) = acceptance.intent else { return }
            note(.admitted(wish.symbol, confidence: wish.confidence))
        case .intentRefused(_, let refusal) where refusal.rule.isOfKnobs:
            note(.refused(refusal.symbol))
        default: return
        }
    }

    private mutating func note(_ entry: Entry) {
        guard !ticks.isEmpty else { return }
        ticks[ticks.count - 1].entries.append(entry)
    }
}

extension Refusal.Rule {
    /// Whether a policy's knobs alone made the refusal, so that another's could have let the entry pass.
    fileprivate var isOfKnobs: Bool { self == .entriesClosed || self == .killSwitch || self == .confidence }
}
