import NIOCore
import ReckonExchange
import ReckonModel

/// All that a venue knows; one lock stands round it.
struct VenueState: Sendable {
    let settings: VenueSettings
    let doorkeeper: Doorkeeper
    var exchange: Exchange
    var gate: FaultGate
    var keys: ListenKeys
    var sessions = Table<Int, StreamSession>()
    private var limiter: RateLimiter
    private var sessionsMade = 0
    /// Earlier states, oldest first, for stale answers.
    private var past: [Exchange] = []
    private var ordinals = Ordinals()

    init(settings: VenueSettings) {
        let now = settings.clock.now
        var configuration = settings.exchange
        configuration.startsAt = now
        self.settings = settings
        doorkeeper = Doorkeeper(credentials: settings.credentials)
        exchange = Exchange(configuration: configuration, seed: settings.seed)
        gate = FaultGate(plan: settings.faults, seed: settings.seed, start: now)
        keys = ListenKeys(seed: settings.seed, life: settings.listenKeyLife, at: now)
        limiter = RateLimiter(limits: settings.limits)
    }

    /// Moves on to the clock's time.
    mutating func catchUp() -> VenueInstant {
        exchange.advance(to: settings.clock.now)
        return exchange.now
    }

    mutating func answer(_ request: WireRequest) -> WireReply {
        let now = catchUp()
        remember()
        if StreamAddress(target: request.path) != nil {
            guard gate.isOn(.disconnect, at: now) else { return .unknownPath(request) }
            return WireReply(status: 503, code: -1000, message: "Service Unavailable.")
        }
        if let fixed = VenueState.clientStartup(request) { return fixed }
        guard let endpoint = RouteTable.endpoint(request.method, request.path) else {
            return .unknownPath(request)
        }
        let parameters = Parameters(request)
        let weight = parameters["symbol"] == nil ? endpoint.weightOfAll : endpoint.weight
        let spent = limiter.spend(weight, from: request.peer, at: now)
        if let refusal = WireReply.refused(spent, limiter.limits, peer: request.peer) {
            return withCounts(refusal, endpoint, request, at: now)
        }
        do {
            try admit(request, parameters, endpoint, at: now)
        } catch {
            return withCounts(WireReply(error), endpoint, request, at: now)
        }
        return withCounts(perform(endpoint, parameters, request, at: now), endpoint, request, at: now)
    }

    /// Paths of other products that clients ask at their start.
    private static func clientStartup(_ request: WireRequest) -> WireReply? {
        guard request.method == "GET" else { return nil }
        switch request.path {
        case "/api/v3/ping": return WireReply([:])
        case "/sapi/v1/capital/config/getall", "/sapi/v1/margin/allPairs": return WireReply([])
        default: return nil
        }
    }

    private func admit(
        _ request: WireRequest,
        _ parameters: Parameters,
        _ endpoint: Endpoint,
        at now: VenueInstant
    ) throws(VenueRejection) {
        switch endpoint.security {
        case .open: break
        case .key: try doorkeeper.checkKey(request.apiKey)
        case .signed:
            try doorkeeper.checkKey(request.apiKey)
            try doorkeeper.checkSigned(request, parameters, at: now)
        }
    }

    private mutating func perform(
        _ endpoint: Endpoint,
        _ parameters: Parameters,
        _ request: WireRequest,
        at now: VenueInstant
    ) -> WireReply {
        let decision = gate.judge(gateRequest(endpoint, parameters, at: now), at: now)
        var reply = decision.replacement ?? WireReply([:])
        if decision.executes {
            if endpoint.placesOrder {
                let counted = limiter.countOrders(endpoint.orders, at: now)
                if let refusal = WireReply.refused(counted, limiter.limits, peer: request.peer) {
                    return refusal
                }
            }
            let truth = execute(endpoint, parameters, staleness: decision.staleness, at: now)
            reply = decision.replacement ?? truth
        }
        reply.fate = decision.fate
        return reply
    }

