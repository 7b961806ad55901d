import ReckonEngine
import ReckonModel
import Testing

@Suite("Each difference is found and repaired")
struct DifferenceTests {
    static var symbol: Symbol { EngineRig.symbol }

    /// Kinds of all differences of concluded rounds, fenced ones left out.
    static func kinds(_ rig: EngineRig) -> [Difference.Kind] {
        rig.facts.flatMap { stamped -> [Difference.Kind] in
            guard case .roundConcluded(let conclusion) = stamped.fact else { return [] }
            return conclusion.differences.filter { !$0.isFenced }.map(\.kind)
        }
    }

    @Test("an orphan position is adopted and covered")
    func orphanPosition() {
        var rig = EngineRig.open()
        rig.positions = [rig.position("2")]
        rig.advance(by: .seconds(6))
        #expect(DifferenceTests.kinds(rig).contains(.orphanPosition))
        #expect(rig.held == quantity("2"))
        #expect(rig.takePlacements().first?.ticket.role == .stop)
    }

    @Test(
        "a phantom position is cleared only after three misses and the grace, and never while its stop still rests"
    )
    func phantomPosition() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        rig.positions = []
        rig.advance(by: .seconds(40))
        #expect(rig.held == quantity("1"))
        rig.openAlgoOrders = []
        rig.advance(by: .seconds(6))
        #expect(DifferenceTests.kinds(rig).contains(.phantomPosition))
        #expect(rig.held.isZero)
    }

    @Test("a stop that rests where no position is shown holds a phantom for a minute, not for ever")
    func phantomWithStop() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        rig.positions = []
        rig.advance(by: .seconds(80))
        #expect(rig.held.isZero)
    }

    @Test("absence counts misses: two lists without the position prove nothing yet")
    func missesAndGrace() {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        rig.openAlgoOrders = []
        rig.positions = []
        var misses = 0
        while !rig.held.isZero, misses < 10 {
            rig.advance(by: .seconds(5))
            misses += 1
        }
        #expect(misses == 3)
    }

    @Test("a late fill of a position that was cleared does not turn it over")
    func lateFillAfterPhantom() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        rig.submit(.exit(ExitIntent(key: "x", symbol: DifferenceTests.symbol)))
        let exit = try #require(rig.takePlacements().first)
        let filled = rig.report(exit, .filled, executed: "1")
        rig.positions = []
        rig.openAlgoOrders = []
        rig.advance(by: .seconds(40))
        #expect(rig.held.isZero)
        rig.step(.report(filled))
        #expect(rig.held.isZero)
    }

    @Test("a drifted size, a flipped side and a drifted entry are corrected")
    func drifts() {
        for (shown, kind) in [("1.5", Difference.Kind.sizeDrift), ("-1", .sideFlip)] {
            var rig = EngineRig.open()
            _ = rig.openLong("1")
            rig.advance(by: .seconds(3))
            rig.positions = [rig.position(shown)]
            rig.advance(by: .seconds(6))
            #expect(DifferenceTests.kinds(rig).contains(kind))
            #expect(rig.held == quantity(shown))
        }
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(3))
        var row = rig.position("1")
        row.entryPrice = price("101")
        rig.positions = [row]
        rig.advance(by: .seconds(6))
        #expect(DifferenceTests.kinds(rig).contains(.entryDrift))
        #expect(rig.engine.state.holding(DifferenceTests.symbol).position.entryPrice == price("101"))
    }

    @Test("a fill that only the list knows is learnt from it")
    func missedFill() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .new))))
        rig.advance(by: .seconds(2))
        rig.openOrders = [rig.report(sent, .partiallyFilled, executed: "0.4")]
        rig.positions = [rig.position("0.4")]
        rig.advance(by: .seconds(6))
        #expect(DifferenceTests.kinds(rig).contains(.missedFill))
        #expect(rig.held == quantity("0.4"))
    }

    @Test("an order that no list shows is asked for, and its end adopted", arguments: ["limit", "market"])
    func missingOrder(_ kind: String) throws {
        var rig = EngineRig.open()
        let pricing: Pricing = kind == "limit" ? .limit(price("99"), .goodTillCancel) : .market
        rig.submit(.entry(entry("e", "1", pricing: pricing)))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .new))))
        rig.advance(by: .seconds(7))
        #expect(DifferenceTests.kinds(rig).contains(.missingOrder))
        let query = try #require(rig.takeQueries().first)
        rig.step(.queried(query, .success(rig.report(sent, .filled, executed: "1"))))
        #expect(rig.held == quantity("1"))
        #expect(rig.end(of: "e")?.kind == .filled)
    }

    @Test("an order held for ended that rests after all is taken off, and its fills count once")
    func orphanOrder() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .partiallyFilled, executed: "0.4"))))
        let stop = try #require(rig.takePlacements().first)
        rig.step(.placed(stop, .success(rig.report(stop, .new))))
        rig.step(.report(rig.report(sent, .cancelled, executed: "0.4")))
        rig.advance(by: .seconds(3))
        rig.positions = [rig.position("0.4")]
        rig.openAlgoOrders = [rig.report(stop, .new)]
        rig.openOrders = [rig.report(sent, .partiallyFilled, executed: "0.4")]
        rig.advance(by: .seconds(5))
        #expect(DifferenceTests.kinds(rig).contains(.orphanOrder))
        #expect(rig.held == quantity("0.4"))
        #expect(rig.takeCancels().contains { $0.id == sent.ticket.id })
    }

    @Test("a reducing order where nothing is left to reduce is cancelled; with a position it is let be")
    func orphanReduceOnly() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let stop = try #require(
            rig.engine.state.liveOrders(DifferenceTests.symbol).first { $0.ticket.role == .stop }
        )
        rig.advance(by: .seconds(20))
        #expect(rig.takeCancels().isEmpty)
        rig.step(.report(closing(rig)))
        #expect(rig.takeCancels().map(\.id) == [stop.id])
    }

    /// A foreign close that the stream reports through a stop of ours is not needed: an exit of ours fills.
    private func closing(_ rig: EngineRig) -> OrderReport {
        let stop = rig.engine.state.liveOrders(DifferenceTests.symbol).first { $0.ticket.role == .stop }
        var report = OrderReport(
            id: stop?.id ?? ClientOrderID("none"),
            venueID: VenueOrderID(9),
            symbol: DifferenceTests.symbol,
            side: .sell,
            status: .partiallyFilled,
            quantity: quantity("1"),
            executed: quantity("1"),
            updatedAt: rig.venueNow
        )
        report.averagePrice = price("98")
        return report
    }

    @Test(
        "a naked position is a mismatch once its time is up; a failed fetch ages every symbol and counts as one"
    )
    func unprotectedAndFailures() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
        rig.positions = [rig.position("1")]
        rig.advance(by: .seconds(6))
        #expect(DifferenceTests.kinds(rig).contains(.unprotected))
        var other = EngineRig.open()
        let before = other.engine.belief(at: other.now)
        other.openOrders = nil
        other.advance(by: .seconds(12))
        let belief = other.engine.belief(at: other.now)
        #expect(DifferenceTests.kinds(other).contains(.evidenceFailure))
        #expect(belief.debtSeconds > before.debtSeconds)
        #expect(belief.mismatchStreak == before.mismatchStreak + 2)
        #expect(other.engine.snapshot(at: other.now).isReady)
        other.openOrders = []
        other.advance(by: .seconds(6))
        #expect(other.engine.belief(at: other.now).debtSeconds == 0)
    }

    @Test("during a pause that the venue asked for, an open exit does not make the rounds run faster")
    func pausedRounds() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.exit(ExitIntent(key: "x", symbol: DifferenceTests.symbol)))
        let exit = try #require(rig.takePlacements().first)
        rig.step(.placed(exit, .success(rig.report(exit, .filled, executed: "1"))))
        let ban = VenueFailure(
            .retryable,
            code: 429,
            message: "m",
            retryAfter: .seconds(30),
            stopsAllRequests: true
        )
        let question = SnapshotQuestion(purpose: .round(0), part: .positions, askedAt: rig.now)
        rig.step(.snapshot(question, .failure(ban)))
        let before = rig.engine.state.rounds
        rig.advance(by: .seconds(20))
        #expect(rig.engine.state.rounds - before <= 5)
    }
}
