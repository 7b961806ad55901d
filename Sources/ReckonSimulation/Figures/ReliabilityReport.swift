package import ReckonEngine
package import ReckonExchange
package import ReckonModel

/// A run judged: what the venue's record shows against what the engine published.
package struct ReliabilityReport: Sendable {
    package private(set) var figures: [Figure]
    /// One line for each thing that should not have happened.
    package let complaints: [String]

    package var holds: Bool { figures.allSatisfy(\.holds) }

    package subscript(name: String) -> Double? { figures.first { $0.name == name }?.value }

    package init(_ evidence: RunEvidence) {
        self.init(evidence, beliefs: BeliefTimeline(evidence.facts, configuration: evidence.configuration))
    }

    init(_ evidence: RunEvidence, beliefs: BeliefTimeline) {
        var court = Court(evidence, beliefs)
        figures = court.judge()
        complaints = court.complaints
    }

    /// Takes up figures that others reckoned.
    mutating func add(_ others: [Figure]) { figures += others }
}

/// All that a judgement may look at.
package struct RunEvidence: Sendable {
    package let record: ExchangeRecord
    package let facts: [StampedFact]
    package let configuration: EngineConfiguration
    package let until: VenueInstant
    /// Exits that a caller handed in and that were answered with a refusal, by key and rule.
    package let refusedExits: [String]
    /// When nothing could be sent: the venue itself had asked for patience, or the process was down.
    package let pauses: [Pause]
    /// Orders whose plan went with a lost tail of the journal: nobody can know them.
    package let lostOrders: [ClientOrderID]

    package init(
        record: ExchangeRecord,
        facts: [StampedFact],
        configuration: EngineConfiguration,
        until: VenueInstant,
        refusedExits: [String],
        pauses: [Pause] = [],
        lostOrders: [ClientOrderID] = []
    ) {
        self.lostOrders = lostOrders
        self.record = record
        self.facts = facts
        self.configuration = configuration
        self.until = until
        self.refusedExits = refusedExits
        self.pauses = pauses
    }
}

/// A stretch of time, by our clock, in which nothing could be sent for no reason of the engine's rules.
package struct Pause: Sendable, Hashable {
    package let from: Instant
    package let to: Instant

    package init(from: Instant, to: Instant) {
        self.from = from
        self.to = to
    }
}

/// Reckons the figures and says what it complains of.
private struct Court {
    let evidence: RunEvidence
    let beliefs: BeliefTimeline
    /// Every order of the record that carries an id of this engine, by that id.
    let orders: Table<ClientOrderID, [RecordedOrder]>
    private(set) var complaints: [String] = []

    init(_ evidence: RunEvidence, _ beliefs: BeliefTimeline) {
        self.evidence = evidence
        self.beliefs = beliefs
        var orders: Table<ClientOrderID, [RecordedOrder]> = Table()
        for order in evidence.record.orders.values { orders[order.clientID, default: []].append(order) }
        for order in evidence.record.algoOrders.values { orders[order.clientID, default: []].append(order) }
        self.orders = orders
    }

    mutating func judge() -> [Figure] {
        let naked = evidence.record.nakedLengths(asOf: evidence.until).map(\.seconds).sorted()
        let exposure = ExposureIntegral(evidence: evidence, beliefs: beliefs).integrated()
        let duplicates = duplicateOrders()
        let falseTerminals = falseTerminals()
        let lost = lostIntents()
        let breaches = duplicates + falseTerminals + unplannedOrders() + openDisagreements()
        return [
            Figure("duplicate_orders", count: duplicates, mustNotExceed: 0),
            Figure("blocked_exits", count: blockedExits(), mustNotExceed: 0),
            Figure("lost_intents", count: lost, mustNotExceed: 0),
            Figure("false_terminals", count: falseTerminals, mustNotExceed: 0),
            Figure("breaches", count: breaches, mustNotExceed: 0),
            Figure("naked_seconds_total", naked.reduce(0, +), .seconds),
            Figure("naked_seconds_p99", percentile(naked, 99), .seconds),
            Figure("naked_seconds_max", naked.last ?? 0, .seconds),
            Figure("phantom_seconds", exposure.phantomSeconds, .seconds),
            Figure("orphan_seconds", exposure.orphanSeconds, .seconds),
            Figure("wrong_exposure_usdt_sec", exposure.wrongExposure, .notionalSeconds),
        ]
    }

