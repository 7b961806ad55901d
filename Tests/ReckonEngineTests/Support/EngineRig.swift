import ReckonEngine
import ReckonModel
import Testing

/// Drives the engine's front door: feeds inputs, fires timers, answers rounds from a settable picture of the venue.
///
/// After every step it replays all facts and demands the live state, so each test is a test of I-11 too.
struct EngineRig {
    static let symbol = Symbol("BTCUSDT")

    private(set) var engine: Engine
    private(set) var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
    private(set) var facts: [StampedFact] = []
    /// Actions not yet looked at by the test.
    var actions: [Action] = []
    private(set) var answers: [Int64: Answer] = [:]
    private(set) var timers: [EngineTimer: Instant] = [:]
    private var nextTicket: Int64 = 1
    private var replayed: EngineState
    let configuration: EngineConfiguration

    /// What the venue's lists show; `nil` lets the question fail.
    var positions: [PositionReport]? = []
    var openOrders: [OrderReport]? = []
    var openAlgoOrders: [OrderReport]? = []
    var history: [OrderReport] = []
    var trades: [AccountTrade]? = []
    var settings: [SymbolSettings]? = []
    var answersRounds = true
    /// The knobs that the policy answers with; `nil` leaves questions open.
    var policy: (@Sendable (PolicyQuestion) -> Result<Knobs, PolicyFault>)?

    init(_ change: (inout EngineConfiguration) -> Void = { _ in }) {
        var configuration = EngineConfiguration(
            engineID: "t1",
            symbols: [EngineRig.symbol],
            limits: GuardLimits(
                maxNotional: 10_000,
                maxLeverage: 10,
                minEntryConfidence: 0,
                entryCooldownSeconds: 0,
                maxOpenOrdersPerSymbol: 4
            )
        )
        change(&configuration)
        self.configuration = configuration
        engine = Engine(configuration)
        replayed = EngineState(configuration)
        let limits = configuration.limits
        policy = { _ in .success(Knobs(mode: .green, allowEntries: true, limits: limits)) }
    }

