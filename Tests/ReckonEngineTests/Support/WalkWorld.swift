import ReckonEngine
import ReckonModel
import Testing

/// One engine and one tiny venue with a network between them that loses, delays, repeats and reorders.
///
/// One seed decides everything. Crashes throw the process away, with what it had not sent yet and what was on its way to it.
struct WalkWorld {
    /// How hostile the world is; chances in a thousand.
    struct Hostility {
        var lostRequest: UInt64 = 90
        var lostAnswer: UInt64 = 90
        var retryable: UInt64 = 40
        var banned: UInt64 = 4
        var refused: UInt64 = 15
        var lostReport: UInt64 = 100
        var repeatedReport: UInt64 = 80
        var staleList: UInt64 = 60
        var crash: UInt64 = 15
        var meddling: UInt64 = 15

        /// Each kind of trouble off, mild or heavy, by the seed: bugs hide behind the trouble that is missing.
        static func drawn(from seed: UInt64) -> Hostility {
            var dice = Dice(seed: seed).child("hostility")
            var drawn = Hostility()
            func scale(_ chance: inout UInt64) { chance = chance * [0, 1, 1, 3][Int(dice.roll(below: 4))] }
            scale(&drawn.lostRequest)
            scale(&drawn.lostAnswer)
            scale(&drawn.retryable)
            scale(&drawn.banned)
            scale(&drawn.refused)
            scale(&drawn.lostReport)
            scale(&drawn.repeatedReport)
            scale(&drawn.staleList)
            scale(&drawn.crash)
            scale(&drawn.meddling)
            return drawn
        }

        static let none = Hostility(
            lostRequest: 0,
            lostAnswer: 0,
            retryable: 0,
            banned: 0,
            refused: 0,
            lostReport: 0,
            repeatedReport: 0,
            staleList: 0,
            crash: 0,
            meddling: 0
        )
    }

    private enum Event {
        case input(Input)
        case arrival(Action)
        case tick
        case wish
        case rise
    }

    private struct Row {
        let at: Instant
        let number: Int
        let event: Event
    }

    static let symbols = [Symbol("BTCUSDT"), Symbol("ETHUSDT")]

    let seed: UInt64
    private(set) var engine: Engine
    private(set) var venue = TinyVenue()
    private(set) var facts: [StampedFact] = []
    private(set) var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
    private(set) var requests = 0
    /// Placements that may open exposure.
    private(set) var sends = 0
    /// The first thing that went wrong; a walk stops there.
    private(set) var complaint: String?
    private var dice: Dice
    private var hostility: Hostility
    private let configuration: EngineConfiguration
    private var replayed: EngineState
    private var isUp = false
    private var willCrash = false
    private var starts = 0
    private var steps = 0
    private var rows: [Row] = []
    private var count = 0
    private var timers: [EngineTimer: (at: Instant, number: Int)] = [:]
    private var pasts: [TinyVenue] = []
    private var wishes = true
    private var wishCount = 0
    var trace: ((String) -> Void)?
    /// The process dies once after so many turns that stored facts, with nothing of the last one performed.
    var diesAfterTurn: Int?
    private var turnsWithFacts = 0
    /// Whether operators flatten and cancel all, and strategies replace and cancel by key.
    var operates = false
    private(set) var flattensDone = 0
    private(set) var replacementsApplied = 0

    init(seed: UInt64, hostility: Hostility = Hostility()) {
        self.seed = seed
        self.hostility = hostility
        dice = Dice(seed: seed)
        var configuration = EngineConfiguration(
            engineID: "w1",
            symbols: WalkWorld.symbols,
            limits: GuardLimits(
                maxNotional: 1_000,
                maxLeverage: 10,
                minEntryConfidence: 0,
                entryCooldownSeconds: 0,
                maxOpenOrdersPerSymbol: 3
            )
        )
        configuration.router.maxElapsed = .seconds(20)
        self.configuration = configuration
        engine = Engine(configuration)
        replayed = EngineState(configuration)
        for symbol in WalkWorld.symbols { venue.marks[symbol] = price("100") }
        push(.rise, after: .zero)
        push(.tick, after: .milliseconds(500))
        push(.wish, after: .seconds(3))
    }

    // MARK: The clockwork

    private mutating func push(_ event: Event, after span: Span) {
        count += 1
        rows.append(Row(at: now + span, number: count, event: event))
    }

