import ReckonEngine
import ReckonModel

/// I-14: with what is held, working and in doubt, an entry keeps its symbol within the caps in force when it is sent.
struct ExposureChecker {
    func sent(_ placement: Placement, _ book: PublishedBook, _ sight: Sight, _ findings: inout Findings) {
        let ticket = placement.ticket
        guard ticket.role == .entry, let knobs = book.knobs, let mark = sight.marks[ticket.symbol] else {
            return
        }
        let others = book.liveOrders(ticket.symbol).filter { story in
            story.ticket.role == .entry && story.ticket.side == ticket.side && story.ticket.id != ticket.id
        }
        let pending = others.reduce(into: Quantity.zero) { $0 += $1.open }
        let held = sight.believed(ticket.symbol)
        let signed = ticket.side == .buy ? held : -held
        if !held.isZero || !pending.isZero { findings.coverage.note(.entryBesideOthers) }
        let beside = ticket.symbol.sibling.map { grossSize($0, book, sight) } ?? .zero
        if !beside.isZero { findings.coverage.note(.entryBesideLeg) }
        var price = mark
        if case .limit(let limit, _) = ticket.pricing { price = max(limit, mark) }
        let after = max(signed + pending + ticket.quantity, .zero)
        let exposure = Notional(of: after + beside, at: price, rounding: .down).approximate
        let cap = min(knobs.maxNotional, knobs.symbols[ticket.symbol.instrument]?.maxNotional ?? .infinity)
        checkLeg(ticket, Notional(of: after, at: price, rounding: .down).approximate, knobs, sight, &findings)
        // A cent for the roundings on the way.
        guard exposure > cap + 0.01 else { return }
        findings.breach(
            "I-14",
            sight.now,
            "entry \(ticket.id) would make \(exposure) USDT of \(ticket.symbol); allowed \(cap)"
        )
    }

    /// What stands on a leg and is under way for it: neither leg takes away from the other.
    private func grossSize(_ leg: Symbol, _ book: PublishedBook, _ sight: Sight) -> Quantity {
        book.liveOrders(leg).reduce(into: sight.believed(leg).magnitude) { sum, story in
            if story.ticket.role == .entry { sum += story.open }
        }
    }

    private func checkLeg(
        _ ticket: OrderTicket,
        _ exposure: Double,
        _ knobs: Knobs,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        guard let leg = ticket.symbol.leg else { return }
        if ticket.side != leg.openingSide {
            findings.breach("I-14", sight.now, "entry \(ticket.id) would reduce \(ticket.symbol)")
        }
        guard let cap = knobs.symbols[ticket.symbol]?.maxNotional, exposure > cap + 0.01 else { return }
        findings.breach(
            "I-14",
            sight.now,
            "entry \(ticket.id) would make \(exposure) USDT of the leg \(ticket.symbol); allowed \(cap)"
        )
    }

    func published(_ stamped: StampedFact, _ findings: inout Findings) {
        guard case .intentRefused(_, let refusal) = stamped.fact, refusal.rule == .notional else { return }
        findings.coverage.note(.refusedByCap)
    }
}
