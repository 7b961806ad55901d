package import ReckonEngine
package import ReckonModel

/// What a search is to do; the same plan for the same policy finds the same.
package struct SearchPlan: Sendable {
    /// Pairs of beliefs to compare.
    package var pairs = 20_000
    package var seed: UInt64 = 1
    package var limits = GuardLimits.trial
    package var overrides: Table<String, Double> = Table()
    /// A policy that must never be tighter than the one searched.
    package var rival: PolicyDirectory?
    package var stopsAtFirst = false
    /// Kinds of counterexamples that are shrunk; more are only counted.
    package var kindLimit = 6

    package init() {}
}

/// What a policy is held to.
package enum SearchLaw: String, Sendable, Hashable, CaseIterable {
    /// For one state and time, the worse of two beliefs gets no looser knob.
    case monotone
    /// Every belief gets a verdict.
    case neverErrs = "never-errs"
    /// On the same beliefs, no knob is looser than the other policy's.
    case notLooser = "not-looser"
}

/// A way to a state, and what goes wrong there.
package struct Counterexample: Sendable, Hashable {
    package let law: SearchLaw
    package var lead: [LeadTick]
    package var now: Double
    /// The belief itself where the law looks at one only.
    package var better: Belief
    package var worse: Belief
}

/// What a counterexample comes to when it is run.
package struct Witness: Sendable {
    /// The looser knobs; none for a fault.
    package let knobs: [KnobName]
    package let fault: PolicyFault?
    /// What is compared, after limits and severity: the better belief's or the other policy's, and the worse one's.
    package let bound: Knobs?
    package let found: Knobs?
    /// What the guard makes of the latter after this past, and which knobs it holds.
    package let enforced: Knobs?
    package let held: [String]
    /// What was in force before.
    package let last: Knobs

    /// Counterexamples of one kind are told once.
    var kind: String { fault.map(\.code.rawValue) ?? knobs.first?.rawValue ?? "" }
}

/// What a search has done and found.
package struct SearchReport: Sendable {
    package struct Finding: Sendable {
        package let law: SearchLaw
        package let kind: String
        /// How many pairs showed it.
        package fileprivate(set) var count: Int
        package fileprivate(set) var example: Counterexample
        package fileprivate(set) var witness: Witness?

        init(law: SearchLaw, kind: String, example: Counterexample) {
            self.law = law
            self.kind = kind
            self.example = example
            count = 1
        }
    }

    package var pairs = 0
    /// Pairs within 1 % of a threshold that bisection found.
    package var nearThreshold = 0
    package var thresholds = 0
    package var evaluations = 0
    package var traces = 0
    /// Ways through the policy's lines that were met, with what they led to.
    package var ways = 0
    package var findings: [Finding] = []
    package var coverage: PolicyCoverage?

    package init() {}

    /// Notes a counterexample; of one kind the one with the shortest way is kept.
    mutating func note(_ example: Counterexample, kind: String) {
        guard let place = findings.firstIndex(where: { $0.law == example.law && $0.kind == kind }) else {
            findings.append(Finding(law: example.law, kind: kind, example: example))
            return
        }
        findings[place].count += 1
        if example.lead.count < findings[place].example.lead.count { findings[place].example = example }
    }

    mutating func replace(_ place: Int, by example: Counterexample, _ witness: Witness?) {
        findings[place].example = example
        findings[place].witness = witness
    }
}