    /// How many turns have stored facts so far.
    var turns: Int { turnsWithFacts }

    mutating func run(for span: Span) {
        let end = now + span
        while complaint == nil {
            let row = rows.indices.min { (rows[$0].at, rows[$0].number) < (rows[$1].at, rows[$1].number) }
            let timer = timers.min { ($0.value.at, $0.value.number) < ($1.value.at, $1.value.number) }
            let rowAt = row.map { rows[$0].at }
            if let timer, isUp, timer.value.at <= (rowAt ?? timer.value.at) {
                guard timer.value.at <= end else { break }
                now = max(now, timer.value.at)
                timers[timer.key] = nil
                step(.timer(timer.key))
            } else if let row, let rowAt, rowAt <= end {
                now = max(now, rowAt)
                handle(rows.remove(at: row).event)
            } else {
                break
            }
            guard steps < 60_000 else { return complain("a storm: \(steps) steps") }
        }
        now = end
    }

    /// The world becomes kind, and nobody wishes for anything new.
    mutating func heal() {
        hostility = .none
        wishes = false
    }

    /// Prices stand still, so that nothing happens in the very last moment.
    mutating func freeze() { venue.isStill = true }

    /// Changes a position at the venue without a word and without time for anybody to look.
    mutating func meddleUnseen() { venue.meddle(WalkWorld.symbols[0], .buy, quantity("7")) }

    private mutating func complain(_ text: String) {
        if complaint == nil { complaint = "seed \(seed): \(text)" }
    }

    private mutating func handle(_ event: Event) {
        venue.now = venueNow
        switch event {
        case .input(let input): if isUp { step(input) }
        case .arrival(let action): arrive(action)
        case .tick: tick()
        case .wish: wish()
        case .rise: rise()
        }
        stream()
    }

    private var venueNow: VenueInstant { VenueInstant(milliseconds: now.nanoseconds / 1_000_000) }

    private func latency(_ dice: inout Dice) -> Span {
        let isSlow = hostility.lostAnswer > 0 && dice.chance(1, in: 12)
        return .milliseconds(dice.roll(in: isSlow ? 300...2_600 : 3...60))
    }

    private mutating func happens(_ chance: UInt64) -> Bool { dice.chance(chance, in: 1_000) }

    // MARK: The process

    private mutating func rise() {
        starts += 1
        engine = Engine(configuration, replaying: facts)
        if engine.state != replayed { complain("I-11 at start \(starts): replay differs") }
        isUp = true
        let instruments = WalkWorld.symbols.map { symbol in
            var instrument = Instrument(
                symbol: symbol,
                tickSize: price("0.1"),
                stepSize: quantity("0.001"),
                minQuantity: quantity("0.001"),
                maxQuantity: quantity("1000"),
                minNotional: Notional(units: 5 * Notional.scale)
            )
            instrument.maxMarketQuantity = quantity("3")
            return instrument
        }
        step(.instruments(instruments))
        step(.marks(WalkWorld.symbols.map { Mark(symbol: $0, price: venue.mark($0)) }))
        step(.wake(epoch: "e\(starts)"))
        step(.stream(.connected))
    }

    private mutating func crash() {
        isUp = false
        willCrash = false
        timers.removeAll()
        rows.removeAll { if case .input = $0.event { return true } else { return false } }
        push(.rise, after: .milliseconds(dice.roll(in: 50...4_000)))
    }

    mutating func step(_ input: Input) {
        guard isUp, complaint == nil else { return }
        steps += 1
        trace?("\((now - Instant(nanoseconds: 1_700_000_000_000_000_000)).milliseconds) <- \(input)")
        var outbox = Outbox()
        engine.step(input, at: now, into: &outbox)
        for fact in outbox.facts {
            replayed.apply(fact)
            trace?("      fact \(fact.fact)")
        }
        facts += outbox.facts
        if steps % 50 == 0, replayed != engine.state { complain("I-11: replay differs after \(input)") }
        if happens(hostility.crash), !outbox.facts.isEmpty { willCrash = true }
        checkFacts(of: outbox)
        for fact in outbox.facts { checkOperations(fact.fact) }
        if !outbox.facts.isEmpty { turnsWithFacts += 1 }
        if let last = diesAfterTurn, turnsWithFacts == last {
            diesAfterTurn = nil
            return crash()
        }
        // Facts are durable; whether their actions got out is a matter of luck.
        let performed =
            willCrash ? Int(dice.roll(below: UInt64(outbox.actions.count) + 1)) : outbox.actions.count
        for action in outbox.actions.prefix(performed) { perform(action) }
        if willCrash { crash() }
    }

