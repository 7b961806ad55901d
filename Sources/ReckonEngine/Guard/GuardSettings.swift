/// How the guard treats verdicts; the operator's, never the policy's.
package struct GuardSettings: Sendable, Codable, Hashable {
    /// How long a kill switch that a policy tripped holds at least, in seconds.
    package var haltSeconds: Double = 60
    /// Whether RED trips the kill switch.
    package var haltOnRed: Bool = true
    /// Faults in a row after which the policy is quarantined and the mode is RED.
    package var faultLimit: Int = 3
    /// How long after a load or restart the last enforced knobs bound what is enforced, in seconds.
    package var reloadHoldSeconds: Double = 120
    /// Steps in which debt components are compared.
    package var quantum = DebtComponents(
        debtSeconds: 1,
        debtSymbols: 1,
        streak: 1,
        unknown: 1,
        nakedSeconds: 1
    )

    package init() {}
}

/// The parts of belief whose improvement alone licenses a loosening (I-04).
package struct DebtComponents: Sendable, Codable, Hashable {
    package var debtSeconds: Double
    package var debtSymbols: Double
    package var streak: Double
    package var unknown: Double
    package var nakedSeconds: Double

    package init(
        debtSeconds: Double,
        debtSymbols: Double,
        streak: Double,
        unknown: Double,
        nakedSeconds: Double
    ) {
        self.debtSeconds = debtSeconds
        self.debtSymbols = debtSymbols
        self.streak = streak
        self.unknown = unknown
        self.nakedSeconds = nakedSeconds
    }

    /// Ages saturate at 600 s: beyond that, older is not worse.
    package init(_ belief: Belief) {
        self.init(
            debtSeconds: min(belief.debtSeconds, 600),
            debtSymbols: Double(belief.debtSymbols),
            streak: Double(belief.mismatchStreak),
            unknown: Double(belief.unknownIntents.count),
            nakedSeconds: min(belief.naked.seconds, 600)
        )
    }

    private var parts: [Double] { [debtSeconds, debtSymbols, streak, unknown, nakedSeconds] }

    package var isZero: Bool { parts.allSatisfy { $0 == 0 } }

    /// Whether any part is at least one quantum below that of `worst`.
    package func improves(on worst: DebtComponents, by quantum: DebtComponents) -> Bool {
        for (index, part) in parts.enumerated() where part <= worst.parts[index] - quantum.parts[index] {
            return true
        }
        return false
    }

    /// Part by part the larger.
    package func worse(of other: DebtComponents) -> DebtComponents {
        DebtComponents(
            debtSeconds: max(debtSeconds, other.debtSeconds),
            debtSymbols: max(debtSymbols, other.debtSymbols),
            streak: max(streak, other.streak),
            unknown: max(unknown, other.unknown),
            nakedSeconds: max(nakedSeconds, other.nakedSeconds)
        )
    }
}
