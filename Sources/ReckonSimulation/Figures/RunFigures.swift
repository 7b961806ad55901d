import ReckonEngine
import ReckonExchange
import ReckonModel

/// The figures that need the workload or the verdicts besides the record.
struct RunFigures {
    let evidence: RunEvidence
    let beliefs: BeliefTimeline
    /// As the report reckoned it.
    let wrong: Double
    let attempts: [EntryAttempt]
    /// Ticks whose verdict was a fault's and not the policy's.
    let replacedTicks: Table<Int64, Bool>
    let start: Instant
    let end: Instant

    func figures() -> [Figure] {
        let answered = attempts.filter(\.isAnswered)
        let right = answered.filter(\.isBeliefRight)
        let admitted = sum(answered.compactMap(\.admitted))
        let risk = ExposureIntegral(evidence: evidence, beliefs: beliefs).openedInDoubt()
        var result = [
            Figure("risk_at_doubt_usdt_sec", risk, .notionalSeconds),
            Figure("entries_allowed", count: answered.count { $0.admitted != nil }),
            Figure("entries_refused", count: answered.count { $0.admitted == nil }),
            Figure("entries_refused_needlessly", count: right.count { $0.admitted == nil }),
            Figure(
                "admitted_share",
                ratio(sum(right.compactMap(\.admitted)), sum(right.map(\.wish))),
                .share
            ),
            Figure("admitted_usdt", admitted, .notional),
            Figure("risk_at_doubt_per_admitted", ratio(risk, admitted), .seconds),
            Figure("wrong_exposure_per_admitted", ratio(wrong, admitted), .seconds),
        ]
        result += modes()
        return result
    }

    private func sum(_ amounts: [Notional]) -> Double { amounts.reduce(into: 0) { $0 += $1.approximate } }

    private func ratio(_ part: Double, _ whole: Double) -> Double { whole > 0 ? part / whole : 0 }

    /// How long each mode was in force, how often it changed, and what the guard had to do about the policy.
    private func modes() -> [Figure] {
        var seconds = [Double](repeating: 0, count: GuardMode.allCases.count)
        var mode = GuardMode.orange
        var since = start
        var changes = 0
        var own = FlapCount()
        var ownMode = mode
        var faults = 0
        var held = 0
        var clamped = 0
        for stamped in evidence.facts {
            guard case .verdictEnforced(let enforcement) = stamped.fact else { continue }
            if enforcement.fault != nil { faults += 1 }
            held += enforcement.held.count
            clamped += enforcement.clamped.count
            let next = enforcement.enforced.mode
            // What a fault said in the policy's place makes no flap of the policy's.
            if next != ownMode, replacedTicks[enforcement.tick] == nil {
                own.take(from: ownMode, to: next, at: stamped.at)
                ownMode = next
            }
            guard next != mode else { continue }
            seconds[mode.severity] += (stamped.at - since).seconds
            changes += 1
            mode = next
            since = stamped.at
        }
        seconds[mode.severity] += (end - since).seconds
        var result = GuardMode.allCases.map { mode in
            Figure("mode_seconds.\(mode.rawValue)", seconds[mode.severity], .seconds)
        }
        result += [
            Figure("mode_changes", count: changes), Figure("flaps", count: own.flaps),
            Figure("policy_faults", count: faults),
            Figure("ratchet_held", count: held), Figure("knob_clamped", count: clamped),
        ]
        return result
    }
}
