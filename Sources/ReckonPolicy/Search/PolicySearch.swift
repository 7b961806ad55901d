import ReckonEngine
import ReckonModel

/// Looks for beliefs on which a policy breaks its laws.
///
/// States are reached by running traces, with those preferred that take a rare way through the policy's lines. At each
/// state pairs of beliefs are compared, half of them within 1 % of a threshold found by bisection.
package struct PolicySearch {
    private let plan: SearchPlan
    private let judge: SearchJudge
    private let words: PolicyWords
    private var report = SearchReport()
    private var dice: Dice
    private var ways: [UInt64: Int] = [:]
    private var kept: [Stop] = []
    private var seen: [[UInt8]] = []
    private var axes = AxisChoice()

    /// A place on a trace, before its next tick.
    private struct Stop {
        var walk: PolicyWalk
        var rival: PolicyWalk?
        var weather = BeliefWeather()
        var now = 0.0
        var belief = Belief.neutral
        var way: UInt64 = 0
    }

    private static let keptLimit = 600
    private static let leadLimit = 80
    private static let stopsPerTrace = 5
    private static let roundsPerStop = 4
    private static let pairsPerThreshold = 6

    package init(_ directory: PolicyDirectory, _ plan: SearchPlan) throws(PolicyProblem) {
        self.plan = plan
        let runtime = try PolicyRuntime(directory, overrides: plan.overrides)
        try runtime.noteLines()
        var rival: PolicyRuntime?
        if let other = plan.rival { rival = try PolicyRuntime(other) }
        judge = SearchJudge(runtime: runtime, rival: rival, limits: plan.limits)
        words = PolicyWords(directory, runtime.parameters)
        dice = Dice(seed: plan.seed).child("policy search")
    }

    /// Searches; tells now and then how many pairs have been compared.
    package mutating func run(_ progress: (Int) -> Void = { _ in }) -> SearchReport {
        while report.pairs < plan.pairs, !(plan.stopsAtFirst && !report.findings.isEmpty) {
            trace()
            progress(min(report.pairs, plan.pairs))
        }
        report.ways = ways.count
        report.coverage = judge.runtime.coverage(of: seen)
        for place in report.findings.indices.prefix(plan.kindLimit) {
            let finding = report.findings[place]
            let shrunk = Shrinker(judge: judge, kind: finding.kind).shrunk(finding.example)
            report.replace(place, by: shrunk, judge.witness(shrunk))
        }
        return report
    }

    // MARK: Traces

    private mutating func trace() {
        report.traces += 1
        var stop = start()
        var stops: [Stop] = []
        for _ in 0..<dice.roll(in: 3...40) {
            let (seconds, belief) = stop.weather.next(&dice, words: words)
            stop.now += seconds
            stop.belief = belief
            stops.append(stop)
            step(&stop)
            stops[stops.count - 1].way = stop.way
        }
        for stop in chosen(stops) where report.pairs < plan.pairs { probe(stop) }
    }

    private mutating func start() -> Stop {
        guard dice.chance(2, in: 3), var best = dice.pick(kept) else {
            return Stop(
                walk: judge.start(),
                rival: judge.startOfRival(),
                now: Double(dice.roll(in: 0...1_000))
            )
        }
        for _ in 0..<3 {
            if let other = dice.pick(kept), ways[other.way, default: 0] < ways[best.way, default: 0] {
                best = other
            }
        }
        return best
    }

    /// The stops whose way is rarest, and one by chance.
    private mutating func chosen(_ stops: [Stop]) -> [Stop] {
        let byRarity = stops.enumerated().sorted { left, right in
            (ways[left.element.way, default: 0], left.offset) < (
                ways[right.element.way, default: 0], right.offset
            )
        }
        let rare = byRarity.prefix(Self.stopsPerTrace - 1).map(\.element)
        return rare + [dice.pick(stops)].compactMap { $0 }
    }

    /// Takes the stop's tick, and looks at what comes of it.
    private mutating func step(_ stop: inout Stop) {
        judge.runtime.forgetLines()
        let before = stop
        let step = stop.walk.step(stop.belief, at: stop.now)
        let other = stop.rival?.step(stop.belief, at: stop.now)
        report.evaluations += 1
        stop.way = way(of: step.verdict)
        inspect(step.verdict, other?.verdict, stop.belief, before)
        keepIfNew(stop)
    }

    private mutating func keepIfNew(_ stop: Stop) {
        ways[stop.way, default: 0] += 1
        let isNew = ways[stop.way] == 1
        guard judge.runtime.collectLines(into: &seen) || isNew, stop.walk.lead.count < Self.leadLimit else {
            return
        }
        if kept.count < Self.keptLimit {
            kept.append(stop)
        } else {
            kept[Int(dice.roll(below: UInt64(kept.count)))] = stop
        }
    }

    /// What tells evaluations apart: the lines that ran, and the posture that came out.
    private func way(of verdict: PolicyVerdict) -> UInt64 {
        let knobs = verdict.knobs
        let stage = knobs?.notes.recoveryStage ?? ""
        let symbols = min(knobs?.symbols.count ?? 0, 40) / 8
        return Dice.digest(
            "\(knobs?.mode.severity ?? 9) \(stage) \(symbols)",
            from: judge.runtime.lineSignature()
        )
    }

    // MARK: Pairs

    private mutating func probe(_ stop: Stop) {
        for _ in 0..<Self.roundsPerStop {
            var stop = stop
            if dice.chance(1, in: 3) {
                // The same state at another time: timers have thresholds too.
                let seconds = words.figure(&dice, in: 0...3_600) ?? dice.spread(over: 0...600)
                stop.now = (stop.walk.lastNow ?? stop.now) + seconds
            }
            let base = base(of: stop)
            probeThreshold(base, stop)
            // As many pairs from anywhere as there are at thresholds.
            while report.pairs < 2 * report.nearThreshold + Self.pairsPerThreshold {
                if dice.chance(1, in: 3) {
                    let (better, worse) = atWord(base)
                    compare(better, worse, stop)
                } else {
                    compare(base, BeliefWeather.worsened(base, &dice, words: words), stop)
                }
            }
        }
    }

    /// Compares on both sides of a threshold, if one is found.
    private mutating func probeThreshold(_ base: Belief, _ stop: Stop) {
        var evaluations = 0
        let limits = plan.limits
        let finder = ThresholdSearch(limits: limits) { belief in
            evaluations += 1
            let verdict = stop.walk.verdict(belief, at: stop.now)
            return verdict.knobs == nil ? nil : limits.effective(verdict)
        }
        for _ in 0..<4 {
            let choice = axes.next(&dice)
            let axis = axes.axis(choice, towards: stop.belief)
            let threshold = finder.threshold(base, along: axis, &dice)
            axes.note(choice, hasThreshold: threshold != nil)
            guard let threshold else { continue }
            report.thresholds += 1
            for index in 0..<Self.pairsPerThreshold {
                let (low, high) = axis.around(threshold, &dice)
                let better = axis.belief(base, at: low)
                var worse = axis.belief(base, at: high)
                if index % 3 == 2 { worse = BeliefWeather.worsened(worse, &dice, words: words) }
                compare(better, worse, stop)
                report.nearThreshold += 1
            }
            break
        }
        report.evaluations += evaluations
    }

    private mutating func base(of stop: Stop) -> Belief {
        switch dice.roll(below: 4) {
        case 0: return .neutral
        case 1:
            var other = stop.weather
            return other.next(&dice, words: words).belief
        default: return stop.belief
        }
    }

    /// Two beliefs at a figure that the policy names.
    private mutating func atWord(_ base: Belief) -> (better: Belief, worse: Belief) {
        let axis = axes.axis(axes.next(&dice), towards: base)
        guard let word = words.figure(&dice, in: axis.range) else {
            return (base, BeliefWeather.worsened(base, &dice, words: words))
        }
        let (low, high) = axis.around(word, &dice)
        let worse = axis.belief(base, at: high)
        return (
            axis.belief(base, at: low),
            dice.chance(1, in: 2) ? worse : BeliefWeather.worsened(worse, &dice, words: words)
        )
    }

    private mutating func compare(_ better: Belief, _ worse: Belief, _ stop: Stop) {
        report.pairs += 1
        let verdicts = [better, worse].map { ask($0, stop) }
        guard verdicts[0].fault == nil, verdicts[1].fault == nil, better != worse else { return }
        let bound = plan.limits.effective(verdicts[0])
        let found = plan.limits.effective(verdicts[1])
        guard let knob = found.looser(than: bound).first else { return }
        report.note(example(.monotone, stop, better, worse), kind: knob.rawValue)
    }

    private mutating func ask(_ belief: Belief, _ stop: Stop) -> PolicyVerdict {
        judge.runtime.forgetLines()
        let verdict = stop.walk.verdict(belief, at: stop.now)
        report.evaluations += 1
        let other = stop.rival?.verdict(belief, at: stop.now)
        inspect(verdict, other, belief, stop)
        let way = way(of: verdict)
        if ways[way] == nil {
            // Seen for the first time: worth going on from.
            var next = stop
            next.belief = belief
            next.way = way
            next.walk.step(belief, at: stop.now)
            _ = next.rival?.step(belief, at: stop.now)
            keepIfNew(next)
        }
        return verdict
    }

    /// Holds one verdict to the laws that look at one belief.
    private mutating func inspect(
        _ verdict: PolicyVerdict,
        _ other: PolicyVerdict?,
        _ belief: Belief,
        _ stop: Stop
    ) {
        if let fault = verdict.fault {
            report.note(example(.neverErrs, stop, belief, belief), kind: fault.code.rawValue)
            return
        }
        guard let other, other.fault == nil else { return }
        let found = plan.limits.effective(verdict)
        let bound = plan.limits.effective(other)
        guard let knob = found.looser(than: bound).first else { return }
        report.note(example(.notLooser, stop, belief, belief), kind: knob.rawValue)
    }

    private func example(_ law: SearchLaw, _ stop: Stop, _ better: Belief, _ worse: Belief) -> Counterexample
    {
        Counterexample(law: law, lead: stop.walk.lead, now: stop.now, better: better, worse: worse)
    }
}
