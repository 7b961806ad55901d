package import ReckonEngine
package import ReckonModel

/// Takes inputs, steps the engine, makes its facts durable, and only then acts.
///
/// The engine is a local variable of `run`: no lock, no actor, nothing to reenter. Keeps: I-01.
package struct Crank: Sendable {
    /// All that the crank reaches out to.
    package struct Links: Sendable {
        package let clock: HostClock
        package let inbox: Inbox
        package let writer: JournalWriter
        package let board: SnapshotBoard
        package let tickets: Tickets
        package let performer: Performer
        /// Hears each input as it is stepped; never waits.
        package var heard: @Sendable (Input, Instant) -> Void = { _, _ in }
        /// Hears that the journal counts as down, and that it does no more.
        package var watch = JournalWatch()

        package init(
            clock: HostClock,
            inbox: Inbox,
            writer: JournalWriter,
            board: SnapshotBoard,
            tickets: Tickets,
            performer: Performer
        ) {
            self.clock = clock
            self.inbox = inbox
            self.writer = writer
            self.board = board
            self.tickets = tickets
            self.performer = performer
        }
    }

    private let links: Links
    private let patience: Span
    private let turnBound: Int

    /// - Parameters:
    ///   - links: What the crank reaches out to.
    ///   - patience: How long a commit may take before the journal counts as down.
    ///   - turnBound: The most inputs that one turn takes.
    package init(_ links: Links, patience: Span = .milliseconds(250), turnBound: Int = 256) {
        self.links = links
        self.patience = patience
        self.turnBound = turnBound
    }

    /// Serves until the inbox is closed and empty; gives back the engine as it then is.
    @discardableResult
    package func run(_ first: Engine) async -> Engine {
        var engine = first
        var outbox = Outbox()
        var latch = JournalLatch()
        var held: [HeldAnswer] = []
        var carried: [Input] = []
        while true {
            var inputs = carried
            carried = []
            if inputs.isEmpty {
                guard let taken = await links.inbox.take(upTo: turnBound) else { break }
                inputs = taken
            }
            if latch.mayLift(at: links.clock.now(), backlog: links.writer.backlog) {
                latch.lift()
                links.watch.rose(at: links.clock.now())
                inputs.append(.journal(.healthy))
            }
            outbox.clear()
            for input in inputs {
                let now = links.clock.now()
                links.heard(input, now)
                engine.step(input, at: now, into: &outbox)
            }
            let isDurable = await commit(outbox.facts, &latch, &carried)
            for action in outbox.actions where !action.looksAtThePicture {
                act(action, isDurable, through: engine.state.factCount, &held, &carried)
            }
            // Whoever hears an answer can look at what it means.
            links.board.publish(engine.snapshot(at: links.clock.now()))
            release(&held)
            for action in outbox.actions where action.looksAtThePicture { links.performer.perform(action) }
        }
        release(&held)
        return engine
    }

    /// Whether every fact so far is on disk.
    private func commit(_ facts: [StampedFact], _ latch: inout JournalLatch, _ carried: inout [Input]) async
        -> Bool
    {
        guard !latch.isDown else {
            links.writer.enqueue(facts)
            return false
        }
        let signal: JournalSignal
        switch await links.writer.commit(facts, within: patience) {
        case .durable: return true
        case .failed(let reason): signal = .failed(reason)
        case .slow(let took): signal = .slow(took)
        }
        latch.fall(at: links.clock.now())
        links.watch.fell(signal, at: links.clock.now())
        wakeLater()
        carried.append(.journal(signal))
        return false
    }

    /// The latch lifts by a turn, and a quiet engine takes none by itself.
    private func wakeLater() {
        let inbox = links.inbox
        Task {
            try? await Task.sleep(for: Duration(JournalLatch.rest) + .milliseconds(10))
            inbox.poke()
        }
    }

    private func act(
        _ action: Action,
        _ isDurable: Bool,
        through number: Int64,
        _ held: inout [HeldAnswer],
        _ carried: inout [Input]
    ) {
        switch action {
        case .place(let placement) where !isDurable && placement.ticket.role.opensExposure:
            carried.append(.dropped(placement))
        case .setLeverage(let change) where !isDurable:
            // It serves an entry only, and that entry must not go.
            let failure = VenueFailure(.retryable, code: 0, message: "not sent: the journal is down")
            carried.append(.leverageSet(change, .failure(failure)))
        case .setMarginMode(let change) where !isDurable:
            let failure = VenueFailure(.retryable, code: 0, message: "not sent: the journal is down")
            carried.append(.marginModeSet(change, .failure(failure)))
        case .answer(let ticket, let answer):
            // A refusal promises nothing; everything else waits until it is true after a crash too.
            if case .refused = answer { return links.tickets.answer(ticket, answer) }
            held.append(HeldAnswer(ticket: ticket, answer: answer, through: number))
        case .place, .setLeverage, .setMarginMode, .setCountdown, .query, .cancel, .snapshot, .arm, .evaluate,
            .putBack, .resyncClock, .reopenStream, .notify:
            links.performer.perform(action)
        }
    }

    private func release(_ held: inout [HeldAnswer]) {
        guard !held.isEmpty else { return }
        let durable = links.writer.durableThrough
        for row in held where row.through <= durable { links.tickets.answer(row.ticket, row.answer) }
        held.removeAll { $0.through <= durable }
    }
}

extension Action {
    /// Who performs it looks at the published picture, whether it is still to be done.
    fileprivate var looksAtThePicture: Bool {
        if case .putBack = self { true } else { false }
    }
}

/// An answer that waits for the facts behind it.
private struct HeldAnswer {
    let ticket: Int64
    let answer: Answer
    let through: Int64
}

/// Whether the journal counts as down.
///
/// Once fallen it stays so for a while, lest a slow disk make it flutter.
struct JournalLatch {
    static let rest = Span.seconds(1)

    private(set) var fallenAt: Instant?

    var isDown: Bool { fallenAt != nil }

    mutating func fall(at now: Instant) { fallenAt = now }

    mutating func lift() { fallenAt = nil }

    func mayLift(at now: Instant, backlog: Int) -> Bool {
        guard let fallenAt else { return false }
        return backlog == 0 && now - fallenAt >= JournalLatch.rest
    }
}
