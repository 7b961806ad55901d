import ReckonEngine
import ReckonModel

/// I-10: a stop is planned where it limits a loss: behind the position, and before the venue would liquidate it.
struct StopPlanChecker {
    private let prefix: String
    private var plans: Table<Symbol, CoverPlan> = Table()
    /// How often in a row, and since when, a list has shown a liquidation that comes before the stop.
    private var beyond: Table<Symbol, Sighting> = Table()
    /// When an entry of ours last executed, and the distances of the stops that such have asked for.
    private var filledAt = Lookup<Symbol, Instant>()
    private var distances = Lookup<Symbol, [Int64]>()
    private let mostSightings = 2
    private let longest = Span.seconds(8)

    private struct Sighting {
        let since: Instant
        var count = 0
    }

    init(prefix: String) { self.prefix = prefix }

    mutating func published(
        _ stamped: StampedFact,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        noteEntry(stamped, book)
        guard case .coverPlanned(let plan) = stamped.fact else { return }
        checkWish(plan, stamped.at, book, sight, &findings)
        plans[plan.symbol] = plan
        beyond[plan.symbol] = nil
        guard !isSomebodys(plan, book), let position = sight.holdings[plan.symbol]?.position,
            position.closingSide == plan.side, let mark = sight.marks[plan.symbol]
        else { return }
        // Wherever the market has gone since, what closes a long position as a stop lies below what it was opened at, or
        // below the market: ahead of both it would take a profit, and at once.
        let wish = plan.asked ?? plan.trigger
        let isAhead =
            plan.side == .sell
            ? wish >= max(position.entryPrice, mark) : wish <= min(position.entryPrice, mark)
        guard isAhead else { return }
        findings.breach(
            "I-10",
            stamped.at,
            "the stop of \(plan.symbol) is planned at \(wish), ahead of the entry \(position.entryPrice) and the mark \(mark)"
        )
    }

    private mutating func noteEntry(_ stamped: StampedFact, _ book: PublishedBook) {
        guard case .order(let id, .reported(let report)) = stamped.fact, report.executed.isPositive,
            let (_, entry) = book.entry(of: id)
        else { return }
        filledAt[entry.symbol] = stamped.at
        guard case .basisPoints(let distance) = entry.stop else { return }
        distances[entry.symbol, default: []].append(distance)
    }

    /// A position that an entry of ours opened gets the stop that an entry asked for, and no other.
    private func checkWish(
        _ plan: CoverPlan,
        _ now: Instant,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard let holding = sight.holdings[plan.symbol], holding.openedAt == now,
            filledAt[plan.symbol] == now, !isSomebodys(plan, book), plan.side == holding.position.closingSide
        else { return }
        let entry = holding.position.entryPrice
        let gap = ((plan.asked ?? plan.trigger) - entry).magnitude
        let found = Double(gap.units) / Double(entry.units) * 10_000
        let isAsked = (distances[plan.symbol] ?? []).contains { abs(Double($0) - found) < 5 }
        guard !isAsked else { return }
        findings.breach(
            "I-10",
            now,
            "the stop of \(plan.symbol) is planned \(found) bps off, as no entry asked"
        )
    }

    /// A stop that somebody else placed is taken as it is.
    private func isSomebodys(_ plan: CoverPlan, _ book: PublishedBook) -> Bool {
        book.liveOrders(plan.symbol).contains { story in
            story.ticket.role == .stop && !story.ticket.id.text.hasPrefix(prefix)
                && story.ticket.pricing == .stopMarket(trigger: plan.trigger)
        }
    }

    /// The engine is about to be told something.
    mutating func told(_ input: Input, _ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        if case .wake = input { beyond = Table() }
        guard case .snapshot(_, .success(.positions(let rows))) = input else { return }
        for symbol in beyond.keys where !rows.contains(where: { $0.symbol == symbol }) {
            beyond[symbol] = nil
        }
        for row in rows {
            guard let plan = plans[row.symbol], isBeyond(plan, row), !isSomebodys(plan, book) else {
                beyond[row.symbol] = nil
                continue
            }
            var sighting = beyond[row.symbol] ?? Sighting(since: sight.now)
            sighting.count += 1
            beyond[row.symbol] = sighting
            guard sighting.count > mostSightings, sight.now - sighting.since > longest else { continue }
            beyond[row.symbol] = nil
            findings.breach(
                "I-10",
                sight.now,
                "the stop of \(row.symbol) stays at \(plan.trigger), beyond the liquidation at \(row.liquidationPrice)"
            )
        }
    }

    private func isBeyond(_ plan: CoverPlan, _ row: PositionReport) -> Bool {
        guard row.liquidationPrice.isPositive, !row.quantity.isZero,
            row.quantity.isPositive == (plan.side == .sell)
        else { return false }
        return plan.side == .sell
            ? plan.trigger <= row.liquidationPrice && row.liquidationPrice < row.markPrice
            : plan.trigger >= row.liquidationPrice && row.liquidationPrice > row.markPrice
    }
}
