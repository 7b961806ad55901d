/// One side of a hedged account: there an instrument has a long and a short position at a time.
package enum Leg: String, Sendable, Codable, Hashable, CaseIterable {
    case long = "LONG"
    case short = "SHORT"

    /// The side of an order that opens or adds to it.
    package var openingSide: Side { self == .long ? .buy : .sell }

    /// The side of an order that reduces it.
    package var closingSide: Side { openingSide.opposite }
}

/// In a hedged account each leg is a book of its own: `BTCUSDT/LONG` has its own position, orders and stop.
extension Symbol {
    /// `nil` in one-way mode.
    package var leg: Leg? {
        if name.utf8.last == UInt8(ascii: "G"), name.hasSuffix("/LONG") { return .long }
        if name.utf8.last == UInt8(ascii: "T"), name.hasSuffix("/SHORT") { return .short }
        return nil
    }

    /// The venue's own name of it, without the leg: `BTCUSDT` of `BTCUSDT/LONG`.
    package var instrument: Symbol {
        guard let leg else { return self }
        return Symbol(String(name.dropLast(leg.rawValue.utf8.count + 1)))
    }

    /// The book of one leg of this instrument.
    package func leg(_ leg: Leg) -> Symbol { Symbol("\(instrument.name)/\(leg.rawValue)") }

    /// Whether what is said of this symbol holds for a book: a leg is itself alone, an instrument has its legs too.
    package func includes(_ book: Symbol) -> Bool {
        if self == book { return true }
        return book.leg != nil && leg == nil && book.instrument == self
    }

    /// The book of the other leg; `nil` in one-way mode.
    package var sibling: Symbol? {
        switch leg {
        case .long: instrument.leg(.short)
        case .short: instrument.leg(.long)
        case nil: nil
        }
    }
}
