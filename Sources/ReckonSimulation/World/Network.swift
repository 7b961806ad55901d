import ReckonModel

/// How long each message travels, by its cause.
struct Network: Sendable {
    let plan: NetworkPlan
    let draws: Draws
    /// The true difference between the clocks; the engine only ever measures it.
    private(set) var clock: ClockOffset

    init(plan: NetworkPlan, draws: Draws) {
        self.plan = plan
        self.draws = draws
        var dice = draws.dice("clock", "offset")
        let most = plan.maxClockOffset.nanoseconds
        clock = ClockOffset(offset: Span(nanoseconds: dice.roll(in: -most...most)), uncertainty: .zero)
    }

    /// Puts the clocks apart by another figure.
    mutating func jumpClock(to offset: Span) { clock = ClockOffset(offset: offset, uncertainty: .zero) }

    /// One way's time: most near the typical, a long tail to the slowest.
    func latency(_ purpose: String, _ cause: String) -> Span {
        var dice = draws.dice(purpose, cause)
        // Eight coin tosses give a tail that halves with each step, as recorded latencies roughly do.
        var doublings: Int64 = 0
        while doublings < 8, dice.chance(1, in: 3) { doublings += 1 }
        let base = plan.typical.nanoseconds / 2 + dice.roll(in: 0...max(plan.typical.nanoseconds / 2, 1))
        return Span(nanoseconds: min(base << doublings, plan.slowest.nanoseconds))
    }
}
