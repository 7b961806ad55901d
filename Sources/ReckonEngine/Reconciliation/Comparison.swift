import ReckonModel

/// Compares belief with the lists of one round.
///
/// Pure: it only says what differs and what that calls for.
struct Comparison {
    let state: EngineState
    let session: Session
    let round: Session.Round
    let now: Instant

    /// What a round found and what it calls for.
    struct Finding {
        var differences: [Difference] = []
        var confirmed: [Symbol] = []
        var corrections: [PositionCorrection] = []
        /// Orders that rest on symbols where nothing is left to reduce.
        var strayOrders: [ClientOrderID] = []
        /// Orders that we believe to rest and that no list shows.
        var missing: [ClientOrderID] = []
        /// Orders at the venue that we should look after and do not.
        var adoptions: [Adoption] = []
        var compared = 0
        var contradicted = 0
    }

    struct Adoption {
        let ticket: OrderTicket
        let report: OrderReport
        /// An entry or exit that nobody stands behind is taken off the book once adopted.
        let isToBeCancelled: Bool
    }

    private var fence: FenceRules { state.configuration.fence }

    private var isStreamTrusted: Bool {
        guard session.streamConnected, let heard = session.streamHeardAt else { return false }
        return state.configuration.evidence.stream.score(now - heard) >= 0.55
    }

    func finding() -> Finding {
        var finding = Finding()
        if case .success(let reports) = round.positions { comparePositions(reports, &finding) }
        compareOrders(round.orders, isConditional: false, &finding)
        compareOrders(round.algoOrders, isConditional: true, &finding)
        compareCover(&finding)
        noteFailures(&finding)
        return finding
    }

    // MARK: Positions

    private func comparePositions(_ reports: [PositionReport], _ finding: inout Finding) {
        var shown: Table<Symbol, PositionReport> = Table()
        for report in reports { shown[report.symbol] = report }
        var symbols = state.configuration.symbols
        for symbol in state.holdings.keys + shown.keys where !symbols.contains(symbol) {
            symbols.append(symbol)
        }
        for symbol in symbols.sorted() { comparePosition(symbol, shown[symbol], &finding) }
    }

    private func comparePosition(_ symbol: Symbol, _ report: PositionReport?, _ finding: inout Finding) {
        let holding = state.holding(symbol)
        let believed = holding.position
        let quantity = report?.quantity ?? .zero
        // A row that is older by the venue's own clock than a fill that the venue told us of is stale. Where that never
        // ends the two clocks differ, and the row is a suspicion like any other fenced one (I-09).
        let isStale = report.map { row in holding.asOf.map { row.updatedAt < $0 } ?? false } ?? false
        if isStale, let changedAt = holding.changedAt, changedAt > round.askedAt - fence.overrideAfter {
            return
        }
        if !isStale { finding.compared += 1 }
        let hasChanged = hasChangedLately(symbol, holding)
        let isFenced = isStale || hasChanged
        guard quantity != believed.quantity else {
            if !hasChanged { finding.confirmed.append(symbol) }
            compareEntry(holding, report, isFenced: isFenced, &finding)
            return
        }
        let difference = Difference(kind(believed.quantity, quantity), symbol, isFenced: isFenced)
        finding.differences.append(difference)
        if !isFenced, isStreamTrusted { finding.contradicted += 1 }
        guard calls(for: difference) else { return }
        finding.corrections.append(
            PositionCorrection(
                symbol: symbol,
                kind: difference.kind,
                quantity: quantity,
                entryPrice: report?.entryPrice ?? .zero,
                asOf: report?.updatedAt ?? absenceAsOf
            )
        )
    }

    /// Up to when an absent row holds every fill: the venue's time of the question, less what may be wrong about it.
    private var absenceAsOf: VenueInstant {
        session.clock.venueTime(at: round.askedAt - fence.settle) - session.clock.uncertainty
    }

    private func kind(_ believed: Quantity, _ shown: Quantity) -> Difference.Kind {
        if believed.isZero { return .orphanPosition }
        if shown.isZero { return .phantomPosition }
        return believed.isPositive == shown.isPositive ? .sizeDrift : .sideFlip
    }

