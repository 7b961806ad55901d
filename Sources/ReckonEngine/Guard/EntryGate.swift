package import ReckonModel

/// All that the gate looks at for one entry.
package struct GateView: Sendable {
    package var now: Instant
    /// Absent once the engine may take entries.
    package var notReady: Refusal.Rule?
    package var haltedByOperator: String?
    package var knobs: Knobs
    package var instrument: Instrument?
    package var mark: Price?
    package var holding: Holding
    /// Live orders of the symbol, without those of the entry itself.
    package var otherOrders: [OrderMachine]
    package var hasOpenExit: Bool
    package var listsAge: Span?
    package var evidence: EvidenceRules
    /// What the entry has executed already, in an earlier generation.
    package var alreadyExecuted: Quantity = .zero
    /// How the operator wants margin to stand.
    package var marginMode: MarginMode?
    /// Conditional orders that the venue still has room for, the last ones kept free, and how many this entry takes.
    package var stopSlots = Slots()

    /// What stands on the other leg of the instrument; `nil` in one-way mode.
    package var otherLeg: OtherLeg?

    package struct OtherLeg: Sendable {
        package let position: Position
        package let orders: [OrderMachine]

        package init(position: Position, orders: [OrderMachine]) {
            self.position = position
            self.orders = orders
        }

        /// What is held, working, planned and in doubt there.
        var size: Quantity {
            orders.reduce(into: position.quantity.magnitude) { sum, order in
                if order.ticket.role == .entry { sum += order.possiblyLive }
            }
        }

        /// Whether the leverage, which both legs share, is in use there.
        var isBusy: Bool { !position.isFlat || orders.contains { !$0.ticket.role.isConditional } }
    }

    package struct Slots: Sendable {
        package var free = 200
        package var needed = 1

        package init() {}
    }
}

extension GateView {
    /// A view of a quiet symbol: nothing is under way, nothing forbids, nothing has been heard yet.
    package init(now: Instant, knobs: Knobs, holding: Holding) {
        self.init(
            now: now,
            notReady: nil,
            haltedByOperator: nil,
            knobs: knobs,
            instrument: nil,
            mark: nil,
            holding: holding,
            otherOrders: [],
            hasOpenExit: false,
            listsAge: nil,
            evidence: EvidenceRules()
        )
    }
}

