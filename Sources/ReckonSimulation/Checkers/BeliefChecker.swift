import ReckonEngine
import ReckonModel

/// I-04: what licenses a loosening is honest: the belief that the policy gets is what facts and answers make it.
struct BeliefChecker {
    private var startedAt = Instant.epoch
    private var listsAskedAt: Instant?
    /// The streak is not reckoned anew but bounded: what is surely a mismatch, and what may be one.
    private var streak = 0...0
    /// Since when rounds have left a symbol unshown, without one in between that showed it.
    private var failingSince: Table<Symbol, Instant> = Table()
    private var isClean = false
    /// Symbols whose settings drifted and have not been looked at since: what is not asked for is not resolved.
    private var unsettled: Table<Symbol, Bool> = Table()
    private var concludedAt = Instant.epoch
    /// Since when each symbol has had no resting stop, by the facts.
    private var bareSince = Lookup<Symbol, Instant>()
    private var contradictionScore = 0.0
    private var contradictionStreak = 0
    private let coverWithin = Span.seconds(2)
    private let mostStreak = 40

    mutating func published(
        _ stamped: StampedFact,
        _ book: PublishedBook,
        _ sight: Sight?,
        _ findings: inout Findings
    ) {
        switch stamped.fact {
        case .started:
            startedAt = stamped.at
            listsAskedAt = nil
        case .roundConcluded(let conclusion):
            concludedAt = stamped.at
            conclude(conclusion)
            if let sight { checkBare(conclusion, stamped.at, book, sight, &findings) }
        default: break
        }
    }

    /// After the turn.
    mutating func settled(_ book: PublishedBook, _ sight: Sight) {
        // By index: a loop over rows copies each holding.
        let symbols = sight.holdings.keys
        let all = sight.holdings.values
        for index in all.indices {
            let symbol = symbols[index]
            guard let openedAt = all[index].openedAt, let side = all[index].position.closingSide else {
                bareSince[symbol] = nil
                continue
            }
            let isCovered = book.stops(symbol, closing: side, since: openedAt).contains {
                $0.standing == .resting
            }
            bareSince[symbol] = isCovered ? nil : max(bareSince[symbol] ?? sight.now, openedAt)
        }
    }

    private mutating func conclude(_ conclusion: RoundConclusion) {
        if conclusion.isComplete {
            listsAskedAt = conclusion.askedAt
        }
        let share = Double(conclusion.contradicted) / Double(max(conclusion.compared, 1))
        contradictionScore = conclusion.compared == 0 ? 0 : min(share, 1)
        contradictionStreak = max(contradictionStreak + (contradictionScore >= 0.6 ? 1 : -1), 0)
        let unshown = conclusion.differences.filter { $0.kind == .evidenceFailure }.map(\.symbol)
        for symbol in failingSince.keys where !unshown.contains(symbol) { failingSince[symbol] = nil }
        for symbol in unshown { failingSince[symbol] = failingSince[symbol] ?? concludedAt }
        for symbol in conclusion.settingsShown { unsettled[symbol] = nil }
        for difference in conclusion.differences
        where difference.kind == .leverageDrift || difference.kind == .marginDrift {
            unsettled[difference.symbol] = true
        }
        isClean = conclusion.isComplete && conclusion.differences.isEmpty && unsettled.isEmpty
        let failures = conclusion.differences.contains { $0.kind == .evidenceFailure } ? 1 : 0
        let others = conclusion.differences.filter { $0.kind != .evidenceFailure }
        let sure = others.count { !$0.isFenced } + failures
        let most = others.count + failures
        func grown(_ streak: Int, by mismatches: Int) -> Int {
            mismatches == 0 ? max(streak - 1, 0) : min(streak + mismatches, mostStreak)
        }
        let low = grown(streak.lowerBound, by: sure)
        streak = low...max(low, grown(streak.upperBound, by: most))
    }

