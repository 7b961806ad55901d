package import ReckonModel

/// What is done about positions and orders that are not of our making; the operator's choice.
package struct ExternalRules: Sendable, Codable, Hashable {
    package enum Choice: String, Sendable, Codable, Hashable, CaseIterable {
        /// Looked after as if it were ours: positions get a stop, orders are followed and counted.
        case adopt
        /// Closed at market; opening orders are taken off the book.
        case flatten
        /// Known and counted, and not touched; a position's symbol takes no entries meanwhile.
        case leave
    }

    package var positions = Choice.adopt
    package var orders = Choice.adopt
    /// How long a symbol takes no entries after the venue itself closed a position on it.
    package var forcedCooldown: Span = .seconds(600)

    package init() {}
}

/// The venue itself closed a position, or a part of it.
package struct ForcedClose: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        case liquidation
        case deleveraging
        case settlement
        case delivery

        /// How the client ids of such orders begin.
        ///
        /// Source: docs/venue-binance.md, User stream.
        var prefix: String {
            switch self {
            case .liquidation: "autoclose-"
            case .deleveraging: "adl_autoclose"
            case .settlement: "settlement_autoclose-"
            case .delivery: "delivery_autoclose-"
            }
        }
    }

    package let kind: Kind
    package let symbol: Symbol
    package let orderID: VenueOrderID
    package let executed: Quantity

    /// Absent for an order that the venue did not force, or that has not executed.
    package init?(_ report: OrderReport) {
        guard let kind = ForcedClose.kind(of: report.id), report.executed.isPositive else { return nil }
        self.kind = kind
        symbol = report.symbol
        orderID = report.venueID
        executed = report.executed
    }

    /// What forced an order of this id; `nil` where the venue did not.
    package static func kind(of id: ClientOrderID) -> Kind? {
        Kind.allCases.first { id.text.hasPrefix($0.prefix) }
    }
}

/// Whose doing a corrected position was, as far as it can be told.
package enum DriftOrigin: String, Sendable, Codable, Hashable, CaseIterable {
    /// Trades of orders that are not ours.
    case external
    /// Liquidation, deleveraging, settlement or delivery.
    case forced
    /// No trade that we were shown explains it.
    case unexplained
}
