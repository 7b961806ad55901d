import ReckonModel

/// What the gate needs to know of a request.
struct GateRequest: Sendable {
    let endpoint: Endpoint
    let symbol: Symbol?
    /// What draws hang on: the client's order id, or the endpoint with its slot of time.
    let cause: String
    /// Whether it could open exposure.
    let opens: Bool
}

/// What becomes of one request.
struct GateDecision: Sendable {
    var executes = true
    /// Answered in place of the true answer.
    var replacement: WireReply?
    var fate = WireReply.Fate.sent(afterMilliseconds: 0)
    /// Answer as of so long ago.
    var staleness: Int64?
}

/// Stands between the wire and the exchange, and does to requests and events what the plan says.
struct FaultGate: Sendable {
    private(set) var log = FaultLog()
    private var plan: FaultPlan
    private let seed: UInt64
    private let start: VenueInstant
    private var counters: [Int]
    /// Log entry of a rule's window while it is open.
    private var openEntries: [Int?]
    /// Timed rules that have done what they had to do.
    private var isSpent: [Bool]

    init(plan: FaultPlan, seed: UInt64, start: VenueInstant) {
        self.plan = plan
        self.seed = Dice.digest("faults", from: seed)
        self.start = start
        counters = Array(repeating: 0, count: plan.rules.count)
        openEntries = Array(repeating: nil, count: plan.rules.count)
        isSpent = Array(repeating: false, count: plan.rules.count)
    }

    /// Nothing strikes any more; what lasts ends now.
    mutating func calm(at now: VenueInstant) { plan = plan.ended(at: elapsed(now)) }

    private func elapsed(_ now: VenueInstant) -> Span {
        .milliseconds(now.milliseconds - start.milliseconds)
    }

    mutating func judge(_ request: GateRequest, at now: VenueInstant) -> GateDecision {
        for (index, rule) in plan.rules.enumerated() where matches(rule, request) {
            guard strikes(index, rule, cause: request.cause, at: now) else { continue }
            let decision = decide(rule, request)
            var end = now
            if case .sent(let late) = decision.fate { end = now + .milliseconds(late) }
            if case .lost(let late) = decision.fate { end = now + .milliseconds(late) }
            log.note(rule.kind, "\(request.endpoint.name) \(request.cause)", from: now, to: end)
            return decision
        }
        return GateDecision()
    }

    private func matches(_ rule: FaultRule, _ request: GateRequest) -> Bool {
        if rule.kind.isTimed || rule.kind == .silentStream { return false }
        if let symbol = rule.symbol, request.symbol != symbol { return false }
        let purpose = request.endpoint.purpose
        switch rule.kind {
        case .duplicatedEvents, .delayedEvents: return false
        case .overloaded where !request.opens: return false
        case .staleSnapshot where purpose != .snapshot: return false
        default: break
        }
        switch rule.scope {
        case .all: return true
        case .orders: return request.endpoint.placesOrder
        case .openings: return request.opens
        case .cancels: return purpose == .cancel
        case .queries: return purpose == .query
        case .snapshots: return purpose == .snapshot
        }
    }

    private mutating func strikes(_ index: Int, _ rule: FaultRule, cause: String, at now: VenueInstant)
        -> Bool
    {
        let elapsed = elapsed(now)
        switch rule.trigger {
        case .window(let from, let to): return elapsed >= from && elapsed < to
        case .chance(let chance):
            guard elapsed >= chance.from, chance.to.map({ elapsed < $0 }) ?? true else { return false }
            let draw = Dice.digest("\(index) \(rule.kind.rawValue) \(cause)", from: seed)
            return draw % chance.denominator < chance.numerator
        case .every(let count, let from):
            guard elapsed >= from, count > 0 else { return false }
            counters[index] += 1
            return counters[index] % count == 0
        }
    }

