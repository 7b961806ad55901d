import ReckonModel

/// Room for exits: the venue lets all orders that only reduce claim a position once, and refuses what finds no room.
///
/// An exit at market wins over whatever rests, ours or not (I-03): once it has filled there is nothing left that the others
/// could reduce.
extension Engine {
    /// What may go out at once beside resting exits; `nil` while they are to go first.
    ///
    /// Those at a limit are taken back for one at market. On a leg the venue refuses what exceeds the rest, elsewhere it cuts it.
    mutating func room(
        _ exit: ExitIntent,
        _ record: IntentRecord,
        need: Quantity,
        held: Quantity,
        _ turn: inout Turn
    ) -> Quantity? {
        let resting = state.liveOrders(record.symbol).filter { order in
            order.ticket.role == .exit && order.ticket.pricing != .market && order.intent != record.id
        }
        let room = resting.reduce(held) { $0 - $1.possiblyLive }
        guard room < need else { return need }
        let isLeg = record.symbol.leg != nil
        guard exit.pricing == .market else { return isLeg ? room.isPositive ? room : nil : need }
        // What we hold for resting may be gone: on no leg, where asking costs nothing, the exit waits for it once.
        let patience = configuration.router.resendCloseAfter
        let haveHeard = resting.allSatisfy { $0.cancelWanted && turn.now - $0.changedAt >= patience }
        takeBack(resting, &turn)
        if room.isPositive { return isLeg ? room : need }
        return isLeg || !haveHeard ? nil : need
    }

    private mutating func takeBack(_ resting: [OrderMachine], _ turn: inout Turn) {
        for order in resting {
            if let other = order.intent, state.intents[other]?.isWithdrawn == false {
                note(.intentWithdrawn(other), &turn)
            }
            if !order.cancelWanted { stepOrder(order.id, .cancel, &turn) }
        }
    }
}

extension OutcomeClass {
    /// An exit found no room: nothing is held, or other orders claim it.
    var leavesNoRoom: Bool {
        self == .idempotentSafe(.reduceOnlyRejected) || self == .retryableWith(.cancelConflicting)
    }
}

extension EngineState {
    /// Whether an order of somebody else's claims what an exit of ours at market found no room for.
    func isInTheWay(_ report: OrderReport) -> Bool {
        guard !report.isConditional, report.isReduceOnly, !report.status.isTerminal,
            holding(report.symbol).position.closingSide == report.side
        else { return false }
        return openIntents.contains { id, symbol in
            guard symbol == report.symbol, let record = intents[id], !record.isWithdrawn,
                case .exit(let exit) = record.intent, exit.pricing == .market,
                case .refused(let failure) = record.orders.last.flatMap({ order($0) })?.end
            else { return false }
            return failure.outcome.leavesNoRoom
        }
    }
}
