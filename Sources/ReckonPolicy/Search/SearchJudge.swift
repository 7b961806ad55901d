import ReckonEngine
import ReckonModel

/// Runs counterexamples from their start, and says whether they still show what they are said to.
struct SearchJudge {
    let runtime: PolicyRuntime
    let rival: PolicyRuntime?
    let limits: GuardLimits

    func start() -> PolicyWalk { PolicyWalk(runtime, limits: limits) }

    func startOfRival() -> PolicyWalk? { rival.map { PolicyWalk($0, limits: limits) } }

    /// `nil` where nothing is wrong.
    func witness(_ example: Counterexample) -> Witness? {
        var walk = start()
        for tick in example.lead { walk.step(tick.belief, at: tick.now) }
        let last = walk.look(example.worse, at: example.now)
        switch example.law {
        case .neverErrs:
            guard let fault = last.enforcement.fault else { return nil }
            return witness([], fault: fault, bound: nil, last)
        case .monotone:
            let better = walk.verdict(example.better, at: example.now)
            guard last.verdict.fault == nil, better.fault == nil else { return nil }
            return compare(limits.effective(better), last)
        case .notLooser:
            guard var other = startOfRival(), last.verdict.fault == nil else { return nil }
            for tick in example.lead { other.step(tick.belief, at: tick.now) }
            let verdict = other.verdict(example.worse, at: example.now)
            guard verdict.fault == nil else { return nil }
            return compare(limits.effective(verdict), last)
        }
    }

    private func compare(_ bound: Knobs, _ last: PolicyStep) -> Witness? {
        let found = limits.effective(last.verdict)
        let knobs = found.looser(than: bound)
        return knobs.isEmpty ? nil : witness(knobs, fault: nil, bound: bound, last)
    }

    private func witness(_ knobs: [KnobName], fault: PolicyFault?, bound: Knobs?, _ last: PolicyStep)
        -> Witness
    {
        Witness(
            knobs: knobs,
            fault: fault,
            bound: bound,
            found: limits.effective(last.verdict),
            enforced: last.enforcement.enforced,
            held: last.enforcement.held,
            last: last.question.lastEnforced
        )
    }
}
