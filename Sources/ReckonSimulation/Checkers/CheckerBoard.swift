import ReckonEngine
import ReckonModel

/// All checkers of a run.
///
/// They know the exchange's truth and what the engine published and sent, and share no code with
/// its decisions.
struct CheckerBoard {
    private(set) var findings = Findings()
    private var book = PublishedBook()
    private var truth = VenueTruth()
    private let prefix: String
    private let durable = DurableChecker()
    private var quantity = QuantityChecker()
    private let exits = ExitChecker()
    private var ratchet: RatchetChecker
    private var limits: LimitChecker
    private var fallback: FallbackChecker
    private var bounds: BoundChecker
    private var budget: BudgetChecker
    private let evidence = EvidenceChecker()
    private var fence: FenceChecker
    private var cover: CoverChecker
    private var flatten: FlattenChecker
    private let replay = ReplayChecker()
    private let exposure = ExposureChecker()

    init(_ configuration: EngineConfiguration, instructionBudget: Int64) {
        prefix = "rk-\(configuration.engineID)-"
        ratchet = RatchetChecker(configuration.guardSettings)
        limits = LimitChecker(configuration.limits, configuration.guardSettings)
        fallback = FallbackChecker(configuration.guardSettings, instructionBudget: instructionBudget)
        bounds = BoundChecker(configuration.router, symbols: configuration.symbols.count)
        budget = BudgetChecker(weightPerMinute: 2_400)
        fence = FenceChecker(configuration.fence)
        cover = CoverChecker(configuration.symbols)
        flatten = FlattenChecker(configuration.symbols)
    }

    mutating func note(_ mark: Coverage.Mark) { findings.coverage.note(mark) }

    /// Facts have become durable.
    mutating func published(_ facts: [StampedFact], _ sight: Sight) {
        for fact in facts {
            book.take(fact)
            durable.published(fact, &findings)
            quantity.published(fact, book, &findings)
            exits.published(fact, book, &findings)
            ratchet.published(fact, &findings)
            limits.published(fact, &findings)
            fallback.published(fact, &findings)
            bounds.published(fact, &findings)
            evidence.published(fact, truth, book, sight, &findings)
            fence.published(fact, sight, &findings)
            cover.published(fact, &findings)
            flatten.published(fact, book, sight, &findings)
            exposure.published(fact, &findings)
        }
        fence.settled(sight, &findings)
    }

    /// An order has left the process.
    mutating func sent(_ placement: Placement, _ sight: Sight) {
        durable.sent(placement, book, sight, &findings)
        exits.sent(placement, book, &findings)
        limits.sent(placement, book, sight, &findings)
        bounds.sent(placement, book, sight, &findings)
        cover.sent(placement, book, sight, &findings)
        flatten.sent(placement, book, sight, &findings)
        exposure.sent(placement, book, sight, &findings)
    }

    /// A question or a cancel has left the process.
    mutating func asked(_ sight: Sight) { bounds.asked(sight, &findings) }

    /// What the venue of this world allows.
    mutating func allow(weightPerMinute: Int) { budget = BudgetChecker(weightPerMinute: weightPerMinute) }

    func usedWeight(at now: VenueInstant) -> Int { budget.usedWeight(at: now) }

    /// A request has come to the venue.
    mutating func arrived(_ request: VenueCall.Request, _ sight: Sight) {
        budget.arrived(request, sight, &findings)
    }

    /// Something has happened at the exchange.
    mutating func happened(_ sight: Sight) {
        let fresh = truth.grow(to: sight.record)
        quantity.happened(fresh, truth, book, sight, &findings)
        cover.happened(sight, &findings)
    }

    mutating func refused(_ exit: ExitIntent, _ refusal: Refusal, _ sight: Sight) {
        exits.refused(exit, refusal, sight, &findings)
    }

    mutating func replayed(_ isSame: Bool, _ sight: Sight) { replay.replayed(isSame, sight, &findings) }

    /// Everything has come to rest, or should have.
    mutating func atRest(_ sight: Sight) {
        durable.atRest(sight, book, prefix, &findings)
    }
}
