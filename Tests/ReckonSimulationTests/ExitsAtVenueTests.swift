import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonSimulation
import Testing

/// I-03 to its end: whatever an entry can be refused for, at a real exchange the position really goes down.
@Suite("Exits at the exchange under every refusal that an entry can meet", .serialized)
struct ExitsAtVenueTests {
    enum Trouble: Int, CaseIterable {
        case halt
        case red
        case killSwitch
        case cooldown
        case budget
        case stale
        case doubt
        case naked
        case dust
        case throttled
        case restored
        case exitsOnly
        case overdue
        case policyFault
        case journalDown
        case spent
        case accountShared
    }

    enum Kind: CaseIterable {
        case close
        case partial
        case limit
        case stop
        case takeProfit
    }

    static let ether = Symbol("ETHUSDT")
    static let stopAt = price("2850")
    static let takeAt = price("3300")

    /// No trouble, each alone, each pair, all but one, all, and a seeded sample of the rest.
    static let sets: [[Trouble]] = {
        let all = Trouble.allCases
        var sets: [[Trouble]] = [[], all]
        for (index, one) in all.enumerated() {
            sets.append([one])
            sets.append(all.filter { $0 != one })
            for other in all[(index + 1)...] { sets.append([one, other]) }
        }
        var dice = Dice(seed: 5)
        for _ in 0..<60 { sets.append(all.filter { _ in dice.chance(1, in: 2) }) }
        return sets
    }()

    static func price(_ text: String) -> Price { (try? Price(parsing: text)) ?? .zero }

    static func quantity(_ text: String) -> Quantity { (try? Quantity(parsing: text)) ?? .zero }

    private static func listing(isHedged: Bool) -> ExchangeConfiguration {
        var listing = ExchangeConfiguration(symbols: [ether])
        listing.stepMilliseconds = 1_000
        listing.isHedged = isHedged
        for index in listing.markets.indices {
            guard case .seeded(let walk) = listing.markets[index].source else { continue }
            let point = PricePoint(offset: .zero, price: walk.start)
            listing.markets[index].source = .recorded(RecordedPrices(points: [point]))
        }
        return listing
    }

    private static func knobs(_ troubles: [Trouble], _ limits: GuardLimits) -> Knobs {
        var knobs = Knobs(mode: .green, allowEntries: true, limits: limits)
        if troubles.contains(.red) {
            knobs.mode = .red
            knobs.allowEntries = false
        }
        knobs.killSwitchTrip = troubles.contains(.killSwitch)
        if troubles.contains(.cooldown) { knobs.entryCooldownSeconds = 10_000 }
        if troubles.contains(.budget) {
            knobs.maxNotional = 1
            knobs.maxLeverage = 1
            knobs.maxOpenOrdersPerSymbol = 0
        }
        return knobs
    }

    /// A venue that loses entries and questions about them, refuses stops, fails lists, or wants to be left alone.
    private static func refuser(_ troubles: [Trouble], naked: Bool, lists: Bool, entries: Bool)
        -> (VenueCall.Request, Instant) -> VenueFailure?
    {
        { request, _ in
            switch request {
            case .place(let placement) where placement.ticket.role == .stop && naked:
                VenueFailure(.retryable, code: -1001, message: "no stops now")
            case .place(let placement) where placement.ticket.role == .entry && entries: .unknown("timeout")
            case .query where entries: .unknown("timeout")
            case .snapshot where lists: .unknown("timeout")
            default: nil
            }
        }
    }

