import ReckonEngine
import ReckonModel
import Testing

@Suite("What is asked of the venue stays within what it allows (I-07)")
struct PacingTests {
    /// Counts weight over any minute, not only the venue's own.
    private struct Meter {
        var rows: [(at: Instant, weight: Int, isRound: Bool)] = []

        mutating func note(_ actions: [Action], at now: Instant) {
            for action in actions {
                switch action {
                case .query, .cancel, .setLeverage, .setMarginMode: rows.append((now, 1, false))
                case .snapshot(let question):
                    var isRound = false
                    if case .round = question.purpose { isRound = true }
                    rows.append((now, PacingTests.weight(question.part), isRound))
                case .setCountdown: rows.append((now, 10, false))
                case .place: rows.append((now, 0, false))
                case .arm, .evaluate, .putBack, .resyncClock, .reopenStream, .answer, .notify: break
                }
            }
        }

        func most(roundsOnly: Bool) -> Int {
            let kept = rows.filter { !roundsOnly || $0.isRound }
            return kept.indices.map { first in
                kept[first...].prefix { $0.at - kept[first].at < .seconds(60) }.reduce(0) { $0 + $1.weight }
            }.max() ?? 0
        }
    }

    /// Source: docs/venue-binance.md, Limits.
    private static func weight(_ part: SnapshotQuestion.Part) -> Int {
        switch part {
        case .positions, .settings, .orderHistory, .algoHistory, .trades: 5
        case .openOrders, .openAlgoOrders: 40
        case .symbolOrders, .symbolAlgoOrders: 1
        }
    }

    /// What the venue does to every request.
    enum Mood: String, CaseIterable, Sendable {
        case well
        case silent
        case unknown
        case overloaded
        case limited
        case banned
        case refusing

        var failure: VenueFailure? {
            switch self {
            case .well, .silent: nil
            case .unknown: .unknown("m")
            case .overloaded:
                PacingTests.overload
            case .limited:
                VenueFailure(
                    .retryable,
                    code: -1003,
                    message: "m",
                    retryAfter: .seconds(2),
                    stopsAllRequests: true
                )
            case .banned:
                VenueFailure(
                    .retryable,
                    code: 418,
                    message: "m",
                    retryAfter: .seconds(120),
                    stopsAllRequests: true
                )
            case .refusing: VenueFailure(.fatal, code: -2010, message: "m")
            }
        }
    }

    private static let overload: VenueFailure = {
        var failure = VenueFailure(.retryable, code: -1008, message: "m")
        failure.stopsEntries = true
        return failure
    }()

    private static func failed(_ action: Action, _ failure: VenueFailure) -> Input? {
        switch action {
        case .place(let sent): .placed(sent, .failure(failure))
        case .query(let sent): .queried(sent, .failure(failure))
        case .cancel(let sent): .cancelled(sent, .failure(failure))
        case .snapshot(let sent): .snapshot(sent, .failure(failure))
        case .setLeverage(let sent): .leverageSet(sent, .failure(failure))
        case .setMarginMode(let sent): .marginModeSet(sent, .failure(failure))
        case .setCountdown(let sent): .countdownSet(sent, .failure(failure))
        case .arm, .evaluate, .putBack, .resyncClock, .reopenStream, .answer, .notify: nil
        }
    }

    private static func rig(_ symbols: Int, weight: Int) -> EngineRig {
        var rig = EngineRig { configuration in
            configuration.symbols = [EngineRig.symbol] + (1..<max(symbols, 1)).map { Symbol("S\($0)USDT") }
        }
        var limits = RateLimits()
        limits.weightPerMinute = weight
        rig.step(.rates(.limits(limits)))
        return rig
    }

