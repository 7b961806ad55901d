import ReckonModel

extension Scenario {
    /// This built-in one with its scales: the largest mean of `baseline`, `steady` and `always` over seeds 1 to 30.
    ///
    /// A scale must not hang on the policies that are compared, else each comparison would measure in units of its own.
    var scaled: Scenario {
        var scenario = self
        for row in Scenario.measuredScales where row.scenario == name {
            scenario.scales["entries_refused_needlessly"] = row.refused
            scenario.scales["flaps"] = row.flaps
            scenario.scales["naked_seconds_p99"] = row.naked
            scenario.scales["risk_at_doubt_per_admitted"] = row.risk
            scenario.scales["wrong_exposure_per_admitted"] = row.wrong
        }
        return scenario
    }

    private struct MeasuredScale {
        let scenario: String
        /// In an hour.
        let refused: Double
        /// In an hour.
        let flaps: Double
        let naked: Double
        let risk: Double
        let wrong: Double

        init(_ scenario: String, _ values: (Double, Double, Double, Double, Double)) {
            self.scenario = scenario
            (refused, flaps, naked, risk, wrong) = values
        }
    }

    private static let measuredScales = [
        MeasuredScale("calm", (3.5, 2, 0.5, 0.005, 0.35)),
        MeasuredScale("lost-acks", (120, 2, 1.3, 0.005, 0.35)),
        MeasuredScale("silent-stream", (13, 2, 1.5, 0.005, 0.39)),
        MeasuredScale("stale-snapshots", (80, 2, 0.68, 0.005, 0.56)),
        MeasuredScale("rate-limit-storm", (120, 3.1, 3.1, 0.005, 0.76)),
        MeasuredScale("crash-loop", (63, 33, 6.8, 0.009, 0.6)),
        MeasuredScale("flash-crash", (44, 2, 1.1, 0.005, 0.39)),
        MeasuredScale("manual-meddling", (100, 2, 2.7, 0.031, 21)),
        MeasuredScale("exchange-outage", (120, 11, 3, 0.005, 0.33)),
        MeasuredScale("everything", (140, 10, 8.5, 0.02, 10)),
        MeasuredScale("hedged", (300, 13, 7.8, 0.019, 2.4)),
    ]
}
