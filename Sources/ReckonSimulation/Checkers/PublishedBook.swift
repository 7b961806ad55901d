import ReckonEngine
import ReckonModel

/// What the published facts say of orders, intents and knobs, told by facts alone and by none of the engine's own state.
struct PublishedBook {
    struct OrderStory {
        enum Standing {
            case planned
            case sent
            case doubtful
            case resting
            case ended
        }

        let ticket: OrderTicket
        let intent: IntentID?
        let plannedAt: Instant
        var standing = Standing.planned
        var attempts = 0
        var firstSentAt: Instant?
        var lastTimestamp: VenueInstant?
        var lastWindow = Span.zero
        var executed = Quantity.zero
        var isWanted = true
        /// The venue itself said that it ended.
        var isEndedByVenue = false
        var isFilled = false
        /// A conditional order that has come alive: no cover any more.
        var isTriggered = false
        var endedAt: Instant?

        /// Sent, and nothing heard that settles what became of it.
        var isUnresolved: Bool { standing == .sent || standing == .doubtful }

        /// Nothing forbids that it executes at once.
        var isMarket: Bool { ticket.pricing == .market }

        /// What it may still execute.
        var open: Quantity { standing == .ended ? .zero : max(ticket.quantity - executed, .zero) }
    }

    struct IntentStory {
        let acceptance: IntentAcceptance
        let acceptedAt: Instant
        var orders: [ClientOrderID] = []
        var isWithdrawn = false
        var end: IntentEnd?
        /// What a replacement made of the quantity asked for, and how many orders had gone out before it.
        var quantity: Quantity
        var ordersBefore = 0
    }

    /// The last execution that was told on a symbol: when it was told, and the venue's time of it.
    struct LastFill {
        let toldAt: Instant
        let at: VenueInstant
    }

    /// Only looked up, never walked.
    private(set) var orders = Lookup<ClientOrderID, OrderStory>()
    private(set) var live: Table<ClientOrderID, Symbol> = Table()
    /// The same by symbol, each list in order: asked for each symbol after each turn.
    private var liveOf = Lookup<Symbol, [ClientOrderID]>()
    private(set) var intents: Table<IntentID, IntentStory> = Table()
    private(set) var knobs: Knobs?
    private(set) var operatorHalt: String?
    private(set) var journalDown: String?
    private(set) var flattens: Table<CommandScope, String> = Table()
    private(set) var fills: Table<Symbol, LastFill> = Table()
    private var openExits: Table<IntentID, Symbol> = Table()

    /// Whether working entries must go as well.
    var areEntriesHalted: Bool {
        operatorHalt != nil || (knobs.map { $0.killSwitchTrip || $0.mode == .red } ?? false)
    }

    var restingEntries: [OrderStory] {
        live.keys.compactMap { orders[$0] }.filter { $0.ticket.role == .entry && $0.standing == .resting }
    }

    /// How many orders are in doubt.
    var doubtful: Int { live.keys.count { orders[$0]?.standing == .doubtful } }

    func hasOpenExit(_ symbol: Symbol) -> Bool { openExits.values.contains(symbol) }

    /// Live stops that close what is held on the side.
    func stops(_ symbol: Symbol, closing side: Side, since: Instant) -> [OrderStory] {
        var found: [OrderStory] = []
        for id in liveOf[symbol] ?? [] {
            guard let story = orders[id], story.ticket.role == .stop, story.ticket.side == side,
                story.plannedAt >= since
            else { continue }
            found.append(story)
        }
        return found
    }

    /// How much of a position's size the resting stops close that were planned since it was opened.
    func cover(_ symbol: Symbol, closing side: Side, since: Instant, of size: Quantity) -> Quantity {
        let resting = stops(symbol, closing: side, since: since).filter {
            $0.standing == .resting && !$0.isTriggered
        }
        if resting.contains(where: { $0.ticket.extent == .wholePosition }) { return size }
        return min(resting.reduce(into: .zero) { $0 += $1.open }, size)
    }

    var areEntriesClosed: Bool {
        guard let knobs else { return true }
        return operatorHalt != nil || flattens[.account] != nil || !knobs.allowEntries || knobs.killSwitchTrip
            || knobs.mode == .red
    }

    func entry(of id: ClientOrderID) -> (story: IntentStory, entry: EntryIntent)? {
        guard let intent = orders[id]?.intent, let story = intents[intent],
            case .entry(let entry) = story.acceptance.intent
        else { return nil }
        return (story, entry)
    }

    func liveOrders(_ symbol: Symbol) -> [OrderStory] {
        liveOf[symbol]?.compactMap { orders[$0] } ?? []
    }

