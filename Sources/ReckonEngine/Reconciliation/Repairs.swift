package import ReckonModel

/// How often the same may be put right.
package struct RepairRules: Sendable, Codable, Hashable {
    /// Between two repairs of the same on one symbol, as long as the effect of the first is not seen.
    package var cooldown = Backoff(first: .seconds(2), cap: .seconds(15))
    /// So many without an effect end a series, with an alarm.
    package var mostInSeries = 3
    /// Between series.
    package var seriesCooldown = Backoff(first: .seconds(10), cap: .seconds(30))

    package init() {}
}

/// What can be put right on a symbol; each kind has a cooldown of its own.
package enum RepairKind: String, Sendable, Codable, Hashable, CaseIterable {
    case position
    case leverage
    case marginMode = "margin_mode"

    init?(_ kind: Difference.Kind) {
        switch kind {
        case .orphanPosition, .phantomPosition, .sizeDrift, .sideFlip, .entryDrift: self = .position
        case .leverageDrift: self = .leverage
        case .marginDrift: self = .marginMode
        case .orphanOrder, .missingOrder, .missedFill, .unprotected, .underCovered, .overCovered,
            .orphanReduceOnly, .evidenceFailure:
            return nil
        }
    }
}

/// Repairs whose effect has not been seen yet.
///
/// A repair is forgotten once the venue shows its effect. Until then the mismatch that it was for keeps its age, so that a
/// repair that does nothing raises the debt instead of hiding it.
package struct RepairBook: Sendable, Codable, Hashable {
    private var rows: Table<RepairKey, Row> = Table()

    private struct Row: Sendable, Codable, Hashable {
        var firstSeen: Instant
        var at: Instant
        var count = 0
        var series = 0
    }

    init() {}

    /// Since when the mismatch stands that an unseen repair was for.
    func standsSince(_ kind: RepairKind, _ symbol: Symbol) -> Instant? {
        rows[RepairKey(kind, symbol)]?.firstSeen
    }

    /// Whether another repair may be tried now.
    package func mayRepair(_ kind: RepairKind, _ symbol: Symbol, _ rules: RepairRules, at now: Instant)
        -> Bool
    {
        guard let row = rows[RepairKey(kind, symbol)] else { return true }
        let subject = "\(symbol) \(kind.rawValue)"
        let wait =
            row.count == 0
            ? rules.seriesCooldown.wait(after: row.series, of: subject)
            : rules.cooldown.wait(after: row.count, of: subject)
        return now - row.at >= wait
    }

    /// Whether so many repairs in a row had no effect that the series is over.
    package func hasReachedBound(_ kind: RepairKind, _ symbol: Symbol, _ rules: RepairRules) -> Bool {
        rows[RepairKey(kind, symbol)].map { $0.count >= rules.mostInSeries } ?? false
    }

    mutating func made(_ kind: RepairKind, _ symbol: Symbol, mismatchSince: Instant?, at now: Instant) {
        let key = RepairKey(kind, symbol)
        var row = rows[key] ?? Row(firstSeen: mismatchSince ?? now, at: now)
        row.firstSeen = min(row.firstSeen, mismatchSince ?? row.firstSeen)
        row.at = now
        row.count += 1
        rows[key] = row
    }

    mutating func endSeries(_ kind: RepairKind, _ symbol: Symbol, at now: Instant) {
        rows.update(RepairKey(kind, symbol)) { row in
            row.at = now
            row.count = 0
            row.series += 1
        }
    }

    mutating func sawEffect(_ kind: RepairKind, _ symbol: Symbol) { rows[RepairKey(kind, symbol)] = nil }
}

/// What makes two repairs the same.
private struct RepairKey: Sendable, Codable, Hashable, Comparable {
    let kind: RepairKind
    let symbol: Symbol

    init(_ kind: RepairKind, _ symbol: Symbol) {
        self.kind = kind
        self.symbol = symbol
    }

    static func < (left: RepairKey, right: RepairKey) -> Bool {
        left.symbol != right.symbol ? left.symbol < right.symbol : left.kind.rawValue < right.kind.rawValue
    }
}