    static func rig(_ book: Symbol, in troubles: [Trouble]) throws -> VenueRig {
        var rig = VenueRig(listing(isHedged: book.leg != nil), [book]) { $0.guardSettings.haltOnRed = false }
        rig.advance(by: .seconds(3))
        if troubles.contains(.dust) {
            rig.meddle { $0.tradeByHand(book, .buy, quantity("0.004")) }
            rig.advance(by: .seconds(12))
        } else {
            _ = rig.submit(.entry(entry("open", "1", on: book)))
            rig.advance(by: .seconds(3))
        }
        if troubles.contains(.accountShared) {
            var foreign = OrderRequest(symbol: book, side: .buy, type: .limit, quantity: quantity("0.1"))
            foreign.price = price("2500")
            foreign.timeInForce = .goodTillCancel
            foreign.clientID = ClientOrderID("rk-zz-e1-i1-1")
            try rig.meddle { _ = try $0.place(foreign) }
        }
        let isLost = troubles.contains(.doubt)
        if isLost {
            rig.refuses = refuser(troubles, naked: false, lists: false, entries: true)
            var second = entry("second", "0.1", on: book)
            second.pricing = .limit(price("2900"), .goodTillCancel)
            second.lifetime = .seconds(600)
            _ = rig.submit(.entry(second))
        }
        let limits = rig.configuration.limits
        rig.policy = { _ in
            troubles.contains(.policyFault)
                ? .failure(PolicyFault(code: .error, message: "made to fail"))
                : .success(knobs(troubles, limits))
        }
        rig.advance(by: .seconds(troubles.contains(.policyFault) ? 20 : 8))
        let isBlind = troubles.contains(.stale) || troubles.contains(.exitsOnly)
        if isBlind { rig.refuses = refuser(troubles, naked: false, lists: true, entries: isLost) }
        if troubles.contains(.stale) { rig.advance(by: .seconds(40)) }
        if troubles.contains(.restored) || troubles.contains(.exitsOnly) {
            rig.boot("e2")
            rig.advance(by: .seconds(1))
        }
        if troubles.contains(.naked) {
            rig.refuses = refuser(troubles, naked: true, lists: isBlind, entries: isLost)
            rig.meddle { _ = $0.cancelStopByHand(book) }
        }
        if troubles.contains(.halt) { rig.step(.command(.halt(reason: "drill"), ticket: 0)) }
        if troubles.contains(.journalDown) { rig.step(.journal(.failed("disk full"))) }
        if troubles.contains(.spent) { spendAll(&rig) }
        rig.refuses = refuser(troubles, naked: false, lists: isBlind, entries: isLost)
        return rig
    }

    private static func spendAll(_ rig: inout VenueRig) {
        var usage = RateUsage()
        usage.weightThisMinute = RateLimits().weightPerMinute
        usage.ordersThisMinute = RateLimits().ordersPerMinute
        usage.ordersTheseTenSeconds = RateLimits().ordersPerTenSeconds
        rig.step(.rates(.usage(usage)))
    }

    private static func entry(_ key: String, _ size: String, on book: Symbol) -> EntryIntent {
        EntryIntent(key: key, symbol: book, side: .buy, sizing: .quantity(quantity(size)))
    }

    private static func wish(_ kind: Kind, _ half: Quantity, _ book: Symbol, _ troubles: [Trouble]) -> Intent
    {
        switch kind {
        case .close, .partial, .limit:
            var exit = ExitIntent(key: "x", symbol: book)
            if kind == .partial { exit.extent = .reduce(by: half) }
            // At the bid, so that it takes at once.
            if kind == .limit { exit.pricing = .limit(price("2990"), .goodTillCancel) }
            if troubles.contains(.overdue) { exit.lifetime = .milliseconds(1) }
            return .exit(exit)
        case .stop: return .protect(ProtectIntent(key: "p", symbol: book, stop: .price(stopAt)))
        case .takeProfit: return .protect(ProtectIntent(key: "p", symbol: book, takeProfit: takeAt))
        }
    }

