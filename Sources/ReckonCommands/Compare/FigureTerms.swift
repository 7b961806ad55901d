import ReckonSimulation

/// How a figure takes part in comparisons: which way is better, how far apart is too far, and whether it decides.
struct FigureTerms: Sendable, Hashable {
    enum Direction: Sendable {
        case less
        case more
    }

    let name: String
    var unit = ""
    var better = Direction.less
    /// Decides the verdict; all others are there to be read.
    var isPrimary = false
    /// Whether it adds up with the length of a run: scales are then for one hour.
    var accrues = false
    /// A run that admitted nothing has no such figure: the pair counts as a tie, so that never trading wins nothing.
    var needsAdmission = false
    /// What it can be at all; absent where nothing bounds it.
    var bounds: ClosedRange<Double>?
    /// How much worse is still as good, as a share of the scale.
    var margin = 0.0
    /// The scale of a scenario that sets none.
    var scale = 1.0

    /// How much `b` is better than `a`.
    func gain(from a: Double, to b: Double) -> Double { better == .less ? a - b : b - a }

    /// The figures that decide, in the order in which they are told.
    static let primary = [
        FigureTerms(
            name: "entries_refused_needlessly",
            isPrimary: true,
            accrues: true,
            margin: 0.1,
            scale: 60
        ),
        FigureTerms(
            name: "admitted_share",
            better: .more,
            isPrimary: true,
            bounds: 0...1,
            margin: 0.02
        ),
        FigureTerms(name: "flaps", isPrimary: true, accrues: true, margin: 0.1, scale: 2),
        FigureTerms(
            name: "risk_at_doubt_per_admitted",
            unit: "s",
            isPrimary: true,
            needsAdmission: true,
            margin: 0.1,
            scale: 0.005
        ),
        FigureTerms(
            name: "wrong_exposure_per_admitted",
            unit: "s",
            isPrimary: true,
            needsAdmission: true,
            margin: 0.1,
            scale: 0.2
        ),
        FigureTerms(name: "naked_seconds_p99", unit: "s", isPrimary: true, margin: 0.1, scale: 0.5),
    ]

    /// Those whose scale a scenario may set.
    static var scaled: [FigureTerms] { primary.filter { $0.bounds == nil } }

    /// What is there to be read, beside the primary ones.
    static let secondary: [FigureTerms] =
        lesser("duplicate_orders", "blocked_exits", "lost_intents", "false_terminals", "breaches")
        + lesser("naked_seconds_total", "naked_seconds_max", "phantom_seconds", "orphan_seconds", unit: "s")
        + lesser("convergence_seconds", unit: "s")
        + lesser("wrong_exposure_usdt_sec", "risk_at_doubt_usdt_sec", unit: "USDT s")
        + [
            FigureTerms(name: "admitted_usdt", unit: "USDT", better: .more),
            FigureTerms(name: "entries_allowed", better: .more),
        ]
        + lesser("entries_refused", "mode_changes")
        + [FigureTerms(name: "mode_seconds.GREEN", unit: "s", better: .more)]
        + lesser("mode_seconds.YELLOW", "mode_seconds.ORANGE", "mode_seconds.RED", unit: "s")
        + lesser("policy_faults", "ratchet_held", "knob_clamped")

    static let all = primary + secondary

    private static func lesser(_ names: String..., unit: String = "") -> [FigureTerms] {
        names.map { FigureTerms(name: $0, unit: unit) }
    }
}
