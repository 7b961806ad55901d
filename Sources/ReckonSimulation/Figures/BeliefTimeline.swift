package import ReckonEngine
package import ReckonModel

/// What the engine's facts say that it believed, and when.
package struct BeliefTimeline: Sendable {
    package struct Belief: Sendable, Hashable {
        package let at: Instant
        package let symbol: Symbol
        /// Signed.
        package let quantity: Quantity
    }

    /// Changes of believed positions, oldest first.
    package let positions: [Belief]
    package let finalState: EngineState
    /// When the process started, each time.
    package let restarts: [Instant]
    package let intents: [IntentRecord]

    package func position(of symbol: Symbol, at instant: Instant) -> Quantity {
        positions.last { $0.symbol == symbol && $0.at <= instant }?.quantity ?? .zero
    }

    /// When a position was first believed in, from an instant on; absent where it never was.
    package func firstPosition(of symbol: Symbol, from instant: Instant) -> Instant? {
        if !position(of: symbol, at: instant).isZero { return instant }
        return positions.first { $0.symbol == symbol && $0.at > instant && !$0.quantity.isZero }?.at
    }

    /// Folds the facts as they were published.
    package init(_ facts: [StampedFact], configuration: EngineConfiguration) {
        var state = EngineState(configuration)
        var positions: [Belief] = []
        var known: Table<Symbol, Quantity> = Table()
        var restarts: [Instant] = []
        for fact in facts {
            state.apply(fact)
            if case .started = fact.fact { restarts.append(fact.at) }
            guard let symbol = BeliefTimeline.moved(by: fact.fact, state) else { continue }
            let quantity = state.holding(symbol).position.quantity
            guard known[symbol] ?? .zero != quantity else { continue }
            known[symbol] = quantity
            positions.append(Belief(at: fact.at, symbol: symbol, quantity: quantity))
        }
        self.positions = positions
        self.restarts = restarts
        finalState = state
        intents = state.intents.values
    }

    /// The symbol whose position a fact may have changed: to look at all after each would cost each symbol all others.
    private static func moved(by fact: Fact, _ state: EngineState) -> Symbol? {
        switch fact {
        case .order(let id, .reported): state.order(id)?.ticket.symbol
        case .orderAdopted(let ticket, _): ticket.symbol
        case .positionCorrected(let correction): correction.symbol
        case .order, .started, .instrumentsLoaded, .intentAccepted, .intentRefused, .intentEnded,
            .intentWithdrawn,
            .exitOverdue, .exitSeriesEnded, .orderPlanned, .coverPlanned, .coverFailed, .roundConcluded,
            .leverageKnown, .leverageWished, .marginModeKnown, .repairMade, .repairSeriesEnded,
            .positionForced, .pauseAsked, .policyLoaded, .policyChanged, .shadowCompared, .verdictEnforced,
            .operatorCommanded,
            .journalLatched, .journalRecovered, .flatten, .sharing, .replacement, .countdownFired:
            nil
        }
    }
}
