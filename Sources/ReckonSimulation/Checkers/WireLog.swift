import ReckonEngine
import ReckonModel

/// What the engine was told, kept apart from what it made of that.
struct WireLog {
    /// A not-found, with when its question was asked by the venue's clock and when it was answered by ours.
    struct Absence {
        let askedAt: VenueInstant
        let toldAt: Instant
        let endpoint: OrderEndpoint
    }

    /// What the last answer to a placement said.
    struct LastAnswer {
        let attempt: Int
        /// The venue said that it had not executed it, and that it may be tried again.
        let isRetryable: Bool
    }

    /// All that was said against the existence of an order since it was last sent or heard of.
    struct Doubt {
        var absences: [Absence] = []
        /// When a history without the order was told.
        var missedAt: Instant?
    }

    private(set) var doubts: Table<ClientOrderID, Doubt> = Table()
    private(set) var answers: Table<ClientOrderID, LastAnswer> = Table()
    /// The venue wants no request before this.
    private(set) var pausedUntil: Instant?
    /// When the process last started, or a pause last ended: nothing can be held against it that fell due before.
    private(set) var freeSince = Instant.epoch
    private(set) var streamHeardAt: Instant?
    private(set) var isStreamConnected = false
    /// Lists of the round in hand that came whole.
    private(set) var roundLists = 0
    private var round: Int64 = 0
    private var clock = ClockOffset.none

    mutating func told(_ input: Input, at now: Instant) {
        switch input {
        case .wake: wake(now)
        case .clock(let offset): clock = offset
        case .placed(let placement, let result): take(placement, result, now)
        // Nothing of it has left the machine.
        case .dropped(let placement):
            answers[placement.ticket.id] = LastAnswer(attempt: placement.attempt, isRetryable: true)
        case .queried(let query, let result): take(query, result, now)
        case .cancelled(_, .failure(let failure)), .leverageSet(_, .failure(let failure)),
            .countdownSet(_, .failure(let failure)), .marginModeSet(_, .failure(let failure)):
            heed(failure, now)
        case .snapshot(let question, let result): take(question, result, now)
        case .report(let report):
            streamHeardAt = now
            doubts[report.id] = nil
        case .positionsChanged: streamHeardAt = now
        case .stream(let signal): take(signal, now)
        default: break
        }
    }

    /// An order has gone out: what was said of earlier attempts says nothing about this one.
    mutating func sent(_ id: ClientOrderID) {
        doubts[id] = nil
        answers[id] = nil
    }

    /// Whether nothing kept the process from acting since an instant.
    func wasFree(since instant: Instant, at now: Instant) -> Bool {
        instant >= freeSince && (pausedUntil.map { now >= $0 } ?? true)
    }

    mutating func restarted(at now: Instant) { freeSince = max(freeSince, now) }

    private mutating func wake(_ now: Instant) {
        pausedUntil = nil
        // A ban outlives the process that was told of it.
        freeSince = max(freeSince, now)
        streamHeardAt = nil
        isStreamConnected = false
        roundLists = 0
    }

    private mutating func take(_ signal: StreamSignal, _ now: Instant) {
        switch signal {
        case .connected:
            isStreamConnected = true
            streamHeardAt = now
        case .heard: streamHeardAt = now
        case .disconnected, .keyExpired: isStreamConnected = false
        }
    }

    private mutating func take(
        _ placement: Placement,
        _ result: Result<OrderReport, VenueFailure>,
        _ now: Instant
    ) {
        let id = placement.ticket.id
        guard case .failure(let failure) = result else { return }
        heed(failure, now)
        answers[id] = LastAnswer(attempt: placement.attempt, isRetryable: WireLog.isRetryable(failure))
    }

    private static func isRetryable(_ failure: VenueFailure) -> Bool {
        switch failure.outcome {
        case .retryable, .retryableWith: true
        case .idempotentSafe, .doubt, .fatal: false
        }
    }

    private mutating func take(
        _ query: OrderQuery,
        _ result: Result<OrderReport, VenueFailure>,
        _ now: Instant
    ) {
        switch result {
        case .success: doubts[query.id] = nil
        case .failure(let failure):
            heed(failure, now)
            guard case .idempotentSafe = failure.outcome else { return }
            let askedAt = clock.venueTime(at: query.askedAt)
            doubts[query.id, default: Doubt()].absences.append(
                Absence(askedAt: askedAt, toldAt: now, endpoint: query.endpoint)
            )
        }
    }

    private mutating func take(
        _ question: SnapshotQuestion,
        _ result: Result<SnapshotContent, VenueFailure>,
        _ now: Instant
    ) {
        if case .failure(let failure) = result { heed(failure, now) }
        switch question.purpose {
        case .round(let number):
            // A late answer to an earlier round's question says nothing of this one.
            guard number >= round else { return }
            if number > round { roundLists = 0 }
            round = number
            if case .success = result { roundLists += 1 }
        case .doubt(let id):
            guard case .success(.orders(let rows)) = result, !rows.contains(where: { $0.id == id }) else {
                return
            }
            doubts[id, default: Doubt()].missedAt = now
        }
    }

    /// The disk came back without its last facts: rounds bear numbers that were used before.
    mutating func rebuilt() {
        round = 0
        roundLists = 0
    }

    /// How many lists of a round came.
    func lists(of number: Int64) -> Int { number == round ? roundLists : 0 }

    private mutating func heed(_ failure: VenueFailure, _ now: Instant) {
        guard failure.stopsAllRequests else { return }
        let until = now + (failure.retryAfter ?? .seconds(1))
        pausedUntil = max(pausedUntil ?? until, until)
        freeSince = max(freeSince, pausedUntil ?? until)
    }
}
