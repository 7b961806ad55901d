import ReckonModel

/// What strategies will ask for, drawn before the start; exits hang on their entry.
struct Workload: Sendable {
    struct Job: Sendable {
        let at: Instant
        fileprivate(set) var entry: EntryIntent
        /// A limit entry rests so many 1e-4 behind the mark; absent for a market entry.
        let limitBehind: Int64?
        /// A take-profit so many 1e-4 ahead of the mark.
        let takeProfitAhead: Int64?
        let exit: ExitIntent
        /// What the exit takes away where it does not close.
        let exitAmount: Notional?
        let exitAt: Instant
        /// Later stops, where they are moved while the position stands.
        var moves: [Move] = []
        /// Other prices and sizes, one after the other, and the wish to have it back, while it may still rest.
        var amends: [Amend] = []
        var withdrawAt: Instant?
        /// The same wish once more, as of a strategy that has not heard the answer.
        var withdrawAgainAt: Instant?
        /// The exit is taken back as well, whatever of it is under way.
        var withdrawExitAt: Instant?
        /// An exit at a limit that is asked for before.
        var limitExit: LimitExit?
    }

    struct LimitExit: Sendable {
        let at: Instant
        let withdrawAt: Instant
        /// So many 1e-4 ahead of the mark of then.
        let ahead: Int64
        let closes: Bool
    }

    struct Amend: Sendable {
        let at: Instant
        /// So many 1e-4 behind the mark of then.
        let behind: Int64
        /// The new total in hundredths of the old; absent leaves it.
        let share: Int64?
    }

    struct Move: Sendable {
        let at: Instant
        let protect: ProtectIntent
    }

    let jobs: [Job]
    let mistakes: [Mistake]

    init(_ scenario: Scenario, draws: Draws, start: Instant) {
        var jobs: [Job] = []
        var mistakes: [Mistake] = []
        for symbol in scenario.symbols {
            var dice = draws.dice("workload", symbol.name)
            var at = Span.seconds(8)
            var count = 0
            while true {
                at = at + Span(nanoseconds: dice.roll(in: 1...(scenario.workload.entryEvery.nanoseconds * 2)))
                guard at < scenario.length else { break }
                count += 1
                let key = "w-\(symbol)-\(count)"
                var draw = JobDraw(plan: scenario.workload, dice: dice.child(key), symbol: symbol, key: key)
                var job = draw.job(at: start + at, notAfter: start + scenario.length)
                job.moves = Workload.moves(of: job, key: key, plan: scenario.workload, draws: draws)
                job.amends = Workload.amends(of: job, key: key, plan: scenario.workload, draws: draws)
                job.withdrawAt = Workload.withdrawal(of: job, key: key, plan: scenario.workload, draws: draws)
                job.withdrawAgainAt = Workload.again(job, key: key, plan: scenario.workload, draws: draws)
                job.wishLeverage(scenario, key: key, draws: draws)
                job.withdrawExitAt = Workload.exitWithdrawal(of: job, key, scenario.workload, draws)
                job.limitExit = Workload.limitExit(of: job, key, scenario.workload, draws)
                if let mistake = Mistake(after: job, jobs.count, scenario.workload, draws) {
                    mistakes.append(mistake)
                }
                jobs.append(job)
            }
        }
        self.jobs = jobs
        self.mistakes = mistakes
    }

    private static func amends(of job: Job, key: String, plan: WorkloadPlan, draws: Draws) -> [Amend] {
        guard let first = amend(of: job, key: key, plan: plan, draws: draws) else { return [] }
        var amends = [first]
        var dice = draws.dice("amend again", key)
        while amends.count < 8, let last = amends.last,
            dice.chance(plan.amendsAgain.numerator, in: plan.amendsAgain.denominator)
        {
            let after = Span(nanoseconds: dice.roll(in: 200_000_000...6_000_000_000))
            let share = dice.chance(1, in: 3) ? dice.roll(in: 60...160) : nil
            amends.append(Amend(at: last.at + after, behind: dice.roll(in: 0...15), share: share))
        }
        return amends
    }

    private static func amend(of job: Job, key: String, plan: WorkloadPlan, draws: Draws) -> Amend? {
        var dice = draws.dice("amend", key)
        guard job.limitBehind != nil, dice.chance(plan.amends.numerator, in: plan.amends.denominator) else {
            return nil
        }
        let after = Span(nanoseconds: dice.roll(in: 200_000_000...12_000_000_000))
        let behind = dice.roll(in: 0...15)
        let share = dice.chance(1, in: 2) ? dice.roll(in: 40...180) : nil
        return Amend(at: job.at + after, behind: behind, share: share)
    }

    private static func withdrawal(of job: Job, key: String, plan: WorkloadPlan, draws: Draws) -> Instant? {
        var dice = draws.dice("withdrawal", key)
        guard dice.chance(plan.withdrawals.numerator, in: plan.withdrawals.denominator) else { return nil }
        return job.at + Span(nanoseconds: dice.roll(in: 200_000_000...15_000_000_000))
    }

    private static func again(_ job: Job, key: String, plan: WorkloadPlan, draws: Draws) -> Instant? {
        var dice = draws.dice("withdrawal again", key)
        let share = plan.repeatedWithdrawals
        guard let first = job.withdrawAt, dice.chance(share.numerator, in: share.denominator) else {
            return nil
        }
        return first + Span(nanoseconds: dice.roll(in: 500_000_000...20_000_000_000))
    }