    @Test(
        "under every mood of the venue, for few symbols and many, no minute holds more than it allows, nor rounds their part",
        arguments: Mood.allCases,
        [(1, 2_400), (3, 600), (12, 1_200)]
    )
    func bounded(_ mood: Mood, _ size: (symbols: Int, weight: Int)) {
        var rig = PacingTests.rig(size.symbols, weight: size.weight)
        rig.start()
        _ = rig.openLong("1")
        rig.answersRounds = mood == .well
        var meter = Meter()
        var wishes = 0
        let end = rig.now + .seconds(100)
        while rig.now < end {
            let waiting = rig.actions
            rig.actions.removeAll()
            meter.note(waiting, at: rig.now)
            for action in waiting {
                guard let failure = mood.failure, let input = PacingTests.failed(action, failure) else {
                    continue
                }
                rig.step(input)
            }
            wishes += 1
            if wishes % 10 == 0 { rig.submit(.entry(entry("e\(wishes)", "0.1"))) }
            if wishes == 30 { rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol))) }
            // A stream that hints at something each time.
            rig.step(.positionsChanged([rig.position("\(wishes % 7)")]))
            rig.advance(by: .milliseconds(400))
        }
        #expect(meter.most(roundsOnly: false) <= size.weight, "\(mood)")
        #expect(meter.most(roundsOnly: true) <= size.weight * 2 / 5 + 90, "\(mood)")
        #expect(!meter.rows.isEmpty)
    }

    @Test("the whole account is looked at once a minute, tracked symbols in between")
    func scopes() {
        var rig = EngineRig.open()
        rig.advance(by: .seconds(300))
        let whole = rig.takeQuestions { $0 == .openOrders }.count
        let tracked = rig.takeQuestions { $0 == .symbolOrders(EngineRig.symbol) }.count
        #expect((4...6).contains(whole))
        #expect((50...56).contains(tracked))
    }

    @Test("where the budget is too small for the interval, the interval stretches evenly and says so")
    func stretched() {
        var rig = PacingTests.rig(50, weight: 2_400)
        rig.start()
        rig.actions.removeAll()
        let before = rig.engine.state.rounds
        rig.advance(by: .seconds(150))
        let rounds = rig.engine.state.rounds - before
        #expect((15...28).contains(rounds), "\(rounds)")
        #expect(!rig.takeNotices(.reconcileStretched).isEmpty)
        let asked = rig.facts.compactMap { stamped -> Instant? in
            if case .roundConcluded(let conclusion) = stamped.fact { conclusion.askedAt } else { nil }
        }
        let gaps = zip(asked, asked.dropFirst()).map { $1 - $0 }
        #expect((gaps.max() ?? .zero) < .seconds(15))
    }

    @Test("what others on the address have used leaves room for exits and none for entries and rounds")
    func othersUse() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        var usage = RateUsage()
        usage.weightThisMinute = 2_390
        usage.ordersThisMinute = 1_190
        rig.step(.rates(.usage(usage)))
        rig.actions.removeAll()
        rig.submit(.entry(entry("e", "1")))
        #expect(rig.takePlacements().isEmpty)
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
        #expect(rig.takePlacements().map(\.ticket.role) == [.exit])
        rig.advance(by: .seconds(1))
        #expect(rig.takeQuestions { _ in true }.isEmpty)
        // The venue's next minute is a new one.
        rig.advance(by: .seconds(61))
        #expect(!rig.takeQuestions { _ in true }.isEmpty)
    }

    @Test("an overloaded venue is spared new entries for a while, longer each time, and nothing else")
    func overloaded() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .failure(PacingTests.overload)))
        rig.submit(.entry(entry("f", "1")))
        #expect(rig.takePlacements().isEmpty)
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
        #expect(rig.takePlacements().map(\.ticket.role) == [.exit])
    }

    @Test("a ban outlives a restart: nothing is asked until it is over")
    func banned() throws {
        var rig = EngineRig.open()
        let failure = try #require(Mood.banned.failure)
        let question = SnapshotQuestion(purpose: .round(0), part: .positions, askedAt: rig.now)
        rig.step(.snapshot(question, .failure(failure)))
        // It holds from the first moment, before anybody says that the process begins.
        var replayed = Engine(rig.engine.configuration, replaying: rig.facts)
        var outbox = Outbox()
        replayed.step(.timer(.hint), at: rig.now, into: &outbox)
        #expect(replayed.snapshot(at: rig.now).pacing.pausedUntil != nil)
        rig.crashAndRestart()
        rig.advance(by: .seconds(100))
        #expect(rig.takeQuestions { _ in true }.isEmpty)
        rig.advance(by: .seconds(30))
        #expect(!rig.takeQuestions { _ in true }.isEmpty)
    }
}
