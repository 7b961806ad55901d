import ReckonEngine
import ReckonExchange
import ReckonModel

/// Exits at a limit: they rest, claim what they would reduce, and are taken back in the end.
extension World {
    mutating func submitLimitExit(_ index: Int) {
        let job = workload.jobs[index]
        guard engine != nil, jobStates[index].isAccepted, let limit = job.limitExit,
            let market = exchange.markets[job.entry.symbol.instrument]
        else { return }
        let held = exchange.position(of: job.entry.symbol)?.quantity ?? .zero
        guard !held.isZero else { return }
        let share = 10_000 + (held.isPositive ? limit.ahead : -limit.ahead)
        let price = market.mark.scaled(by: share, over: 10_000, rounding: .down)
            .rounded(.down, toMultipleOf: market.instrument.tickSize)
        var exit = ExitIntent(key: limitKey(index), symbol: job.entry.symbol)
        exit.pricing = .limit(price, .goodTillCancel)
        if !limit.closes { exit.extent = .reduce(by: market.instrument.minQuantity) }
        turn(.intent(Submission(intent: .exit(exit), ticket: Int64(index))))
        heap.push(.withdrawLimitExit(index), at: max(limit.withdrawAt, now))
    }

    /// Asked until somebody is there to hear it.
    mutating func withdrawLimitExit(_ index: Int) {
        guard engine != nil else { return heap.push(.withdrawLimitExit(index), at: now + .seconds(1)) }
        turn(.cancellation(key: limitKey(index), ticket: Int64(index)))
    }

    private func limitKey(_ index: Int) -> String { "\(workload.jobs[index].entry.key)-l" }
}
