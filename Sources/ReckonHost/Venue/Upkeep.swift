import Logging
import ReckonEngine
package import ReckonModel
import Synchronization

/// What the host asks the venue by itself: clock, access, instruments, marks.
///
/// Everything else the core asks for.
///
/// Whatever fails is tried again with growing pauses; until then the engine runs on without, and readiness says why.
package final class Upkeep: Sendable {
    /// How often things are asked for.
    package struct Rhythm: Sendable {
        package var clockEvery = Span.seconds(60)
        package var instrumentsEvery = Span.seconds(3600)
        /// Marks older than this are asked for by REST.
        package var marksWithin = Span.seconds(5)
        /// How often the core is told what is used of the venue's limits, where that has changed.
        package var usageEvery = Span.seconds(1)
        package var firstPause = Span.milliseconds(250)
        package var longestPause = Span.seconds(15)

        package init() {}
    }

    private struct State {
        var problems: [Chore: String] = [:]
        var done: Set<Chore> = []
        var marksHeardAt: Instant?
        var hears: AsyncStream<Void>.Continuation?
    }

    /// What is kept up, in the order of the start.
    enum Chore: String, CaseIterable, Comparable {
        case clock
        case access
        case instruments
        case marks

        static func < (left: Chore, right: Chore) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    private let port: VenuePort
    private let clock: HostClock
    private let rhythm: Rhythm
    private let logger: Logger
    private let tell: @Sendable (Input) -> Void
    private let state = Mutex(State())

    init(
        port: VenuePort,
        clock: HostClock,
        rhythm: Rhythm,
        logger: Logger,
        tell: @escaping @Sendable (Input) -> Void
    ) {
        self.port = port
        self.clock = clock
        self.rhythm = rhythm
        self.logger = logger
        self.tell = tell
    }

    /// Why the venue's side is not in order; empty when it is.
    var problems: [String] {
        state.withLock { state in
            let failed = state.problems.sorted { $0.key < $1.key }.map {
                "venue \($0.key.rawValue): \($0.value)"
            }
            let missing = Chore.allCases.filter { !state.done.contains($0) && state.problems[$0] == nil }
            return failed + missing.map { "venue \($0.rawValue): not yet asked" }
        }
    }

    /// Asks for everything once, in order.
    ///
    /// Throws only where the venue refuses us for good.
    func begin() async throws(StartRefusal) {
        await measureClock()
        try await checkAccess()
        await fetchInstruments()
        await fetchLimits()
        await fetchMarks()
    }

    /// Serves until its task is cancelled.
    func run() async {
        let (requests, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.hears = continuation }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.keep(.clock, every: self.rhythm.clockEvery) { await self.measureClock() }
            }
            group.addTask { for await _ in requests { await self.measureClock() } }
            group.addTask { await self.keepAccess() }
            group.addTask {
                await self.keep(.instruments, every: self.rhythm.instrumentsEvery) {
                    await self.fetchInstruments()
                    await self.fetchLimits()
                }
            }
            group.addTask { await self.tellUsage() }
            group.addTask { await self.watchMarks() }
            group.addTask { await self.port.serveMarks { self.hear($0) } }
        }
    }

    /// Has the clock measured now.
    func resyncClock() {
        let hears = state.withLock { $0.hears }
        hears?.yield()
    }

    private func hear(_ marks: [Mark]) {
        state.withLock {
            $0.marksHeardAt = clock.now()
            $0.done.insert(.marks)
            $0.problems[.marks] = nil
        }
        tell(.marks(marks))
    }

    /// Repeats a chore: at its pace while it works, with growing pauses while it does not.
    private func keep(_ chore: Chore, every: Span, _ work: @Sendable () async -> Void) async {
        var pause = rhythm.firstPause
        while !Task.isCancelled {
            let isWell = state.withLock { $0.done.contains(chore) && $0.problems[chore] == nil }
            do { try await Task.sleep(for: Duration(isWell ? every : pause)) } catch { return }
            pause = isWell ? rhythm.firstPause : min(pause * 2, rhythm.longestPause)
            await work()
        }
    }

    private func keepAccess() async {
        var pause = rhythm.firstPause
        while !Task.isCancelled, state.withLock({ !$0.done.contains(.access) }) {
            do { try await Task.sleep(for: Duration(pause)) } catch { return }
            pause = min(pause * 2, rhythm.longestPause)
            // A refusal this late leaves the engine running for what is open; readiness shows it.
            try? await checkAccess()
        }
    }

    private func watchMarks() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: Duration(rhythm.marksWithin)) } catch { return }
            let heardAt = state.withLock { $0.marksHeardAt }
            if let heardAt, clock.now() - heardAt < rhythm.marksWithin { continue }
            await fetchMarks()
        }
    }

    private func measureClock() async {
        if let offset = note(.clock, await port.clockOffset()) { tell(.clock(offset)) }
    }

    private func fetchInstruments() async {
        guard let instruments = note(.instruments, await port.instruments()), !instruments.isEmpty else {
            return
        }
        tell(.instruments(instruments))
    }

    /// Without an answer the core goes on with the limits that it has.
    private func fetchLimits() async {
        if case .success(let limits) = await port.rateLimits() { tell(.rates(.limits(limits))) }
    }

    private func tellUsage() async {
        var last = RateUsage()
        while !Task.isCancelled {
            do { try await Task.sleep(for: Duration(rhythm.usageEvery)) } catch { return }
            let usage = port.rateUsage()
            guard usage != last else { continue }
            last = usage
            tell(.rates(.usage(usage)))
        }
    }

    private func fetchMarks() async {
        guard let marks = note(.marks, await port.marks()), !marks.isEmpty else { return }
        hear(marks)
    }

    private func checkAccess() async throws(StartRefusal) {
        switch await port.verifyAccess() {
        case .granted: _ = note(.access, .success(()))
        case .unreachable(let why): _ = note(.access, Result<Void, VenueFailure>.failure(.unknown(why)))
        case .refused(let why):
            _ = note(.access, Result<Void, VenueFailure>.failure(.unknown(why)))
            throw StartRefusal(what: "venue", message: why)
        }
    }

    /// Keeps what came of a chore for readiness; a change is logged, a repeat is not.
    private func note<Value>(_ chore: Chore, _ result: Result<Value, VenueFailure>) -> Value? {
        switch result {
        case .success(let value):
            state.withLock {
                $0.done.insert(chore)
                $0.problems[chore] = nil
            }
            return value
        case .failure(let failure):
            let before = state.withLock { $0.problems.updateValue(failure.message, forKey: chore) }
            if before != failure.message {
                let metadata: Logger.Metadata = [
                    "chore": "\(chore.rawValue)", "reason": "\(failure.message)",
                ]
                logger.warning("venue.upkeep_failed", metadata: metadata)
            }
            return nil
        }
    }
}
