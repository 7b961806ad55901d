package import ReckonEngine
package import ReckonExchange
package import ReckonModel
import ReckonPolicy

/// A hostile world round the real engine and the real policy, in virtual time, on one thread.
///
/// One seed decides everything: the same scenario, seed, configuration and policy give the same trace in every process.
package struct World {
    /// What can happen at an instant.
    enum Event: Sendable {
        /// An input for the engine of one incarnation; a later one never sees it.
        case deliver(Input, incarnation: Int)
        case timer(EngineTimer, number: UInt64)
        case arrive(VenueCall)
        case strike(Int)
        case strikeEnds(Int)
        case job(Int)
        case exit(Int)
        case move(Int, number: Int)
        case amend(Int, number: Int)
        case withdraw(Int)
        case withdrawExit(Int)
        case limitExit(Int)
        case withdrawLimitExit(Int)
        case mistake(Int)
        case marketMoves
        case heartbeat
        case measureClock
        case restart
    }

    /// The world as it was drawn for the seed.
    package let scenario: Scenario
    package let configuration: EngineConfiguration
    let draws: Draws
    let start: Instant
    let schedule: FaultSchedule
    let workload: Workload
    var network: Network
    var seat: PolicySeat
    var now: Instant
    var heap = EventHeap<Event>()
    var engine: Engine?
    var exchange: Exchange
    var prices: PriceFeeds
    var outbox = Outbox()
    /// What the disk holds; it survives crashes.
    package internal(set) var facts: [StampedFact] = []
    var incarnation = 0
    /// Where in `facts` each turn begins.
    var turnStarts: [Int] = []
    /// Orders whose plan the disk has lost.
    var lostOrders: [ClientOrderID] = []
    /// The state at the last death, where all of it was on disk.
    var lastState: EngineState?
    var timers = Lookup<TimerKey, UInt64>()
    var timerCount: UInt64 = 0
    var stream = StreamState()
    var weather = Weather()
    /// Set to die within the next turn, and where in it.
    var doom: Doom?
    var jobStates: [JobState]
    var answers = Lookup<Int64, Answer>()
    var refusedExits: [String] = []
    /// What a partial exit takes away, fixed at its first try: a repeated key must carry the same body.
    var exitQuantities: Table<Int, Quantity> = Table()
    /// What strategies asked for, and how right the belief was when they did.
    var attempts: [EntryAttempt] = []
    var board: CheckerBoard
    var listTruth = ListTruth()
    /// When the venue had asked for patience, and when the process was down.
    var pauses: [Pause] = []
    var slotSecond: Int64 = 0
    var slotCounts = Lookup<String, Int>()
    package internal(set) var trace: Trace
    package internal(set) var counters = Counters()
    var conduct = Conduct()
    /// Ticks at which a fault answered in the policy's place.
    var replacedTicks: Table<Int64, Bool> = Table()
    /// Orders of another engine that rest at the venue, by the strike that brought it.
    var strangers: Table<Int, OrderRequest> = Table()
    /// Orders that somebody placed by hand, by the strike that brought them.
    var handOrders: Table<Int, HandOrder> = Table()
    /// What others use of the venue's windows.
    var others = OtherUsage()

    /// A world of the scenario for one seed; `tell` gets each line of the trace where somebody wants to read it.
    package init(scenario: Scenario, seed: UInt64, seat: PolicySeat, tell: ((String) -> Void)? = nil) {
        let scenario = scenario.drawn(by: seed)
        self.scenario = scenario
        self.seat = seat
        let limits = GuardLimits(
            maxNotional: Double(scenario.maxNotional),
            maxLeverage: scenario.maxLeverage,
            minEntryConfidence: 0,
            entryCooldownSeconds: 2,
            maxOpenOrdersPerSymbol: scenario.mostOpenOrders
        )
        configuration = EngineConfiguration(engineID: "sim", symbols: scenario.symbols, limits: limits)
            .watched(by: scenario)
        draws = Draws(seed: seed)
        start = Instant(nanoseconds: 1_700_000_000_000_000_000)
        now = start
        schedule = FaultSchedule(scenario, draws: draws, start: start)
        workload = Workload(scenario, draws: draws, start: start)
        network = Network(plan: scenario.network, draws: draws)
        jobStates = Array(repeating: JobState(), count: workload.jobs.count)
        trace = Trace(start: start, tell: tell)
        board = CheckerBoard(configuration, instructionBudget: PolicyRuntime.instructionBudget)
        board.allow(scenario.rateLimits)
        var listing = ExchangeConfiguration(symbols: scenario.symbols)
        listing.stepMilliseconds = 1_000
        listing.startsAt = network.clock.venueTime(at: start)
        listing.startingBalance = Notional(units: scenario.balance * Notional.scale)
        listing.follow(scenario)
        prices = PriceFeeds(scenario, step: .milliseconds(listing.stepMilliseconds))
        exchange = Exchange(configuration: listing, seed: Dice.digest("exchange", from: seed))
    }

    /// What truly happened.
    package var record: ExchangeRecord { exchange.record }

    /// How far a strategy has come with one of its jobs.
    struct JobState: Sendable {
        var isAccepted = false
        var isOver = false
        /// What was asked for: a key that is tried again carries the very same body.
        var entry: EntryIntent?
        var tries = 0
    }

    /// Where in its next turn the process dies.
    enum Doom: Sendable {
        case beforeCommit
        case afterCommit
        case afterActions(Int)
    }

    /// The user stream as the engine's side sees it.
    struct StreamState: Sendable {
        var isConnected = false
        /// The venue refuses connections until then.
        var refusedUntil: Instant?
        var isSilent = false
        /// Events come in order, unless a fault lets one overtake the others.
        var lastArrival: Instant?
    }

    /// Which ambient faults hold now.
    struct Weather: Sendable {
        var isOutage = false
        var policyFails = false
        var isHalted = false
        /// What the operator wants flat.
        var flatten: CommandScope?
        var journalFails = false
        var isGatewayDown = false
        var isLineStalled = false
        var policyIsMad = false
        var policyIsSlow = false
        var staleSince: Frozen?
        var hasPartialLists = false
        var staleQueries: Frozen?
    }

    /// The lists as they were when they froze.
    struct Frozen: Sendable {
        let positions: SnapshotContent
        let orders: SnapshotContent
        let algoOrders: SnapshotContent
    }

    /// What a run met; a run that meets nothing proves nothing.
    package struct Counters: Sendable, Hashable {
        package var entriesAccepted = 0
        package var entriesRefused = 0
        package var exitsAccepted = 0
        package var crashes = 0
        package var placements = 0
        package var faults = 0
        /// By the fault's name.
        package var strikes: Table<String, Int> = Table()
        package var verdicts = 0
    }
}