    private func percentile(_ sorted: [Double], _ percent: Int) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[min((sorted.count * percent + 99) / 100, sorted.count) - 1]
    }

    /// Entries whose executed and live quantity exceeds what was asked for, in orders.
    private mutating func duplicateOrders() -> Int {
        var count = 0
        for record in beliefs.intents {
            guard case .entry = record.intent else { continue }
            let sent = record.orders.flatMap { orders[$0] ?? [] }
            let total = sent.reduce(into: Quantity.zero) { sum, order in
                sum += order.endedAt == nil ? order.quantity : order.executed
            }
            guard total > record.quantity else { continue }
            count += max(sent.count - 1, 1)
            complaints.append("intent \(record.id): \(total) executed or live, \(record.quantity) asked for")
        }
        return count
    }

    /// Orders that the engine called ended while they lived, or never executed while they did.
    private mutating func falseTerminals() -> Int {
        var count = 0
        let tolerance = Span.seconds(2)
        for order in beliefs.finalState.endedOrders.values {
            for truth in orders[order.id] ?? []
            where !(order.ticket.role.isConditional && !truth.isConditional) {
                let end = VenueInstant(milliseconds: order.changedAt.nanoseconds / 1_000_000)
                let outlived =
                    truth.endedAt.map { $0 > end + tolerance } ?? (evidence.until > end + tolerance)
                let missed = !order.ticket.role.isConditional && truth.executed > order.executed
                guard outlived || missed else { continue }
                count += 1
                let known = "\(order.end?.code ?? "") with \(order.executed) executed"
                complaints.append(
                    "order \(order.id): held for \(known); the venue has \(truth.executed) executed"
                )
            }
        }
        return count
    }

    private mutating func lostIntents() -> Int {
        let open = beliefs.intents.filter { $0.end == nil }
        for record in open { complaints.append("intent \(record.id) (\(record.symbol)): no terminal fact") }
        return open.count
    }

    /// Orders of this engine at the venue that no stored fact had planned (I-01).
    private mutating func unplannedOrders() -> Int {
        let prefix = "rk-\(evidence.configuration.engineID)-"
        var count = 0
        for (id, sent) in orders where id.text.hasPrefix(prefix) && beliefs.finalState.order(id) == nil {
            // Another engine may call its orders whatever it likes.
            if evidence.lostOrders.contains(id) || sent.allSatisfy({ $0.origin == .byHand }) { continue }
            count += 1
            complaints.append("order \(id): at the venue, and in no fact")
        }
        return count
    }

    /// Positions that are believed otherwise than they are once everything has come to rest.
    private mutating func openDisagreements() -> Int {
        var count = 0
        for symbol in evidence.configuration.symbols {
            let believed = beliefs.finalState.holding(symbol).position.quantity
            let truth = evidence.record.position(of: symbol, asOf: evidence.until)
            guard believed != truth else { continue }
            count += 1
            complaints.append("\(symbol): \(believed) believed and \(truth) held at the end")
        }
        return count
    }

    /// Exits refused, or accepted and not sent although there was something to reduce.
    private mutating func blockedExits() -> Int {
        var count = evidence.refusedExits.count
        complaints += evidence.refusedExits.map { "exit refused: \($0)" }
        let sends = sends()
        for record in beliefs.intents {
            guard case .exit = record.intent else { continue }
            // What is not believed in can't be closed yet: it waits for the venue's word and not for a rule of ours, but
            // from that word on it must go as any other.
            guard let believed = beliefs.firstPosition(of: record.symbol, from: record.acceptedAt) else {
                continue
            }
            let free = whenFree(from: believed)
            let accepted = VenueInstant(milliseconds: free.nanoseconds / 1_000_000)
            let later = accepted + .seconds(2)
            guard later < evidence.until else { continue }
            let open = evidence.record.position(of: record.symbol, asOf: accepted)
            let stillOpen = evidence.record.position(of: record.symbol, asOf: later)
            guard !open.isZero, !stillOpen.isZero, open.isPositive == stillOpen.isPositive else { continue }
            // Taken back before anything went out, as a ban or a restart allows.
            if record.isWithdrawn, record.orders.allSatisfy({ sends[$0]?.isEmpty ?? true }) { continue }
            let sentAt = record.orders.first.flatMap { sends[$0]?.first }
            if let sentAt, sentAt - free <= .seconds(2) { continue }
            // It was withdrawn by nobody and ended without an order: then belief said that nothing was left, and where that
            // was wrong it is a phantom or an orphan, which other figures count. I-07 watches that belief did say so.
            if let detail = record.end, detail.kind != .cancelled, record.orders.isEmpty { continue }
            if hasOtherExit(than: record, before: free + .seconds(2), sends) { continue }
            if awaitsDoubt(record) { continue }
            count += 1
            complaints.append("exit \(record.id) (\(record.symbol)): nothing sent within 2 s")
        }
        return count
    }

    /// When something could be sent again, one pause after the other.
    ///
    /// Two kinds of pause are nobody's rule: the venue had asked for patience (and I-07 watches that it got it), or the
    /// process was down. An exit has its two seconds from the end of both, a restart gives no more.
    private func whenFree(from accepted: Instant) -> Instant {
        evidence.pauses.sorted { $0.from < $1.from }.reduce(accepted) { free, pause in
            pause.from <= free + .seconds(2) ? max(free, pause.to) : free
        }
    }

    /// Another exit is taking the same away: it was on its way when this one came, or went out in its stead.
    ///
    /// One that had ended before this one came excuses nothing.
    private func hasOtherExit(
        than record: IntentRecord,
        before end: Instant,
        _ sends: Table<ClientOrderID, [Instant]>
    ) -> Bool {
        beliefs.intents.contains { other in
            guard other.id != record.id, other.symbol == record.symbol, case .exit = other.intent else {
                return false
            }
            return other.orders.contains { id in
                let isLive = beliefs.finalState.order(id).map { $0.changedAt >= record.acceptedAt } ?? false
                return isLive && (sends[id] ?? []).contains { $0 < end }
            }
        }
    }

    /// A partial exit waits for an earlier one in doubt, which may be taking the same away.
    private func awaitsDoubt(_ record: IntentRecord) -> Bool {
        guard case .exit(let exit) = record.intent, exit.extent != .close else { return false }
        return beliefs.intents.contains { other in
            guard other.id != record.id, other.symbol == record.symbol, case .exit = other.intent else {
                return false
            }
            return other.orders.compactMap { beliefs.finalState.order($0) }.contains { order in
                order.plannedAt < record.acceptedAt && order.changedAt > record.acceptedAt
            }
        }
    }

    /// When each order was sent, each time, by the engine's own facts.
    private func sends() -> Table<ClientOrderID, [Instant]> {
        var sends: Table<ClientOrderID, [Instant]> = Table()
        for fact in evidence.facts {
            guard case .order(let id, .submitted) = fact.fact else { continue }
            sends[id, default: []].append(fact.at)
        }
        return sends
    }
}
