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
    private var wire = WireLog()
    private let prefix: String
    private let configuration: EngineConfiguration
    private let instructionBudget: Int64
    private let durable = DurableChecker()
    private var quantity = QuantityChecker()
    private let exits = ExitChecker()
    private var ratchet: RatchetChecker
    private var limits: LimitChecker
    private var fallback: FallbackChecker
    private var bounds: BoundChecker
    private var budget: BudgetChecker
    private var weightPerMinute = 2_400
    private let evidence = EvidenceChecker()
    private var fence: FenceChecker
    private var cover: CoverChecker
    private var flatten: FlattenChecker
    private let replay = ReplayChecker()
    private let exposure = ExposureChecker()
    private var patience: PatienceChecker
    private var gate: GateChecker
    private var obligation = ObligationChecker()
    private var silence = SilenceChecker()
    private var belief = BeliefChecker()
    private var deadMan: DeadManChecker
    private var commands: CommandChecker
    private var debt = DebtChecker()
    private var stopPlan: StopPlanChecker
    private var pause: PauseChecker
    private var identity: IdentityChecker
    private var hold: HoldChecker
    private var triggered = TriggeredChecker()
    private var leftover: LeftoverChecker
    private var stopSeries: StopSeriesChecker
    private var resync = ResyncChecker()
    private var bookkeeping = BookkeepingChecker()
    private var confirmation = ConfirmationChecker()
    private var move = MoveChecker()
    private var conduct: ConductCheckers
    private var intake = IntakeChecker()
    private var sharedWindows: SharedWindowChecker

    init(_ configuration: EngineConfiguration, instructionBudget: Int64) {
        self.configuration = configuration
        self.instructionBudget = instructionBudget
        prefix = "rk-\(configuration.engineID)-"
        ratchet = RatchetChecker(configuration.guardSettings)
        limits = LimitChecker(configuration.limits, configuration.guardSettings)
        fallback = FallbackChecker(configuration.guardSettings, instructionBudget: instructionBudget)
        bounds = BoundChecker(configuration.router, symbols: configuration.symbols.count)
        budget = BudgetChecker(RateLimits())
        fence = FenceChecker(configuration.fence)
        cover = CoverChecker(configuration.symbols)
        flatten = FlattenChecker(configuration.symbols)
        gate = GateChecker(configuration)
        deadMan = DeadManChecker(configuration)
        commands = CommandChecker(configuration.router)
        stopPlan = StopPlanChecker(prefix: prefix)
        pause = PauseChecker(configuration.pacing)
        identity = IdentityChecker(prefix: prefix)
        hold = HoldChecker(configuration.limits, configuration.guardSettings)
        leftover = LeftoverChecker(configuration.router)
        stopSeries = StopSeriesChecker(configuration.protection)
        patience = PatienceChecker(configuration)
        conduct = ConductCheckers(configuration, prefix: prefix)
        sharedWindows = SharedWindowChecker(configuration.pacing)
    }

    /// A new process begins: nothing can be held against it that fell due while none was there.
    mutating func restarted(_ sight: Sight) {
        wire.restarted(at: sight.now)
        budget.restarted(at: sight.venueNow)
        deadMan.restarted(at: sight.now)
        cover.restarted()
    }

    /// The engine is about to be told something.
    mutating func told(_ input: Input, _ sight: Sight) {
        wire.told(input, at: sight.now)
        silence.settled(wire, sight, &findings)
        obligation.settled(book, wire, sight, &findings)
        stopPlan.told(input, book, sight, &findings)
        pause.told(input, sight)
        triggered.settled(sight, &findings)
        leftover.settled(book, wire, sight, &findings)
        resync.told(input, book, sight, &findings)
        confirmation.told(input)
        move.settled(book, wire, sight, &findings)
        conduct.told(input, (book, wire, hasRoom(sight)), sight, &findings)
        intake.told(input)
        sharedWindows.told(input, sight)
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
            evidence.published(fact, (truth, wire), book, sight, &findings)
            fence.published(fact, (book, wire), sight, &findings)
            cover.published(fact, book, sight, &findings)
            flatten.published(fact, book, sight, &findings)
            exposure.published(fact, &findings)
            patience.published(fact, book, sight, &findings)
            gate.published(fact, book, &findings)
            obligation.published(fact, book, sight, &findings)
            silence.published(fact, book)
            belief.published(fact, book, sight, &findings)
            commands.published(fact, book, &findings)
            debt.published(fact)
            publishedToOthers(fact, sight)
        }
        fence.settled(sight, &findings)
        cover.settled(book, sight, &findings)
        gate.settled(book, sight, &findings)
        belief.settled(book, sight)
        deadMan.settled(book, wire, hasRoom: hasRoom(sight), sight, &findings)
        commands.settled(book, wire, sight, &findings)
        bookkeeping.settled(sight, &findings)
        confirmation.settled(sight)
        move.endTurn(book, sight)
    }

    /// Whether nothing has to wait for the budget.
    private func hasRoom(_ sight: Sight) -> Bool {
        weightPerMinute >= 2_400 && budget.usedWeight(at: sight.venueNow) * 10 < weightPerMinute * 3
    }

    private mutating func publishedToOthers(_ fact: StampedFact, _ sight: Sight) {
        stopPlan.published(fact, book, sight, &findings)
        pause.published(fact, &findings)
        identity.published(fact, &findings)
        hold.published(fact, &findings)
        triggered.published(fact, book)
        leftover.published(fact, book, &findings)
        stopSeries.published(fact, book, sight, &findings)
        bookkeeping.published(fact, book)
        confirmation.published(fact, book, sight, &findings)
        move.published(fact, book)
        conduct.published(fact, (book, wire), sight, &findings)
        intake.published(fact)
    }

    /// The venue's clock is compared anew.
    mutating func resynced() { resync.resynced() }

    /// The process has died.
    mutating func died() {
        silence.died()
        obligation.died()
        deadMan.died()
        triggered.died()
        conduct.died()
        resync.died()
        intake.died()
        sharedWindows.died()
    }

    /// The disk came back without its last facts: what was published in them was never said.
    mutating func rebuilt(from facts: [StampedFact]) {
        var ignored = Findings()
        book = PublishedBook()
        wire.rebuilt()
        let configuration = configuration
        patience = PatienceChecker(configuration)
        ratchet = RatchetChecker(configuration.guardSettings)
        limits = LimitChecker(configuration.limits, configuration.guardSettings)
        fallback = FallbackChecker(configuration.guardSettings, instructionBudget: instructionBudget)
        gate = GateChecker(configuration)
        hold = HoldChecker(configuration.limits, configuration.guardSettings)
        pause.forget()
        bookkeeping.forget()
        confirmation.forget()
        move = MoveChecker()
        conduct.forget()
        triggered.forget()
        intake = IntakeChecker()
        for fact in facts {
            book.take(fact)
            intake.published(fact)
            conduct.recall(fact, (book, wire))
            hold.published(fact, &ignored)
            pause.published(fact, &ignored)
            bookkeeping.published(fact, book)
            ratchet.published(fact, &ignored)
            limits.published(fact, &ignored)
            fallback.published(fact, &ignored)
            gate.published(fact, book, &ignored)
        }
        bookkeeping.endTurn()
        fence.forget()
        belief = BeliefChecker()
        debt = DebtChecker()
        for fact in facts {
            belief.published(fact, book, nil, &ignored)
            debt.published(fact)
            fence.recall(fact)
        }
    }

    /// An order has left the process.
    mutating func sent(_ placement: Placement, _ sight: Sight) {
        durable.sent(placement, book, sight, &findings)
        quantity.sent(placement, truth, sight, &findings)
        exits.sent(placement, book, sight, &findings)
        limits.sent(placement, book, sight, &findings)
        bounds.sent(placement, book, wire, sight, &findings)
        cover.sent(placement, book, sight, &findings)
        flatten.sent(placement, book, sight, &findings)
        exposure.sent(placement, book, sight, &findings)
        gate.sent(placement, book, sight, &findings)
        patience.sent(placement, wire, sight, &findings)
        wire.sent(placement.ticket.id)
    }

    /// A request of any kind has left the process.
    mutating func left(_ call: VenueCall, _ sight: Sight) {
        if case .query = call.request { bounds.asked(sight, &findings) }
        patience.left(call, wire, sight, &findings)
        deadMan.left(call, sight, &findings)
        pause.left(call, sight, &findings)
        triggered.left(call, hasRoom: hasRoom(sight), sight, &findings)
        conduct.left(call, sight)
        sharedWindows.left(call, sight, &findings)
    }

    /// The policy is asked what it makes of a belief.
    mutating func questioned(_ question: PolicyQuestion, _ sight: Sight) {
        belief.asked(question, (book, wire), sight, &findings)
        debt.asked(question, sight, &findings)
    }

    /// What the venue of this world allows.
    mutating func allow(_ limits: RateLimits) {
        weightPerMinute = limits.weightPerMinute
        budget = BudgetChecker(limits)
    }

    func usedWeight(at now: VenueInstant) -> Int { budget.usedWeight(at: now) }

    func usedOrders(at now: VenueInstant) -> (minute: Int, tenSeconds: Int) { budget.usedOrders(at: now) }

    /// A quarantined version is to make way for one of these, the first that can be had.
    mutating func putsBack(_ versions: [PolicyIdentity], from: String, _ sight: Sight) {
        fallback.putsBack(versions, from: from, sight.now, &findings)
    }

    /// A caller has its answer.
    mutating func answered(_ ticket: Int64, _ answer: Answer, _ sight: Sight) {
        intake.answered(ticket, answer, sight, &findings)
    }

    /// A request has come to the venue.
    mutating func arrived(_ request: VenueCall.Request, _ sight: Sight) {
        budget.arrived(request, sight, &findings)
    }

    /// Something has happened at the exchange.
    mutating func happened(_ sight: Sight) {
        let fresh = truth.grow(to: sight.record)
        quantity.happened(fresh, truth, book, sight, &findings)
        cover.happened(sight, &findings)
        deadMan.happened(book, wire, sight, &findings)
    }

    mutating func refused(_ exit: ExitIntent, _ refusal: Refusal, _ sight: Sight) {
        exits.refused(exit, refusal, sight, &findings)
    }

    mutating func replayed(_ isSame: Bool, _ sight: Sight) { replay.replayed(isSame, sight, &findings) }

    /// Everything has come to rest, or should have.
    mutating func atRest(_ sight: Sight, lostOrders: [ClientOrderID] = []) {
        durable.atRest(sight, book, (prefix, lostOrders), &findings)
    }
}
