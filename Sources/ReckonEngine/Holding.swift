package import ReckonModel

/// All that is believed about one symbol: position, its protection, its settings.
package struct Holding: Sendable, Codable, Hashable {
    package let symbol: Symbol
    package private(set) var position: Position
    /// The venue's time of the latest change that the position holds; a snapshot older than this is stale.
    package private(set) var asOf: VenueInstant?
    /// Venue time up to which a snapshot has put every fill into the position.
    package private(set) var correctedAsOf: VenueInstant?
    /// When the position last changed, by our own clock.
    package private(set) var changedAt: Instant?
    /// When the present position was opened, by our own clock; stops from before it are not its cover.
    package private(set) var openedAt: Instant?
    /// Whether an entry of our own opened it.
    package private(set) var isOurs = false
    package private(set) var plan: CoverPlan?
    package private(set) var plannedAt: Instant?
    /// The position as it was when a round stopped showing it: missed is not closed, and it may be there after all.
    package private(set) var vanished: Vanished?
    package private(set) var coverFailures = 0
    /// The present plan failed then; the next try waits.
    package private(set) var coverFailedAt: Instant?
    /// When any stop of this position last failed, whatever the plan.
    package private(set) var lastFailureAt: Instant?
    /// The venue refused a stop of the present plan because the market is already beyond it, when first and how often.
    package private(set) var crossedAt: Instant?
    package private(set) var crossings = 0
    /// The venue refused a closePosition stop because one rests already.
    package private(set) var placeTakenAt: Instant?
    /// What resting stops would close of the position.
    package private(set) var covered = Quantity.zero
    /// Since when an open position has had too little resting cover.
    package private(set) var nakedSince: Instant?
    /// How long this symbol has stood with too little cover, over all its positions, the present stretch not counted.
    package private(set) var nakedTotal = Span.zero
    /// When the last round that showed the position as believed was asked for.
    package var confirmedAt: Instant?
    /// Absent while not known.
    package var leverage: Int?
    /// What we last wanted the leverage to be.
    package var leverageWish: Int?
    /// Whether its margin stands apart; absent while not known.
    package var isIsolated: Bool?
    /// Entries stay closed until then, as the venue itself closed a position here.
    package private(set) var closedUntil: Instant?
    package private(set) var forced: ForcedClose?
    /// Not of our making, and by the operator's choice not ours to touch.
    package private(set) var isLeftAlone = false
    package var lastEntryAt: Instant?

    package init(symbol: Symbol) {
        self.symbol = symbol
        self.position = Position(symbol: symbol)
    }

    /// What a position was when it was last shown.
    package struct Vanished: Sendable, Codable, Hashable {
        let position: Position
        let openedAt: Instant?
        let isOurs: Bool
        let plan: CoverPlan?
        let plannedAt: Instant?
    }

    /// Covered share of the position, 0…1; 1 while flat.
    package var coverage: Double {
        let size = position.quantity.magnitude
        return size.isZero ? 1 : Double(covered.units) / Double(size.units)
    }

    /// What an order executed since its last report.
    struct Fill {
        let side: Side
        let quantity: Quantity
        let price: Price
        let venueTime: VenueInstant
        /// Whether an entry of our own made it.
        let isOurs: Bool
    }

    mutating func apply(_ fill: Fill, at now: Instant) {
        changedAt = now
        // A correction from a snapshot of a later venue time already holds this fill.
        if let correctedAsOf, fill.venueTime <= correctedAsOf { return }
        let before = position
        position = position.filled(fill.side, fill.quantity, at: fill.price)
        asOf = max(asOf ?? fill.venueTime, fill.venueTime)
        // With a part of our own in it, all of it is looked after.
        if fill.isOurs { isLeftAlone = false }
        settle(from: before, isOurs: fill.isOurs, at: now)
    }

    mutating func correct(_ correction: PositionCorrection, at now: Instant) {
        let before = position
        let missed = Vanished(
            position: position,
            openedAt: openedAt,
            isOurs: isOurs,
            plan: plan,
            plannedAt: plannedAt
        )
        position.quantity = correction.quantity
        position.entryPrice = correction.entryPrice
        if let shown = correction.asOf {
            asOf = max(asOf ?? shown, shown)
            correctedAsOf = max(correctedAsOf ?? shown, shown)
        }
        changedAt = now
        let former = vanished
        settle(from: before, isOurs: false, at: now)
        if correction.isLeftAlone, !position.isFlat { isLeftAlone = true }
        if position.isFlat, !before.isFlat, correction.origin != .forced {
            vanished = missed
        } else if let former, before.isFlat {
            resume(former)
        }
    }

    mutating func forced(_ close: ForcedClose, cooldown: Span, at now: Instant) {
        forced = close
        closedUntil = now + cooldown
    }

    /// A position that was missed and shows again is the same one: its stops are its cover, its plan holds.
    private mutating func resume(_ former: Vanished) {
        let gap = (former.position.entryPrice - position.entryPrice).magnitude
        let most = position.entryPrice.scaled(by: 10, over: 10_000, rounding: .up)
        guard former.position.closingSide == position.closingSide, gap <= most else { return }
        openedAt = former.openedAt
        isOurs = former.isOurs
        plan = former.plan
        plannedAt = former.plannedAt
    }

    /// Whether a position that a round no longer showed may still be there, so that its stops have to stay.
    package func mayReturn(at now: Instant, within span: Span) -> Bool {
        guard position.isFlat, vanished != nil, let changedAt else { return false }
        return now - changedAt < span
    }

    mutating func plan(_ plan: CoverPlan, at now: Instant) {
        self.plan = plan
        plannedAt = now
        crossedAt = nil
        crossings = 0
        // A new plan goes out at once, yet past failures still count for the wait after its own (I-07).
        coverFailedAt = nil
    }

    /// What the refusal of a stop tells about market and venue.
    mutating func heed(_ failure: VenueFailure, of order: OrderMachine, at now: Instant) {
        guard order.ticket.role == .stop, let openedAt, order.plannedAt >= openedAt else { return }
        if failure.outcome == .retryableWith(.wouldTrigger), order.ticket.pricing == pricing {
            crossedAt = crossedAt ?? now
            crossings += 1
        }
        if failure.outcome == .idempotentSafe(.protectionExists), order.ticket.extent == .wholePosition {
            placeTakenAt = now
        }
    }

    /// The stop that the plan asks for.
    package var pricing: Pricing? { plan.map { .stopMarket(trigger: $0.trigger) } }

    /// Failures are forgotten by time and not by success: a stop that is taken and then struck each time would else be
    /// placed again without any pause that grows.
    mutating func coverFailed(at now: Instant) {
        let isRecent = lastFailureAt.map { now - $0 <= .seconds(60) } ?? false
        coverFailures = isRecent ? coverFailures + 1 : 1
        coverFailedAt = now
        lastFailureAt = now
    }

    /// How much of this position a resting order closes should the market turn against it.
    ///
    /// One that has triggered is no cover any more: it fills, or has to be finished.
    package func cover(by order: OrderMachine) -> Quantity {
        guard order.ticket.role == .stop, order.isResting, !order.isTriggered, !position.isFlat,
            order.ticket.side == position.closingSide, let openedAt, order.plannedAt >= openedAt
        else { return .zero }
        if order.ticket.extent == .wholePosition { return position.quantity.magnitude }
        return min(order.possiblyLive, position.quantity.magnitude)
    }

    /// Whether a resting order alone closes all of this position.
    package func isCovered(by order: OrderMachine) -> Bool {
        let size = position.quantity.magnitude
        return size.isPositive && cover(by: order) >= size
    }

    /// The least quantity that counts as covered.
    ///
    /// Rounds: up.
    package func leastCover(_ share: Int64) -> Quantity {
        position.quantity.magnitude.scaled(by: share, over: 10_000, rounding: .up)
    }

    mutating func note(covered: Quantity, least: Int64, at now: Instant) {
        self.covered = covered
        if position.isFlat || isLeftAlone || covered >= leastCover(least) {
            endNaked(at: now)
        } else if nakedSince == nil {
            nakedSince = now
        }
    }

    /// A stop of the plan rests, so the market is on this side of it again; an older stop that covers proves nothing.
    mutating func endCrossing() {
        crossedAt = nil
        crossings = 0
    }

    private mutating func endNaked(at now: Instant) {
        if let nakedSince { nakedTotal = nakedTotal + (now - nakedSince) }
        nakedSince = nil
    }

    private mutating func settle(from before: Position, isOurs: Bool, at now: Instant) {
        guard before.closingSide != position.closingSide else { return }
        // Opened, closed or flipped: what was planned for the old position is void.
        plan = nil
        plannedAt = nil
        vanished = nil
        coverFailures = 0
        coverFailedAt = nil
        lastFailureAt = nil
        crossedAt = nil
        crossings = 0
        placeTakenAt = nil
        covered = .zero
        endNaked(at: now)
        openedAt = position.isFlat ? nil : now
        self.isOurs = !position.isFlat && isOurs
        isLeftAlone = false
    }
}
