import CPolicyHost
import ReckonEngine
import ReckonModel

/// A walk over a grid of beliefs, calm to hopeless and back, with everything that goes wrong on the way.
struct DryRun {
    private(set) var problems: [PolicyProblem] = []
    private(set) var mostInstructions: Int64 = 0
    /// What came of each belief, to compare two runs.
    private(set) var transcript: [String] = []

    private var tick: Int64 = 0
    private var now = 1000.0

    /// Walks the whole grid, or one belief in so many of it.
    init(_ runtime: PolicyRuntime, every stride: Int = 1) {
        for index in Swift.stride(from: 0, to: Self.beliefs.count, by: stride) {
            ask(runtime, Self.beliefs[index])
        }
        if mostInstructions > PolicyRuntime.instructionBudget / 2 {
            problems.append(
                PolicyProblem(
                    .warning,
                    code: "instructions",
                    file: "policy.lua",
                    message:
                        "a tick took \(mostInstructions) of \(PolicyRuntime.instructionBudget) instructions"
                )
            )
        }
    }

    private mutating func ask(_ runtime: PolicyRuntime, _ belief: Belief) {
        tick += 1
        let step = tick == 1 ? 0 : Double([1, 5, 5, 30, 90][Int(tick % 5)])
        now += step
        let limits = GuardLimits.trial
        let verdict = runtime.evaluate(
            PolicyQuestion(
                tick: tick,
                now: now,
                sinceLast: step,
                belief: belief,
                limits: limits,
                lastEnforced: Knobs(mode: .orange, allowEntries: false, limits: limits)
            )
        )
        mostInstructions = max(mostInstructions, verdict.instructions)
        transcript.append("\(verdict.stateDigest) \(verdict.instructions) \(verdict.knobs?.json ?? "fault")")
        if let fault = verdict.fault { note(fault, belief) }
    }

    /// Each kind of fault is told once, at its first belief.
    private mutating func note(_ fault: PolicyFault, _ belief: Belief) {
        let problem = PolicyHost.problem(fault, code: "evaluate_\(fault.code.rawValue)")
        guard !problems.contains(where: { $0.code == problem.code }) else { return }
        problems.append(
            PolicyProblem(
                code: problem.code,
                file: problem.file,
                line: problem.line,
                message:
                    "\(problem.message) (dry run, tick \(tick): debt_sec \(belief.debtSeconds), debt_symbols "
                    + "\(belief.debtSymbols), mismatch_streak \(belief.mismatchStreak))"
            )
        )
    }

    private static let beliefs: [Belief] = {
        var grid: [Belief] = [.neutral]
        for debt in [0, 0.5, 5, 30, 120, 600, 86_400] {
            for symbols in [0, 1, 3, 32, 500] {
                for streak in [0, 1, 5, 40] { grid.append(belief(debt, symbols, streak)) }
            }
        }
        return grid + grid.reversed() + Array(repeating: .neutral, count: 20)
    }()

    private static func belief(_ debt: Double, _ symbols: Int, _ streak: Int) -> Belief {
        var belief = Belief()
        belief.debtSeconds = debt
        belief.debtSymbols = symbols
        belief.mismatchStreak = streak
        // Evidence worsens with the streak, so that each column meets several degrees of it.
        let share = Double(streak) / 40
        belief.confidence = 1 - share
        belief.evidence.confidence = 1 - share
        belief.evidence.streamScore = 1 - share
        belief.evidence.restScore = 1 - share / 2
        belief.evidence.streamAgeSeconds = share * 600
        belief.evidence.contradictionScore = share
        belief.evidence.contradictionStreak = streak / 4
        belief.evidence.degradedSources = streak == 0 ? 0 : min(3, 1 + streak / 10)
        belief.unknownIntents.count = streak / 2
        belief.unknownIntents.oldestSeconds = streak > 1 ? debt : 0
        belief.exposure.grossUSDT = Double(symbols) * 100
        belief.exposure.positions = symbols
        belief.naked.symbols = streak > 4 ? 1 : 0
        belief.naked.seconds = streak > 4 ? debt / 2 : 0
        belief.symbols = (0..<min(symbols, 32)).map { index in
            SymbolDebt(
                symbol: Symbol("SYM\(index)USDT"),
                debtSeconds: debt / Double(index + 1),
                mismatches: 1 + streak / (index + 1),
                kind: "position_missing"
            )
        }
        return belief
    }
}