/// Decides whether an entry may go out now, with today's knobs.
///
/// Accepts an `EntryIntent` and nothing else: no exit, stop or take-profit can be asked about here (I-03). Asked at the
/// intake and again before every later transmission.
package enum EntryGate {
    /// The quantity that may go out, or which rule forbids it.
    package static func admit(_ entry: EntryIntent, wanting quantity: Quantity?, _ view: GateView)
        throws(Refusal)
        -> Quantity
    {
        try checkPosture(entry, view)
        if let leverage = entry.leverage, leverage < 1 {
            throw Refusal(
                .malformed,
                symbol: entry.symbol,
                found: "leverage \(leverage)",
                allowed: "at least 1"
            )
        }
        try checkLeg(entry)
        let market = try checkMarket(entry, view)
        try checkSymbol(entry, view)
        let wanted: Quantity
        if let quantity { wanted = quantity } else { wanted = try size(entry, market) }
        let admitted = try checkNotional(entry, wanted: wanted, market, view)
        try checkSize(entry, admitted, market)
        try checkLeverage(entry, view)
        return admitted
    }

    /// On a leg the side alone decides: the other one would reduce, which is no entry's business.
    private static func checkLeg(_ entry: EntryIntent) throws(Refusal) {
        guard let leg = entry.symbol.leg, entry.side != leg.openingSide else { return }
        throw Refusal(
            .wrongSideOfLeg,
            symbol: entry.symbol,
            found: entry.side.rawValue,
            allowed: leg.openingSide.rawValue
        )
    }

    /// The instrument and the price that a size is reckoned at.
    struct Market {
        let instrument: Instrument
        let mark: Price
        let price: Price
    }

    private static func checkPosture(_ entry: EntryIntent, _ view: GateView) throws(Refusal) {
        let knobs = view.knobs
        let symbol = entry.symbol
        if let rule = view.notReady {
            throw Refusal(rule, symbol: symbol, found: rule.rawValue, allowed: "ready")
        }
        if let reason = view.haltedByOperator {
            throw Refusal(.halted, symbol: symbol, found: "halted: \(reason)", allowed: "no halt")
        }
        if knobs.killSwitchTrip {
            throw Refusal(.killSwitch, symbol: symbol, found: "tripped", allowed: "not tripped")
        }
        guard knobs.allowEntries, knobs.own(symbol)?.allowEntries ?? true else {
            throw Refusal(.entriesClosed, symbol: symbol, found: knobs.mode.rawValue, allowed: "entries open")
        }
        let asked = knobs.own(symbol)?.minEntryConfidence ?? 0
        let needed = max(knobs.minEntryConfidence, asked)
        guard entry.confidence >= needed else {
            throw Refusal(
                .confidence,
                symbol: symbol,
                found: "\(entry.confidence)",
                allowed: "at least \(needed)"
            )
        }
    }

    private static func checkMarket(_ entry: EntryIntent, _ view: GateView) throws(Refusal) -> Market {
        let symbol = entry.symbol
        guard let instrument = view.instrument else {
            throw Refusal(.unknownSymbol, symbol: symbol, found: symbol.name, allowed: "a configured symbol")
        }
        guard instrument.isTrading else {
            throw Refusal(.symbolNotTrading, symbol: symbol, found: "not trading", allowed: "trading")
        }
        guard let mark = view.mark, mark.isPositive else {
            throw Refusal(.noMark, symbol: symbol, found: "no mark price yet", allowed: "a mark price")
        }
        guard case .limit(let price, _) = entry.pricing else {
            return Market(instrument: instrument, mark: mark, price: mark)
        }
        try checkPrice(price, entry, instrument, mark)
        return Market(instrument: instrument, mark: mark, price: max(price, mark))
    }

    private static func checkPrice(
        _ price: Price,
        _ entry: EntryIntent,
        _ instrument: Instrument,
        _ mark: Price
    ) throws(Refusal) {
        let symbol = entry.symbol
        guard price.isPositive, price.rounded(.down, toMultipleOf: instrument.tickSize) == price else {
            throw Refusal(
                .priceOffTick,
                symbol: symbol,
                found: "\(price)",
                allowed: "a multiple of \(instrument.tickSize)"
            )
        }
        let highest = mark.scaled(by: instrument.percentPriceUp, over: 10_000, rounding: .down)
        let lowest = mark.scaled(by: instrument.percentPriceDown, over: 10_000, rounding: .up)
        let isInside = entry.side == .buy ? price <= highest : price >= lowest
        guard isInside, price >= instrument.minPrice,
            instrument.maxPrice.isZero || price <= instrument.maxPrice
        else {
            let bound = entry.side == .buy ? "at most \(highest)" : "at least \(lowest)"
            throw Refusal(.priceOutOfRange, symbol: symbol, found: "\(price)", allowed: bound)
        }
    }

    private static func checkSymbol(_ entry: EntryIntent, _ view: GateView) throws(Refusal) {
        let symbol = entry.symbol
        guard let age = view.listsAge, age <= view.evidence.maxEntryEvidenceAge else {
            let found = view.listsAge.map { "\($0.seconds) s old" } ?? "never asked"
            let allowed = "at most \(view.evidence.maxEntryEvidenceAge.seconds) s"
            throw Refusal(.staleEvidence, symbol: symbol, found: found, allowed: allowed)
        }
        if let order = view.otherOrders.first(where: { $0.isUnresolved && $0.ticket.role != .stop }) {
            throw Refusal(
                .unresolvedIntent,
                symbol: symbol,
                found: "order \(order.id) in doubt",
                allowed: "none in doubt"
            )
        }
        if view.hasOpenExit {
            throw Refusal(
                .unresolvedIntent,
                symbol: symbol,
                found: "an exit under way",
                allowed: "none under way"
            )
        }
        try checkForeign(view)
        if view.holding.nakedSince != nil {
            throw Refusal(
                .unprotectedPosition,
                symbol: symbol,
                found: "no resting stop",
                allowed: "a protected position"
            )
        }
        guard view.stopSlots.needed <= view.stopSlots.free else {
            throw Refusal(
                .stopSlots,
                symbol: symbol,
                found: "\(max(view.stopSlots.free, 0)) places for conditional orders",
                allowed: "at least \(view.stopSlots.needed)"
            )
        }
        try checkPace(entry, view)
    }

    /// What the venue or somebody else did to the symbol.
    private static func checkForeign(_ view: GateView) throws(Refusal) {
        let holding = view.holding
        if let until = holding.closedUntil, view.now < until {
            throw Refusal(
                .cooldown,
                symbol: holding.symbol,
                found:
                    "\(holding.forced?.kind.rawValue ?? "a forced close"), closed for \((until - view.now).seconds) s",
                allowed: "none lately"
            )
        }
        if holding.isLeftAlone {
            throw Refusal(
                .unprotectedPosition,
                symbol: holding.symbol,
                found: "a position of somebody else's that is left alone",
                allowed: "none"
            )
        }
        guard let wanted = view.marginMode else { return }
        guard holding.isIsolated == (wanted == .isolated) else {
            let found = holding.isIsolated.map { $0 ? "isolated" : "crossed" } ?? "unknown"
            throw Refusal(.marginMode, symbol: holding.symbol, found: found, allowed: wanted.rawValue)
        }
    }

    private static func checkPace(_ entry: EntryIntent, _ view: GateView) throws(Refusal) {
        let symbol = entry.symbol
        let own = view.knobs.own(symbol)?.entryCooldownSeconds ?? 0
        let cooldown = Span(seconds: max(view.knobs.entryCooldownSeconds, own))
        if let last = view.holding.lastEntryAt, view.now - last < cooldown, view.alreadyExecuted.isZero {
            throw Refusal(
                .cooldown,
                symbol: symbol,
                found: "\((view.now - last).seconds) s since the last",
                allowed: "\(cooldown.seconds) s"
            )
        }
        let working = view.otherOrders.count { $0.ticket.role == .entry }
        guard working < view.knobs.maxOpenOrdersPerSymbol else {
            throw Refusal(
                .openOrders,
                symbol: symbol,
                found: "\(working) open",
                allowed: "below \(view.knobs.maxOpenOrdersPerSymbol)"
            )
        }
    }

    private static func size(_ entry: EntryIntent, _ market: Market) throws(Refusal) -> Quantity {
        switch entry.sizing {
        case .quantity(let quantity):
            let step = market.instrument.stepSize
            guard quantity.isPositive else {
                throw Refusal(
                    .malformed,
                    symbol: entry.symbol,
                    found: "quantity \(quantity)",
                    allowed: "above 0"
                )
            }
            guard quantity.rounded(.down, toMultipleOf: step) == quantity else {
                throw Refusal(
                    .sizeOffStep,
                    symbol: entry.symbol,
                    found: "\(quantity)",
                    allowed: "a multiple of \(step)"
                )
            }
            guard quantity <= Bounded.largest else {
                throw Refusal(
                    .sizeTooLarge,
                    symbol: entry.symbol,
                    found: "\(quantity)",
                    allowed: "at most \(Bounded.largest)"
                )
            }
            return quantity
        case .notional(let notional):
            guard notional.isPositive else {
                throw Refusal(
                    .malformed,
                    symbol: entry.symbol,
                    found: "notional \(notional)",
                    allowed: "above 0"
                )
            }
            return Bounded.quantity(notional, at: market.price)
                .rounded(.down, toMultipleOf: market.instrument.stepSize)
        }
    }

    /// The cap counts position, working, planned and doubtful entries as they would stand after this one (I-14).
    ///
    /// On a leg it counts the other one on top, as neither takes away from the other; a leg's own cap counts it alone.
    private static func checkNotional(
        _ entry: EntryIntent,
        wanted: Quantity,
        _ market: Market,
        _ view: GateView
    ) throws(Refusal) -> Quantity {
        let cap = Notional(roundingDown: view.knobs.capOfInstrument(entry.symbol))
        let ofLeg = view.knobs.capOfLeg(entry.symbol).map { Notional(roundingDown: $0) } ?? cap
        let beside = view.otherLeg?.size ?? .zero
        let others = view.otherOrders.reduce(into: Quantity.zero) { sum, order in
            if order.ticket.role == .entry, order.ticket.side == entry.side { sum += order.possiblyLive }
        }
        let signed = entry.side == .buy ? view.holding.position.quantity : -view.holding.position.quantity
        let after = max(signed + others + wanted, .zero)
        let own = Bounded.worth(after, at: market.price)
        let exposure = Bounded.worth(after + beside, at: market.price)
        if exposure <= cap, own <= ofLeg { return wanted }
        let ofBoth = Bounded.quantity(cap, at: market.price) - beside
        let room = min(ofBoth, Bounded.quantity(ofLeg, at: market.price)) - max(signed + others, .zero)
        let fitting = max(room, .zero).rounded(.down, toMultipleOf: market.instrument.stepSize)
        guard entry.mayResize, fitting.isPositive else {
            let (found, allowed) = exposure <= cap ? (own, ofLeg) : (exposure, cap)
            throw Refusal(.notional, symbol: entry.symbol, found: "\(found)", allowed: "at most \(allowed)")
        }
        return min(fitting, wanted)
    }

    private static func checkSize(_ entry: EntryIntent, _ quantity: Quantity, _ market: Market)
        throws(Refusal)
    {
        let instrument = market.instrument
        guard quantity.isPositive, quantity >= instrument.minQuantity else {
            throw Refusal(
                .sizeTooSmall,
                symbol: entry.symbol,
                found: "\(quantity)",
                allowed: "at least \(instrument.minQuantity)"
            )
        }
        let largest = entry.pricing == .market ? instrument.maxMarketQuantity : instrument.maxQuantity
        guard largest.isZero || quantity <= largest else {
            throw Refusal(
                .sizeTooLarge,
                symbol: entry.symbol,
                found: "\(quantity)",
                allowed: "at most \(largest)"
            )
        }
        var price = market.mark
        if case .limit(let limit, _) = entry.pricing { price = limit }
        let notional = Bounded.worth(quantity, at: price, rounding: .down)
        guard notional >= instrument.minNotional else {
            throw Refusal(
                .belowMinNotional,
                symbol: entry.symbol,
                found: "\(notional)",
                allowed: "at least \(instrument.minNotional)"
            )
        }
        try checkStop(entry, price: price, tick: instrument.tickSize)
    }

    private static func checkStop(_ entry: EntryIntent, price: Price, tick: Price) throws(Refusal) {
        if let takeProfit = entry.takeProfit { try checkTakeProfit(takeProfit, entry.symbol, tick) }
        guard let stop = entry.stop else { return }
        guard stop.isUsable(at: price, tick: tick) else {
            throw Refusal(
                .stopInvalid,
                symbol: entry.symbol,
                found: "\(stop)",
                allowed: StopDistance.usableRange
            )
        }
        let trigger = stop.trigger(entry: price, closing: entry.side.opposite, tick: tick)
        let isBehind = entry.side == .buy ? trigger < price && trigger.isPositive : trigger > price
        guard isBehind else {
            let bound = entry.side == .buy ? "below \(price)" : "above \(price)"
            throw Refusal(.stopInvalid, symbol: entry.symbol, found: "stop at \(trigger)", allowed: bound)
        }
    }

    static func checkTakeProfit(_ trigger: Price, _ symbol: Symbol, _ tick: Price) throws(Refusal) {
        guard trigger.isPositive, trigger.rounded(.down, toMultipleOf: tick) == trigger else {
            throw Refusal(
                .priceOffTick,
                symbol: symbol,
                found: "take-profit at \(trigger)",
                allowed: "a multiple of \(tick)"
            )
        }
    }

    /// Leverage is symbol-wide: with something open or resting it is never changed.
    private static func checkLeverage(_ entry: EntryIntent, _ view: GateView) throws(Refusal) {
        let cap = leverageCap(view.knobs, entry.symbol)
        let isBusy =
            !view.holding.position.isFlat || view.otherOrders.contains { !$0.ticket.role.isConditional }
            || view.otherLeg?.isBusy ?? false
        guard isBusy else { return }
        let known = view.holding.leverage
        let isFitting = known.map {
            $0 <= cap && (entry.leverage.map { wish in wish >= known ?? wish } ?? true)
        }
        guard isFitting ?? false else {
            throw Refusal(
                .leverageAboveCap,
                symbol: entry.symbol,
                found: known.map { "\($0) while in use" } ?? "unknown while in use",
                allowed: "at most \(min(cap, entry.leverage ?? cap))"
            )
        }
    }

    static func leverageCap(_ knobs: Knobs, _ symbol: Symbol) -> Int {
        min(knobs.maxLeverage, knobs.own(symbol)?.maxLeverage ?? knobs.maxLeverage)
    }

    /// The leverage that the symbol should have before this entry goes out; `nil` when it is right already.
    static func leverageToSet(_ entry: EntryIntent, knobs: Knobs, holding: Holding) -> Int? {
        let cap = leverageCap(knobs, entry.symbol)
        let target = min(entry.leverage ?? holding.leverage ?? cap, cap)
        guard holding.position.isFlat else { return nil }
        return holding.leverage == target ? nil : target
    }
}
