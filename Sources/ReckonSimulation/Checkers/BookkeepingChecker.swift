import ReckonEngine
import ReckonModel

/// I-02: each fill counts once: what is believed changes by no more than orders have executed, or by a correction.
struct BookkeepingChecker {
    private var executed = Lookup<ClientOrderID, Quantity>()
    private var believed: Table<Symbol, Quantity> = Table()
    /// What this very turn has told of each symbol.
    private var fills: Table<Symbol, Quantity> = Table()
    private var corrected: Table<Symbol, Bool> = Table()

    mutating func published(_ stamped: StampedFact, _ book: PublishedBook) {
        switch stamped.fact {
        case .orderAdopted(let ticket, let report): take(report, ticket.id, ticket.symbol)
        case .order(let id, .reported(let report)):
            if let symbol = book.orders[id]?.ticket.symbol { take(report, id, symbol) }
        case .positionCorrected(let correction): corrected[correction.symbol] = true
        default: break
        }
    }

    private mutating func take(_ report: OrderReport, _ id: ClientOrderID, _ symbol: Symbol) {
        let known = executed[id] ?? .zero
        guard report.executed > known else { return }
        executed[id] = report.executed
        fills[symbol] = (fills[symbol] ?? .zero) + (report.executed - known)
    }

    /// The disk came back without its last facts: what is believed is anybody's guess until the next turn is over.
    mutating func forget() {
        believed = Table()
        executed.removeAll()
        endTurn()
    }

    mutating func endTurn() {
        fills = Table()
        corrected = Table()
    }

    /// After the turn.
    mutating func settled(_ sight: Sight, _ findings: inout Findings) {
        for index in sight.holdings.keys.indices {
            let symbol = sight.holdings.keys[index]
            let quantity = sight.holdings.values[index].position.quantity
            guard let before = believed[symbol] else {
                believed[symbol] = quantity
                continue
            }
            guard before != quantity else { continue }
            believed[symbol] = quantity
            let change = (quantity - before).magnitude
            let told = fills[symbol] ?? .zero
            guard corrected[symbol] == nil, change > told else { continue }
            findings.breach(
                "I-02",
                sight.now,
                "\(symbol) went from \(before) to \(quantity) by fills of \(told)"
            )
        }
        endTurn()
    }
}
