import ReckonModel

/// Two engines on one account must not fight: whoever bears a name like ours closes entries until the operator says.
extension Engine {
    /// Looks at every order of a round for one that is not ours and bears our name.
    mutating func learnStrangers(_ round: Session.Round, _ turn: inout Turn) {
        for report in round.orders.reports + round.algoOrders.reports { learnStranger(report, &turn) }
    }

    mutating func learnStranger(_ report: OrderReport, _ turn: inout Turn) {
        guard let stranger = state.stranger(report), state.sharing.strangers[report.id] == nil,
            state.sharing.resolved[report.id] == nil
        else { return }
        note(.sharing(.found(report.id, report.symbol, stranger)), &turn)
        turn.notify(
            .accountShared,
            nil,
            report.symbol,
            [.init("order", report.id.text), .init("why", stranger.rawValue)]
        )
    }
}

extension EngineState {
    /// Why a reported order cannot be ours although it bears our name; `nil` for ours, and for all others.
    func stranger(_ report: OrderReport) -> Stranger? {
        guard report.id.text.hasPrefix(ParsedOrderID.family) else { return nil }
        if let known = order(report.id) {
            return known.cannotBe(report) ? .otherOrder : nil
        }
        guard let parsed = ParsedOrderID(report.id) else {
            return identity.isOurs(report.id) ? .withoutFact : .foreignEngine
        }
        guard parsed.engine == identity.engine else { return .foreignEngine }
        guard let place = sharing.epochs.firstIndex(where: { $0.text == parsed.epoch }) else {
            return .foreignEpoch
        }
        return isFromLostTail(parsed, place) ? nil : .withoutFact
    }

    /// Whether the journal may have held the order's fact in a tail that it lost.
    private func isFromLostTail(_ parsed: ParsedOrderID, _ place: Int) -> Bool {
        let epoch = sharing.epochs[place]
        guard let lastIntent = epoch.lastIntent, let lastPlan = epoch.lastPlan else { return false }
        switch parsed.kind {
        case .cover: return parsed.number > lastPlan
        case .intent:
            guard parsed.number <= lastIntent, let record = intents[IntentID(parsed.number)] else {
                return true
            }
            let later = sharing.epochs[(place + 1)...].map(\.text)
            let sent = record.orders.count { id in ParsedOrderID(id).map { !later.contains($0.epoch) } ?? true
            }
            return parsed.generation > sent
        }
    }
}

extension OrderMachine {
    /// Whether a report under our id is surely about another order than the one that we sent.
    ///
    /// Stricter than the reverse of `matches`: clocks may be wrong by seconds, symbols and sizes are not.
    func cannotBe(_ report: OrderReport) -> Bool {
        if report.symbol != ticket.symbol || report.side != ticket.side { return true }
        let isChild = ticket.role.isConditional && !report.isConditional
        if !isChild {
            if ticket.extent == .wholePosition { return !report.closesPosition && report.quantity.isPositive }
            if ticket.role.opensExposure
                ? report.quantity != ticket.quantity : report.quantity > ticket.quantity
            {
                return true
            }
        }
        guard let createdAt = report.createdAt, let firstTimestamp else { return false }
        return createdAt < firstTimestamp - .seconds(60)
    }
}
