import ReckonEngine
import ReckonExchange
import ReckonModel

/// How long, and how far, belief and truth lay apart.
struct ExposureIntegral {
    let evidence: RunEvidence
    let beliefs: BeliefTimeline

    struct Result {
        /// Belief in a position that is not there.
        var phantomSeconds = 0.0
        /// A position that is not believed in.
        var orphanSeconds = 0.0
        /// ∫ |believed − true| · price dt.
        var wrongExposure = 0.0
    }

    func integrated() -> Result {
        var result = Result()
        for symbol in evidence.configuration.symbols { integrate(symbol, into: &result) }
        return result
    }

    /// One change of either side, in the venue's milliseconds.
    private struct Change {
        let at: Int64
        let believed: Quantity?
        let held: Quantity?
        let price: Price?
    }

    private func changes(_ symbol: Symbol) -> [Change] {
        let believed = beliefs.positions.filter { $0.symbol == symbol }.map { belief in
            Change(at: belief.at.nanoseconds / 1_000_000, believed: belief.quantity, held: nil, price: nil)
        }
        let held = evidence.record.positions.filter { $0.symbol == symbol }.map { position in
            Change(
                at: position.at.milliseconds,
                believed: nil,
                held: position.quantity,
                price: position.entryPrice.isPositive ? position.entryPrice : nil
            )
        }
        return (believed + held).enumerated()
            .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    private func integrate(_ symbol: Symbol, into result: inout Result) {
        var believed = Quantity.zero
        var held = Quantity.zero
        var price = Price.zero
        var since = evidence.record.startsAt.milliseconds
        let end = Change(at: evidence.until.milliseconds, believed: nil, held: nil, price: nil)
        for change in changes(symbol) + [end] {
            let seconds = Double(max(min(change.at, evidence.until.milliseconds) - since, 0)) / 1_000
            if believed != held {
                if held.isZero { result.phantomSeconds += seconds }
                if believed.isZero { result.orphanSeconds += seconds }
                let gap = Notional(of: (believed - held).magnitude, at: price, rounding: .up)
                result.wrongExposure += gap.approximate * seconds
            }
            since = max(since, change.at)
            believed = change.believed ?? believed
            held = change.held ?? held
            price = change.price ?? price
        }
    }

    /// ∫ exposure opened on a symbol while its belief was wrong already, until it was right again.
    func openedInDoubt() -> Double {
        var total = 0.0
        for symbol in evidence.configuration.symbols { total += openedInDoubt(symbol) }
        return total
    }

    private func openedInDoubt(_ symbol: Symbol) -> Double {
        var total = 0.0
        var believed = Quantity.zero
        var held = Quantity.zero
        var opened = 0.0
        var wrongSince: Int64?
        var since = evidence.record.startsAt.milliseconds
        for change in changes(symbol) {
            total += opened * Double(max(change.at - since, 0)) / 1_000
            since = max(since, change.at)
            let before = held
            believed = change.believed ?? believed
            held = change.held ?? held
            if held.magnitude > before.magnitude, let wrongSince, wrongSince < change.at,
                let price = change.price
            {
                opened +=
                    Notional(of: held.magnitude - before.magnitude, at: price, rounding: .up).approximate
            }
            if believed == held {
                wrongSince = nil
                opened = 0
            } else if wrongSince == nil {
                wrongSince = change.at
            }
        }
        return total + opened * Double(max(evidence.until.milliseconds - since, 0)) / 1_000
    }
}
