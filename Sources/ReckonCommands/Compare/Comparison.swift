import ReckonStatistics

/// All rows of a comparison and what follows from them.
struct Comparison: Sendable {
    let terms: ComparisonTerms
    let runs: RunTable
    /// The seeds that were looked at.
    let seeds: ClosedRange<UInt64>
    /// By challenger, then scenario (the pooled ones last), then figure.
    let rows: [FigureRow]
    let outcomes: [ChallengerOutcome]
    /// What the rule makes of policies that nobody wants, against the reference.
    let controls: [ChallengerOutcome]

    /// Reading matter is left out where only the outcome is asked for.
    init(_ terms: ComparisonTerms, _ runs: RunTable, seeds: ClosedRange<UInt64>, withSecondary: Bool = true) {
        self.terms = terms
        self.runs = runs
        self.seeds = seeds
        let paired = PairedRuns(terms: terms, runs: runs, seeds: seeds)
        let primary = Comparison.decided(paired, terms.challengers)
        let controls = terms.controls.map { control in
            ChallengerOutcome(control, Comparison.decided(paired, [control]), runs: runs, terms: terms)
        }
        let isTrusted = !controls.contains { $0.verdict == .better }
        self.controls = controls
        outcomes = terms.challengers.map { challenger in
            var outcome = ChallengerOutcome(challenger, primary, runs: runs, terms: terms)
            if !isTrusted { outcome.withhold(because: "a control is called better than the reference") }
            return outcome
        }
        rows = withSecondary ? Comparison.merged(primary, paired, terms) : primary
    }

    /// The verdict of the first challenger, which is the only one of most comparisons.
    var verdict: ChallengerOutcome.Verdict { outcomes.first?.verdict ?? .undecided }

    /// Runs that did not hold, each with the words that repeat it.
    var failures: [(run: ComparedRun, words: [String])] {
        runs.failures.compactMap { run in
            guard let policy = terms.policies.first(where: { $0.label == run.policy }),
                let scenario = terms.scenarios.first(where: { $0.name == run.scenario })
            else { return nil }
            return (run, ["simulate"] + policy.command(scenario, hours: terms.hours).seed(run.seed).words)
        }
    }

    /// Primary rows, Holm's correction applied to those of single scenarios and to the pooled ones as two families.
    private static func decided(_ paired: PairedRuns, _ challengers: [Contender]) -> [FigureRow] {
        let terms = paired.terms
        let isUntilDecided = terms.isUntilDecided
        let single = challengers.flatMap { challenger in
            terms.scenarios.flatMap { scenario in
                FigureTerms.primary.map {
                    FigureRow(paired.sample($0, scenario, challenger), isUntilDecided: isUntilDecided)
                }
            }
        }
        let pooled = challengers.flatMap { challenger in
            FigureTerms.primary.map {
                FigureRow(paired.pooled($0, challenger), isUntilDecided: isUntilDecided)
            }
        }
        return adjusted(single) + adjusted(pooled)
    }

    private static func adjusted(_ rows: [FigureRow]) -> [FigureRow] {
        let p = Holm.adjusted(rows.map(\.p))
        let inferior = Holm.adjusted(rows.map { $0.pInferior ?? 1 })
        return rows.enumerated().map { index, row in
            var row = row
            row.pAdjusted = p[index]
            row.pInferiorAdjusted = inferior[index]
            return row
        }
    }

    private static func merged(_ primary: [FigureRow], _ paired: PairedRuns, _ terms: ComparisonTerms)
        -> [FigureRow]
    {
        terms.challengers.flatMap { challenger in
            let own = primary.filter { $0.sample.challenger == challenger.label }
            let single = terms.scenarios.flatMap { scenario in
                own.filter { $0.sample.scenario == scenario.name }
                    + FigureTerms.secondary.map {
                        FigureRow(paired.sample($0, scenario, challenger), isUntilDecided: false)
                    }
            }
            return single + own.filter { $0.sample.scenario == PairedSample.pooled }
        }
    }
}

/// What came of one challenger against the reference.
struct ChallengerOutcome: Sendable {
    enum Verdict: String, Sendable {
        case better
        case worse
        case tradeOff = "trade-off"
        case undecided
    }

    let challenger: Contender
    private(set) var verdict: Verdict
    /// Why a better was taken back.
    private(set) var withheld: String?
    /// Pooled rows that decide.
    let wins: [FigureRow]
    let losses: [FigureRow]
    /// Neither won nor shown to be as good.
    let open: [FigureRow]
    /// Rows of single scenarios that point the other way than a pooled win or loss.
    let reversed: [FigureRow]
    /// Runs of the challenger that did not hold where those of the reference did.
    let failures: Int

    init(_ challenger: Contender, _ rows: [FigureRow], runs: RunTable, terms: ComparisonTerms) {
        self.challenger = challenger
        let own = rows.filter { $0.sample.challenger == challenger.label }
        let pooled = own.filter { $0.sample.scenario == PairedSample.pooled }
        let wins = pooled.filter(\.challengerWins)
        let losses = pooled.filter(\.challengerLoses)
        self.wins = wins
        self.losses = losses
        open = pooled.filter { !$0.challengerWins && !$0.challengerLoses && !$0.isNonInferior }
        reversed = own.filter { row in
            guard row.sample.scenario != PairedSample.pooled, row.isDecided else { return false }
            let name = row.sample.figure.name
            return row.sample.meanGain < 0 && wins.contains { $0.sample.figure.name == name }
                || row.sample.meanGain > 0 && losses.contains { $0.sample.figure.name == name }
        }
        failures = runs.failures.count { run in
            guard run.policy == challenger.label, let reference = terms.reference else { return false }
            return runs.run(run.scenario, reference.label, run.seed)?.held ?? true
        }
        switch (wins.isEmpty, losses.isEmpty) {
        case (false, false): verdict = .tradeOff
        case (true, false): verdict = .worse
        case (false, true): verdict = open.isEmpty ? .better : .undecided
        case (true, true): verdict = .undecided
        }
        if failures > 0 { withhold(because: "\(failures) of its runs did not hold where a's did") }
    }

    /// Takes a `better` back.
    mutating func withhold(because reason: String) {
        guard verdict == .better else { return }
        verdict = .undecided
        withheld = reason
    }
}