    @Test("each takes the position down, or rests, in time", arguments: [ether, ether.leg(.long)])
    func product(_ book: Symbol) throws {
        #expect(ExitsAtVenueTests.sets.count > 220)
        for troubles in ExitsAtVenueTests.sets {
            let start = try ExitsAtVenueTests.rig(book, in: troubles)
            let held = start.held(book)
            #expect(
                held == ExitsAtVenueTests.quantity(troubles.contains(.dust) ? "0.004" : "1"),
                "\(troubles)"
            )
            for kind in Kind.allCases { try arrives(kind, from: start, book, troubles) }
        }
    }

    private func arrives(
        _ kind: Kind,
        from start: VenueRig,
        _ book: Symbol,
        _ troubles: [Trouble]
    ) throws {
        var rig = start
        let half = Quantity(units: start.held(book).units / 2)
        var latest = Span.zero
        let calm = rig.refuses
        if troubles.contains(.throttled) {
            latest = .milliseconds(5_100)
            let until = rig.now + .seconds(5)
            rig.refuses = { request, now in
                now < until ? ExitsAtVenueTests.limited(until - now) : calm(request, now)
            }
            // Whoever asks next is told; here it is a question that the engine would ask.
            let query = OrderQuery(id: ClientOrderID("q"), symbol: book, endpoint: .order, askedAt: rig.now)
            rig.step(.queried(query, .failure(ExitsAtVenueTests.limited(.seconds(5)))))
        }
        if troubles.contains(.overdue) { latest = latest + .seconds(3) }
        // Moving a stop takes a cancel, and for those the venue says that nothing is left in this minute.
        if troubles.contains(.spent), kind == .stop { latest = .seconds(75) }
        let asked = rig.arrived.count
        refuseOnce(troubles, kind, &rig)
        guard case .accepted = rig.submit(ExitsAtVenueTests.wish(kind, half, book, troubles)) else {
            Issue.record("\(kind) on \(book) refused in \(troubles)")
            return
        }
        let deadline = rig.now + latest + .milliseconds(kind == .stop ? 3_000 : 0)
        while !isDone(kind, half, rig, book), rig.now < deadline { rig.advance(by: .milliseconds(100)) }
        #expect(isDone(kind, half, rig, book), "\(kind) on \(book) did not come to pass in \(troubles)")
        if troubles.contains(.throttled) {
            let tooEarly = rig.arrived.dropFirst(asked).contains { $0.at < start.now + .seconds(5) }
            #expect(!tooEarly, "the venue's wait was not kept in \(troubles)")
        }
        rig.advance(by: .seconds(10))
        #expect(!rig.held(book).isNegative, "\(kind) on \(book) flipped the position in \(troubles)")
    }

    /// An exit past its deadline goes on although the venue refused its first send.
    private func refuseOnce(_ troubles: [Trouble], _ kind: Kind, _ rig: inout VenueRig) {
        guard troubles.contains(.overdue) else { return }
        let before = rig.refuses
        var refused = false
        rig.refuses = { request, now in
            if let failure = before(request, now) { return failure }
            guard case .place(let placement) = request, placement.ticket.role == .exit, !refused else {
                return nil
            }
            refused = true
            return VenueFailure(.fatal, code: -1, message: "no")
        }
    }

    private static func limited(_ wait: Span) -> VenueFailure {
        VenueFailure(
            .retryable,
            code: -1003,
            message: "Too many requests.",
            retryAfter: wait,
            stopsAllRequests: true
        )
    }

    private func isDone(_ kind: Kind, _ half: Quantity, _ rig: VenueRig, _ book: Symbol) -> Bool {
        let stops = rig.exchange.openAlgoOrders(book)
        switch kind {
        case .close, .limit: return rig.held(book).isZero
        case .partial: return rig.held(book) == half
        case .stop:
            return stops.contains { $0.type == .stopMarket && $0.triggerPrice == ExitsAtVenueTests.stopAt }
        case .takeProfit:
            return stops.contains {
                $0.type == .takeProfitMarket && $0.triggerPrice == ExitsAtVenueTests.takeAt
            }
        }
    }
}
