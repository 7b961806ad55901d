import ReckonEngine
import ReckonModel

/// The checkers that watch how the engine conducts itself from one second to the next, towards venue and callers.
struct ConductCheckers {
    private var spare: SpareStopChecker
    private var cancels: CancelChecker
    private var teaching = TeachingChecker()
    private var round: RoundChecker
    private var pace: DoubtPaceChecker
    private var refusals: RefusalChecker
    private var repairs: RepairChecker
    private var stream: StreamChecker
    private var unexplained: UnexplainedChecker

    init(_ configuration: EngineConfiguration, prefix: String) {
        spare = SpareStopChecker(prefix: prefix, configuration.protection)
        cancels = CancelChecker(configuration.router)
        round = RoundChecker(configuration)
        pace = DoubtPaceChecker(configuration.router)
        refusals = RefusalChecker(configuration)
        repairs = RepairChecker(configuration.repairs)
        stream = StreamChecker(configuration)
        unexplained = UnexplainedChecker(configuration.fence)
    }

    /// The engine is about to be told something: the turn before is over.
    mutating func told(
        _ input: Input,
        _ known: (book: PublishedBook, wire: WireLog, hasRoom: Bool),
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        teaching.told(input, known.book, sight, &findings)
        round.told(input)
        stream.told(input, known.wire, hasRoom: known.hasRoom, sight, &findings)
        unexplained.told(input, sight)
        // Marks come once a second, whatever else is going on.
        guard case .marks = input else { return }
        spare.ticked(known.book, sight, &findings)
        cancels.ticked(known.book, known.wire, sight, &findings)
        pace.ticked(known.book, known.wire, sight, &findings)
    }

    mutating func published(
        _ stamped: StampedFact,
        _ told: (book: PublishedBook, wire: WireLog),
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        spare.published(stamped)
        cancels.published(stamped, told.book, &findings)
        teaching.published(stamped, told.book, &findings)
        round.published(stamped, told.book, sight, &findings)
        pace.published(stamped, told.book, &findings)
        refusals.published(stamped, told, sight, &findings)
        repairs.published(stamped, &findings)
        stream.published(stamped, told.wire)
        unexplained.published(stamped, told.book, sight, &findings)
    }

    /// A request of any kind has left the process.
    mutating func left(_ call: VenueCall, _ sight: Sight) { stream.left(call, sight) }

    /// The process has died.
    mutating func died() {
        teaching.died()
        spare.died()
        stream.died()
    }

    /// The disk came back without its last facts: what a fact of the rest would have been told with is not known any more.
    mutating func forget() {
        teaching.rebuilt()
        round.forget()
        pace.forget()
        refusals.forget()
        repairs.forget()
        unexplained.forget()
    }

    /// A fact that the disk still has, told anew.
    mutating func recall(_ stamped: StampedFact, _ told: (book: PublishedBook, wire: WireLog)) {
        var ignored = Findings()
        spare.published(stamped)
        teaching.published(stamped, told.book, &ignored)
        round.published(stamped, told.book, nil, &ignored)
        pace.published(stamped, told.book, &ignored)
        refusals.published(stamped, told, nil, &ignored)
        repairs.published(stamped, &ignored)
    }
}
