import ReckonEngine
import ReckonModel
import ReckonPolicy

/// What a policy answers over a plane of beliefs, each held for a minute.
struct KnobSurface: Sendable {
    struct Cell: Sendable {
        let mode: GuardMode
        /// Of the limit, 0…1; 0 where entries are closed.
        let share: Double
    }

    static let debts: [Double] = [0, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300]
    static let streaks = [0, 1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 40]

    /// By streak, then by debt; a cell is absent where the policy failed.
    let rows: [[Cell?]]

    init?(_ policy: Contender) {
        var overrides: Table<String, Double> = Table()
        for setting in policy.settings { overrides[setting.name] = setting.value }
        guard let directory = try? PolicyChoice.directory(policy.path), directory.digest == policy.digest,
            let runtime = try? PolicyRuntime(directory, overrides: overrides)
        else { return nil }
        rows = KnobSurface.streaks.map { streak in
            KnobSurface.debts.map { KnobSurface.cell(runtime, debt: $0, streak: streak) }
        }
    }

    private static func cell(_ runtime: PolicyRuntime, debt: Double, streak: Int) -> Cell? {
        runtime.reset()
        let limits = GuardLimits.trial
        var belief = Belief.neutral
        belief.debtSeconds = debt
        belief.debtSymbols = debt > 0 || streak > 0 ? 1 : 0
        belief.mismatchStreak = streak
        belief.confidence = max(0, 1 - debt / 300)
        var last = Knobs(mode: .green, allowEntries: true, limits: limits)
        for tick in 0..<13 as Range<Int64> {
            let question = PolicyQuestion(
                tick: tick,
                now: Double(tick) * 5,
                sinceLast: tick == 0 ? 0 : 5,
                belief: belief,
                limits: limits,
                lastEnforced: last
            )
            guard let knobs = runtime.evaluate(question).knobs else { return nil }
            last = knobs
        }
        let share = last.allowEntries ? last.maxNotional / limits.maxNotional : 0
        return Cell(mode: last.mode, share: min(max(share, 0), 1))
    }
}
