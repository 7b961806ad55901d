package import ReckonModel

/// From the body of `POST /v1/intents` to an intent.
///
/// Strict: what is not understood is refused, never guessed.
package enum IntentBody {
    enum Kind: String, CaseIterable {
        case entry
        case exit
        case protect
    }

    enum OrderKind: String, CaseIterable {
        case market
        case limit
    }

    enum PositionSide: String, CaseIterable {
        case both
        case long
        case short

        var leg: Leg? {
            switch self {
            case .both: nil
            case .long: .long
            case .short: .short
            }
        }
    }

    /// Reads a body as an account in this position mode has to.
    package static func read(
        _ bytes: some Sequence<UInt8>,
        isHedged: Bool = false
    ) throws(ControlError) -> Intent {
        try read(try Body(bytes), isHedged: isHedged)
    }

    static func read(_ body: Body, isHedged: Bool) throws(ControlError) -> Intent {
        var body = body
        guard let kind = try body.choice("kind", Kind.self) else {
            throw body.malformed("kind", "nothing", "\"entry\", \"exit\", \"protect\"")
        }
        let intent: Intent
        switch kind {
        case .entry: intent = .entry(try entry(&body, isHedged))
        case .exit: intent = .exit(try exit(&body, isHedged))
        case .protect: intent = .protect(try protect(&body, isHedged))
        }
        try body.finish()
        return intent
    }

    private static func entry(_ body: inout Body, _ isHedged: Bool) throws(ControlError) -> EntryIntent {
        let (key, symbol) = try subject(&body, isHedged)
        guard let side = try body.choice("side", Side.self) else {
            throw body.malformed("side", "nothing", "\"buy\", \"sell\"")
        }
        if let leg = symbol.leg, side != leg.openingSide {
            let allowed = "\"\(leg.openingSide.rawValue)\", which opens on \(symbol); an exit reduces it"
            throw body.malformed("side", "\"\(side.rawValue)\"", allowed)
        }
        let pricing = try pricing(&body)
        var entry = EntryIntent(
            key: key,
            symbol: symbol,
            side: side,
            sizing: try sizing(&body),
            pricing: pricing
        )
        entry.confidence = try body.figure("confidence", 0...1) ?? 1
        entry.stop = try stop(&body)
        entry.takeProfit = try body.decimal("take_profit")
        entry.leverage = try body.whole("leverage", 1...125).map(Int.init)
        entry.mayResize = try body.flag("resize") ?? false
        entry.issuedAt = try issued(&body)
        entry.lifetime = try lifetime(&body)
        return entry
    }

    private static func exit(_ body: inout Body, _ isHedged: Bool) throws(ControlError) -> ExitIntent {
        let (key, symbol) = try subject(&body, isHedged)
        // What closes a position follows from the position; a side is read only to be checked for its word.
        _ = try body.choice("side", Side.self)
        var exit = ExitIntent(
            key: key,
            symbol: symbol,
            extent: try extent(&body),
            pricing: try pricing(&body)
        )
        exit.issuedAt = try issued(&body)
        exit.lifetime = try lifetime(&body)
        return exit
    }

    private static func protect(_ body: inout Body, _ isHedged: Bool) throws(ControlError) -> ProtectIntent {
        let (key, symbol) = try subject(&body, isHedged)
        var protect = ProtectIntent(key: key, symbol: symbol, stop: try stop(&body))
        protect.takeProfit = try body.decimal("take_profit")
        protect.issuedAt = try issued(&body)
        guard protect.stop != nil || protect.takeProfit != nil else {
            throw body.malformed("stop", "neither stop nor take_profit", "at least one of them")
        }
        return protect
    }

    private static func subject(
        _ body: inout Body,
        _ isHedged: Bool
    ) throws(ControlError) -> (key: String, symbol: Symbol) {
        let keys = "1 to 128 printable ASCII characters"
        let key = try body.text("key", allowed: keys) { text in
            (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
        guard let key else { throw body.malformed("key", "nothing", keys) }
        let names = "a symbol of A-Z 0-9 _, such as \"BTCUSDT\""
        let name = try body.text("symbol", allowed: names) { text in
            isHedged ? SymbolName.isBook(text) : SymbolName.isInstrument(text)
        }
        guard let name else { throw body.malformed("symbol", "nothing", names) }
        let side = try body.choice("position_side", PositionSide.self)
        return (key, try book(Symbol(name), side, isHedged, body))
    }

    /// The symbol, or in hedge mode the leg that `position_side` or the symbol's own name says.
    private static func book(
        _ symbol: Symbol,
        _ side: PositionSide?,
        _ isHedged: Bool,
        _ body: Body
    ) throws(ControlError) -> Symbol {
        let found = side.map { "\"\($0.rawValue)\"" } ?? "nothing"
        guard isHedged else {
            guard side?.leg == nil else {
                throw body.malformed("position_side", found, "\"both\" or nothing: \(oneWay)")
            }
            return symbol
        }
        guard let leg = side?.leg ?? (side == nil ? symbol.leg : nil) else {
            throw body.malformed("position_side", found, "\"long\", \"short\": \(hedge)")
        }
        guard symbol.leg ?? leg == leg else {
            throw body.malformed("position_side", "\(found) with symbol \(symbol)", "the symbol's own leg")
        }
        return symbol.leg(leg)
    }

    private static let oneWay = "the account is in one-way mode (venue.position_mode)"
    private static let hedge = "the account is in hedge mode (venue.position_mode)"

    private static func pricing(_ body: inout Body) throws(ControlError) -> Pricing {
        let kind = try body.choice("type", OrderKind.self) ?? .market
        let price: Price? = try body.decimal("price")
        let force = try body.choice("time_in_force", TimeInForce.self)
        switch (kind, price) {
        case (.limit, .some(let price)): return .limit(price, force ?? .goodTillCancel)
        case (.limit, .none): throw body.malformed("price", "nothing", "a price, as the type is limit")
        case (.market, .some(let price)):
            throw body.malformed("price", "\"\(price)\"", "no price, as the type is market")
        case (.market, .none):
            guard force == nil else {
                throw body.malformed("time_in_force", "a time in force", "none, as the type is market")
            }
            return .market
        }
    }

    private static func sizing(_ body: inout Body) throws(ControlError) -> Sizing {
        let quantity: Quantity? = try body.decimal("quantity")
        let notional: Notional? = try body.decimal("notional_usdt")
        switch (quantity, notional) {
        case (.some(let quantity), .none): return .quantity(quantity)
        case (.none, .some(let notional)): return .notional(notional)
        case (.some, .some): throw body.malformed("quantity", "quantity and notional_usdt", "one of them")
        case (.none, .none):
            throw body.malformed("quantity", "neither quantity nor notional_usdt", "one of them")
        }
    }

    private static func extent(_ body: inout Body) throws(ControlError) -> ExitExtent {
        let close = try body.flag("close") ?? false
        let quantity: Quantity? = try body.decimal("quantity")
        let target: Quantity? = try body.decimal("target_quantity", orZero: true)
        switch (close, quantity, target) {
        case (true, .none, .none): return .close
        case (false, .some(let quantity), .none): return .reduce(by: quantity)
        case (false, .none, .some(let target)): return .down(to: target)
        default:
            throw body.malformed(
                "close",
                "none or several of close, quantity, target_quantity",
                "exactly one of them (close only as true)"
            )
        }
    }

    private static func stop(_ body: inout Body) throws(ControlError) -> StopDistance? {
        guard var stop = try body.object("stop") else { return nil }
        let points = try stop.whole("distance_bps", 1...5000)
        let price: Price? = try stop.decimal("price")
        let range: Price? = try stop.decimal("atr")
        let multiple = try stop.figure("multiple", 0.01...100)
        try stop.finish()
        guard multiple == nil || range != nil else {
            throw stop.malformed("multiple", "a multiple", "only beside atr")
        }
        switch (points, price, range) {
        case (.some(let points), .none, .none): return .basisPoints(points)
        case (.none, .some(let price), .none): return .price(price)
        case (.none, .none, .some(let range)):
            return .averageTrueRange(range, hundredths: Int64(((multiple ?? 1) * 100).rounded()))
        default:
            throw body.malformed("stop", "none or several of distance_bps, price, atr", "exactly one of them")
        }
    }

    private static func issued(_ body: inout Body) throws(ControlError) -> Instant? {
        let allowed = "a time of RFC 3339 in UTC, such as \"2030-01-31T12:00:00.000Z\""
        let text = try body.text("issued_at", allowed: allowed) { Instant(rfc3339: $0) != nil }
        return text.flatMap { Instant(rfc3339: $0) }
    }

    private static func lifetime(_ body: inout Body) throws(ControlError) -> Span {
        try body.figure("deadline_sec", 1...86_400).map { Span(seconds: $0) } ?? .seconds(30)
    }
}
