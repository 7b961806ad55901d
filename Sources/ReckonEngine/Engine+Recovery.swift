import ReckonModel

extension Engine {
    /// The start of a process: facts are loaded, and everything that was on the wire is in doubt.
    ///
    /// Order: doubt → ask the venue → repair → only then open the gate. Exits are taken from the first moment.
    mutating func wake(_ epoch: String, _ turn: inout Turn) {
        session = Session(keeping: session)
        session.wokenAt = turn.now
        suspectCountdowns()
        note(.started(OrderIdentity(engine: configuration.engineID, epoch: epoch)), &turn)
        for id in state.orders.keys {
            guard let order = state.orders[id] else { continue }
            // Exits wait for nobody: sent once too often they reduce, and no more than there is.
            if order.state == .planned, order.ticket.role != .entry {
                transmit(id, &turn)
            } else {
                stepOrder(id, .restart, &turn)
            }
        }
        for (id, symbol) in state.openIntents {
            turn.touch(symbol)
            guard let record = state.intents[id] else { continue }
            turn.outbox.perform(.arm(.intent(id), at: max(deadline(record), turn.now)))
        }
        touchAll(&turn)
        for symbol in state.holdings.keys { turn.touch(symbol) }
        turn.outbox.perform(.arm(.reconcile, at: turn.now))
    }

    func deadline(_ record: IntentRecord) -> Instant {
        switch record.intent {
        case .entry(let entry): record.acceptedAt + entry.lifetime
        case .exit(let exit): record.acceptedAt + exit.lifetime
        case .protect: record.acceptedAt
        }
    }
}