    private func decide(_ rule: FaultRule, _ request: GateRequest) -> GateDecision {
        var decision = GateDecision()
        let heads = Dice.digest("executes \(request.cause)", from: seed) & 1 == 0
        switch rule.kind {
        case .answerLost: decision.fate = .lost(afterMilliseconds: rule.milliseconds)
        case .requestLost:
            decision.executes = false
            decision.fate = .lost(afterMilliseconds: rule.milliseconds)
        case .slowAnswer: decision.fate = .sent(afterMilliseconds: rule.milliseconds)
        case .unknownExecuted: decision.replacement = .unknownError
        case .unknownNotExecuted:
            decision.executes = false
            decision.replacement = .unknownError
        case .unavailable:
            decision.executes = false
            decision.replacement = WireReply(status: 503, code: -1000, message: "Service Unavailable.")
        case .requestTimeout:
            decision.executes = heads
            decision.replacement = .requestTimeout
        case .backendTimeout:
            decision.executes = heads
            decision.replacement = .backendTimeout
        case .rateLimited:
            decision.executes = false
            decision.replacement = WireReply(status: 429, code: -1003, message: "Too many requests queued.")
                .retrying(after: rule.retryAfterSeconds)
        case .overloaded:
            decision.executes = false
            decision.replacement = .overloaded
        case .staleSnapshot: decision.staleness = rule.milliseconds
        case .silentStream, .disconnect, .duplicatedEvents, .delayedEvents, .stopCancelled, .listenKeyExpired:
            break
        }
        return decision
    }

    /// Whether a state that lasts is on, such as a silent stream.
    func isOn(_ kind: FaultKind, at now: VenueInstant) -> Bool {
        let elapsed = elapsed(now)
        return plan.rules.contains { rule in
            guard rule.kind == kind, case .window(let from, let to) = rule.trigger else { return false }
            return elapsed >= from && elapsed < to
        }
    }

    /// How many copies of an event go out, and how late.
    mutating func passes(_ event: String, at now: VenueInstant) -> (copies: Int, lateMilliseconds: Int64) {
        if isOn(.silentStream, at: now) { return (0, 0) }
        var copies = 1
        var late: Int64 = 0
        for (index, rule) in plan.rules.enumerated() {
            guard rule.kind == .duplicatedEvents || rule.kind == .delayedEvents else { continue }
            guard strikes(index, rule, cause: event, at: now) else { continue }
            if rule.kind == .duplicatedEvents { copies = 2 } else { late = max(late, rule.milliseconds) }
            log.note(rule.kind, "user stream", from: now, to: now + .milliseconds(late))
        }
        return (copies, late)
    }

    /// Opens and closes the log entries of lasting stream faults.
    mutating func watchWindows(at now: VenueInstant) {
        for (index, rule) in plan.rules.enumerated() where rule.kind.isStreamState {
            guard case .window(let from, let to) = rule.trigger else { continue }
            let elapsed = elapsed(now)
            if let number = openEntries[index] {
                guard elapsed >= to else { continue }
                log.end(number, at: start + to)
                openEntries[index] = nil
                isSpent[index] = true
            } else if elapsed >= from, elapsed < to {
                openEntries[index] = log.begin(rule.kind, "user stream", at: start + from)
            }
        }
    }

    /// Timed rules of a kind that are due and not yet spent.
    func due(_ kind: FaultKind, at now: VenueInstant) -> [Int] {
        let elapsed = elapsed(now)
        return plan.rules.indices.filter { index in
            guard plan.rules[index].kind == kind, !isSpent[index] else { return false }
            guard case .window(let from, let to) = plan.rules[index].trigger else { return false }
            return elapsed >= from && elapsed < to
        }
    }

    func symbol(ofRule index: Int) -> Symbol? { plan.rules[index].symbol }

    /// Notes that a timed rule has struck; it won't again.
    mutating func spend(_ index: Int, subject: String, at now: VenueInstant) {
        isSpent[index] = true
        log.note(plan.rules[index].kind, subject, from: now, to: now)
    }
}

extension WireReply {
    fileprivate static let unknownError = WireReply(
        status: 503,
        code: -1000,
        message: "Unknown error, please check your request or try again later."
    )

    fileprivate static let requestTimeout = WireReply(
        status: 408,
        code: -1007,
        message:
            "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
    )

    fileprivate static let backendTimeout = WireReply(
        status: 503,
        code: -1007,
        message:
            "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
    )

    fileprivate static let overloaded = WireReply(
        status: 503,
        code: -1008,
        message:
            "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. "
            + "Please try again."
    )
}