    private static func exitWithdrawal(
        of job: Job,
        _ key: String,
        _ plan: WorkloadPlan,
        _ draws: Draws
    ) -> Instant? {
        var dice = draws.dice("exit withdrawal", key)
        guard dice.chance(plan.withdrawals.numerator, in: plan.withdrawals.denominator) else { return nil }
        return job.exitAt + Span(nanoseconds: dice.roll(in: 1_000_000...4_000_000_000))
    }

    private static func limitExit(
        of job: Job,
        _ key: String,
        _ plan: WorkloadPlan,
        _ draws: Draws
    ) -> LimitExit? {
        var dice = draws.dice("limit exit", key)
        guard dice.chance(plan.limitExits.numerator, in: plan.limitExits.denominator) else { return nil }
        let hold = max((job.exitAt - job.at).nanoseconds, 2)
        return LimitExit(
            at: job.at + Span(nanoseconds: dice.roll(in: 1...hold)),
            withdrawAt: job.exitAt + Span(nanoseconds: dice.roll(in: 1...20_000_000_000)),
            ahead: dice.roll(in: 0...40),
            closes: dice.chance(2, in: 3)
        )
    }

    private static func moves(of job: Job, key: String, plan: WorkloadPlan, draws: Draws) -> [Move] {
        guard let first = move(of: job, key: key, plan: plan, draws: draws) else { return [] }
        var moves = [first]
        var stops = [job.entry.stop, first.protect.stop]
        var dice = draws.dice("move again", key)
        while moves.count < 10, let last = moves.last,
            dice.chance(plan.movesAgain.numerator, in: plan.movesAgain.denominator)
        {
            var protect = ProtectIntent(key: "\(key)-p\(moves.count)", symbol: job.entry.symbol)
            let isBack = dice.chance(1, in: 2)
            let fresh = StopDistance.basisPoints(dice.roll(in: 40...400))
            protect.stop = isBack ? stops[stops.count - 2] : fresh
            let after = Span(nanoseconds: dice.roll(in: 50_000_000...3_000_000_000))
            moves.append(Move(at: last.at + after, protect: protect))
            stops.append(protect.stop)
        }
        return moves
    }

    /// From dice of its own, so that it shifts no draw of the rest.
    private static func move(of job: Job, key: String, plan: WorkloadPlan, draws: Draws) -> Move? {
        var dice = draws.dice("move", key)
        guard dice.chance(plan.moves.numerator, in: plan.moves.denominator) else { return nil }
        let hold = max((job.exitAt - job.at).nanoseconds, 2)
        var protect = ProtectIntent(key: "\(key)-p", symbol: job.entry.symbol)
        protect.stop = .basisPoints(dice.roll(in: 40...400))
        return Move(at: job.at + Span(nanoseconds: dice.roll(in: 1...hold)), protect: protect)
    }
}

extension Workload.Job {
    /// Some wish more than the operator allows.
    fileprivate mutating func wishLeverage(_ scenario: Scenario, key: String, draws: Draws) {
        var dice = draws.dice("leverage", key)
        let share = scenario.workload.leverages
        guard dice.chance(share.numerator, in: share.denominator) else { return }
        let most = Int64(scenario.maxLeverage)
        entry.leverage = Int(dice.roll(in: max(most / 2, 1)...(most + 2)))
    }
}

/// Draws one job.
private struct JobDraw {
    let plan: WorkloadPlan
    var dice: Dice
    let symbol: Symbol
    let key: String

    mutating func job(at: Instant, notAfter end: Instant) -> Workload.Job {
        let entry = entry()
        let longest = max(plan.maxHold.nanoseconds, 2_000_000_000)
        let hold = Span(nanoseconds: dice.roll(in: 1_000_000_000...longest))
        return Workload.Job(
            at: at,
            entry: entry,
            limitBehind: chance(plan.limits) ? dice.roll(in: 0...15) : nil,
            takeProfitAhead: chance(plan.takeProfits) ? dice.roll(in: 20...200) : nil,
            exit: ExitIntent(key: "\(key)-x", symbol: symbol),
            exitAmount: chance(plan.partialExits) ? Notional(units: Notional.scale * plan.minNotional) : nil,
            exitAt: min(at + hold, end)
        )
    }

    private mutating func entry() -> EntryIntent {
        let amount = dice.roll(in: plan.minNotional...plan.maxNotional)
        let drawn: Side = dice.chance(1, in: 2) ? .buy : .sell
        // A leg is opened from one side only.
        let side = symbol.leg?.openingSide ?? drawn
        var entry = EntryIntent(
            key: key,
            symbol: symbol,
            side: side,
            sizing: .notional(Notional(units: amount * Notional.scale))
        )
        entry.stop = .basisPoints(dice.roll(in: 50...300))
        entry.confidence = 0.9
        entry.lifetime = plan.lifetime
        entry.mayResize = dice.chance(1, in: 3)
        return entry
    }

    private mutating func chance(_ ratio: Ratio) -> Bool {
        dice.chance(ratio.numerator, in: ratio.denominator)
    }
}
