import ReckonEngine
import ReckonModel
import Testing

@Suite("The venue's dead-man switch")
struct DeadManTests {
    static func take(_ rig: inout EngineRig) -> [Countdown] {
        let found = rig.actions.compactMap { action -> Countdown? in
            if case .setCountdown(let countdown) = action { return countdown }
            return nil
        }
        rig.actions.removeAll { if case .setCountdown = $0 { true } else { false } }
        return found
    }

    static func working(_ change: (inout EngineConfiguration) -> Void = { $0.deadMan = DeadManRules() })
        throws
        -> (rig: EngineRig, sent: Placement)
    {
        var rig = EngineRig.open(change)
        _ = take(&rig)
        var wish = entry("w", "1", pricing: .limit(price("99"), .goodTillCancel))
        wish.lifetime = .seconds(3_600)
        rig.submit(.entry(wish))
        let sent = try #require(rig.takePlacements().first)
        let report = rig.report(sent, .new)
        rig.step(.placed(sent, .success(report)))
        rig.openOrders = [report]
        return (rig, sent)
    }

    @Test("it is off unless configured")
    func off() throws {
        var (rig, _) = try DeadManTests.working { _ in }
        rig.advance(by: .seconds(300))
        #expect(DeadManTests.take(&rig).isEmpty)
    }

    @Test("wound up at once and every thirty seconds while an entry works, and stopped when none does")
    func paced() throws {
        var (rig, sent) = try DeadManTests.working()
        rig.advance(by: .seconds(121))
        let wound = DeadManTests.take(&rig)
        #expect(wound.count == 5)
        #expect(wound.allSatisfy { $0.span == .seconds(120) })
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        rig.advance(by: .seconds(2))
        let stop = try #require(DeadManTests.take(&rig).first)
        #expect(stop.span == .zero)
        for winding in wound { rig.step(.countdownSet(winding, .success(winding.span))) }
        rig.step(.countdownSet(stop, .success(.zero)))
        rig.advance(by: .seconds(3))
        for again in DeadManTests.take(&rig) { rig.step(.countdownSet(again, .success(again.span))) }
        rig.advance(by: .seconds(300))
        #expect(DeadManTests.take(&rig).isEmpty)
    }

    @Test("a winding that nobody ever answers is too old to arrive after a while: then one stop is enough")
    func unansweredWinding() throws {
        var (rig, sent) = try DeadManTests.working()
        #expect(DeadManTests.take(&rig).count == 1)
        rig.advance(by: .seconds(20))
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        rig.advance(by: .seconds(2))
        let stop = try #require(DeadManTests.take(&rig).first)
        rig.step(.countdownSet(stop, .success(.zero)))
        rig.advance(by: .seconds(300))
        #expect(DeadManTests.take(&rig).isEmpty)
    }

    @Test("a stop that nobody answers goes out again, every few seconds and no faster")
    func unansweredStop() throws {
        var (rig, sent) = try DeadManTests.working()
        _ = DeadManTests.take(&rig)
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        rig.advance(by: .seconds(41))
        let stops = DeadManTests.take(&rig)
        #expect(stops.allSatisfy { $0.span == .zero })
        #expect((9...11).contains(stops.count))
    }

    @Test(
        "when it fires, protection is looked at and the venue asked at once; our stops are not in its reach"
    )
    func fires() throws {
        var (rig, sent) = try DeadManTests.working()
        rig.step(.report(rig.report(sent, .partiallyFilled, executed: "0.4")))
        let stop = try #require(rig.takePlacements().first { $0.ticket.role == .stop })
        rig.step(.placed(stop, .success(rig.report(stop, .new))))
        rig.positions = [rig.position("0.4")]
        rig.openAlgoOrders = [rig.report(stop, .new)]
        rig.advance(by: .seconds(6))
        rig.actions.removeAll()
        rig.openOrders = []
        rig.step(.report(rig.report(sent, .cancelled, executed: "0.4")))
        #expect(rig.notices(.countdownFired).count == 1)
        let before = rig.engine.state.rounds
        rig.advance(by: .milliseconds(1_100))
        #expect(rig.engine.state.rounds > before, "no look at the venue")
        #expect(rig.engine.state.holding(EngineRig.symbol).nakedSince == nil)
    }

