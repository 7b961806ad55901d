import ReckonEngine
import ReckonModel
import ReckonPolicy
import ReckonSimulation

/// How one seed went under one policy: mode, debt of belief and exposure over time.
struct RunStory: Sendable {
    struct Moment: Sendable {
        /// Seconds from the start.
        let at: Double
        let mode: GuardMode
        let debt: Double
        let exposure: Double
    }

    let policy: Contender
    let scenario: String
    let seed: UInt64
    let seconds: Double
    let moments: [Moment]

    /// Runs the seed again in this process: it held before, so it does again.
    init?(_ policy: Contender, _ terms: ScenarioTerms, seed: UInt64, hours: Double?) {
        var overrides: Table<String, Double> = Table()
        for setting in policy.settings { overrides[setting.name] = setting.value }
        guard var scenario = try? Scenario.known(as: terms.source),
            let directory = try? PolicyChoice.directory(policy.path), directory.digest == policy.digest,
            let seat = try? PolicySeat(directory, overrides: overrides)
        else { return nil }
        if let hours { scenario.length = Span(seconds: hours * 3_600) }
        guard (try? PriceFile.read(into: &scenario)) != nil else { return nil }
        var world = World(scenario: scenario, seed: seed, seat: seat)
        let result = world.run()
        self.policy = policy
        self.scenario = terms.name
        self.seed = seed
        seconds = result.trace.length.seconds
        let start = world.facts.first?.at
        moments = world.facts.compactMap { stamped in
            guard case .verdictEnforced(let enforcement) = stamped.fact, let start else { return nil }
            return Moment(
                at: (stamped.at - start).seconds,
                mode: enforcement.enforced.mode,
                debt: enforcement.belief.debtSeconds,
                exposure: enforcement.belief.exposure.grossUSDT
            )
        }
    }
}

/// Which runs to look at first.
struct RunChoice: Sendable {
    let scenario: ScenarioTerms
    let seed: UInt64
    /// The sum of the primary gains, each in its scale.
    let gain: Double

    /// All pairs in which both sides held, the worst for the challenger first.
    static func ranked(_ comparison: Comparison, _ challenger: Contender) -> [RunChoice] {
        let terms = comparison.terms
        let paired = PairedRuns(terms: terms, runs: comparison.runs, seeds: comparison.seeds)
        var choices: [RunChoice] = []
        for scenario in terms.scenarios {
            var gains: [UInt64: Double] = [:]
            for figure in FigureTerms.primary {
                let sample = paired.sample(figure, scenario, challenger)
                let scale = scenario.scale(of: figure)
                for (seed, gain) in zip(sample.seeds, sample.gains) {
                    gains[seed, default: 0] += gain / scale
                }
            }
            for (seed, gain) in gains where held(comparison, scenario, challenger, seed) {
                choices.append(RunChoice(scenario: scenario, seed: seed, gain: gain))
            }
        }
        return choices.sorted { ($0.gain, $0.scenario.name, $0.seed) < ($1.gain, $1.scenario.name, $1.seed) }
    }

    private static func held(
        _ comparison: Comparison,
        _ scenario: ScenarioTerms,
        _ challenger: Contender,
        _ seed: UInt64
    ) -> Bool {
        let labels = [comparison.terms.reference?.label ?? "", challenger.label]
        return labels.allSatisfy { comparison.runs.run(scenario.name, $0, seed)?.held ?? false }
    }
}
