import ReckonEngine
import ReckonModel

/// Facts in an order that an engine could have written: intents accepted, their orders planned, sent and reported.
struct Story {
    private(set) var facts: [StampedFact] = []
    /// Numbers of the facts that belong to each intent.
    private(set) var byIntent: Table<IntentID, [Int64]> = Table()
    private var sample: SampleFacts
    private var owners: Table<ClientOrderID, IntentID> = Table()
    private var tickets: Table<ClientOrderID, OrderTicket> = Table()
    private var executed: Table<ClientOrderID, Quantity> = Table()

    init(seed: UInt64, length: Int = 300) {
        sample = SampleFacts(seed: seed)
        add(.started(OrderIdentity(engine: "e1", epoch: "a1")), to: nil)
        add(.instrumentsLoaded([sample.instrument()]), to: nil)
        while facts.count < length { step() }
    }

    private mutating func step() {
        switch sample.dice.roll(below: 12) {
        case 0, 1: accept()
        case 2, 3: plan()
        case 4...8: advance()
        case 9: add(.verdictEnforced(sample.enforcement()), to: nil)
        case 10: add(.roundConcluded(sample.conclusion()), to: nil)
        default: aside()
        }
    }

    private mutating func accept() {
        let id = IntentID(Int64(byIntent.count) + 1)
        add(.intentAccepted(sample.acceptance(id)), to: id)
    }

    private mutating func plan() {
        let isCover = sample.dice.chance(1, in: 4)
        let intent = isCover || byIntent.isEmpty ? nil : sample.pick(byIntent.keys)
        let id = ClientOrderID("rk-e1-a1-i\(tickets.count)-0")
        let ticket = sample.ticket(id)
        tickets[id] = ticket
        if let intent { owners[id] = intent }
        add(.orderPlanned(ticket, intent: intent, generation: 0), to: intent)
    }

    private mutating func advance() {
        guard !tickets.isEmpty else { return }
        let id = sample.pick(tickets.keys)
        var fact = sample.orderFact()
        if case .reported = fact, let ticket = tickets[id] {
            fact = .reported(report(ticket))
        }
        add(.order(id, fact), to: owners[id])
    }

    private mutating func report(_ ticket: OrderTicket) -> OrderReport {
        let total = max(
            executed[ticket.id] ?? .zero,
            Quantity(units: sample.dice.roll(in: 0...1_000_000_000))
        )
        executed[ticket.id] = total
        var report = OrderReport(
            id: ticket.id,
            venueID: VenueOrderID(Int64(tickets.count)),
            symbol: ticket.symbol,
            side: ticket.side,
            status: sample.pick([.new, .partiallyFilled, .filled, .cancelled, .expired]),
            quantity: ticket.quantity,
            executed: total,
            updatedAt: sample.venueTime()
        )
        report.averagePrice = sample.price()
        return report
    }

    private mutating func aside() {
        let intent = byIntent.isEmpty ? nil : sample.pick(byIntent.keys)
        switch (sample.dice.roll(below: 6), intent) {
        case (0, let intent?): add(.intentWithdrawn(intent), to: intent)
        case (1, let intent?): add(.intentEnded(intent, sample.end()), to: intent)
        case (2, let intent?): add(.exitSeriesEnded(intent), to: intent)
        case (3, _): add(.positionCorrected(sample.correction()), to: nil)
        case (4, _): add(.coverPlanned(sample.cover()), to: nil)
        default: add(.operatorCommanded(.halt(reason: "drill")), to: nil)
        }
    }

    private mutating func add(_ fact: Fact, to intent: IntentID?) {
        let stamped = sample.stamped(fact)
        facts.append(stamped)
        if let intent { byIntent[intent, default: []].append(stamped.number) }
    }
}
