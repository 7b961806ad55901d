package import ReckonModel

/// What operators order, and how strategies take back or change what they asked for.
extension Engine {
    mutating func obey(_ command: OperatorCommand, ticket: Int64, _ turn: inout Turn) {
        if let refusal = refusal(of: command) {
            return turn.outbox.perform(.answer(ticket: ticket, .refused(refusal)))
        }
        note(.operatorCommanded(command), &turn)
        turn.notify(.operatorCommand, nil, nil, [.init("reason", command.reason)])
        switch command {
        case .cancelAll(let scope, _): cancelAll(scope, &turn)
        case .flatten(let scope, _): beginFlatten(scope, &turn)
        case .halt, .resume, .releaseFlatten, .resolveSharing: break
        }
        touchAll(&turn)
        turn.outbox.perform(.answer(ticket: ticket, .done))
    }

    private func refusal(of command: OperatorCommand) -> Refusal? {
        guard !command.reason.isEmpty, command.reason.utf8.count <= 256 else {
            let found = "a reason of \(command.reason.utf8.count) bytes"
            return Refusal(.malformed, found: found, allowed: "1 to 256")
        }
        switch command {
        case .resume where state.flattens.hasUnfinished:
            let allowed = "resume once the venue shows flat, or release the flatten"
            return Refusal(.flattening, found: "a flatten that is not done", allowed: allowed)
        case .releaseFlatten(let scope, _) where state.flattens.rows[scope] == nil:
            return Refusal(.flattening, found: "no flatten of \(scope.name)", allowed: "one that was ordered")
        case .resolveSharing where !state.sharing.isShared:
            return Refusal(.accountShared, found: "no stranger on the account", allowed: "only while shared")
        case .halt, .resume, .flatten, .cancelAll, .releaseFlatten, .resolveSharing: return nil
        }
    }

    private mutating func beginFlatten(_ scope: CommandScope, _ turn: inout Turn) {
        for symbol in reached(by: scope) { turn.touch(symbol) }
        hintRound(&turn)
    }

    /// Takes every entry and resting exit off the book and back; stops and take-profits stay.
    private mutating func cancelAll(_ scope: CommandScope, _ turn: inout Turn) {
        for symbol in reached(by: scope) { withdrawResting(symbol, &turn) }
    }

    /// Every symbol that a command could have to act on.
    private func reached(by scope: CommandScope) -> [Symbol] {
        var symbols: Table<Symbol, Bool> = Table()
        for symbol in configuration.symbols { symbols[symbol] = true }
        for symbol in state.openIntents.values { symbols[symbol] = true }
        for order in state.orders.values { symbols[order.ticket.symbol] = true }
        for holding in state.holdings.values where !holding.position.isFlat { symbols[holding.symbol] = true }
        return symbols.keys.filter(scope.covers)
    }

    // MARK: Strategies

    /// A caller takes an intent back: done where nothing of it can execute any more, and again when asked again.
    mutating func withdraw(_ target: IntentTarget, ticket: Int64, _ turn: inout Turn) {
        let record: IntentRecord
        do throws(Refusal) {
            record = try find(target)
        } catch {
            return turn.outbox.perform(.answer(ticket: ticket, .refused(error)))
        }
        if let end = record.end {
            // Already gone is as wished; what has executed the caller has to know.
            guard end.executed.isPositive || end.kind == .done else {
                return turn.outbox.perform(.answer(ticket: ticket, .done))
            }
            return turn.outbox.perform(.answer(ticket: ticket, .refused(alreadyEnded(record, end))))
        }
        if !record.isWithdrawn { note(.intentWithdrawn(record.id), &turn) }
        turn.touch(record.symbol)
        turn.outbox.perform(.answer(ticket: ticket, .done))
    }

    func find(_ target: IntentTarget) throws(Refusal) -> IntentRecord {
        let id: IntentID?
        let found: String
        switch target {
        case .id(let number): (id, found) = (number, "intent \(number)")
        case .key(let key): (id, found) = (state.keys[key], "key \(key)")
        }
        guard let id, let record = state.intents[id] else {
            throw Refusal(.unknownIntent, found: found, allowed: "an accepted intent")
        }
        return record
    }

    func alreadyEnded(_ record: IntentRecord, _ end: IntentEnd) -> Refusal {
        Refusal(
            .alreadyEnded,
            symbol: record.symbol,
            found: "ended: \(end.kind.rawValue), \(end.executed) executed",
            allowed: "an open intent"
        )
    }
}

/// Which intent a caller means: by our number, or by its own key.
package enum IntentTarget: Sendable, Codable, Hashable {
    case id(IntentID)
    case key(String)
}