    /// A position that has had no resting stop for longer than is allowed is a mismatch of each round.
    private func checkBare(
        _ conclusion: RoundConclusion,
        _ now: Instant,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for (symbol, since) in bareSince.sorted
        where now - since > coverWithin + .milliseconds(500) {
            let isSaid = conclusion.differences.contains {
                ($0.kind == .unprotected || $0.kind == .underCovered) && $0.symbol == symbol
            }
            let holding = sight.holdings[symbol]
            guard let openedAt = holding?.openedAt, let side = holding?.position.closingSide,
                openedAt <= since, !isSaid
            else { continue }
            // The lists of this very round may have shown the stop.
            let stops = book.stops(symbol, closing: side, since: openedAt)
            if stops.contains(where: { $0.standing == .resting }) { continue }
            let sentence = "\(symbol) is bare for \((now - since).seconds) s and no mismatch says so"
            findings.breach("I-04", now, sentence)
        }
    }

    /// The policy is asked.
    func asked(
        _ question: PolicyQuestion,
        _ told: (book: PublishedBook, wire: WireLog),
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        let belief = question.belief
        func require(_ name: String, _ found: Double, _ right: Double) {
            guard abs(found - right) > 0.000_001 else { return }
            findings.breach("I-04", sight.now, "\(name) is told as \(found) and should be \(right)")
        }
        require("confidence", belief.confidence, clamped(1 - belief.debtSeconds / 300))
        require("evidence.confidence", belief.evidence.confidence, confidence(belief.evidence))
        let streamAge = sight.now - (told.wire.streamHeardAt ?? startedAt)
        require("ws_age", belief.evidence.streamAgeSeconds, max(streamAge.seconds, 0))
        let listsAge = sight.now - (listsAskedAt ?? startedAt)
        require("rest_age", belief.evidence.restAgeSeconds, max(listsAge.seconds, 0))
        if !told.wire.isStreamConnected { require("ws_score", belief.evidence.streamScore, 0) }
        require("contradiction_score", belief.evidence.contradictionScore, contradictionScore)
        require(
            "contradiction_streak",
            Double(belief.evidence.contradictionStreak),
            Double(contradictionStreak)
        )
        checkNaked(belief, sight, &findings)
        if belief.debtSymbols < failingSince.count {
            let sentence =
                "\(belief.debtSymbols) symbols are told in debt, and \(failingSince.count) are not shown"
            findings.breach("I-04", sight.now, sentence)
        }
        let doubts = told.book.doubtful
        require("unknown_intents", Double(belief.unknownIntents.count), Double(doubts))
        if !streak.contains(belief.mismatchStreak) {
            let found = belief.mismatchStreak
            findings.breach("I-04", sight.now, "the streak is told as \(found) and lies in \(streak)")
        }
        if isClean, belief.debtSeconds > 0 || belief.debtSymbols > 0 {
            findings.breach("I-04", sight.now, "a debt of \(belief.debtSeconds) s after a clean round")
        }
        guard let failingSince = failingSince.values.min() else { return }
        let least = (sight.now - failingSince).seconds
        guard belief.debtSeconds < least - 0.001 || belief.debtSymbols == 0 else { return }
        findings.breach(
            "I-04",
            sight.now,
            "a debt of \(belief.debtSeconds) s after \(least) s of failing rounds"
        )
    }

    /// What is bare for longer than is allowed is told, with its age.
    private func checkNaked(_ belief: Belief, _ sight: Sight, _ findings: inout Findings) {
        let bare = bareSince.sorted.filter { symbol, since in
            sight.now - since > coverWithin + .milliseconds(500) && isOpen(symbol, since, sight)
        }
        guard let oldest = bare.map(\.value).min() else { return }
        let least = (sight.now - oldest).seconds
        guard belief.naked.symbols < bare.count || belief.naked.seconds < least - 0.001 else { return }
        let found = "\(belief.naked.symbols) symbols are told bare for \(belief.naked.seconds) s"
        findings.breach("I-04", sight.now, "\(found); \(bare.count) are for \(least) s")
    }

    private func isOpen(_ symbol: Symbol, _ since: Instant, _ sight: Sight) -> Bool {
        guard let holding = sight.holdings[symbol], let openedAt = holding.openedAt else { return false }
        return openedAt <= since && !holding.isLeftAlone
    }

    private func confidence(_ evidence: Evidence) -> Double {
        clamped(
            0.35 * evidence.streamScore + 0.45 * evidence.restScore + 0.20 * evidence.fillScore
                - 0.45 * evidence.contradictionScore - 0.12 * Double(evidence.contradictionStreak)
        )
    }

    private func clamped(_ value: Double) -> Double { min(max(value, 0), 1) }
}
