import ReckonEngine
import ReckonModel

/// I-07: the same is put right again only after a pause that grows, as long as its effect is not seen.
struct RepairChecker {
    private let rules: RepairRules
    private var rows = Lookup<Symbol, Row>()

    private struct Row {
        var at: Instant
        var count = 0
        var series = 0
    }

    init(_ rules: RepairRules) { self.rules = rules }

    mutating func published(_ stamped: StampedFact, _ findings: inout Findings) {
        switch stamped.fact {
        case .roundConcluded(let conclusion): for symbol in conclusion.confirmed { rows[symbol] = nil }
        case .positionCorrected(let correction):
            var row = rows[correction.symbol] ?? Row(at: stamped.at)
            check(correction.symbol, row, stamped.at, &findings)
            row.at = stamped.at
            row.count += 1
            rows[correction.symbol] = row
        case .repairSeriesEnded(let symbol, .position):
            rows[symbol]?.at = stamped.at
            rows[symbol]?.count = 0
            rows[symbol]?.series += 1
        default: break
        }
    }

    /// The disk came back without its last facts.
    mutating func forget() { rows.removeAll() }

    private func check(_ symbol: Symbol, _ row: Row, _ now: Instant, _ findings: inout Findings) {
        guard row.count + row.series > 0 else { return }
        let backoff = row.count == 0 ? rules.seriesCooldown : rules.cooldown
        let least = backoff.least(after: row.count == 0 ? row.series : row.count)
        guard now - row.at < least else { return }
        let sentence =
            "\(symbol) is corrected again after \((now - row.at).milliseconds) ms, the effect unseen"
        findings.breach("I-07", now, sentence)
    }
}

extension Backoff {
    /// The jitter takes away half at most.
    func least(after attempt: Int) -> Span {
        let doubled = first.nanoseconds << Int64(min(max(attempt - 1, 0), 20))
        return Span(nanoseconds: min(doubled, cap.nanoseconds) / 2)
    }
}