    /// I-01 at the engine's door: what opens exposure leaves only in the turn that stores its very attempt.
    private mutating func checkFacts(of outbox: Outbox) {
        for case .place(let placement) in outbox.actions where placement.ticket.role.opensExposure {
            sends += 1
            let sent = Fact.order(
                placement.ticket.id,
                .submitted(
                    attempt: placement.attempt,
                    timestamp: placement.timestamp,
                    window: placement.window
                )
            )
            if !outbox.facts.contains(where: { $0.fact == sent }) {
                complain("I-01: \(placement) without its fact")
            }
        }
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .arm(let timer, let at):
            count += 1
            timers[timer] = (at, count)
        case .place, .query, .cancel, .snapshot, .setLeverage, .setMarginMode: transmit(action)
        case .evaluate(let question):
            let knobs = Knobs(mode: .green, allowEntries: true, limits: configuration.limits)
            let verdict = PolicyVerdict(
                tick: question.tick,
                policyDigest: "d",
                answer: .success(knobs),
                instructions: 1,
                stateDigest: "s"
            )
            push(.input(.verdict(verdict)), after: .milliseconds(5))
        case .reopenStream: push(.input(.stream(.connected)), after: .milliseconds(200))
        case .resyncClock, .answer, .notify, .setCountdown, .putBack: break
        }
    }

    // MARK: The network

    private mutating func transmit(_ action: Action) {
        requests += 1
        trace?("      -> \(action)")
        if happens(hostility.lostRequest) {
            if dice.chance(3, in: 4) {
                answer(action, lost(.doubt, 0), after: .milliseconds(dice.roll(in: 5...3_000)))
            }
            return
        }
        if case .place(let placement) = action, hostility.lostRequest > 0, dice.chance(1, in: 60) {
            return push(.input(.dropped(placement)), after: .milliseconds(500))
        }
        push(.arrival(action), after: latency(&dice))
    }

    private func lost(_ outcome: OutcomeClass, _ code: Int, stop: Bool = false) -> VenueFailure {
        VenueFailure(
            outcome,
            code: code,
            message: "m",
            retryAfter: stop ? .seconds(2) : nil,
            stopsAllRequests: stop
        )
    }

    private mutating func arrive(_ action: Action) {
        if happens(hostility.retryable) {
            return answer(action, lost(.retryable, -1001), after: latency(&dice))
        }
        if happens(hostility.banned) {
            return answer(action, lost(.retryable, 429, stop: true), after: latency(&dice))
        }
        if case .place = action, happens(hostility.refused) {
            return answer(action, lost(.fatal, -2010), after: latency(&dice))
        }
        let input = outcome(of: action)
        checkEntries()
        if happens(hostility.lostAnswer) {
            if dice.chance(3, in: 4) {
                answer(action, lost(.doubt, 0), after: .milliseconds(dice.roll(in: 5...3_000)))
            }
        } else {
            push(.input(input), after: latency(&dice))
        }
    }

    private mutating func answer(_ action: Action, _ failure: VenueFailure, after span: Span) {
        let input: Input
        switch action {
        case .place(let placement): input = .placed(placement, .failure(failure))
        case .query(let query): input = .queried(query, .failure(failure))
        case .cancel(let cancellation): input = .cancelled(cancellation, .failure(failure))
        case .snapshot(let question): input = .snapshot(question, .failure(failure))
        case .setLeverage(let change): input = .leverageSet(change, .failure(failure))
        case .setMarginMode(let change): input = .marginModeSet(change, .failure(failure))
        case .arm, .evaluate, .putBack, .setCountdown, .resyncClock, .reopenStream, .answer, .notify: return
        }
        push(.input(input), after: span)
    }

    private mutating func outcome(of action: Action) -> Input {
        switch action {
        case .place(let placement): return .placed(placement, venue.place(placement, dice: &dice))
        case .query(let query): return .queried(query, venue.query(query))
        case .cancel(let cancellation): return .cancelled(cancellation, venue.cancel(cancellation))
        case .setLeverage(let change): return .leverageSet(change, .success(change.leverage))
        case .setMarginMode(let change): return .marginModeSet(change, .success(change.isIsolated))
        case .snapshot(let question):
            let shown = happens(hostility.staleList) ? (pasts.first ?? venue) : venue
            return .snapshot(question, .success(shown.list(question.part)))
        case .arm, .evaluate, .putBack, .setCountdown, .resyncClock, .reopenStream, .answer, .notify:
            return .stream(.heard)
        }
    }

    private mutating func stream() {
        let said = venue.said
        venue.said = []
        for input in said {
            if happens(hostility.lostReport) { continue }
            push(.input(input), after: latency(&dice))
            if happens(hostility.repeatedReport) { push(.input(input), after: latency(&dice)) }
        }
    }

    // MARK: The world's own life

    private mutating func tick() {
        push(.tick, after: .milliseconds(wishes ? 500 : 1_500))
        pasts.append(venue)
        if pasts.count > 5 { pasts.removeFirst() }
        for symbol in WalkWorld.symbols { venue.tick(symbol, dice: &dice) }
        if happens(hostility.meddling),
            let stop = venue.openOrders.first(where: { $0.ticket.role.isConditional })
        {
            venue.strike(stop.ticket.id)
        }
        if happens(hostility.meddling) {
            let symbol = WalkWorld.symbols[Int(dice.roll(below: 2))]
            venue.meddle(symbol, dice.chance(1, in: 2) ? .buy : .sell, quantity("0.2"))
        }
        checkEntries()
        push(
            .input(.marks(WalkWorld.symbols.map { Mark(symbol: $0, price: venue.mark($0)) })),
            after: .milliseconds(5)
        )
        push(.input(.stream(.heard)), after: .milliseconds(5))
    }

    private mutating func wish() {
        guard wishes else { return }
        push(.wish, after: .milliseconds(dice.roll(in: 100...2_000)))
        wishCount += 1
        let symbol = WalkWorld.symbols[Int(dice.roll(below: 2))]
        let mayResume = engine.state.guarding.isHaltedByOperator || !engine.state.flattens.rows.isEmpty
        if mayResume { step(.command(.resume(reason: "r"), ticket: 0)) }
        if operates, dice.chance(1, in: 3) { return operate(symbol) }
        switch dice.roll(below: 20) {
        case 0...10: submit(.entry(wishedEntry(symbol)))
        case 11...14:
            let extents: [ExitExtent] = [.close, .reduce(by: quantity("0.5")), .down(to: quantity("0.3"))]
            submit(
                .exit(
                    ExitIntent(
                        key: "x\(wishCount)",
                        symbol: symbol,
                        extent: extents[Int(dice.roll(below: 3))]
                    )
                )
            )
        case 15...16:
            let distance = StopDistance.basisPoints(dice.roll(in: 50...900))
            submit(.protect(ProtectIntent(key: "p\(wishCount)", symbol: symbol, stop: distance)))
        case 17...18:
            if let id = engine.state.openIntents.keys.last { step(.withdrawal(id, ticket: 0)) }
        default:
            step(.command(.halt(reason: "h"), ticket: 0))
        }
    }

    private mutating func operate(_ symbol: Symbol) {
        let scope = dice.chance(1, in: 2) ? CommandScope.account : .symbol(symbol)
        switch dice.roll(below: 8) {
        case 0: step(.command(.flatten(scope, reason: "f"), ticket: 0))
        case 1: step(.command(.cancelAll(scope, reason: "c"), ticket: 0))
        case 2: step(.cancellation(key: "e\(wishCount - 1)", ticket: 0))
        default:
            let open = engine.state.openIntents.keys.last { engine.state.intents[$0]?.entry != nil }
            guard let open else { return }
            let tick = Price(units: Price.scale / 10)
            let price = venue.mark(symbol).rounded(.down, toMultipleOf: tick) + tick
            let size = dice.chance(1, in: 2) ? nil : Quantity(units: dice.roll(in: 1...30) * 10_000_000)
            step(.amendment(Amendment(.id(open), price: price, quantity: size), ticket: 0))
        }
    }

    /// A flatten is done only when the venue truly is flat; without stale lists and meddling there is no excuse.
    private mutating func checkOperations(_ fact: Fact) {
        if case .replacement(_, .applied) = fact { replacementsApplied += 1 }
        guard case .flatten(let scope, .done) = fact else { return }
        flattensDone += 1
        guard hostility.staleList == 0, hostility.meddling == 0 else { return }
        for symbol in WalkWorld.symbols where scope.covers(symbol) {
            if !venue.held(symbol).isZero {
                complain("I-07: done, and \(symbol) holds \(venue.held(symbol))")
            }
            let resting = venue.openOrders.filter { $0.ticket.symbol == symbol }
            if !resting.isEmpty { complain("I-07: done, and \(resting.map(\.ticket.id)) rest") }
        }
    }

    private mutating func submit(_ intent: Intent) { step(.intent(Submission(intent: intent, ticket: 1))) }

    private mutating func wishedEntry(_ symbol: Symbol) -> EntryIntent {
        let side: Side = dice.chance(1, in: 2) ? .buy : .sell
        let size = Quantity(units: dice.roll(in: 1...30) * 10_000_000)
        var pricing = Pricing.market
        if dice.chance(1, in: 3) {
            let tick = Price(units: Price.scale / 10)
            pricing = .limit(venue.mark(symbol).rounded(.down, toMultipleOf: tick), .goodTillCancel)
        }
        var entry = EntryIntent(
            key: "e\(wishCount)",
            symbol: symbol,
            side: side,
            sizing: .quantity(size),
            pricing: pricing
        )
        entry.lifetime = .seconds(dice.roll(in: 5...40))
        entry.stop = dice.chance(1, in: 2) ? .basisPoints(dice.roll(in: 50...900)) : nil
        return entry
    }

    // MARK: What must hold

    /// I-02 by the venue's own books: over all generations, executed plus what is live there.
    private mutating func checkEntries() {
        var sums: Table<IntentID, Quantity> = Table()
        for order in venue.orders.values where order.ticket.role == .entry {
            guard let intent = intent(of: order.ticket.id) else { continue }
            sums[intent, default: .zero] += order.executed + order.remaining
        }
        for (intent, sum) in sums {
            guard let record = engine.state.intents[intent], sum > record.quantity else { continue }
            complain("I-02: intent \(intent) has \(sum) at the venue, allowed \(record.quantity)")
        }
    }

    /// The number after the `i` of `rk-w1-e1-i7-1`.
    private func intent(of id: ClientOrderID) -> IntentID? {
        let parts = id.text.split(separator: "-")
        guard parts.count == 5, parts[3].hasPrefix("i") else { return nil }
        return Int64(parts[3].dropFirst(), radix: 36).map { IntentID($0) }
    }

    /// At rest: belief is the venue's truth, nothing is in doubt, everything open is protected, everything asked is done.
    mutating func checkRest() {
        guard complaint == nil else { return }
        if replayed != engine.state { complain("I-11: replay differs at rest") }
        for symbol in WalkWorld.symbols {
            let believed = engine.state.holding(symbol).position.quantity
            if believed != venue.held(symbol) {
                complain("\(symbol): believed \(believed), true \(venue.held(symbol))")
            }
            let stops = venue.openOrders.filter {
                $0.ticket.symbol == symbol && $0.ticket.role == .stop && $0.ticket.extent == .wholePosition
            }
            if !venue.held(symbol).isZero, stops.isEmpty { complain("I-10: \(symbol) is naked at rest") }
        }
        for order in engine.state.orders.values where order.isUnresolved || order.state == .planned {
            complain("order \(order.id) is still \(order.state)")
        }
        for (scope, flatten) in engine.state.flattens.rows where !flatten.isDone {
            complain("the flatten of \(scope.name) is not done")
        }
        if engine.state.sharing.isShared { complain("shared with \(engine.state.sharing.strangers.keys)") }
        let believed = engine.state.orders.keys
        let live = venue.openOrders.map(\.ticket.id).sorted()
        if believed != live { complain("orders believed \(believed), live \(live)") }
        for id in engine.state.openIntents.keys {
            guard let record = engine.state.intents[id] else { continue }
            if case .protect = record.intent, venue.held(record.symbol).isZero == false { continue }
            complain("intent \(id) is still open: \(record.intent) orders \(record.orders)")
        }
        checkEntries()
    }
}