    private mutating func execute(
        _ endpoint: Endpoint,
        _ parameters: Parameters,
        staleness: Int64?,
        at now: VenueInstant
    ) -> WireReply {
        let call = Call(parameters: parameters, limits: settings.limits)
        do {
            if endpoint.purpose == .listenKey { return try listenKey(endpoint.method, at: now) }
            if let staleness, var old = exchange(asOf: now - .milliseconds(staleness)) {
                return WireReply(try endpoint.answer(&old, call))
            }
            return WireReply(try endpoint.answer(&exchange, call))
        } catch {
            return WireReply(error)
        }
    }

    private mutating func listenKey(_ method: String, at now: VenueInstant) throws(VenueRejection)
        -> WireReply
    {
        switch method {
        case "POST": return WireReply(["listenKey": .text(keys.open(at: now))])
        case "PUT": return WireReply(["listenKey": .text(try keys.extend(at: now))])
        default:
            keys.close()
            return WireReply([:])
        }
    }

    private mutating func gateRequest(
        _ endpoint: Endpoint,
        _ parameters: Parameters,
        at now: VenueInstant
    ) -> GateRequest {
        let reduces = parameters.saysThatItReduces
        let client =
            parameters["newClientOrderId"] ?? parameters["clientAlgoId"] ?? parameters["origClientOrderId"]
        let symbol = parameters.optionalSymbol()
        return GateRequest(
            endpoint: endpoint,
            symbol: symbol,
            cause: ordinals.cause(endpoint, client: client, symbol: symbol, at: now),
            opens: endpoint.placesOrder && !reduces
        )
    }

    private mutating func withCounts(
        _ reply: WireReply,
        _ endpoint: Endpoint,
        _ request: WireRequest,
        at now: VenueInstant
    ) -> WireReply {
        var counted = reply
        let weight = limiter.usedWeight(request.peer, at: now)
        counted.headers.append(.init(name: "X-MBX-USED-WEIGHT-1M", value: "\(weight)"))
        if endpoint.placesOrder {
            let counts = limiter.orderCounts(at: now)
            counted.headers.append(.init(name: "X-MBX-ORDER-COUNT-10S", value: "\(counts.tenSeconds)"))
            counted.headers.append(.init(name: "X-MBX-ORDER-COUNT-1M", value: "\(counts.minute)"))
        }
        return counted
    }

    /// Keeps a copy of the exchange now and then, where the plan wants old answers.
    mutating func remember() {
        let oldest = settings.faults.oldestSnapshot
        guard oldest > 0 else { return }
        if let last = past.last, exchange.now.milliseconds - last.now.milliseconds < 500 { return }
        var copy = exchange
        copy.forgetRecord()
        past.append(copy)
        let horizon = exchange.now - .milliseconds(oldest + 1_000)
        while past.count > 1, past[1].now <= horizon { past.removeFirst() }
    }

    private func exchange(asOf instant: VenueInstant) -> Exchange? {
        past.last { $0.now <= instant } ?? past.first
    }

    mutating func addSession(_ session: StreamSession) -> Int {
        sessionsMade += 1
        sessions[sessionsMade] = session
        return sessionsMade
    }
}

/// Names causes for the gate's draws: by the client's id and attempt, or by endpoint and second.
private struct Ordinals: Sendable {
    private var attempts = Table<String, Int>()
    private var slot: Int64 = -1
    private var inSlot = Table<String, Int>()

    mutating func cause(_ endpoint: Endpoint, client: String?, symbol: Symbol?, at now: VenueInstant)
        -> String
    {
        if let client {
            let key = "\(endpoint.name) \(client)"
            attempts[key, default: 0] += 1
            return "\(client) #\(attempts[key] ?? 1)"
        }
        let second = now.milliseconds / 1_000
        if second != slot {
            slot = second
            inSlot.removeAll()
        }
        let key = "\(endpoint.name) \(symbol?.name ?? "*")"
        inSlot[key, default: 0] += 1
        return "\(symbol?.name ?? "*") \(second) #\(inSlot[key] ?? 1)"
    }
}
