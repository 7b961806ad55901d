import ReckonEngine
package import ReckonModel

/// How many positions the account holds on an instrument.
package enum PositionMode: String, Sendable, Hashable, CaseIterable {
    case oneWay = "one-way mode"
    /// A long and a short one, each a book under the name of its leg.
    case hedged = "hedge mode"

    /// The mode that these symbols need: legs exist only in hedge mode.
    package init(of symbols: [Symbol]) {
        self = symbols.contains { $0.leg != nil } ? .hedged : .oneWay
    }

    /// The book that a row of the venue's is about.
    ///
    /// In hedge mode a row without a leg is one of the time before: it keeps its plain name, which is nobody's book.
    func book(_ name: String, _ positionSide: String?) throws -> Symbol {
        let symbol = try Reading.symbol(name)
        guard self == .hedged, let leg = positionSide.flatMap({ Leg(rawValue: $0) }) else { return symbol }
        return symbol.leg(leg)
    }

    /// Whether an order on a book is one that can only reduce; a leg's orders say so by their side.
    func reduces(_ book: Symbol, _ side: Side, saying isReduceOnly: Bool?) -> Bool {
        book.leg.map { $0.closingSide == side } ?? isReduceOnly ?? false
    }

    /// A position of the other mode cannot be believed: the account was switched under us.
    func check(_ positionSide: String?) throws {
        let hasLeg = positionSide.map { $0 != "BOTH" } ?? false
        guard hasLeg != (self == .hedged) else { return }
        let allowed = self == .oneWay ? "BOTH (one-way mode)" : "LONG, SHORT (hedge mode)"
        throw Unreadable("positionSide", found: positionSide ?? "nothing", allowed: allowed)
    }
}

extension Symbol {
    /// Whether a row of a book belongs to what was asked for: an instrument has the rows of its legs too.
    func covers(_ book: Symbol) -> Bool { leg == nil || self == book }

    /// These, each under the name of its instrument and once.
    static func instruments(of symbols: [Symbol]) -> [Symbol] {
        var found: [Symbol] = []
        for symbol in symbols where !found.contains(symbol.instrument) { found.append(symbol.instrument) }
        return found
    }
}

extension Mark {
    /// The same price for each of the symbols that are of the instrument.
    func told(to symbols: [Symbol]) -> [Mark] {
        symbols.filter { $0.instrument == symbol }.map { Mark(symbol: $0, price: price) }
    }
}
