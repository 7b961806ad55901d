import ReckonEngine
import ReckonExchange
package import ReckonModel

/// What a checker may look at besides the facts: the time on both clocks and the published snapshot.
struct Sight {
    let now: Instant
    let venueNow: VenueInstant
    /// The venue's truth so far.
    let record: ExchangeRecord
    /// Marks and holdings as the engine publishes them.
    let marks: Table<Symbol, Price>
    let holdings: Table<Symbol, Holding>
    /// How long the venue's lists have been from the past or in part.
    let listsUntrueFor: Span

    /// What truly is held.
    func held(_ symbol: Symbol) -> Quantity { record.position(of: symbol) }

    func believed(_ symbol: Symbol) -> Quantity { holdings[symbol]?.position.quantity ?? .zero }
}

/// What checkers have found so far.
struct Findings {
    var breaches: [Breach] = []
    var coverage = Coverage()

    mutating func breach(_ invariant: String, _ at: Instant, _ sentence: String) {
        // One broken rule tends to break at every further step; the first few say it all.
        guard breaches.count < 20 else { return }
        breaches.append(Breach(invariant: invariant, at: at, sentence: sentence))
    }
}

/// An invariant that did not hold.
package struct Breach: Sendable, Hashable {
    /// Such as `I-02`.
    package let invariant: String
    package let at: Instant
    package let sentence: String
}