    private func compareEntry(
        _ holding: Holding,
        _ report: PositionReport?,
        isFenced: Bool,
        _ finding: inout Finding
    ) {
        guard let report, !holding.position.isFlat, report.entryPrice.isPositive, !isFenced else { return }
        let gap = (report.entryPrice - holding.position.entryPrice).magnitude
        let allowed = report.entryPrice.scaled(by: fence.entryTolerance, over: 10_000, rounding: .up)
        guard gap > allowed else { return }
        finding.differences.append(Difference(.entryDrift, holding.symbol))
        finding.corrections.append(
            PositionCorrection(
                symbol: holding.symbol,
                kind: .entryDrift,
                quantity: report.quantity,
                entryPrice: report.entryPrice,
                asOf: report.updatedAt
            )
        )
    }

    /// A snapshot can contradict only what had settled before it was asked for (I-09).
    private func hasChangedLately(_ symbol: Symbol, _ holding: Holding) -> Bool {
        let latest = round.askedAt - fence.settle
        if let changedAt = holding.changedAt, changedAt > latest { return true }
        return state.orders.values.contains { order in
            order.ticket.symbol == symbol && !order.ticket.role.isConditional
                && (order.isUnresolved || (order.isResting && order.ticket.pricing == .market))
        }
    }

    /// Whether a difference is to be acted on in this round.
    private func calls(for difference: Difference) -> Bool {
        var row =
            state.ledger.sightings(difference.key)
            ?? Ledger.Row(firstSeen: now, lastSeen: now, count: 0, isMismatch: false)
        row.count += 1
        if difference.isFenced { return fence.overrides(row, at: now) }
        guard difference.kind == .phantomPosition else { return true }
        // Absence counts only as so many misses; a closePosition stop that still rests says that the position does too.
        return row.count >= fence.missesNeeded && now - row.firstSeen >= fence.missGrace
            && (!showsWholeStop(difference.symbol) || now - row.firstSeen >= fence.overrideAfter * 6)
    }

    private func showsWholeStop(_ symbol: Symbol) -> Bool {
        guard case .success(let reports) = round.algoOrders else { return false }
        let side = state.holding(symbol).position.closingSide
        return reports.contains { $0.symbol == symbol && $0.closesPosition && $0.side == side }
    }

    // MARK: Orders

    private func compareOrders(
        _ answer: Result<[OrderReport], VenueFailure>?,
        isConditional: Bool,
        _ finding: inout Finding
    ) {
        guard case .success(let reports) = answer else { return }
        var shown: Table<ClientOrderID, OrderReport> = Table()
        for report in reports { shown[report.id] = report }
        for order in state.orders.values where belongs(order, toConditional: isConditional) {
            finding.compared += 1
            guard shown[order.id] == nil, order.changedAt <= round.askedAt - fence.settle else { continue }
            finding.differences.append(Difference(.missingOrder, order.ticket.symbol, order: order.id))
            finding.missing.append(order.id)
        }
        for report in reports { compare(report, &finding) }
    }

    private func belongs(_ order: OrderMachine, toConditional isConditional: Bool) -> Bool {
        guard order.isResting else { return false }
        return order.ticket.role.isConditional ? isConditional && !order.isTriggered : !isConditional
    }

    private func compare(_ report: OrderReport, _ finding: inout Finding) {
        if let live = state.orders[report.id] {
            compareCoverOrder(live, report, &finding)
            return
        }
        if let ended = state.endedOrders[report.id] {
            compareEnded(ended, report, &finding)
        } else if isGenerated(report) {
            return
        } else if state.identity.isOurs(report.id) {
            finding.differences.append(Difference(.orphanOrder, report.symbol, order: report.id))
            finding.adoptions.append(adoption(report, ticket: ticket(report)))
        } else if covers(report, finding) {
            // A stop of somebody else's occupies the only closePosition place, and does the same work.
            let adopted = Adoption(ticket: ticket(report), report: report, isToBeCancelled: false)
            finding.adoptions.append(adopted)
        }
    }

    /// An order that we hold for ended and that the venue shows alive, with news from after that end.
    private func compareEnded(_ ended: OrderMachine, _ report: OrderReport, _ finding: inout Finding) {
        if let known = ended.venueTime, report.updatedAt <= known { return }
        guard ended.changedAt <= round.askedAt - fence.settle else { return }
        finding.differences.append(Difference(.orphanOrder, report.symbol, order: report.id))
        finding.adoptions.append(adoption(report, ticket: ended.ticket))
    }

    private func adoption(_ report: OrderReport, ticket: OrderTicket) -> Adoption {
        let reduces = ticket.role != .entry && !state.holding(report.symbol).position.isFlat
        return Adoption(ticket: ticket, report: report, isToBeCancelled: !reduces)
    }

