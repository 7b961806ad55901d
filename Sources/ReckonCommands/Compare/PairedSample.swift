/// One figure of two policies on the same seeds, in one scenario or over all.
struct PairedSample: Sendable {
    let figure: FigureTerms
    /// `all` for the pooled one.
    let scenario: String
    let challenger: String
    var seeds: [UInt64] = []
    var a: [Double] = []
    var b: [Double] = []
    /// How much the challenger is better, seed by seed.
    var gains: [Double] = []
    /// How much worse is still as good.
    let margin: Double
    /// What a gain can be at all, where the figure is bounded.
    let bounds: ClosedRange<Double>?

    static let pooled = "all"

    var wins: Int { gains.count { $0 > 0 } }
    var losses: Int { gains.count { $0 < 0 } }
    var ties: Int { gains.count - wins - losses }
    var unequal: Int { wins + losses }
    var meanGain: Double { PairedSample.mean(gains) }
    var largest: Double { (a + b).reduce(0) { max($0, $1.magnitude) } }

    static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}

/// Makes samples of the runs.
struct PairedRuns: Sendable {
    let terms: ComparisonTerms
    let runs: RunTable
    let seeds: ClosedRange<UInt64>

    /// Pairs of which one process died are left out, as they have no figures.
    func sample(_ figure: FigureTerms, _ scenario: ScenarioTerms, _ challenger: Contender) -> PairedSample {
        var sample = PairedSample(
            figure: figure,
            scenario: scenario.name,
            challenger: challenger.label,
            margin: figure.margin * scenario.scale(of: figure),
            bounds: figure.bounds.map { -($0.upperBound - $0.lowerBound)...($0.upperBound - $0.lowerBound) }
        )
        for seed in terms.seeds(of: challenger, within: seeds) ?? seeds {
            guard let pair = pair(figure, scenario, challenger, seed) else { continue }
            sample.seeds.append(seed)
            sample.a.append(pair.a)
            sample.b.append(pair.b)
            sample.gains.append(pair.gain)
        }
        return sample
    }

    /// Equal-weight means over the scenarios of what was divided by each one's scale; a seed is one cluster.
    func pooled(_ figure: FigureTerms, _ challenger: Contender) -> PairedSample {
        let scales = terms.scenarios.map { $0.scale(of: figure) }
        let share = 1 / Double(max(terms.scenarios.count, 1))
        var sample = PairedSample(
            figure: figure,
            scenario: PairedSample.pooled,
            challenger: challenger.label,
            margin: figure.margin,
            bounds: pooledBounds(figure, scales)
        )
        for seed in terms.seeds(of: challenger, within: seeds) ?? seeds {
            let pairs = terms.scenarios.compactMap { pair(figure, $0, challenger, seed) }
            guard pairs.count == scales.count else { continue }
            var sums = (a: 0.0, b: 0.0, gain: 0.0)
            for (pair, scale) in zip(pairs, scales) {
                sums.a += pair.a / scale * share
                sums.b += pair.b / scale * share
                sums.gain += pair.gain / scale * share
            }
            sample.seeds.append(seed)
            sample.a.append(sums.a)
            sample.b.append(sums.b)
            sample.gains.append(sums.gain)
        }
        return sample
    }

    private func pooledBounds(_ figure: FigureTerms, _ scales: [Double]) -> ClosedRange<Double>? {
        guard let bounds = figure.bounds, !scales.isEmpty else { return nil }
        let width = bounds.upperBound - bounds.lowerBound
        let most = scales.reduce(0) { $0 + width / $1 } / Double(scales.count)
        return -most...most
    }

    private func pair(
        _ figure: FigureTerms,
        _ scenario: ScenarioTerms,
        _ challenger: Contender,
        _ seed: UInt64
    ) -> (a: Double, b: Double, gain: Double)? {
        guard let reference = terms.reference,
            let one = runs.run(scenario.name, reference.label, seed), one.lived,
            let other = runs.run(scenario.name, challenger.label, seed), other.lived
        else { return nil }
        let a = one.figures[figure.name] ?? 0
        let b = other.figures[figure.name] ?? 0
        let isTie = figure.needsAdmission && (admitted(one) == 0 || admitted(other) == 0)
        return (a, b, isTie ? 0 : figure.gain(from: a, to: b))
    }

    private func admitted(_ run: ComparedRun) -> Double { run.figures["admitted_usdt"] ?? 0 }
}
