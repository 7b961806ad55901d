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
    package private(set) var coverFailures = 0
    /// The present plan failed then; the next try waits.
    package private(set) var coverFailedAt: Instant?
    /// When any stop of this position last failed, whatever the plan.
    package private(set) var lastFailureAt: Instant?
    /// Since when an open position has had no resting stop.
    package private(set) var nakedSince: Instant?
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
        position.quantity = correction.quantity
        position.entryPrice = correction.entryPrice
        if let shown = correction.asOf {
            asOf = max(asOf ?? shown, shown)
            correctedAsOf = max(correctedAsOf ?? shown, shown)
        }
        changedAt = now
        settle(from: before, isOurs: false, at: now)
        if correction.isLeftAlone, !position.isFlat { isLeftAlone = true }
    }

    mutating func forced(_ close: ForcedClose, cooldown: Span, at now: Instant) {
        forced = close
        closedUntil = now + cooldown
    }

    mutating func plan(_ plan: CoverPlan) {
        self.plan = plan
        // A new plan goes out at once, yet past failures still count for the wait after its own (I-07).
        coverFailedAt = nil
    }

    /// Failures are forgotten by time and not by success: a stop that is taken and then struck each time would else be
    /// placed again without any pause that grows.
    mutating func coverFailed(at now: Instant) {
        let isRecent = lastFailureAt.map { now - $0 <= .seconds(60) } ?? false
        coverFailures = isRecent ? coverFailures + 1 : 1
        coverFailedAt = now
        lastFailureAt = now
    }

    /// Whether a resting order closes this position should the market turn against it.
    package func isCovered(by order: OrderMachine) -> Bool {
        guard order.ticket.role == .stop, order.isResting, order.ticket.side == position.closingSide,
            let openedAt, order.plannedAt >= openedAt
        else { return false }
        return order.ticket.extent == .wholePosition || order.possiblyLive >= position.quantity.magnitude
    }

    mutating func note(isCovered: Bool, at now: Instant) {
        if position.isFlat || isCovered || isLeftAlone {
            nakedSince = nil
        } else if nakedSince == nil {
            nakedSince = now
        }
    }

    private mutating func settle(from before: Position, isOurs: Bool, at now: Instant) {
        guard before.closingSide != position.closingSide else { return }
        // Opened, closed or flipped: what was planned for the old position is void.
        plan = nil
        coverFailures = 0
        coverFailedAt = nil
        lastFailureAt = nil
        nakedSince = nil
        openedAt = position.isFlat ? nil : now
        self.isOurs = !position.isFlat && isOurs
        isLeftAlone = false
    }
}