    /// A rig whose first rounds and verdict are over and whose gate is open.
    static func open(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineRig {
        var rig = EngineRig(change)
        rig.start()
        return rig
    }

    mutating func start(epoch: String = "e1") {
        step(.instruments([EngineRig.instrument]))
        step(.marks([Mark(symbol: EngineRig.symbol, price: price("100"))]))
        step(.wake(epoch: epoch))
        step(.stream(.connected))
        advance(by: .seconds(2))
        step(.leverageSet(LeverageChange(symbol: EngineRig.symbol, leverage: 10), .success(10)))
        actions.removeAll()
    }

    /// Throws the process away and starts another from the facts alone.
    mutating func crashAndRestart(epoch: String = "e2", keeping count: Int? = nil) {
        if let count { facts = Array(facts.prefix(count)) }
        engine = Engine(configuration, replaying: facts)
        replayed = engine.state
        timers.removeAll()
        actions.removeAll()
        start(epoch: epoch)
    }

    mutating func step(_ input: Input) {
        var outbox = Outbox()
        engine.step(input, at: now, into: &outbox)
        facts += outbox.facts
        for fact in outbox.facts { replayed.apply(fact) }
        // No fact, no change: `apply` is the only writer.
        if !outbox.facts.isEmpty, replayed != engine.state {
            Issue.record("I-11: replay differs after \(input)")
        }
        for action in outbox.actions { take(action) }
    }

    private mutating func take(_ action: Action) {
        switch action {
        case .arm(let timer, let at): timers[timer] = at
        case .answer(let ticket, let answer): answers[ticket] = answer
        case .snapshot(let question):
            actions.append(action)
            if answersRounds { answer(question) }
        case .evaluate(let question):
            actions.append(action)
            guard let policy else { return }
            let verdict = PolicyVerdict(
                tick: question.tick,
                policyDigest: "d",
                answer: policy(question),
                instructions: 1,
                stateDigest: "s"
            )
            step(.verdict(verdict))
        case .place, .query, .cancel, .setLeverage, .setMarginMode, .setCountdown, .resyncClock,
            .reopenStream,
            .notify, .putBack:
            actions.append(action)
        }
    }

    mutating func answer(_ question: SnapshotQuestion) {
        step(.snapshot(question, content(question.part).map { .success($0) } ?? lost))
    }

    private func content(_ part: SnapshotQuestion.Part) -> SnapshotContent? {
        switch part {
        case .positions: positions.map { .positions($0) }
        case .openOrders: openOrders.map { .orders($0) }
        case .openAlgoOrders: openAlgoOrders.map { .orders($0) }
        case .symbolOrders(let symbol):
            openOrders.map { rows in .orders(rows.filter { $0.symbol == symbol }) }
        case .symbolAlgoOrders(let symbol):
            openAlgoOrders.map { rows in .orders(rows.filter { $0.symbol == symbol }) }
        case .trades: trades.map { .trades($0) }
        case .settings: settings.map { .settings($0) }
        case .orderHistory, .algoHistory: .orders(history)
        }
    }

    private var lost: Result<SnapshotContent, VenueFailure> { .failure(.unknown("lost")) }

    /// Lets time pass, firing timers in order of their times.
    mutating func advance(by span: Span) {
        let end = now + span
        while let next = timers.min(by: { ($0.value, "\($0.key)") < ($1.value, "\($1.key)") }),
            next.value <= end
        {
            timers[next.key] = nil
            now = max(now, next.value)
            step(.timer(next.key))
        }
        now = end
    }

    /// Hands in an intent and gives back what the caller was told.
    @discardableResult
    mutating func submit(_ intent: Intent) -> Answer? {
        let ticket = nextTicket
        nextTicket += 1
        step(.intent(Submission(intent: intent, ticket: ticket)))
        return answers[ticket]
    }

    @discardableResult
    mutating func command(_ command: OperatorCommand) -> Answer? {
        step(.command(command, ticket: 0))
        return answers[0]
    }

    /// Asks for something under a ticket of its own and gives back what the caller was told.
    mutating func ask(_ input: (Int64) -> Input) -> Answer? {
        let ticket = nextTicket
        nextTicket += 1
        step(input(ticket))
        return answers[ticket]
    }

    /// Telemetry of one name since the last look at the actions.
    func notices(_ name: Notice.Name) -> [Notice] {
        actions.compactMap { action in
            if case .notify(let notice) = action, notice.name == name { return notice }
            return nil
        }
    }

    var venueNow: VenueInstant { VenueInstant(milliseconds: now.nanoseconds / 1_000_000) }

    /// Placements since the last look, oldest first; looking removes them.
    mutating func takePlacements() -> [Placement] {
        let found = actions.compactMap { action -> Placement? in
            if case .place(let placement) = action { return placement }
            return nil
        }
        actions.removeAll { if case .place = $0 { return true } else { return false } }
        return found
    }

    mutating func takeQueries() -> [OrderQuery] {
        let found = actions.compactMap { action -> OrderQuery? in
            if case .query(let query) = action { return query }
            return nil
        }
        actions.removeAll { if case .query = $0 { return true } else { return false } }
        return found
    }

    /// Lets time pass in small steps, answering each request as told, and counts the requests by their kind.
    mutating func drive(
        for span: Span,
        every pause: Span = .milliseconds(50),
        answering answer: (Action, EngineRig) -> Input?
    ) -> RequestCount {
        var count = RequestCount()
        let end = now + span
        while now < end {
            let waiting = actions
            actions.removeAll()
            for action in waiting {
                count.note(action)
                if let input = answer(action, self) { step(input) }
            }
            advance(by: pause)
        }
        return count
    }

    mutating func takeCancels() -> [Cancellation] {
        let found = actions.compactMap { action -> Cancellation? in
            if case .cancel(let cancellation) = action { return cancellation }
            return nil
        }
        actions.removeAll { if case .cancel = $0 { return true } else { return false } }
        return found
    }

    /// Notices since the last look.
    mutating func takeNotices(_ name: Notice.Name) -> [Notice] {
        let found = actions.compactMap { action -> Notice? in
            if case .notify(let notice) = action, notice.name == name { return notice }
            return nil
        }
        actions.removeAll { if case .notify(let notice) = $0 { notice.name == name } else { false } }
        return found
    }

    /// Questions of one kind since the last look.
    mutating func takeQuestions(_ isWanted: (SnapshotQuestion.Part) -> Bool) -> [SnapshotQuestion] {
        let found = actions.compactMap { action -> SnapshotQuestion? in
            if case .snapshot(let question) = action, isWanted(question.part) { return question }
            return nil
        }
        actions.removeAll { if case .snapshot(let question) = $0 { isWanted(question.part) } else { false } }
        return found
    }

    func report(_ placement: Placement, _ status: VenueOrderStatus, executed: String = "0") -> OrderReport {
        report(placement.ticket, status, executed: executed)
    }

    func report(_ ticket: OrderTicket, _ status: VenueOrderStatus, executed: String = "0") -> OrderReport {
        var report = OrderReport(
            id: ticket.id,
            venueID: VenueOrderID(7),
            symbol: ticket.symbol,
            side: ticket.side,
            status: status,
            isConditional: ticket.role.isConditional,
            quantity: ticket.quantity,
            executed: quantity(executed),
            updatedAt: venueNow
        )
        report.closesPosition = ticket.extent == .wholePosition
        report.averagePrice = price("100")
        report.createdAt = venueNow
        if case .stopMarket(let trigger) = ticket.pricing { report.price = trigger }
        return report
    }

    /// What the venue tells of a market order once it has filled in full, stamped with the time of its sending.
    func lateReport(_ placement: Placement) -> OrderReport {
        var late = report(placement, .filled, executed: placement.ticket.quantity.description)
        late.updatedAt = placement.timestamp
        return late
    }

    /// Opens a long position of `size` through an entry, with its stop resting; the lists show both.
    mutating func openLong(_ size: String = "1", key: String = "open") -> Placement? {
        submit(.entry(entry(key, size)))
        guard let placement = takePlacements().first else { return nil }
        step(.placed(placement, .success(report(placement, .filled, executed: size))))
        guard let stop = takePlacements().first else { return nil }
        step(.placed(stop, .success(report(stop, .new))))
        positions = [position(size)]
        openAlgoOrders = [report(stop, .new)]
        return placement
    }

    /// Adds to an open position through an entry that fills at once.
    mutating func openMore(_ size: String, key: String) -> Placement? {
        submit(.entry(entry(key, size)))
        guard let placement = takePlacements().first else { return nil }
        step(.placed(placement, .success(report(placement, .filled, executed: size))))
        positions = [position(held.description)]
        return placement
    }

    func position(_ size: String) -> PositionReport {
        PositionReport(
            symbol: EngineRig.symbol,
            quantity: quantity(size),
            entryPrice: price("100"),
            markPrice: price("100"),
            updatedAt: venueNow
        )
    }

    func end(of key: String) -> IntentEnd? {
        engine.state.keys[key].flatMap { engine.state.intents[$0]?.end }
    }

    var held: Quantity { engine.state.holding(EngineRig.symbol).position.quantity }

    static let instrument: Instrument = {
        var instrument = Instrument(
            symbol: symbol,
            tickSize: price("0.1"),
            stepSize: quantity("0.001"),
            minQuantity: quantity("0.001"),
            maxQuantity: quantity("1000"),
            minNotional: Notional(units: 5 * Notional.scale)
        )
        instrument.maxMarketQuantity = quantity("100")
        return instrument
    }()
}

/// What went to the venue.
struct RequestCount {
    var entries = 0
    var exits = 0
    var stops = 0
    var queries = 0
    var cancels = 0
    var snapshots = 0
    var leverages = 0
    var margins = 0
    /// Request weight of all of it.
    var weight = 0

    mutating func note(_ action: Action) {
        switch action {
        case .place(let placement):
            switch placement.ticket.role {
            case .entry: entries += 1
            case .exit: exits += 1
            case .stop, .takeProfit: stops += 1
            }
        case .query: queries += 1
        case .cancel: cancels += 1
        case .snapshot: snapshots += 1
        case .setLeverage: leverages += 1
        case .setMarginMode: margins += 1
        case .arm, .evaluate, .putBack, .setCountdown, .resyncClock, .reopenStream, .answer, .notify: break
        }
    }
}

/// Decimals in tests are literals; a wrong one is a bug of the test.
func price(_ text: String) -> Price { (try? Price(parsing: text)) ?? .zero }

func quantity(_ text: String) -> Quantity { (try? Quantity(parsing: text)) ?? .zero }

func entry(_ key: String, _ size: String, side: Side = .buy, pricing: Pricing = .market) -> EntryIntent {
    EntryIntent(
        key: key,
        symbol: EngineRig.symbol,
        side: side,
        sizing: .quantity(quantity(size)),
        pricing: pricing
    )
}
