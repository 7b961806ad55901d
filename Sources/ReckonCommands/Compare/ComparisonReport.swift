/// A comparison as one document; the same runs give the same bytes, in whatever parts and order they came.
struct ComparisonReport: Encodable {
    struct Policy: Encodable {
        let label: String
        let name: String
        let path: String
        let digest: String
        let settings: [String: Double]
    }

    struct Row: Encodable {
        let scenario: String
        let figure: String
        let challenger: String
        let mean_a: Double
        let mean_b: Double
        let mean_difference: Double
        let ci95: Nullable<[Double]>
        let wins: Int
        let ties: Int
        let losses: Int
        let p: Double
        let p_adjusted: Nullable<Double>
        let p_inferior_adjusted: Nullable<Double>
        let decided: Bool
        let non_inferior: Bool
        let better: String
        let primary: Bool
        let margin: Double
        let method: String
        let unit: String
    }

    struct Outcome: Encodable {
        let policy: String
        let verdict: String
        let wins: [String]
        let losses: [String]
        let open: [String]
        let reversed: [Place]
        let failures: Int
        let withheld: Nullable<String>
    }

    struct Place: Encodable {
        let scenario: String
        let figure: String
    }

    struct Control: Encodable {
        let policy: String
        let seeds: Int
        let verdict: String
    }

    struct Failure: Encodable {
        let scenario: String
        let policy: String
        let seed: UInt64
        let verdict: String
        /// Without the program's own name.
        let `repeat`: String
    }

    /// How many hypotheses each of Holm's two families has.
    struct Families: Encodable {
        let scenarios: Int
        let pooled: Int
    }

    let policies: [Policy]
    let scenarios: [String]
    let seeds: Int
    let first_seed: UInt64
    let last_seed: UInt64
    let hours: [String: Double]
    let until_decided: Bool
    let families: Families
    let figures: [Row]
    let challengers: [Outcome]
    let self_check: [Control]
    let failures: [Failure]
    let verdict: String
    let build: String
    let lua: String

    init(_ comparison: Comparison) {
        let terms = comparison.terms
        policies = terms.policies.map { policy in
            Policy(
                label: policy.label,
                name: policy.name,
                path: policy.path,
                digest: policy.digest,
                settings: Dictionary(policy.settings.map { ($0.name, $0.value) }) { $1 }
            )
        }
        scenarios = terms.scenarios.map(\.name)
        seeds = comparison.seeds.count
        first_seed = comparison.seeds.lowerBound
        last_seed = comparison.seeds.upperBound
        hours = Dictionary(terms.scenarios.map { ($0.name, $0.hours) }) { $1 }
        until_decided = terms.isUntilDecided
        let pooled = FigureTerms.primary.count * terms.challengers.count
        families = Families(scenarios: pooled * terms.scenarios.count, pooled: pooled)
        figures = comparison.rows.map { Row($0) }
        challengers = comparison.outcomes.map { Outcome($0) }
        self_check = comparison.controls.map { control in
            Control(
                policy: control.challenger.label,
                seeds: terms.seeds(of: control.challenger, within: comparison.seeds)?.count ?? 0,
                verdict: control.verdict.rawValue
            )
        }
        failures = comparison.failures.map { failure in
            Failure(
                scenario: failure.run.scenario,
                policy: failure.run.policy,
                seed: failure.run.seed,
                verdict: failure.run.verdict,
                repeat: failure.words.joined(separator: " ")
            )
        }
        verdict = comparison.verdict.rawValue
        build = terms.build
        lua = terms.lua
    }
}

extension ComparisonReport.Row {
    init(_ row: FigureRow) {
        let sample = row.sample
        let sign: Double = sample.figure.better == .less ? -1 : 1
        scenario = sample.scenario
        figure = sample.figure.name
        challenger = sample.challenger
        mean_a = PairedSample.mean(sample.a)
        mean_b = PairedSample.mean(sample.b)
        mean_difference = sign * sample.meanGain + 0
        ci95 = Nullable(row.differences.map { [$0.lowerBound, $0.upperBound] })
        wins = sample.wins
        ties = sample.ties
        losses = sample.losses
        p = row.p
        p_adjusted = Nullable(row.pAdjusted)
        p_inferior_adjusted = Nullable(row.pInferiorAdjusted)
        decided = row.isDecided
        non_inferior = row.isNonInferior
        better = row.isDecided ? (row.isFavourable ? "b" : "a") : "none"
        primary = sample.figure.isPrimary
        margin = sample.margin
        method = row.method.rawValue
        unit = sample.scenario == PairedSample.pooled ? "scale" : sample.figure.unit
    }
}

extension ComparisonReport.Outcome {
    init(_ outcome: ChallengerOutcome) {
        policy = outcome.challenger.label
        verdict = outcome.verdict.rawValue
        wins = outcome.wins.map(\.sample.figure.name)
        losses = outcome.losses.map(\.sample.figure.name)
        open = outcome.open.map(\.sample.figure.name)
        reversed = outcome.reversed.map {
            ComparisonReport.Place(scenario: $0.sample.scenario, figure: $0.sample.figure.name)
        }
        failures = outcome.failures
        withheld = Nullable(outcome.withheld)
    }
}

/// A value that is `null` in the document where there is none, as readers rely on its key.
struct Nullable<Value: Encodable>: Encodable {
    let value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}
