package import Logging
package import ReckonEngine
package import ReckonModel
import Synchronization

/// Why the engine does not start: one line for people.
package struct StartRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    package let what: String
    package let message: String

    package init(what: String, message: String) {
        self.what = what
        self.message = message
    }

    package var description: String { "\(what): \(message)" }
}

/// The engine with everything round it, alive from `start` to `stop`.
package final class EngineHost: Sendable {
    /// What a host is made of; the composition brings the real parts.
    package struct Parts: Sendable {
        package var configuration: EngineConfiguration
        package var venue: VenuePort
        package var journal: JournalPort
        /// What goes to disk along with facts; the same that the journal's port was made with.
        package var riders: JournalRiders
        /// The journal's facts, oldest first.
        package var facts: [StampedFact]
        package var policy: PolicyDesk
        /// Where later versions of the policy come from, and what they have to be.
        package var source: PolicySource
        package var clock: HostClock
        package var logger: Logger
        package var rhythm = Upkeep.Rhythm()
        package var bounds = Inbox.Bounds()
        /// How long a commit may take before the journal counts as down (I-01).
        package var patience = Span.milliseconds(250)
        /// How long a caller waits for its durable answer.
        package var answerWithin = Span.seconds(5)
        /// How long the start waits for the venue before it goes on without.
        package var venueWithin = Span.seconds(6)

        package init(
            configuration: EngineConfiguration,
            venue: VenuePort,
            journal: JournalPort,
            riders: JournalRiders = JournalRiders(),
            policy: PolicyDesk,
            clock: HostClock
        ) {
            self.configuration = configuration
            self.venue = venue
            self.journal = journal
            self.riders = riders
            self.policy = policy
            source = PolicySource(directory: policy.card.directory)
            self.clock = clock
            facts = []
            logger = Logger(label: "reckon", factory: { _ in SwiftLogNoOpLogHandler() })
        }
    }

    private struct State {
        var crank: Task<Engine, Never>?
        var chores: [Task<Void, Never>] = []
        var isStopping = false
        var isChangingPolicy = false
    }

    package let configuration: EngineConfiguration
    package let clock: HostClock
    let parts: Parts
    let bench = PolicyBench()
    package let shadow: ShadowSeat
    private let inbox: Inbox
    private let board: SnapshotBoard
    private let tickets = Tickets()
    private let writer: JournalWriter
    private let watch: JournalWatch
    private let timers: Timers
    private let runner: ActionRunner
    private let upkeep: Upkeep
    private let state = Mutex(State())

    /// Brings the engine to life: replays the journal, asks the venue, wakes the core, opens the streams.
    ///
    /// Throws where the venue refuses us for good. One that cannot be reached does not keep the engine from starting.
    package static func start(_ parts: Parts) async throws(StartRefusal) -> EngineHost {
        if let last = parts.facts.last { parts.clock.notBefore(last.at) }
        let engine = Engine(parts.configuration, replaying: parts.facts)
        let host = EngineHost(
            parts,
            engine.snapshot(at: parts.clock.now()),
            durable: parts.facts.last?.number ?? 0
        )
        do throws(StartRefusal) {
            try await host.begin(engine)
        } catch {
            await host.stop()
            throw error
        }
        return host
    }

    private init(_ parts: Parts, _ first: Snapshot, durable: Int64) {
        self.parts = parts
        configuration = parts.configuration
        clock = parts.clock
        let inbox = Inbox(bounds: parts.bounds)
        let tell: @Sendable (Input) -> Void = { _ = inbox.offer($0) }
        self.inbox = inbox
        board = SnapshotBoard(first)
        writer = JournalWriter(parts.journal, durableThrough: durable) { inbox.poke() }
        watch = JournalWatch(logger: parts.logger)
        timers = Timers(clock: parts.clock) { tell(.timer($0)) }
        runner = ActionRunner(port: parts.venue, clock: parts.clock, tell: tell)
        shadow = ShadowSeat { tell(.shadowCompared($0)) }
        upkeep = Upkeep(
            port: parts.venue,
            clock: parts.clock,
            rhythm: parts.rhythm,
            logger: parts.logger,
            tell: { input in
                // Marks come every second and only the newest count: they may be lost where too much waits.
                if case .marks = input { _ = inbox.offer(input, .stream) } else { tell(input) }
            }
        )
    }

    private func begin(_ engine: Engine) async throws(StartRefusal) {
        try await askVenue()
        var links = Crank.Links(
            clock: clock,
            inbox: inbox,
            writer: writer,
            board: board,
            tickets: tickets,
            performer: performer()
        )
        let riders = parts.riders
        links.heard = { riders.note($0, at: $1) }
        links.watch = watch
        riders.note(desk.first)
        _ = inbox.offer(.policyLoaded(policy.identity))
        _ = inbox.offer(.wake(epoch: Epoch.mint()))
        let inbox = inbox
        let venue = parts.venue
        let upkeep = upkeep
        let crank = Crank(links, patience: parts.patience)
        state.withLock { state in
            state.crank = Task { await crank.run(engine) }
            state.chores.append(Task { await upkeep.run() })
            state.chores.append(Task { await self.keepWatch() })
            if let every = parts.source.watchEvery {
                state.chores.append(Task { await PolicyWatch(self, every: every).run() })
            }
            state.chores.append(
                Task {
                    await venue.serveUserStream { input in
                        switch input {
                        // Whether the stream stands must never be lost; of these there are few.
                        case .stream(.connected), .stream(.disconnected), .stream(.keyExpired):
                            inbox.offer(input)
                        default: inbox.offer(input, .stream)
                        }
                    }
                }
            )
        }
    }

    private func keepWatch() async {
        while (try? await Task.sleep(for: .seconds(1))) != nil { watch.remind(writer, at: clock.now()) }
    }

    /// Asks the venue for what the start wants, but goes on without where it does not answer in time.
    private func askVenue() async throws(StartRefusal) {
        let upkeep = upkeep
        let limit = Duration(parts.venueWithin)
        let refusal = await withTaskGroup(of: StartRefusal?.self) { group in
            group.addTask {
                do throws(StartRefusal) {
                    try await upkeep.begin()
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if let refusal { throw refusal }
    }

    private func performer() -> Performer {
        let (runner, timers, upkeep, venue, inbox) = (runner, timers, upkeep, parts.venue, inbox)
        let (policy, riders, logger, shadow) = (parts.policy, parts.riders, parts.logger, shadow)
        let telemetry = Telemetry(parts.logger)
        var performer = Performer { runner.perform($0) }
        performer.arm = { timers.arm($0, at: $1) }
        performer.evaluate = { question in
            Task {
                await policy.answer(question) { answer in
                    if let state = answer.state { riders.note(state, digest: answer.verdict.stateDigest) }
                    if let note = answer.note {
                        logger.notice("policy.state", metadata: ["reason": "\(note)"])
                    }
                    _ = inbox.offer(.verdict(answer.verdict))
                    shadow.look(question, besides: answer.verdict)
                }
            }
        }
        performer.putBack = { [weak self] versions in
            guard let self else { return }
            Task { await self.putBack(versions) }
        }
        performer.resyncClock = { upkeep.resyncClock() }
        performer.reopenStream = { venue.reopenStream() }
        performer.notify = { telemetry.tell($0) }
        return performer
    }

    var desk: PolicyDesk { parts.policy }

    /// Which policy is at work.
    package var policy: PolicyCard { desk.card }

    /// The picture after the latest turn.
    package var snapshot: Snapshot { board.snapshot }

    /// How the journal does.
    package var journalHealth: JournalHealth { watch.health(writer) }

    /// Why entries are not taken now; empty when the engine is fit to trade.
    package var reasonsNotReady: [String] {
        var reasons = snapshot.reasonsNotReady
        if isStopping { reasons.append("stopping") }
        return reasons + upkeep.problems
    }

    /// Hands an intent in; the answer comes once the facts behind it are durable.
    package func submit(_ intent: Intent) async -> Reply {
        let lane: Inbox.Lane
        if case .entry = intent { lane = .entries } else { lane = .callers }
        return await ask(lane) { .intent(Submission(intent: intent, ticket: $0)) }
    }

    package func withdraw(_ id: IntentID) async -> Reply {
        await ask(.callers) { .withdrawal(id, ticket: $0) }
    }

    /// The same by the caller's own key.
    package func withdraw(key: String) async -> Reply {
        await ask(.callers) { .cancellation(key: key, ticket: $0) }
    }

    /// Changes a working limit entry; the answer comes once the wish is durable, not once it is done.
    package func amend(_ amendment: Amendment) async -> Reply {
        await ask(.callers) { .amendment(amendment, ticket: $0) }
    }

    package func command(_ command: OperatorCommand) async -> Reply {
        await ask(.callers) { .command(command, ticket: $0) }
    }

    /// Every fact of one intent, oldest first.
    package func story(of id: IntentID) throws -> [StoryRow] { try parts.journal.story(id) }

    private func ask(_ lane: Inbox.Lane, _ input: @Sendable (Int64) -> Input) async -> Reply {
        if isStopping { return .stopping }
        return await tickets.ask(within: parts.answerWithin) { inbox.offer(input($0), lane) }
    }

    /// Hands a change of the policy in, and waits until it is on record.
    func askPolicyTicket(
        _ hand: @Sendable (Int64, _ offer: @escaping @Sendable (Input) -> Void) -> Void
    ) async -> Reply {
        if isStopping { return .stopping }
        let inbox = inbox
        return await tickets.ask(within: parts.answerWithin) { ticket in
            hand(ticket) { _ = inbox.offer($0) }
            return true
        }
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Whether nobody else is changing the policy; if so, nobody may until `releasePolicy`.
    func claimPolicy() -> Bool {
        state.withLock { state in
            defer { state.isChangingPolicy = true }
            return !state.isChangingPolicy
        }
    }

    func releasePolicy() { state.withLock { $0.isChangingPolicy = false } }

    /// Takes no more wishes, lets what is under way come home, writes everything, closes.
    ///
    /// Further calls do nothing.
    ///
    /// Gives back the engine as it then was.
    @discardableResult
    package func stop() async -> Engine? {
        let (isFirst, crank, chores) = state.withLock { state in
            defer { state.isStopping = true }
            return (!state.isStopping, state.crank, state.chores)
        }
        guard isFirst else { return await crank?.value }
        for chore in chores { chore.cancel() }
        timers.close()
        await runner.drain(within: .seconds(4))
        _ = shadow.clear()
        inbox.close()
        let engine = await crank?.value
        let unwritten = await writer.close(within: .seconds(5))
        if unwritten > 0 {
            parts.logger.error("journal.unwritten", metadata: ["facts": "\(unwritten)"])
        }
        tickets.close()
        for chore in chores { await chore.value }
        await parts.venue.close()
        return engine
    }
}

/// Random text for one start of the engine, so that no id is ever used twice (reliability: identity).
enum Epoch {
    static func mint() -> String {
        var random = SystemRandomNumberGenerator()
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<8).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] })
    }
}
