import ReckonModel

/// Puts together what the policy gets to see.
struct BeliefAssembly {
    let state: EngineState
    let session: Session
    let now: Instant

    func belief() -> Belief {
        var belief = Belief()
        let debts = state.ledger.debts(at: now)
        belief.debtSeconds = debts.first?.debtSeconds ?? 0
        belief.debtSymbols = debts.count
        belief.mismatchStreak = state.ledger.streak
        belief.confidence = clamped(1 - belief.debtSeconds / 300)
        belief.symbols = Array(debts.prefix(32))
        belief.evidence = evidence()
        belief.unknownIntents = unknownIntents()
        belief.exposure = exposure()
        belief.naked = naked()
        return belief
    }

    private func evidence() -> Evidence {
        let rules = state.configuration.evidence
        var evidence = Evidence()
        let streamAge = age(since: session.streamHeardAt)
        let restAge = age(since: session.listsAskedAt)
        let fillAge = fillAge
        evidence.streamAgeSeconds = streamAge.seconds
        evidence.restAgeSeconds = restAge.seconds
        evidence.fillAgeSeconds = fillAge.seconds
        evidence.streamScore = session.streamConnected ? rules.stream.score(streamAge) : 0
        evidence.restScore = rules.rest.score(restAge)
        evidence.fillScore = rules.fills.score(fillAge)
        evidence.contradictionScore = state.ledger.contradictionScore
        evidence.contradictionStreak = state.ledger.contradictionStreak
        let scores = [evidence.streamScore, evidence.restScore, evidence.fillScore]
        evidence.degradedSources = scores.count { $0 < 0.7 } + (evidence.contradictionScore >= 0.6 ? 1 : 0)
        evidence.confidence = clamped(
            0.35 * evidence.streamScore + 0.45 * evidence.restScore + 0.20 * evidence.fillScore
                - 0.45 * evidence.contradictionScore - 0.12 * Double(evidence.contradictionStreak)
        )
        return evidence
    }

    /// A source not heard yet ages from the start of the process.
    private func age(since heard: Instant?) -> Span { max(now - (heard ?? session.wokenAt), .zero) }

    /// How long the symbol on which a fill is expected has been without word of fills, for the worst of them.
    ///
    /// Counts only while one is expected; else a quiet market would look like decaying evidence.
    private var fillAge: Span {
        var worst = Span.zero
        for (symbol, expected) in state.expectedFills {
            let since = max(expected, session.wokenAt)
            worst = max(worst, now - max(session.fillsHeardAt[symbol] ?? since, since))
        }
        return worst
    }

    private func unknownIntents() -> UnknownIntents {
        var unknown = UnknownIntents()
        for order in state.orders.values {
            guard let since = order.doubtSince else { continue }
            unknown.count += 1
            unknown.oldestSeconds = max(unknown.oldestSeconds, (now - since).seconds)
        }
        return unknown
    }

    private func exposure() -> Exposure {
        var exposure = Exposure()
        for (symbol, holding) in state.holdings where !holding.position.isFlat {
            let price = session.marks[symbol] ?? holding.position.entryPrice
            exposure.positions += 1
            exposure.grossUSDT +=
                Notional(of: holding.position.quantity.magnitude, at: price, rounding: .up).approximate
        }
        return exposure
    }

    private func naked() -> NakedSymbols {
        var naked = NakedSymbols()
        for holding in state.holdings.values {
            naked.leastCoverage = min(naked.leastCoverage, holding.coverage)
            guard let since = holding.nakedSince else { continue }
            let seconds = max((now - since).seconds, 0)
            // A stop follows the first fill at once; only what stays bare longer than that is a debt.
            guard seconds > state.configuration.protection.coverWithin.seconds else { continue }
            naked.symbols += 1
            naked.seconds = max(naked.seconds, seconds)
        }
        return naked
    }

    private func clamped(_ value: Double) -> Double { min(max(value, 0), 1) }
}
