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
        var seen = RoundConclusion.Seen()
        var corrections: [PositionCorrection] = []
        /// Orders that rest on symbols where nothing is left to reduce.
        var strayOrders: [ClientOrderID] = []
        /// Orders that we believe to rest and that no list shows.
        var missing: [ClientOrderID] = []
        /// Orders at the venue that we should look after and do not.
        var adoptions: [Adoption] = []
        /// Settings as the venue shows them, where they are news.
        var settings: [SymbolSettings] = []
        /// Repairs that are due, and not yet to be tried again.
        var cooling = 0
    }

    struct Adoption {
        let ticket: OrderTicket
        let report: OrderReport
        /// An entry or exit that nobody stands behind is taken off the book once adopted.
        let isToBeCancelled: Bool
        /// It keeps an exit of ours from the venue, and goes whoever else is on the account.
        var isInTheWay = false
    }

    private var fence: FenceRules { state.configuration.fence }

    private var isStreamTrusted: Bool { session.trustsStream(state.configuration.evidence, at: now) }

    func finding() -> Finding {
        var finding = Finding()
        if case .success(let reports) = round.positions { comparePositions(reports, &finding) }
        compareOrders(round.orders, isConditional: false, &finding)
        compareOrders(round.algoOrders, isConditional: true, &finding)
        compareCover(&finding)
        compareSettings(&finding)
        noteFailures(&finding)
        return finding
    }

    /// Symbols whose position differs with nothing that would excuse it: worth a question of why.
    func unexplained() -> [Symbol] {
        var finding = Finding()
        if case .success(let reports) = round.positions { comparePositions(reports, &finding) }
        return finding.seen.differences.filter { !$0.isFenced && $0.kind != .entryDrift }.map(\.symbol)
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
        if !isStale { finding.seen.compared += 1 }
        let hasChanged = hasChangedLately(symbol, holding)
        let isFenced = isStale || hasChanged
        guard quantity != believed.quantity else {
            if !hasChanged { finding.seen.confirmed.append(symbol) }
            compareEntry(holding, report, isFenced: isFenced, &finding)
            return
        }
        let difference = Difference(kind(believed.quantity, quantity), symbol, isFenced: isFenced)
        finding.seen.differences.append(difference)
        if !isFenced, isStreamTrusted { finding.seen.contradicted += 1 }
        guard calls(for: difference), mayRepair(difference, &finding) else { return }
        var correction = PositionCorrection(
            symbol: symbol,
            kind: difference.kind,
            quantity: quantity,
            entryPrice: report?.entryPrice ?? .zero,
            asOf: report?.updatedAt ?? absenceAsOf
        )
        correction.origin = origin(symbol, holding)
        correction.isLeftAlone =
            state.configuration.external.positions == .leave && believed.isFlat
            && correction.origin != .forced
            && !hasUnresolved(symbol)
        finding.corrections.append(correction)
    }

    /// Whether a repair is not still waiting for the effect of an earlier one.
    private func mayRepair(_ difference: Difference, _ finding: inout Finding) -> Bool {
        guard let kind = RepairKind(difference.kind) else { return true }
        let may = state.ledger.repairs.mayRepair(
            kind,
            difference.symbol,
            state.configuration.repairs,
            at: now
        )
        if !may { finding.cooling += 1 }
        return may
    }

    /// Whose trades made the difference, by the venue's record of what we had not heard of.
    private func origin(_ symbol: Symbol, _ holding: Holding) -> DriftOrigin {
        if let forced = round.histories[symbol]?.last(where: { ForcedClose($0) != nil }),
            holding.asOf.map({ forced.updatedAt >= $0 }) ?? true
        {
            return .forced
        }
        let foreign = (round.trades[symbol] ?? []).contains { trade in
            (holding.asOf.map { trade.at >= $0 } ?? true) && !state.isOurs(trade.orderID, on: symbol)
        }
        return foreign ? .external : .unexplained
    }

    private func hasUnresolved(_ symbol: Symbol) -> Bool {
        state.orders.values.contains { $0.ticket.symbol == symbol && $0.isUnresolved }
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
        let difference = Difference(.entryDrift, holding.symbol)
        finding.seen.differences.append(difference)
        guard mayRepair(difference, &finding) else { return }
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
        let all = state.orders.values
        return all.indices.contains { index in
            guard all[index].ticket.symbol == symbol else { return false }
            let order = all[index]
            return !order.ticket.role.isConditional
                && (order.isUnresolved || (order.isResting && order.ticket.pricing == .market))
        }
    }

    /// Whether a difference is to be acted on in this round.
    private func calls(for difference: Difference) -> Bool {
        var row =
            state.ledger.sightings(difference.key)
            ?? Ledger.Row(firstSeen: now, lastSeen: now, count: 0, isMismatch: false)
        row.see(isFenced: difference.isFenced, at: now)
        let overrides = fence.overrides(row, at: now)
        if difference.kind != .phantomPosition { return !difference.isFenced || overrides }
        let isGone =
            difference.isFenced
            ? overrides && hasStood(difference.symbol, since: row.firstSeen) : fence.isMissed(row, at: now)
        // Absence counts only as so many misses; a closePosition stop that still rests says that the position does too.
        return isGone
            && (!showsWholeStop(difference.symbol) || now - row.firstSeen >= fence.overrideAfter * 6)
    }

    /// Whether the belief has not changed for as long as overrides a fence; one that keeps changing is given twice that.
    private func hasStood(_ symbol: Symbol, since firstSeen: Instant) -> Bool {
        if now - firstSeen >= fence.overrideAfter * 2 { return true }
        return state.holding(symbol).changedAt.map { now - $0 >= fence.overrideAfter } ?? true
    }

    private func showsWholeStop(_ symbol: Symbol) -> Bool {
        // A list that did not come says nothing, least of all that the stop is gone and the position with it.
        guard round.algoOrders.covers(symbol) else { return true }
        let side = state.holding(symbol).position.closingSide
        return round.algoOrders.reports.contains {
            $0.symbol == symbol && $0.closesPosition && $0.side == side
        }
    }

    // MARK: Orders

    private func compareOrders(
        _ lists: Session.OrderLists,
        isConditional: Bool,
        _ finding: inout Finding
    ) {
        let reports = lists.reports
        var shown: Table<ClientOrderID, OrderReport> = Table()
        for report in reports { shown[report.id] = report }
        for order in state.orders.values
        where belongs(order, toConditional: isConditional) && lists.covers(order.ticket.symbol) {
            finding.seen.compared += 1
            guard shown[order.id] == nil, order.changedAt <= round.askedAt - fence.settle else { continue }
            finding.seen.differences.append(Difference(.missingOrder, order.ticket.symbol, order: order.id))
            finding.missing.append(order.id)
        }
        for report in reports { compare(report, &finding) }
    }

    private func belongs(_ order: OrderMachine, toConditional isConditional: Bool) -> Bool {
        guard order.isResting else { return false }
        return order.ticket.role.isConditional ? isConditional && !order.isTriggered : !isConditional
    }

    private func compare(_ report: OrderReport, _ finding: inout Finding) {
        // Not ours, whatever its name: neither looked after nor taken off.
        if state.stranger(report) != nil { return }
        if let live = state.orders[report.id] {
            compareCoverOrder(live, report, &finding)
            return
        }
        if let ended = state.endedOrders[report.id] {
            compareEnded(ended, report, &finding)
        } else if isGenerated(report) {
            return
        } else if state.identity.isOurs(report.id) {
            finding.seen.differences.append(Difference(.orphanOrder, report.symbol, order: report.id))
            finding.adoptions.append(adoption(report, ticket: ticket(report)))
        } else {
            compareForeign(report, &finding)
        }
    }

    /// An order of somebody else's.
    ///
    /// Orders of another engine of our kind are left to whoever runs it.
    private func compareForeign(_ report: OrderReport, _ finding: inout Finding) {
        guard !report.id.text.hasPrefix("rk-"), !report.status.isTerminal else { return }
        let adopted = Adoption(ticket: ticket(report), report: report, isToBeCancelled: false)
        if covers(report, finding) {
            // A stop of somebody else's occupies the only closePosition place, and does the same work.
            return finding.adoptions.append(adopted)
        }
        if state.isInTheWay(report) {
            var taken = Adoption(ticket: adopted.ticket, report: report, isToBeCancelled: true)
            taken.isInTheWay = true
            return finding.adoptions.append(taken)
        }
        guard !report.isConditional, adopted.ticket.role.opensExposure else { return }
        switch state.configuration.external.orders {
        case .leave: break
        case .adopt: finding.adoptions.append(adopted)
        case .flatten:
            finding.seen.differences.append(Difference(.orphanOrder, report.symbol, order: report.id))
            let cancelled = Adoption(ticket: adopted.ticket, report: report, isToBeCancelled: true)
            finding.adoptions.append(cancelled)
        }
    }

    /// An order that we hold for ended and that the venue shows alive, with news from after that end.
    private func compareEnded(_ ended: OrderMachine, _ report: OrderReport, _ finding: inout Finding) {
        if let known = ended.venueTime, report.updatedAt <= known { return }
        guard ended.changedAt <= round.askedAt - fence.settle else { return }
        finding.seen.differences.append(Difference(.orphanOrder, report.symbol, order: report.id))
        finding.adoptions.append(adoption(report, ticket: ended.ticket))
    }

    private func adoption(_ report: OrderReport, ticket: OrderTicket) -> Adoption {
        let isKept = ticket.role != .entry && mayReduce(report)
        return Adoption(ticket: ticket, report: report, isToBeCancelled: !isKept)
    }

    /// Whether a position stands that the order would reduce, as we believe or as the venue shows; unshown counts as yes.
    private func mayReduce(_ report: OrderReport) -> Bool {
        if state.holding(report.symbol).position.closingSide == report.side { return true }
        guard case .success(let rows) = round.positions else { return true }
        let shown = rows.first { $0.symbol == report.symbol }?.quantity ?? .zero
        return report.side == .sell ? shown.isPositive : shown.isNegative
    }

    /// Whether the order is the child of a conditional order of ours, or one that the venue itself forced.
    private func isGenerated(_ report: OrderReport) -> Bool {
        if ForcedClose.kind(of: report.id) != nil { return true }
        guard !report.isConditional else { return false }
        let isChild: (OrderMachine) -> Bool = {
            $0.ticket.symbol == report.symbol && $0.ticket.role.isConditional && $0.childID == report.venueID
        }
        return state.orders.values.contains(where: isChild)
            || state.endedOrders.values.contains(where: isChild)
            || round.algoOrders.reports.contains {
                $0.childID == report.venueID && $0.symbol == report.symbol
            }
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

    /// An order that only reduces and rests on a symbol where nothing is left to reduce.
    private func compareCoverOrder(_ order: OrderMachine, _ report: OrderReport, _ finding: inout Finding) {
        guard !order.ticket.role.opensExposure, order.isResting, !order.isTriggered else { return }
        let symbol = order.ticket.symbol
        let holding = state.holding(symbol)
        guard holding.position.isFlat, finding.seen.confirmed.contains(symbol) else { return }
        guard order.changedAt <= round.askedAt - fence.settle else { return }
        finding.seen.differences.append(Difference(.orphanReduceOnly, symbol, order: order.id))
        // A position that is only missed may be there after all, and its stop with it.
        if !holding.mayReturn(at: now, within: state.configuration.protection.keepAfterVanish) {
            finding.strayOrders.append(order.id)
        }
    }

    private func compareCover(_ finding: inout Finding) {
        let patience = state.configuration.protection.coverWithin
        for (symbol, holding) in state.holdings where !holding.position.isFlat && !holding.isLeftAlone {
            let stops = state.orders.values.filter { isStopOf($0, holding) }
            let hasWhole = stops.contains { $0.ticket.extent == .wholePosition }
            let parts = stops.filter { $0.ticket.extent != .wholePosition }
            let covered = parts.reduce(into: Quantity.zero) { $0 += $1.possiblyLive }
            if let since = holding.nakedSince, now - since > patience {
                let kind: Difference.Kind = holding.covered.isZero ? .unprotected : .underCovered
                finding.seen.differences.append(Difference(kind, symbol))
            }
            // A bridge over the moment between two stops is meant; one that stays is not.
            let isLasting = parts.contains { $0.isResting && now - $0.changedAt > patience * 3 }
            let isTooMuch = hasWhole ? !parts.isEmpty : covered > holding.position.quantity.magnitude
            if isTooMuch, isLasting { finding.seen.differences.append(Difference(.overCovered, symbol)) }
        }
    }

    private func isStopOf(_ order: OrderMachine, _ holding: Holding) -> Bool {
        order.ticket.symbol == holding.symbol && order.ticket.role == .stop && order.isResting
            && !order.isTriggered && order.ticket.side == holding.position.closingSide
    }

    // MARK: Settings

    private func compareSettings(_ finding: inout Finding) {
        guard let rows = round.settings else { return }
        let tracked = state.tracked
        for row in rows where tracked.contains(row.symbol) {
            if let changed = session.settingsChangedAt[row.symbol], changed > round.askedAt - fence.settle {
                continue
            }
            finding.seen.settingsShown.append(row.symbol)
            finding.seen.compared += 1
            let holding = state.holding(row.symbol)
            let isFree = !state.isBusy(row.symbol)
            let wish = state.leverageWish(row.symbol)
            let isNews = holding.leverage.map { $0 != row.leverage } ?? false
            if isNews || (isFree && wish != nil && wish != row.leverage) {
                finding.seen.differences.append(Difference(.leverageDrift, row.symbol))
            }
            let isOtherMode = holding.isIsolated.map { $0 != row.isIsolated } ?? false
            let mode = state.configuration.marginMode.map { $0 == .isolated }
            if isOtherMode || (isFree && mode != nil && mode != row.isIsolated) {
                finding.seen.differences.append(Difference(.marginDrift, row.symbol))
            }
            finding.settings.append(row)
        }
    }

    // MARK: Failures

    /// What could not be asked is unconfirmed: a list of the account for every symbol, one of a symbol for that one.
    private func noteFailures(_ finding: inout Finding) {
        for symbol in state.tracked where !round.shows(symbol) {
            finding.seen.differences.append(Difference(.evidenceFailure, symbol))
        }
    }
}

extension EngineState {
    /// Whether an order of ours, or the child of one, bears this number.
    func isOurs(_ id: VenueOrderID, on symbol: Symbol) -> Bool {
        let bears: (OrderMachine) -> Bool = {
            $0.ticket.symbol == symbol && ($0.venueID == id || $0.childID == id)
        }
        return orders.values.contains(where: bears) || endedOrders.values.contains(where: bears)
    }

    /// What the leverage of a symbol should be by our last wish and the operator's limit; absent where neither says.
    func leverageWish(_ symbol: Symbol) -> Int? {
        holding(symbol).leverageWish.map { min($0, configuration.limits.maxLeverage) }
    }
}

extension Session {
    /// Whether the stream is fresh enough for its silence to say something.
    func trustsStream(_ rules: EvidenceRules, at now: Instant) -> Bool {
        guard streamConnected, let heard = streamHeardAt else { return false }
        return rules.stream.score(now - heard) >= rules.trustedFrom
    }
}
