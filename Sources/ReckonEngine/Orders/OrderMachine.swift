package import ReckonModel

/// One order, from plan to outcome.
///
/// ```
/// planned ─submit→ inFlight ─answer/report→ working ─report→ ended
///    ↑ set back ←────┤ silence, doubt            │ vanished
///    │               └──────────→ doubtful ←─────┘
///    └ abandoned, gave up → ended    │ report → working/ended · proven absent → ended(lapsed)
/// ```
/// Keeps: I-02 (totals, never deltas), I-07 (bounded), I-08 (ended only on evidence).
package struct OrderMachine: Sendable, Codable, Hashable {
    package enum State: Sendable, Codable, Hashable {
        case planned
        case inFlight
        case doubtful
        case working
        case ended(OrderEnd)
    }

    package let ticket: OrderTicket
    /// Absent for the engine's own protection.
    package let intent: IntentID?
    package let generation: Int
    package let plannedAt: Instant
    package private(set) var state = State.planned
    package private(set) var attempts = 0
    package private(set) var executed = Quantity.zero
    package private(set) var averagePrice = Price.zero
    package private(set) var venueID: VenueOrderID?
    package private(set) var childID: VenueOrderID?
    /// Whether a conditional order has come alive, so that its child is the one to ask about.
    package private(set) var isTriggered = false
    /// When we learnt that it has come alive.
    package private(set) var triggeredAt: Instant?
    package private(set) var venueTime: VenueInstant?
    package private(set) var firstTimestamp: VenueInstant?
    package private(set) var lastTimestamp: VenueInstant?
    package private(set) var lastWindow = Span.zero
    package private(set) var sentAt: Instant?
    package private(set) var doubtSince: Instant?
    package private(set) var asks = 0
    package private(set) var lastAskAt: Instant?
    package private(set) var notFounds = 0
    package private(set) var lastNotFoundAt: Instant?
    package private(set) var setBackAt: Instant?
    /// How long the venue asked us to wait when it set the order back.
    package private(set) var setBackWait: Span?
    package private(set) var cancelWanted = false
    package private(set) var cancelAttempts = 0
    package private(set) var cancelSentAt: Instant?
    /// Whether the last attempt was refused because an open order bears its id.
    package private(set) var isDuplicate = false
    package private(set) var changedAt: Instant

    package init(ticket: OrderTicket, intent: IntentID?, generation: Int, at now: Instant) {
        self.ticket = ticket
        self.intent = intent
        self.generation = generation
        self.plannedAt = now
        self.changedAt = now
    }

    package var id: ClientOrderID { ticket.id }

    package var isEnded: Bool { end != nil }

    package var end: OrderEnd? {
        if case .ended(let end) = state { return end }
        return nil
    }

    /// Whether something may be executing at the venue that we have no word of.
    package var isUnresolved: Bool { state == .inFlight || state == .doubtful }

    package var isResting: Bool { state == .working }

    /// Since when the venue owes us an answer about it: sent and nothing heard, called doubt yet or not.
    package var outstandingSince: Instant? { isUnresolved ? sentAt ?? doubtSince : nil }

    /// What may still execute under this order.
    package var possiblyLive: Quantity { isEnded ? .zero : max(ticket.quantity - executed, .zero) }

    package var endpoint: OrderEndpoint { ticket.role.isConditional ? .algo : .order }

    /// The only place where an order changes; recovery replays stored facts through it and nothing else.
    package mutating func apply(_ fact: OrderFact, at now: Instant) {
        changedAt = now
        switch fact {
        case .submitted(let attempt, let timestamp, let window):
            state = .inFlight
            attempts = attempt
            firstTimestamp = firstTimestamp ?? timestamp
            lastTimestamp = timestamp
            lastWindow = window
            sentAt = now
            isDuplicate = false
            clearDoubt()
        case .setBack(let failure):
            state = .planned
            // Nothing of it is at the venue, and its time may come from a wrong clock: the next send counts.
            firstTimestamp = nil
            setBackAt = now
            setBackWait = failure.retryAfter
            clearDoubt()
        case .doubted:
            // Questions asked while it was well say nothing about this doubt.
            if doubtSince == nil { clearDoubt() }
            state = .doubtful
            doubtSince = doubtSince ?? now
        case .asked:
            asks += 1
            lastAskAt = now
        case .notFound(let conclusive):
            if conclusive { notFounds += 1 }
            lastNotFoundAt = now
        case .absentFromHistory, .cancelSeriesEnded:
            break
        case .duplicateAnswered:
            isDuplicate = true
        case .reported(let report):
            apply(report)
            if isTriggered, triggeredAt == nil { triggeredAt = now }
        case .cancelWanted:
            cancelWanted = true
        case .cancelSent(let attempt):
            cancelAttempts = attempt
            cancelSentAt = now
        case .refused(let failure): state = .ended(.refused(failure))
        case .lapsed: state = .ended(.lapsed)
        case .gaveUp(let reason): state = .ended(.gaveUp(reason))
        case .abandoned(let rule): state = .ended(.abandoned(rule))
        }
    }

    private mutating func clearDoubt() {
        doubtSince = nil
        asks = 0
        lastAskAt = nil
        notFounds = 0
        lastNotFoundAt = nil
    }

    private mutating func apply(_ report: OrderReport) {
        if report.executed > executed {
            executed = report.executed
            if report.averagePrice.isPositive { averagePrice = report.averagePrice }
        }
        venueTime = max(venueTime ?? report.updatedAt, report.updatedAt)
        if lastTimestamp == nil {
            // Found at the venue and not sent by this journal: its creation stands in for the send.
            firstTimestamp = report.createdAt ?? report.updatedAt
            lastTimestamp = firstTimestamp
        }
        if report.isConditional || !ticket.role.isConditional { venueID = report.venueID }
        childID = report.childID ?? (report.isConditional ? childID : report.venueID)
        if ticket.role.isConditional, !report.isConditional || report.status == .triggered {
            isTriggered = true
        }
        clearDoubt()
        state = next(after: report)
    }

    /// What an earlier life of the same order executed; its position is reckoned already.
    mutating func inherit(from earlier: OrderMachine) {
        executed = earlier.executed
        averagePrice = earlier.averagePrice
        venueTime = earlier.venueTime
    }

    /// Whether the end is one that the venue itself told us of, and not our conclusion.
    private var isEndedByVenue: Bool { end == .filled || end == .cancelled || end == .expired }

    private func next(after report: OrderReport) -> State {
        switch report.status {
        // A fill that was told late does not bring an order back that the venue has ended.
        case .new, .partiallyFilled, .triggered: isEndedByVenue ? state : .working
        case .filled: .ended(.filled)
        case .cancelled:
            .ended(executed >= ticket.quantity && ticket.quantity.isPositive ? .filled : .cancelled)
        case .rejected:
            .ended(.refused(VenueFailure(.fatal, code: 0, message: report.reason ?? "rejected by the venue")))
        case .expired: .ended(.expired)
        case .finished: .ended(executed.isPositive ? .filled : .expired)
        }
    }

    /// Whether a report says something new; old news, repeats and reordered reports are ordinary and change nothing.
    package func isNews(_ report: OrderReport) -> Bool {
        if report.executed > executed { return true }
        switch state {
        case .planned, .inFlight, .doubtful: return true
        case .working:
            return report.status.isTerminal || (report.status == .triggered && !isTriggered)
                || (ticket.role.isConditional && !report.isConditional && !isTriggered)
        case .ended: return false
        }
    }

    /// Whether a found order is the one that we sent: ids repeat, so symbol, side, size and time must agree too.
    package func matches(_ report: OrderReport, clockError: Span) -> Bool {
        guard report.symbol == ticket.symbol, report.side == ticket.side else { return false }
        let isChild = ticket.role.isConditional && !report.isConditional
        if !isChild, case .wholePosition = ticket.extent {
            guard report.closesPosition || report.quantity.isZero else { return false }
        } else if !isChild {
            // The venue itself may shrink what only reduces; an opening order has just the size that was sent.
            let isShrunk = !ticket.role.opensExposure && report.quantity < ticket.quantity
            guard report.quantity == ticket.quantity || isShrunk else { return false }
        }
        guard let createdAt = report.createdAt, let firstTimestamp else { return true }
        return createdAt >= firstTimestamp - clockError - .seconds(1)
    }
}
