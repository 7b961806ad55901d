package import ReckonModel

/// The mismatches that are not yet resolved, and how long they have stood.
///
/// A fenced sighting is only a suspicion: it counts for nothing until it is seen unfenced, or so often and so long that
/// the fence is overridden.
package struct Ledger: Sendable, Codable, Hashable {
    package private(set) var rows: Table<DifferenceKey, Row> = Table()
    /// Rises by each round's mismatches, falls by one on a clean round; 0…40.
    package private(set) var streak = 0
    package private(set) var contradictionStreak = 0
    package private(set) var contradictionScore = 0.0
    package private(set) var repairs = RepairBook()

    package init() {}

    package struct Row: Sendable, Codable, Hashable {
        package var firstSeen: Instant
        package var lastSeen: Instant
        package var count: Int
        /// Counted in the debt; a suspicion is not.
        package var isMismatch: Bool
        /// Since when the mismatch stands that an earlier repair did not mend: it makes the debt older, and no sighting.
        package var unmendedSince: Instant?

        /// Sightings by lists that may contradict us, and since when; those asked for too early are none of them.
        package var misses = 0
        package var missedSince: Instant?

        mutating func see(isFenced: Bool, at now: Instant) {
            lastSeen = now
            count += 1
            guard !isFenced else { return }
            misses += 1
            missedSince = missedSince ?? now
        }

        package var debtSince: Instant { min(firstSeen, unmendedSince ?? firstSeen) }
    }

    package static let maxStreak = 40

    /// Takes in a round: what it saw again ages, what it no longer saw is resolved.
    package mutating func apply(_ conclusion: RoundConclusion, fence: FenceRules, at now: Instant) {
        var next: Table<DifferenceKey, Row> = Table()
        for difference in conclusion.differences {
            let known = rows[difference.key]
            var row = known ?? Row(firstSeen: now, lastSeen: now, count: 0, isMismatch: false)
            row.see(isFenced: difference.isFenced, at: now)
            row.isMismatch = row.isMismatch || !difference.isFenced || fence.overrides(row, at: now)
            if row.isMismatch { row.unmendedSince = unseenRepair(of: difference) }
            next[difference.key] = row
        }
        for (key, row) in rows where next[key] == nil && staysUnlookedAt(key, conclusion) { next[key] = row }
        rows = next
        for symbol in conclusion.confirmed where !hasPositionRow(symbol) {
            repairs.sawEffect(.position, symbol)
        }
        for symbol in conclusion.settingsShown {
            if !has(.leverageDrift, symbol) { repairs.sawEffect(.leverage, symbol) }
            if !has(.marginDrift, symbol) { repairs.sawEffect(.marginMode, symbol) }
        }
        let seen = next.filter { $0.value.isMismatch && $0.value.lastSeen == now }
        // One failed fetch is one miss, however many symbols it leaves unconfirmed.
        let failures = seen.count { $0.key.kind == .evidenceFailure }
        let mismatches = seen.count - failures + min(failures, 1)
        streak = mismatches == 0 ? max(streak - 1, 0) : min(streak + mismatches, Ledger.maxStreak)
        contradictionScore =
            conclusion.compared == 0
            ? 0 : min(Double(conclusion.contradicted) / Double(conclusion.compared), 1)
        contradictionStreak =
            contradictionScore >= 0.6 ? contradictionStreak + 1 : max(contradictionStreak - 1, 0)
    }

    /// What could not be looked at is not resolved by that.
    private func staysUnlookedAt(_ key: DifferenceKey, _ conclusion: RoundConclusion) -> Bool {
        if key.kind == .evidenceFailure { return false }
        let isSetting = key.kind == .leverageDrift || key.kind == .marginDrift
        return isSetting ? !conclusion.settingsShown.contains(key.symbol) : !conclusion.isComplete
    }

    private func has(_ kind: Difference.Kind, _ symbol: Symbol) -> Bool {
        rows[DifferenceKey(symbol: symbol, kind: kind, order: nil)] != nil
    }

    private func hasPositionRow(_ symbol: Symbol) -> Bool {
        rows.contains { $0.key.symbol == symbol && RepairKind($0.key.kind) == .position }
    }

    private func unseenRepair(of difference: Difference) -> Instant? {
        RepairKind(difference.kind).flatMap { repairs.standsSince($0, difference.symbol) }
    }

    /// Something was put right; whether it had an effect is for a later round to say.
    mutating func repaired(_ kind: RepairKind, _ symbol: Symbol, at now: Instant) {
        let since = rows.filter {
            $0.key.symbol == symbol && $0.value.isMismatch && RepairKind($0.key.kind) == kind
        }
        .map(\.value.debtSince).min()
        repairs.made(kind, symbol, mismatchSince: since, at: now)
    }

    mutating func endRepairs(_ kind: RepairKind, _ symbol: Symbol, at now: Instant) {
        repairs.endSeries(kind, symbol, at: now)
    }

    /// A repair whose effect we know ourselves: the mismatch is gone.
    package mutating func resolve(_ symbol: Symbol, _ kinds: [Difference.Kind]) {
        for key in rows.keys where key.symbol == symbol && kinds.contains(key.kind) { rows[key] = nil }
    }

    package mutating func resolve(order: ClientOrderID) {
        for key in rows.keys where key.order == order { rows[key] = nil }
    }

    /// How often in a row a difference has been seen, fenced or not, and since when.
    package func sightings(_ key: DifferenceKey) -> Row? { rows[key] }

    package func hasPositionMismatch(_ symbol: Symbol) -> Bool {
        let kinds: [Difference.Kind] = [.orphanPosition, .phantomPosition, .sizeDrift, .sideFlip]
        return rows.contains { $0.key.symbol == symbol && kinds.contains($0.key.kind) }
    }

    /// Worst first, at most 32: age, then count, then name.
    package func debts(at now: Instant) -> [SymbolDebt] {
        var bySymbol: Table<Symbol, SymbolDebt> = Table()
        for (key, row) in rows where row.isMismatch {
            let age = max((now - row.debtSince).seconds, 0)
            var debt =
                bySymbol[key.symbol]
                ?? SymbolDebt(symbol: key.symbol, debtSeconds: age, mismatches: 0, kind: key.kind.rawValue)
            debt.mismatches += 1
            if age > debt.debtSeconds {
                debt.debtSeconds = age
                debt.kind = key.kind.rawValue
            }
            bySymbol[key.symbol] = debt
        }
        return bySymbol.values.sorted { left, right in
            if left.debtSeconds != right.debtSeconds { return left.debtSeconds > right.debtSeconds }
            if left.mismatches != right.mismatches { return left.mismatches > right.mismatches }
            return left.symbol < right.symbol
        }
    }
}

/// When a snapshot may contradict what we believe (I-09).
package struct FenceRules: Sendable, Codable, Hashable {
    /// A snapshot can contradict only what settled at least this long before it was asked for.
    package var settle: Span = .seconds(1)
    /// Absence counts only when seen so often.
    package var missesNeeded: Int = 3
    /// And over so long.
    package var missGrace: Span = .seconds(8)
    /// Seen so often over so long, a difference overrides the fence, so that nothing is blocked for ever.
    package var overrideSightings: Int = 3
    package var overrideAfter: Span = .seconds(10)
    /// Entry prices closer than this, in 1e-4, agree.
    package var entryTolerance: Int64 = 10

    package init() {}

    /// Whether an absence has been seen often and long enough by lists that may say so.
    func isMissed(_ row: Ledger.Row, at now: Instant) -> Bool {
        row.misses >= missesNeeded && now - (row.missedSince ?? now) >= missGrace
    }

    func overrides(_ row: Ledger.Row, at now: Instant) -> Bool {
        row.count >= overrideSightings && now - row.firstSeen >= overrideAfter
    }
}
