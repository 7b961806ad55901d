package import ReckonModel

/// All that the engine believes and owes, as the journal holds it.
///
/// `apply` is its only writer (I-11).
package struct EngineState: Sendable, Codable, Hashable {
    package let configuration: EngineConfiguration
    package private(set) var factCount: Int64 = 0
    package private(set) var identity: OrderIdentity
    package private(set) var intents: Table<IntentID, IntentRecord> = Table()
    package private(set) var keys: Table<String, IntentID> = Table()
    /// Intents that are not ended.
    package private(set) var openIntents: Table<IntentID, Symbol> = Table()
    package private(set) var orders: Table<ClientOrderID, OrderMachine> = Table()
    /// Orders that are ended; a late report can still speak of them.
    package private(set) var endedOrders: Table<ClientOrderID, OrderMachine> = Table()
    package private(set) var plannedOrders: Int64 = 0
    package private(set) var holdings: Table<Symbol, Holding> = Table()
    package private(set) var instruments: Table<Symbol, Instrument> = Table()
    package private(set) var ledger = Ledger()
    package private(set) var guarding: Guard
    package private(set) var rounds: Int64 = 0
    package private(set) var evaluations: Int64 = 0
    package private(set) var evaluatedAt: Instant?
    package private(set) var policy: PolicyIdentity?
    package private(set) var policies = PolicyHistory()
    package private(set) var shadow: ShadowTally?
    /// Why the journal is down; absent while it is well.
    package private(set) var journalDown: String?
    package private(set) var flattens = FlattenBook()
    package private(set) var sharing = SharingBook()
    /// The venue wanted no request before then.
    package private(set) var pausedUntil: Instant?

    package init(_ configuration: EngineConfiguration) {
        self.configuration = configuration
        self.identity = OrderIdentity(engine: configuration.engineID, epoch: "0")
        self.guarding = Guard(limits: configuration.limits, settings: configuration.guardSettings)
    }

    /// The live or ended order of an id.
    package func order(_ id: ClientOrderID) -> OrderMachine? { orders[id] ?? endedOrders[id] }

    package func holding(_ symbol: Symbol) -> Holding { holdings[symbol] ?? Holding(symbol: symbol) }

    package func liveOrders(_ symbol: Symbol) -> [OrderMachine] {
        // By index: asked for every symbol in every round, and a filter copies each order to look at it.
        let all = orders.values
        var found: [OrderMachine] = []
        for index in all.indices where all[index].ticket.symbol == symbol { found.append(all[index]) }
        return found
    }

    /// What entries of one intent have executed, over all generations (I-02).
    package func executed(_ record: IntentRecord) -> Quantity {
        record.orders.reduce(into: .zero) { $0 += order($1)?.executed ?? .zero }
    }

    /// What entries of one intent have executed or may still execute, over all generations (I-02).
    package func committed(_ record: IntentRecord) -> Quantity {
        record.orders.reduce(into: executed(record)) { $0 += order($1)?.possiblyLive ?? .zero }
    }

    /// Stores one fact.
    ///
    /// Pure: the same facts in the same order give the same state.
    package mutating func apply(_ stamped: StampedFact) {
        factCount = stamped.number
        let now = stamped.at
        switch stamped.fact {
        case .started(let identity):
            self.identity = identity
            guarding.beginReloadHold(at: now)
            sharing.begin(identity.epoch, lastIntent: Int64(intents.count), lastPlan: plannedOrders)
        case .instrumentsLoaded(let loaded):
            for instrument in loaded { instruments[instrument.symbol] = instrument }
        case .intentAccepted(let acceptance): accept(acceptance, at: now)
        case .intentRefused: break
        case .intentWithdrawn(let id): intents.update(id) { $0.isWithdrawn = true }
        case .exitOverdue(let id): intents.update(id) { $0.isOverdue = true }
        case .exitSeriesEnded(let id):
            intents.update(id) {
                $0.seriesCount += 1
                $0.seriesStart = $0.orders.count
                $0.seriesEndedAt = now
            }
        case .intentEnded(let id, let end):
            intents.update(id) { $0.end = end }
            openIntents[id] = nil
        case .orderPlanned(let ticket, let intent, let generation):
            plan(OrderMachine(ticket: ticket, intent: intent, generation: generation, at: now))
        case .orderAdopted(let ticket, let report):
            adopt(ticket, at: now)
            apply(.reported(report), to: ticket.id, at: now)
        case .order(let id, let fact): apply(fact, to: id, at: now)
        case .positionCorrected(let correction): correct(correction, at: now)
        case .coverPlanned(let plan):
            holdings[plan.symbol, default: Holding(symbol: plan.symbol)].plan(plan, at: now)
        case .coverFailed(let symbol, _):
            holdings[symbol, default: Holding(symbol: symbol)].coverFailed(at: now)
        case .roundConcluded(let conclusion): conclude(conclusion, at: now)
        case .leverageKnown, .leverageWished, .marginModeKnown, .repairMade, .repairSeriesEnded:
            applySetting(stamped.fact, at: now)
        case .positionForced(let close):
            holdings[close.symbol, default: Holding(symbol: close.symbol)]
                .forced(close, cooldown: configuration.external.forcedCooldown, at: now)
        case .pauseAsked(let until): pausedUntil = until
        case .policyLoaded(let identity): load(identity, at: now)
        case .policyChanged(let change):
            // The same version put back once more starts as new: it is out of quarantine, and held.
            if case .swapped = change.outcome { guarding.beginReloadHold(at: now) }
            policies.changed(change, at: now)
        case .shadowCompared(let tally): shadow = tally
        case .verdictEnforced(let enforcement): enforce(enforcement, at: now)
        case .operatorCommanded(let command): obey(command, at: now)
        case .journalLatched(let reason): journalDown = reason
        case .journalRecovered: journalDown = nil
        case .flatten(let scope, let fact): flattens.apply(fact, to: scope, at: now)
        case .sharing(let fact): sharing.apply(fact)
        case .replacement(let id, let fact): intents.update(id) { $0.apply(fact, at: now) }
        case .countdownFired: break
        }
    }

    private mutating func load(_ identity: PolicyIdentity, at now: Instant) {
        if policy?.digest != identity.digest { guarding.beginReloadHold(at: now) }
        policy = identity
        policies.loaded(identity, at: now)
    }

    private mutating func enforce(_ enforcement: Enforcement, at now: Instant) {
        guarding.apply(enforcement)
        policies.enforced(enforcement)
        evaluations = enforcement.tick
        evaluatedAt = now
    }

    private mutating func obey(_ command: OperatorCommand, at now: Instant) {
        switch command {
        case .halt(let reason): guarding.halt(reason: reason)
        case .resume: guarding.resume()
        case .resolveSharing: sharing.resolve()
        case .flatten, .cancelAll, .releaseFlatten: break
        }
        flattens.obey(command, at: now)
    }

    private mutating func applySetting(_ fact: Fact, at now: Instant) {
        switch fact {
        case .leverageKnown(let symbol, let leverage):
            // Believed as it is now; a mismatch remains only where we may and should put it right.
            let isSettled = isBusy(symbol) || leverageWish(symbol).map { $0 == leverage } ?? true
            for book in booksSharing(symbol) {
                holdings[book, default: Holding(symbol: book)].leverage = leverage
                if isSettled { ledger.resolve(book, [.leverageDrift]) }
            }
        case .leverageWished(let symbol, let leverage):
            for book in booksSharing(symbol) {
                holdings[book, default: Holding(symbol: book)].leverageWish = leverage
            }
        case .marginModeKnown(let symbol, let isIsolated):
            let isFitting = configuration.marginMode.map { ($0 == .isolated) == isIsolated } ?? true
            let isSettled = isBusy(symbol) || isFitting
            for book in booksSharing(symbol) {
                holdings[book, default: Holding(symbol: book)].isIsolated = isIsolated
                if isSettled { ledger.resolve(book, [.marginDrift]) }
            }
        case .repairMade(let symbol, let kind): ledger.repaired(kind, symbol, at: now)
        case .repairSeriesEnded(let symbol, let kind): ledger.endRepairs(kind, symbol, at: now)
        default: break
        }
    }

    private mutating func accept(_ acceptance: IntentAcceptance, at now: Instant) {
        intents[acceptance.id] = IntentRecord(acceptance, at: now)
        keys[acceptance.intent.key] = acceptance.id
        openIntents[acceptance.id] = acceptance.intent.symbol
        if case .entry(let entry) = acceptance.intent {
            holdings[entry.symbol, default: Holding(symbol: entry.symbol)].lastEntryAt = now
        }
    }

    private mutating func plan(_ machine: OrderMachine) {
        orders[machine.id] = machine
        plannedOrders += 1
        guard let intent = machine.intent else { return }
        intents.update(intent) { record in
            if !record.orders.contains(machine.id) { record.orders.append(machine.id) }
        }
    }

    /// An order that we held for ended goes on with what it had executed, lest its fills count twice.
    private mutating func adopt(_ ticket: OrderTicket, at now: Instant) {
        let known = endedOrders[ticket.id]
        endedOrders[ticket.id] = nil
        var machine = OrderMachine(
            ticket: ticket,
            intent: known?.intent,
            generation: known?.generation ?? 0,
            at: now
        )
        if let known { machine.inherit(from: known) }
        plan(machine)
    }

    private mutating func apply(_ fact: OrderFact, to id: ClientOrderID, at now: Instant) {
        guard var machine = order(id) else { return }
        let before = machine.executed
        machine.apply(fact, at: now)
        if machine.isEnded {
            orders[id] = nil
            endedOrders[id] = machine
            ledger.resolve(order: id)
        } else {
            endedOrders[id] = nil
            orders[id] = machine
        }
        let symbol = machine.ticket.symbol
        if case .reported(let report) = fact, machine.executed > before {
            let fill = Holding.Fill(
                side: machine.ticket.side,
                quantity: machine.executed - before,
                price: report.averagePrice.isPositive ? report.averagePrice : machine.averagePrice,
                venueTime: report.updatedAt,
                isOurs: machine.intent != nil && machine.ticket.role == .entry
            )
            holdings[symbol, default: Holding(symbol: symbol)].apply(fill, at: now)
        }
        if case .refused(let failure) = fact {
            holdings.update(symbol) { $0.heed(failure, of: machine, at: now) }
        }
        refreshCover(symbol, at: now)
    }

    private mutating func correct(_ correction: PositionCorrection, at now: Instant) {
        holdings[correction.symbol, default: Holding(symbol: correction.symbol)].correct(correction, at: now)
        ledger.repaired(.position, correction.symbol, at: now)
        ledger.resolve(
            correction.symbol,
            [.orphanPosition, .phantomPosition, .sizeDrift, .sideFlip, .entryDrift]
        )
        refreshCover(correction.symbol, at: now)
    }

    /// How much of the position resting stops cover, and since when too little (I-10).
    private mutating func refreshCover(_ symbol: Symbol, at now: Instant) {
        guard let holding = holdings[symbol] else { return }
        let all = orders.values
        var covered = Quantity.zero
        var rests = false
        for index in all.indices where all[index].ticket.symbol == symbol {
            let share = holding.cover(by: all[index])
            covered = min(covered + share, holding.position.quantity.magnitude)
            rests = rests || share.isPositive && all[index].ticket.pricing == holding.pricing
        }
        let least = configuration.protection.minCoverage
        holdings.update(symbol) { held in
            held.note(covered: covered, least: least, at: now)
            if rests { held.endCrossing() }
        }
        if holdings[symbol]?.nakedSince == nil { ledger.resolve(symbol, [.unprotected, .underCovered]) }
    }

    private mutating func conclude(_ conclusion: RoundConclusion, at now: Instant) {
        rounds = max(rounds, conclusion.round)
        ledger.apply(conclusion, fence: configuration.fence, at: now)
        for symbol in conclusion.confirmed {
            holdings[symbol, default: Holding(symbol: symbol)].confirmedAt = conclusion.askedAt
        }
    }
}
