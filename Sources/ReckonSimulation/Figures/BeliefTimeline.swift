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

    /// Folds the facts as they were published.
    package init(_ facts: [StampedFact], configuration: EngineConfiguration) {
        var state = EngineState(configuration)
        var positions: [Belief] = []
        var known: Table<Symbol, Quantity> = Table()
        var restarts: [Instant] = []
        for fact in facts {
            state.apply(fact)
            if case .started = fact.fact { restarts.append(fact.at) }
            for (symbol, holding) in state.holdings where known[symbol] ?? .zero != holding.position.quantity
            {
                known[symbol] = holding.position.quantity
                positions.append(Belief(at: fact.at, symbol: symbol, quantity: holding.position.quantity))
            }
        }
        self.positions = positions
        self.restarts = restarts
        finalState = state
        intents = state.intents.values
    }
}