    @Test("a resting exit that it took with it goes out again")
    func exitGoesAgain() throws {
        var rig = EngineRig.open { $0.deadMan = DeadManRules() }
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        let limit = Pricing.limit(price("110"), .goodTillCancel)
        rig.submit(
            .exit(
                ExitIntent(
                    key: "x",
                    symbol: EngineRig.symbol,
                    extent: .reduce(by: quantity("0.5")),
                    pricing: limit
                )
            )
        )
        let exit = try #require(rig.takePlacements().first)
        rig.step(.placed(exit, .success(rig.report(exit, .new))))
        rig.step(.report(rig.report(exit, .cancelled)))
        rig.advance(by: .seconds(8))
        let again = rig.takePlacements().filter { $0.ticket.role == .exit }
        #expect(again.map(\.ticket.quantity) == [quantity("0.5")])
    }

    @Test("after a restart a countdown of the last process is stopped or wound up, whichever is due")
    func restart() throws {
        var (rig, _) = try DeadManTests.working()
        rig.advance(by: .seconds(3))
        rig.crashAndRestart()
        rig.advance(by: .seconds(31))
        #expect(DeadManTests.take(&rig).contains { $0.span == .seconds(120) })
        var idle = EngineRig { $0.deadMan = DeadManRules() }
        idle.step(.wake(epoch: "e1"))
        #expect(DeadManTests.take(&idle).map(\.span) == [.zero])
    }

    @Test("where the budget has no room the wish waits for room, and is not held for done")
    func noRoom() throws {
        var (rig, sent) = try DeadManTests.working()
        _ = DeadManTests.take(&rig)
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        var usage = RateUsage()
        usage.weightThisMinute = RateLimits().weightPerMinute
        rig.step(.rates(.usage(usage)))
        rig.advance(by: .seconds(5))
        #expect(DeadManTests.take(&rig).isEmpty)
        rig.advance(by: .seconds(65))
        let stops = DeadManTests.take(&rig)
        #expect(!stops.isEmpty && stops.allSatisfy { $0.span == .zero })
    }

    @Test(
        "a winding that is still on its way when the countdown is stopped may start it anew: it is stopped again",
        arguments: [true, false]
    )
    func overtaken(isStopToldFirst: Bool) throws {
        var (rig, sent) = try DeadManTests.working()
        let winding = try #require(DeadManTests.take(&rig).last)
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        rig.advance(by: .seconds(2))
        let stop = try #require(DeadManTests.take(&rig).last)
        // Answers may come in another order than that in which the venue carried out what they answer.
        let told = [(stop, Span.zero), (winding, winding.span)]
        for (wish, span) in isStopToldFirst ? told : told.reversed() {
            rig.step(.countdownSet(wish, .success(span)))
        }
        rig.advance(by: .seconds(2))
        let again = DeadManTests.take(&rig)
        #expect(again.map(\.span) == [.zero])
        rig.step(.countdownSet(stop, .success(.zero)))
        rig.advance(by: .seconds(60))
        #expect(DeadManTests.take(&rig).isEmpty)
    }

    @Test("a countdown that fires while the wish to stop it is on its way is noticed")
    func firesWhileStopping() throws {
        var (rig, sent) = try DeadManTests.working()
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        let limit = Pricing.limit(price("110"), .goodTillCancel)
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol, pricing: limit)))
        let exit = try #require(rig.takePlacements().last)
        rig.step(.placed(exit, .success(rig.report(exit, .new))))
        rig.advance(by: .seconds(2))
        #expect(DeadManTests.take(&rig).last?.span == .zero)
        rig.step(.report(rig.report(exit, .cancelled)))
        #expect(rig.notices(.countdownFired).count == 1)
    }

    @Test("a countdown that could not be stopped is stopped again")
    func stopFails() throws {
        var (rig, sent) = try DeadManTests.working()
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        rig.advance(by: .seconds(2))
        let stop = try #require(DeadManTests.take(&rig).last)
        #expect(stop.span == .zero)
        rig.step(.countdownSet(stop, .failure(.unknown("m"))))
        rig.advance(by: .seconds(2))
        #expect(DeadManTests.take(&rig).map(\.span) == [.zero])
    }
}
