import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonSimulation

/// The engine before a real exchange in process: what it asks is carried out at once, unless the test's venue says no.
struct VenueRig {
    private(set) var engine: Engine
    private(set) var exchange: Exchange
    private(set) var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
    private(set) var facts: [StampedFact] = []
    /// Every request that came to the venue, with the time.
    private(set) var arrived: [(at: Instant, request: VenueCall.Request)] = []
    let configuration: EngineConfiguration
    /// What the venue says instead of looking at a request.
    var refuses: (VenueCall.Request, Instant) -> VenueFailure? = { _, _ in nil }
    var policy: (PolicyQuestion) -> Result<Knobs, PolicyFault>

    private var timers: Table<String, (timer: EngineTimer, at: Instant)> = Table()
    private var waiting: [Action] = []
    private var answers: Table<Int64, Answer> = Table()
    private var tickets: Int64 = 0
    private var marksTold = Instant.epoch

    init(_ listing: ExchangeConfiguration, _ books: [Symbol], _ change: (inout EngineConfiguration) -> Void) {
        let limits = GuardLimits(
            maxNotional: 100_000,
            maxLeverage: 10,
            minEntryConfidence: 0,
            entryCooldownSeconds: 0,
            maxOpenOrdersPerSymbol: 4
        )
        var configuration = EngineConfiguration(engineID: "t1", symbols: books, limits: limits)
        change(&configuration)
        self.configuration = configuration
        engine = Engine(configuration)
        var listing = listing
        listing.startsAt = VenueInstant(milliseconds: now.nanoseconds / 1_000_000)
        exchange = Exchange(configuration: listing, seed: 7)
        policy = { _ in .success(Knobs(mode: .green, allowEntries: true, limits: limits)) }
        boot("e1")
    }

    /// The process begins, with what its facts hold.
    mutating func boot(_ epoch: String) {
        engine = Engine(configuration, replaying: facts)
        timers.removeAll()
        waiting.removeAll()
        let listed = exchange.configuration.markets.map(\.instrument)
        step(
            .instruments(
                configuration.symbols.flatMap { book in
                    listed.filter { $0.symbol == book.instrument }.map { $0.named(book) }
                }
            )
        )
        tellMarks()
        step(.wake(epoch: epoch))
        step(.stream(.connected))
    }

    mutating func step(_ input: Input) {
        decide(input)
        var count = 0
        while !waiting.isEmpty {
            count += 1
            precondition(count < 5_000, "the engine and the venue talk without end")
            perform(waiting.removeFirst())
        }
    }

    /// Does something to the exchange that no request asked for.
    mutating func meddle(_ body: (inout Exchange) throws -> Void) rethrows {
        try body(&exchange)
        hear()
        step(.stream(.heard))
    }

    /// Lets time pass on both sides: prices every second, timers at their times.
    mutating func advance(by span: Span) {
        let end = now + span
        while now < end {
            let due = timers.values.map(\.at).min() ?? end
            now = min(max(due, now), min(marksTold + .seconds(1), end))
            exchange.advance(to: VenueInstant(milliseconds: now.nanoseconds / 1_000_000))
            hear()
            if now >= marksTold + .seconds(1) { tellMarks() }
            let ripe = timers.filter { $0.value.at <= now }
            for (name, row) in ripe {
                timers[name] = nil
                step(.timer(row.timer))
            }
            step(.stream(.heard))
        }
    }

    /// Hands in an intent and gives back what the caller was told.
    mutating func submit(_ intent: Intent) -> Answer? {
        tickets += 1
        step(.intent(Submission(intent: intent, ticket: tickets)))
        return answers[tickets]
    }

    /// What truly is held.
    func held(_ symbol: Symbol) -> Quantity { exchange.position(of: symbol)?.quantity ?? .zero }

    private mutating func decide(_ input: Input) {
        var outbox = Outbox()
        engine.step(input, at: now, into: &outbox)
        facts += outbox.facts
        waiting += outbox.actions
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .place(let placement): ask(.place(placement))
        case .query(let query): ask(.query(query))
        case .cancel(let cancellation): ask(.cancel(cancellation))
        case .snapshot(let question): ask(.snapshot(question))
        case .setLeverage(let change): ask(.leverage(change))
        case .setMarginMode(let change): ask(.margin(change))
        case .arm(let timer, let at): timers["\(timer)"] = (timer, at)
        case .answer(let ticket, let answer): answers[ticket] = answer
        case .evaluate(let question):
            let verdict = PolicyVerdict(
                tick: question.tick,
                policyDigest: "d",
                answer: policy(question),
                instructions: 1,
                stateDigest: "s"
            )
            decide(.verdict(verdict))
        case .setCountdown, .resyncClock, .reopenStream, .notify, .putBack: break
        }
    }

    private mutating func ask(_ request: VenueCall.Request) {
        arrived.append((now, request))
        let late = VirtualDoor.refusal(of: request, at: exchange.now)
        if let failure = refuses(request, now) ?? late { return decide(request.failed(failure)) }
        let answer = VirtualDoor.carryOut(request, on: &exchange)
        decide(answer)
        hear()
    }

    private mutating func hear() {
        for input in exchange.drainEvents().compactMap(VirtualDoor.heard) { decide(input) }
    }

    private mutating func tellMarks() {
        marksTold = now
        let marks = configuration.symbols.compactMap { book in
            exchange.markets[book.instrument].map { Mark(symbol: book, price: $0.mark) }
        }
        step(.marks(marks))
    }
}
