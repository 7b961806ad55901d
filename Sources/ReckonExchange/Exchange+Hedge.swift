import ReckonModel

// Hedge mode: each instrument has two books, its legs, instead of one.
//
// Price, filters, leverage and margin type belong to the instrument; position, orders and stops to the book. On a leg
// the side of an order alone says whether it opens or reduces, so that a leg can never flip. Margin is that of each leg by
// itself, summed: the venue's discount for opposite legs is not modelled.
extension Exchange {
    /// Gives the account two positions an instrument, or one; only while it has neither positions nor orders.
    package mutating func setHedged(_ wanted: Bool) throws(VenueRejection) {
        guard wanted != isHedged else { throw .positionModeUnchanged }
        let isResting = openIDs.values.contains { !$0.isEmpty }
        if isResting || !openAlgoIDs.isEmpty { throw .positionModeHasOrders }
        if holdings.values.contains(where: { !$0.position.isFlat }) { throw .positionModeHasPosition }
        let before = holdings
        holdings.removeAll()
        openIDs.removeAll()
        isHedged = wanted
        if wanted { hasHadLegs = true }
        for (book, holding) in before { openBooks(of: book.instrument, like: holding) }
    }

    /// Empty books of an instrument, set as another one is.
    mutating func openBooks(of instrument: Symbol, like other: Holding) {
        for book in books(of: instrument) {
            holdings[book] = Holding(
                position: Position(symbol: book),
                leverage: other.leverage,
                marginType: other.marginType,
                updatedAt: other.updatedAt
            )
            openIDs[book] = []
        }
    }

    /// The books that a symbol covers: itself, or both legs of an instrument.
    func books(of symbol: Symbol) -> [Symbol] {
        guard isHedged, symbol.leg == nil else { return [symbol] }
        return Leg.allCases.map { symbol.leg($0) }
    }

    /// Whether a book's row belongs to what was asked for; an instrument has its legs' rows too.
    func isRow(_ book: Symbol, of asked: Symbol) -> Bool {
        if book == asked { return true }
        return hasHadLegs && asked.leg == nil && book.instrument == asked
    }

    /// Whether two books are of one instrument; an order is named within its instrument, whatever its leg.
    func isSameInstrument(_ one: Symbol, _ other: Symbol) -> Bool {
        one == other || one.instrument == other.instrument
    }

    /// The market of a book.
    func market(of book: Symbol) -> Market? { markets[isHedged ? book.instrument : book] }

    /// Whether an order is one that can only reduce.
    ///
    /// In one-way mode it says so; on a leg its side does, and it must not say anything.
    func reduces(_ book: Symbol, _ side: Side, saying isReduceOnly: Bool) throws(VenueRejection) -> Bool {
        guard (book.leg != nil) == isHedged else { throw .positionSideMismatch }
        guard isHedged else { return isReduceOnly }
        if isReduceOnly { throw .notRequired("reduceonly") }
        return book.isReduced(by: side)
    }

    /// The book that somebody without our words for legs means: buying by hand is about the long leg, selling about the short.
    func bookByHand(_ symbol: Symbol, _ side: Side) -> Symbol {
        guard isHedged, symbol.leg == nil else { return symbol }
        return symbol.leg(side == .buy ? .long : .short)
    }
}

extension Symbol {
    /// Whether an order on that side can only reduce, by what the book is; never in one-way mode.
    func isReduced(by side: Side) -> Bool { leg?.closingSide == side }
}
