/// How far from the entry the protective stop rests.
package enum StopDistance: Sendable, Codable, Hashable {
    /// 1e-4 of the entry price.
    case basisPoints(Int64)
    case price(Price)
    /// So many hundredths of the given average true range.
    case averageTrueRange(Price, hundredths: Int64)

    /// The trigger of a stop for a position entered at `entry`.
    ///
    /// Rounds: towards the entry, so that the loss is never larger than asked for. At least one tick above zero.
    package func trigger(entry: Price, closing side: Side, tick: Price) -> Price {
        let distance: Price
        switch self {
        case .price(let trigger): return trigger
        case .basisPoints(let points):
            distance = entry.scaled(by: points, over: 10_000, rounding: .down)
        case .averageTrueRange(let range, let hundredths):
            distance = range.scaled(by: hundredths, over: 100, rounding: .down)
        }
        switch side {
        case .sell: return max((entry - distance).rounded(.up, toMultipleOf: tick), tick)
        case .buy: return (entry + distance).rounded(.down, toMultipleOf: tick)
        }
    }
}

/// How much an entry asks for.
package enum Sizing: Sendable, Codable, Hashable {
    case quantity(Quantity)
    case notional(Notional)
}

/// A wish to open or add to a position.
///
/// The only type the entry gate accepts (I-03).
package struct EntryIntent: Sendable, Codable, Hashable {
    package var key: String
    package var symbol: Symbol
    package var side: Side
    package var sizing: Sizing
    /// Market or limit.
    package var pricing: Pricing
    /// The strategy's own confidence, 0…1.
    package var confidence: Double
    package var stop: StopDistance?
    package var takeProfit: Price?
    package var leverage: Int?
    /// Whether a size above the cap is cut to it instead of refused.
    package var mayResize: Bool
    /// When the strategy decided; absent means now.
    package var issuedAt: Instant?
    /// How long it is wanted.
    package var lifetime: Span

    package init(key: String, symbol: Symbol, side: Side, sizing: Sizing, pricing: Pricing = .market) {
        self.key = key
        self.symbol = symbol
        self.side = side
        self.sizing = sizing
        self.pricing = pricing
        self.confidence = 1
        self.mayResize = false
        self.lifetime = .seconds(30)
    }
}

/// How much of a position an exit takes away.
package enum ExitExtent: Sendable, Codable, Hashable {
    /// All of it.
    case close
    case reduce(by: Quantity)
    /// Down to this magnitude.
    case down(to: Quantity)
}

/// A wish to reduce a position.
///
/// Nothing of the guard is ever asked about it (I-03).
package struct ExitIntent: Sendable, Codable, Hashable {
    package var key: String
    package var symbol: Symbol
    package var extent: ExitExtent
    /// Market or limit.
    package var pricing: Pricing
    package var issuedAt: Instant?
    /// After this long an alarm is raised; the exit is never given up.
    package var lifetime: Span

    package init(key: String, symbol: Symbol, extent: ExitExtent = .close, pricing: Pricing = .market) {
        self.key = key
        self.symbol = symbol
        self.extent = extent
        self.pricing = pricing
        self.lifetime = .seconds(30)
    }
}

/// A wish for a stop or a take-profit on what is held.
package struct ProtectIntent: Sendable, Codable, Hashable {
    package var key: String
    package var symbol: Symbol
    package var stop: StopDistance?
    package var takeProfit: Price?
    package var issuedAt: Instant?

    package init(key: String, symbol: Symbol, stop: StopDistance? = nil, takeProfit: Price? = nil) {
        self.key = key
        self.symbol = symbol
        self.stop = stop
        self.takeProfit = takeProfit
    }
}

/// What a strategy hands in.
///
/// Three types and not one with a flag, so that an entry cannot pass as an exit.
package enum Intent: Sendable, Codable, Hashable {
    case entry(EntryIntent)
    case exit(ExitIntent)
    case protect(ProtectIntent)

    package var key: String {
        switch self {
        case .entry(let intent): intent.key
        case .exit(let intent): intent.key
        case .protect(let intent): intent.key
        }
    }

    package var symbol: Symbol {
        switch self {
        case .entry(let intent): intent.symbol
        case .exit(let intent): intent.symbol
        case .protect(let intent): intent.symbol
        }
    }

    package var issuedAt: Instant? {
        switch self {
        case .entry(let intent): intent.issuedAt
        case .exit(let intent): intent.issuedAt
        case .protect(let intent): intent.issuedAt
        }
    }
}
