import ReckonEngine
import ReckonModel

/// I-04: a mismatch weighs on the debt until something settles it, which a round that failed does not; a suspicion weighs
/// nothing.
struct DebtChecker {
    /// Since when each difference has been there for sure, by what was published and with nothing since that would settle it.
    private var standing: Table<DifferenceKey, Instant> = Table()
    /// All that the last rounds in a row have shown, suspicions included.
    private var seen: Table<DifferenceKey, Sighting> = Table()
    /// Since when what a correction was for has stood, where none of its rounds has shown an effect.
    private var unmended = Lookup<Symbol, Instant>()
    private var wasComplete = false
    private let overrideSightings = 3
    private let overrideAfter = Span.seconds(10)

    private struct Sighting {
        let since: Instant
        var count = 0
        var isSure = false
    }

    private static let ofPosition: [Difference.Kind] = [
        .orphanPosition, .phantomPosition, .sizeDrift, .sideFlip, .entryDrift,
    ]
    /// Each is about one order, and any word of that order may settle it.
    private static let ofOrder: [Difference.Kind] = [.missingOrder, .orphanOrder, .orphanReduceOnly]

    mutating func published(_ stamped: StampedFact) {
        switch stamped.fact {
        case .roundConcluded(let conclusion):
            conclude(conclusion, stamped.at)
            count(conclusion, stamped.at)
        case .positionCorrected(let correction):
            let since = DebtChecker.ofPosition.compactMap {
                standing[Difference($0, correction.symbol).key]
            }
            // Until a round shows its effect, what it was for is as old as it was.
            let symbol = correction.symbol
            unmended[symbol] = (since + [unmended[symbol] ?? stamped.at]).min()
            for kind in DebtChecker.ofPosition { standing[Difference(kind, correction.symbol).key] = nil }
        case .orderAdopted(let ticket, _): settle(ticket.id)
        case .order(let id, _): settle(id)
        default: break
        }
    }

    private mutating func settle(_ order: ClientOrderID) {
        for key in standing.keys where key.order == order { standing[key] = nil }
    }

    private mutating func conclude(_ conclusion: RoundConclusion, _ now: Instant) {
        var next: Table<DifferenceKey, Instant> = conclusion.isComplete ? Table() : standing
        for difference in conclusion.differences {
            guard (DebtChecker.ofPosition + DebtChecker.ofOrder).contains(difference.kind) else { continue }
            // A fenced one is only a suspicion; what was sure before stays so.
            guard let since = standing[difference.key] ?? (difference.isFenced ? nil : now) else { continue }
            let isOfPosition = DebtChecker.ofPosition.contains(difference.kind)
            next[difference.key] = isOfPosition ? min(since, unmended[difference.symbol] ?? since) : since
        }
        standing = next
        for symbol in conclusion.confirmed { unmended[symbol] = nil }
    }

    private mutating func count(_ conclusion: RoundConclusion, _ now: Instant) {
        wasComplete = conclusion.isComplete
        // What was not looked at stands, and settings are not looked at in each round.
        var next = seen.filter { key, sighting in
            let isSetting = key.kind == .leverageDrift || key.kind == .marginDrift
            let isLookedAt = isSetting ? conclusion.settingsShown.contains(key.symbol) : wasComplete
            return !isLookedAt && key.kind != .evidenceFailure && sighting.count > 0
        }
        .reduce(into: Table<DifferenceKey, Sighting>()) { $0[$1.key] = $1.value }
        for difference in conclusion.differences {
            var sighting = seen[difference.key] ?? Sighting(since: now)
            sighting.count += 1
            let isOverridden = sighting.count >= overrideSightings && now - sighting.since >= overrideAfter
            sighting.isSure = sighting.isSure || !difference.isFenced || isOverridden
            next[difference.key] = sighting
        }
        seen = next
    }

    /// The policy is asked.
    func asked(_ question: PolicyQuestion, _ sight: Sight, _ findings: inout Findings) {
        checkSuspicions(question.belief, sight, &findings)
        var symbols: Table<Symbol, Bool> = Table()
        for key in standing.keys { symbols[key.symbol] = true }
        if question.belief.debtSymbols < symbols.count {
            let sentence = "\(question.belief.debtSymbols) symbols are told in debt, and \(symbols.count) are"
            findings.breach("I-04", sight.now, sentence)
        }
        guard let oldest = standing.min(by: { $0.value < $1.value }) else { return }
        let least = (sight.now - oldest.value).seconds
        let belief = question.belief
        guard belief.debtSeconds < least - 0.001 || belief.debtSymbols == 0 else { return }
        findings.breach(
            "I-04",
            sight.now,
            "a debt of \(belief.debtSeconds) s, and \(oldest.key.symbol) has shown \(oldest.key.kind.rawValue) for \(least) s"
        )
    }

    private func checkSuspicions(_ belief: Belief, _ sight: Sight, _ findings: inout Findings) {
        guard wasComplete, !seen.isEmpty, !seen.values.contains(where: \.isSure), belief.debtSymbols > 0
        else {
            return
        }
        let sentence = "a debt on \(belief.debtSymbols) symbols, and there is nothing but suspicions"
        findings.breach("I-04", sight.now, sentence)
    }
}