    /// Whether the order is the child of a conditional order of ours, or one that the venue itself forced.
    private func isGenerated(_ report: OrderReport) -> Bool {
        let forced = ["autoclose-", "adl_autoclose", "settlement_autoclose-", "delivery_autoclose-"]
        if forced.contains(where: { report.id.text.hasPrefix($0) }) { return true }
        guard !report.isConditional else { return false }
        return state.orders.values.contains { $0.childID == report.venueID }
    }

    /// Whether the order is a stop that protects what the round shows to be held, whoever placed it.
    private func covers(_ report: OrderReport, _ finding: Finding) -> Bool {
        guard report.isConditional, report.closesPosition || report.isReduceOnly else { return false }
        let holding = state.holding(report.symbol)
        let adopted = finding.corrections.first { $0.symbol == report.symbol }
        let held = adopted?.quantity ?? holding.position.quantity
        guard !held.isZero, report.side == (held.isPositive ? .sell : .buy) else { return false }
        guard isStop(report, holding) else { return false }
        // Beside a stop of ours another one changes nothing; in its place it has to be known.
        return adopted != nil || holding.nakedSince != nil || !hasWholeStop(report.symbol)
    }

    private func hasWholeStop(_ symbol: Symbol) -> Bool {
        state.liveOrders(symbol).contains { $0.ticket.role == .stop && $0.ticket.extent == .wholePosition }
    }

    /// A closePosition trigger behind the entry is a stop; one ahead of it a take-profit.
    private func isStop(_ report: OrderReport, _ holding: Holding) -> Bool {
        let reference = session.marks[report.symbol] ?? holding.position.entryPrice
        return report.side == .sell ? report.price < reference : report.price > reference
    }

    private func ticket(_ report: OrderReport) -> OrderTicket {
        let holding = state.holding(report.symbol)
        let isStop = isStop(report, holding)
        let role: OrderRole =
            report.isConditional ? (isStop ? .stop : .takeProfit) : (report.isReduceOnly ? .exit : .entry)
        let pricing: Pricing =
            report.isConditional
            ? (isStop ? .stopMarket(trigger: report.price) : .takeProfitMarket(trigger: report.price))
            : (report.price.isPositive ? .limit(report.price, .goodTillCancel) : .market)
        let extent: Extent =
            report.closesPosition
            ? .wholePosition : (role == .entry ? .opening(report.quantity) : .reducing(report.quantity))
        return OrderTicket(
            id: report.id,
            symbol: report.symbol,
            role: role,
            side: report.side,
            extent: extent,
            pricing: pricing
        )
    }

    // MARK: Cover

    /// A conditional order that rests on a symbol where nothing is left to reduce.
    private func compareCoverOrder(_ order: OrderMachine, _ report: OrderReport, _ finding: inout Finding) {
        guard order.ticket.role.isConditional, order.isResting, !order.isTriggered else { return }
        let symbol = order.ticket.symbol
        let holding = state.holding(symbol)
        guard holding.position.isFlat, finding.confirmed.contains(symbol) else { return }
        guard order.changedAt <= round.askedAt - fence.settle else { return }
        finding.differences.append(Difference(.orphanReduceOnly, symbol, order: order.id))
        // A position that is only missed may be there after all, and its stop with it.
        if !holding.mayReturn(at: now, within: state.configuration.protection.keepAfterVanish) {
            finding.strayOrders.append(order.id)
        }
    }

    private func compareCover(_ finding: inout Finding) {
        for (symbol, holding) in state.holdings {
            guard let since = holding.nakedSince, now - since > state.configuration.protection.coverWithin
            else {
                continue
            }
            finding.differences.append(
                Difference(holding.covered.isZero ? .unprotected : .underCovered, symbol)
            )
        }
    }

    private func noteFailures(_ finding: inout Finding) {
        let hasFailed =
            !isSuccess(round.positions) || !isSuccess(round.orders) || !isSuccess(round.algoOrders)
        guard hasFailed else { return }
        for symbol in state.configuration.symbols.sorted() {
            finding.differences.append(Difference(.evidenceFailure, symbol))
        }
    }

    private func isSuccess<Value>(_ answer: Result<Value, VenueFailure>?) -> Bool {
        guard case .success = answer else { return false }
        return true
    }
}