    mutating func take(_ stamped: StampedFact) {
        switch stamped.fact {
        case .intentAccepted(let acceptance):
            intents[acceptance.id] = IntentStory(
                acceptance: acceptance,
                acceptedAt: stamped.at,
                quantity: acceptance.quantity
            )
            if case .exit(let exit) = acceptance.intent { openExits[acceptance.id] = exit.symbol }
        case .intentWithdrawn(let id): intents.update(id) { $0.isWithdrawn = true }
        case .intentEnded(let id, let end):
            intents.update(id) { $0.end = end }
            openExits[id] = nil
        case .orderPlanned(let ticket, let intent, _): plan(ticket, intent, at: stamped.at)
        case .orderAdopted(let ticket, let report):
            plan(ticket, orders[ticket.id]?.intent, at: stamped.at)
            if let attempts = orders[ticket.id]?.attempts { orders[ticket.id]?.attempts = max(attempts, 1) }
            take(.reported(report), ticket.id, at: stamped.at)
        case .order(let id, let fact): take(fact, id, at: stamped.at)
        case .verdictEnforced(let enforcement): knobs = enforcement.enforced
        case .operatorCommanded(.halt(let reason)): operatorHalt = reason
        case .operatorCommanded(.resume):
            operatorHalt = nil
            flattens.removeAll()
        case .operatorCommanded(.flatten(let scope, let reason)): flattens[scope] = reason
        case .operatorCommanded(.releaseFlatten(let scope, _)): flattens[scope] = nil
        case .operatorCommanded(.cancelAll), .operatorCommanded(.resolveSharing): break
        case .replacement(let id, .applied(_, let quantity)):
            intents.update(id) {
                $0.quantity = quantity
                $0.ordersBefore = $0.orders.count
            }
        case .replacement, .flatten, .sharing, .countdownFired: break
        case .journalLatched(let reason): journalDown = reason
        case .journalRecovered: journalDown = nil
        case .started, .instrumentsLoaded, .intentRefused, .exitOverdue, .exitSeriesEnded,
            .positionCorrected, .coverPlanned, .coverFailed, .roundConcluded, .leverageKnown, .leverageWished,
            .marginModeKnown, .repairMade, .repairSeriesEnded, .positionForced, .pauseAsked, .policyLoaded,
            .policyChanged, .shadowCompared:
            break
        }
    }

    private mutating func plan(_ ticket: OrderTicket, _ intent: IntentID?, at now: Instant) {
        let known = orders[ticket.id]
        var story = OrderStory(ticket: ticket, intent: intent, plannedAt: now)
        story.executed = known?.executed ?? .zero
        orders[ticket.id] = story
        setLive(ticket.id, ticket.symbol, true)
        guard let intent else { return }
        intents.update(intent) { if !$0.orders.contains(ticket.id) { $0.orders.append(ticket.id) } }
    }

    private mutating func take(_ fact: OrderFact, _ id: ClientOrderID, at now: Instant) {
        if case .reported(let report) = fact, let story = orders[id], report.executed > story.executed {
            let latest = fills[story.ticket.symbol]?.at ?? report.updatedAt
            fills[story.ticket.symbol] = LastFill(toldAt: now, at: max(latest, report.updatedAt))
        }
        guard var story = orders[id] else { return }
        switch fact {
        case .submitted(let attempt, let timestamp, let window):
            story.attempts = attempt
            story.firstSentAt = story.firstSentAt ?? now
            story.lastTimestamp = timestamp
            story.lastWindow = window
            story.standing = .sent
        case .setBack: story.standing = .planned
        case .doubted: story.standing = .doubtful
        case .cancelWanted: story.isWanted = false
        case .reported(let report):
            story.executed = max(story.executed, report.executed)
            if story.ticket.role.isConditional, !report.isConditional || report.status == .triggered {
                story.isTriggered = true
            }
            if report.status.isTerminal {
                story.standing = .ended
                story.isEndedByVenue = true
                story.isFilled = report.status == .filled || story.executed >= story.ticket.quantity
            } else if !story.isEndedByVenue {
                story.standing = .resting
            }
        case .refused, .lapsed, .gaveUp, .abandoned: story.standing = .ended
        case .asked, .notFound, .absentFromHistory, .cancelSent, .cancelSeriesEnded, .duplicateAnswered:
            break
        }
        if story.standing == .ended { story.endedAt = story.endedAt ?? now }
        orders[id] = story
        setLive(id, story.ticket.symbol, story.standing != .ended)
    }

    private mutating func setLive(_ id: ClientOrderID, _ symbol: Symbol, _ isLive: Bool) {
        guard isLive != (live[id] != nil) else { return }
        live[id] = isLive ? symbol : nil
        if isLive {
            liveOf[symbol, default: []].append(id)
            liveOf[symbol]?.sort()
        } else {
            liveOf[symbol]?.removeAll { $0 == id }
        }
    }
}
