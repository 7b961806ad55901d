import ReckonModel

/// What a round's finding calls for; each repair is bounded, and has a cooldown as long as its effect is not seen.
extension Engine {
    mutating func repair(_ finding: Comparison.Finding, _ turn: inout Turn) {
        for correction in finding.corrections { correct(correction, &turn) }
        for adoption in finding.adoptions
        where adoption.isInTheWay || !(adoption.isToBeCancelled && state.sharing.isShared) {
            note(.orderAdopted(adoption.ticket, adoption.report), &turn)
            turn.touch(adoption.ticket.symbol)
            if adoption.isToBeCancelled { stepOrder(adoption.ticket.id, .cancel, &turn) }
        }
        for id in finding.missing { stepOrder(id, .missed, &turn) }
        if !state.sharing.isShared {
            for id in finding.strayOrders { stepOrder(id, .cancel, &turn) }
        }
        for settings in finding.settings { learn(settings, &turn) }
    }

    private mutating func correct(_ correction: PositionCorrection, _ turn: inout Turn) {
        let symbol = correction.symbol
        guard !endsSeries(.position, symbol, &turn) else { return }
        let before = state.holding(symbol).position.quantity
        let isCertain = !state.liveOrders(symbol).contains(where: \.isUnresolved)
        note(.positionCorrected(correction), &turn)
        // What the stream said before is answered by this; else it would stay unexplained for ever.
        session.streamed[symbol] = nil
        turn.touch(symbol)
        guard correction.kind != .entryDrift, correction.origin != .forced else { return }
        turn.notify(
            .positionExternal,
            nil,
            symbol,
            [
                .init("kind", correction.kind.rawValue), .init("origin", correction.origin.rawValue),
                .init("believed", before.description), .init("found", correction.quantity.description),
            ]
        )
        // What may be our own entry in doubt is not somebody else's.
        if isCertain, configuration.external.positions == .flatten {
            flatten(correction, from: before, &turn)
        }
    }

    /// Takes away what somebody else added, and nothing of ours.
    private mutating func flatten(_ correction: PositionCorrection, from before: Quantity, _ turn: inout Turn)
    {
        let symbol = correction.symbol
        let isSameSide = before.isPositive == correction.quantity.isPositive && !before.isZero
        let extent: ExitExtent
        if !isSameSide {
            extent = .close
        } else if correction.quantity.magnitude > before.magnitude {
            extent = .down(to: before.magnitude)
        } else {
            return
        }
        var exit = ExitIntent(key: "reckon/external/\(symbol)/\(state.factCount)", symbol: symbol)
        exit.extent = extent
        guard !correction.quantity.isZero, state.keys[exit.key] == nil else { return }
        _ = try? accept(.exit(exit), origin: "external position", &turn)
    }

    /// Ends a series of repairs that came to nothing, with an alarm; whether there is nothing to do for now.
    private mutating func endsSeries(_ kind: RepairKind, _ symbol: Symbol, _ turn: inout Turn) -> Bool {
        guard state.ledger.repairs.hasReachedBound(kind, symbol, configuration.repairs) else { return false }
        note(.repairSeriesEnded(symbol, kind), &turn)
        turn.notify(.repairFailed, nil, symbol, [.init("kind", kind.rawValue)])
        return true
    }

    // MARK: Settings

    /// Believes what the venue shows of a symbol's settings, and puts right what may be.
    private mutating func learn(_ settings: SymbolSettings, _ turn: inout Turn) {
        let symbol = settings.symbol
        let holding = state.holding(symbol)
        if holding.leverage != settings.leverage {
            if let known = holding.leverage {
                tellDrift(symbol, "leverage", "\(known)", "\(settings.leverage)", &turn)
            }
            note(.leverageKnown(symbol, settings.leverage), &turn)
        }
        if holding.isIsolated != settings.isIsolated {
            if let known = holding.isIsolated {
                tellDrift(symbol, "is_isolated", "\(known)", "\(settings.isIsolated)", &turn)
            }
            note(.marginModeKnown(symbol, isIsolated: settings.isIsolated), &turn)
        }
        guard !state.isBusy(symbol) else { return }
        // The other leg's row has just had them put right for both.
        if symbol.leg != nil, session.settingsChangedAt[symbol] == turn.now { return }
        if let wish = state.leverageWish(symbol), wish != settings.leverage,
            mayRepair(.leverage, symbol, &turn)
        {
            note(.repairMade(symbol, .leverage), &turn)
            setLeverage(LeverageChange(symbol: symbol, leverage: wish), &turn)
        }
        let isolates = configuration.marginMode.map { $0 == .isolated }
        if let isolates, isolates != settings.isIsolated, mayRepair(.marginMode, symbol, &turn) {
            note(.repairMade(symbol, .marginMode), &turn)
            session.settingsAskedAt = nil
            if let sibling = symbol.sibling { session.settingsChangedAt[sibling] = turn.now }
            send(.setMarginMode(MarginChange(symbol: symbol, isIsolated: isolates)), &turn)
        }
    }

    private mutating func mayRepair(_ kind: RepairKind, _ symbol: Symbol, _ turn: inout Turn) -> Bool {
        // The next look is soon: what was put right should show, and what waits should not wait a minute.
        session.settingsAskedAt = nil
        guard state.ledger.repairs.mayRepair(kind, symbol, configuration.repairs, at: turn.now) else {
            return false
        }
        return !endsSeries(kind, symbol, &turn)
    }

    private mutating func tellDrift(
        _ symbol: Symbol,
        _ setting: String,
        _ known: String,
        _ found: String,
        _ turn: inout Turn
    ) {
        let fields: [Notice.Field] = [
            .init("setting", setting), .init("known", known), .init("found", found),
        ]
        turn.notify(.settingDrift, nil, symbol, fields)
    }

    /// Asks for a leverage, and remembers that this is the one we want.
    mutating func setLeverage(_ change: LeverageChange, _ turn: inout Turn) {
        if state.holding(change.symbol).leverageWish != change.leverage {
            note(.leverageWished(change.symbol, change.leverage), &turn)
        }
        for book in state.booksSharing(change.symbol) {
            session.leverageAskedAt[book] = turn.now
            session.settingsChangedAt[book] = turn.now
        }
        send(.setLeverage(change), &turn)
    }

    mutating func marginModeSet(
        _ change: MarginChange,
        _ result: Result<Bool, VenueFailure>,
        _ turn: inout Turn
    ) {
        switch result {
        case .success(let isIsolated):
            for book in state.booksSharing(change.symbol) { session.settingsChangedAt[book] = turn.now }
            if state.holding(change.symbol).isIsolated != isIsolated {
                note(.marginModeKnown(change.symbol, isIsolated: isIsolated), &turn)
            }
        case .failure(let failure):
            heed(failure, &turn)
            // "No need to change": it stands as wished.
            guard failure.outcome == .idempotentSafe(.alreadySet) else { return }
            note(.marginModeKnown(change.symbol, isIsolated: change.isIsolated), &turn)
        }
    }
}
