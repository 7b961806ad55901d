import ReckonEngine
import ReckonModel
import Testing

@Suite("Every open position is covered at the venue (I-10)")
struct ProtectionTests {
    static var symbol: Symbol { EngineRig.symbol }

    static func stops(_ rig: EngineRig) -> [OrderMachine] {
        rig.engine.state.liveOrders(symbol).filter { $0.ticket.role == .stop }
    }

    @Test(
        "the stop leaves in the very turn of the first fill, partial ones included, and a later fill needs no other"
    )
    func firstFill() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .new))))
        rig.step(.report(rig.report(sent, .partiallyFilled, executed: "0.3")))
        let stop = try #require(rig.takePlacements().first)
        #expect(stop.ticket.extent == .wholePosition)
        #expect(stop.ticket.side == .sell)
        rig.step(.placed(stop, .success(rig.report(stop, .new))))
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.engine.state.holding(ProtectionTests.symbol).nakedSince == nil)
    }

    @Test("a flip cancels the old side's stop and places the new one in the same turn")
    func flip() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let old = try #require(ProtectionTests.stops(rig).first)
        rig.submit(.entry(entry("s", "3", side: .sell)))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "3"))))
        #expect(rig.held == quantity("-2"))
        #expect(rig.takeCancels().map(\.id) == [old.id])
        let stop = try #require(rig.takePlacements().first)
        #expect(stop.ticket.side == .buy)
        #expect(stop.ticket.extent == .wholePosition)
    }

    @Test(
        "a stop taken away behind our back is placed again within a second; naked time counts; entries wait"
    )
    func struck() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let stop = try #require(ProtectionTests.stops(rig).first)
        rig.openAlgoOrders = []
        rig.step(.report(rig.report(stop.ticket, .cancelled)))
        #expect(rig.engine.state.holding(ProtectionTests.symbol).nakedSince == rig.now)
        guard case .refused(let refusal) = rig.submit(.entry(entry("n", "1"))) else {
            Issue.record("accepted while naked")
            return
        }
        #expect(refusal.rule == .unprotectedPosition)
        rig.advance(by: .seconds(1))
        let again = try #require(rig.takePlacements().first)
        rig.advance(by: .seconds(2))
        #expect(rig.engine.belief(at: rig.now).naked.symbols == 1)
        #expect(rig.engine.belief(at: rig.now).naked.seconds == 3)
        rig.step(.placed(again, .success(rig.report(again, .new))))
        #expect(rig.engine.state.holding(ProtectionTests.symbol).nakedSince == nil)
        #expect(rig.engine.belief(at: rig.now).naked.symbols == 0)
    }

    @Test("a stop that vanished without a word is missed by the round, proven gone and replaced")
    func vanished() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        rig.openAlgoOrders = []
        let absent = VenueFailure(
            .idempotentSafe(.noSuchOrder),
            code: -2013,
            message: "Order does not exist."
        )
        var again: Placement?
        for _ in 0..<300 where again == nil {
            for query in rig.takeQueries() { rig.step(.queried(query, .failure(absent))) }
            again = rig.takePlacements().first
            rig.advance(by: .milliseconds(100))
        }
        #expect(again?.ticket.role == .stop)
    }

    @Test("-4130: the stop that is in the way is looked for at once and adopted")
    func existing() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
        rig.positions = [rig.position("1")]
        let mine = try #require(rig.takePlacements().first)
        let manual = OrderTicket(
            id: ClientOrderID("manual-1"),
            symbol: ProtectionTests.symbol,
            role: .stop,
            side: .sell,
            extent: .wholePosition,
            pricing: mine.ticket.pricing
        )
        rig.openAlgoOrders = [rig.report(manual, .new)]
        let exists = VenueFailure(.idempotentSafe(.protectionExists), code: -4130, message: "exists")
        rig.step(.placed(mine, .failure(exists)))
        let naked = try #require(rig.engine.state.holding(ProtectionTests.symbol).nakedSince)
        rig.advance(by: .milliseconds(1_600))
        #expect(ProtectionTests.stops(rig).contains { $0.id == manual.id })
        #expect(rig.engine.state.holding(ProtectionTests.symbol).nakedSince == nil)
        #expect(rig.now - naked < .seconds(2))
    }

    @Test(
        "a stop of ours that would trigger at once takes the position out at market once a fresh mark agrees"
    )
    func crossedOwn() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
        let stop = try #require(rig.takePlacements().first)
        rig.step(.placed(stop, .failure(ProtectionTests.crossed)))
        #expect(rig.takePlacements().isEmpty, "the mark that we have says otherwise")
        rig.step(.marks([Mark(symbol: ProtectionTests.symbol, price: price("97"))]))
        let exit = try #require(rig.takePlacements().first)
        #expect(exit.ticket.role == .exit)
        #expect(exit.ticket.extent == .reducing(quantity("1")))
    }

    @Test("a stop moved to where the market already is takes the position out, the old one notwithstanding")
    func crossedMove() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(
            .protect(ProtectIntent(key: "p", symbol: ProtectionTests.symbol, stop: .price(price("99"))))
        )
        let bridge = try #require(rig.takePlacements().first)
        #expect(bridge.ticket.role == .stop)
        rig.step(.marks([Mark(symbol: ProtectionTests.symbol, price: price("98.5"))]))
        rig.step(.placed(bridge, .failure(ProtectionTests.crossed)))
        let exit = try #require(rig.takePlacements().first)
        #expect(exit.ticket.role == .exit)
        #expect(exit.ticket.extent == .reducing(quantity("1")))
    }

    static var crossed: VenueFailure {
        VenueFailure(.retryableWith(.wouldTrigger), code: -2021, message: "m")
    }

    @Test("where the mark does not agree the stop goes out again, and after three refusals the position goes")
    func crossedWithoutProof() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
        rig.positions = [rig.position("1")]
        var roles: [OrderRole] = []
        for _ in 0..<80 {
            for placement in rig.takePlacements() {
                roles.append(placement.ticket.role)
                if placement.ticket.role == .stop {
                    rig.step(.placed(placement, .failure(ProtectionTests.crossed)))
                }
            }
            rig.advance(by: .milliseconds(100))
        }
        #expect(roles.prefix(4) == [.stop, .stop, .stop, .exit])
    }

    @Test("an adopted position whose stop would trigger at once gets one from the present mark instead")
    func crossedAdopted() throws {
        var rig = EngineRig.open()
        rig.positions = [rig.position("1")]
        rig.advance(by: .seconds(6))
        let stop = try #require(rig.takePlacements().first)
        #expect(stop.ticket.pricing == .stopMarket(trigger: price("98")))
        rig.step(.marks([Mark(symbol: ProtectionTests.symbol, price: price("90"))]))
        rig.step(
            .placed(stop, .failure(VenueFailure(.retryableWith(.wouldTrigger), code: -2021, message: "m")))
        )
        rig.advance(by: .seconds(1))
        let next = try #require(rig.takePlacements().first)
        #expect(next.ticket.role == .stop)
        #expect(next.ticket.pricing == .stopMarket(trigger: price("88.2")))
    }

    /// Moves a stop while each request is answered late, lost or refused by the dice; true cover is kept by the test.
    static func move(_ seed: UInt64) throws -> (leastCover: Int, isMoved: Bool) {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let first = try #require(stops(rig).first)
        var venue = StopVenue(dice: Dice(seed: seed), resting: [first.ticket])
        rig.submit(.protect(ProtectIntent(key: "p", symbol: symbol, stop: .price(price("96")))))
        for round in 0..<400 {
            venue.isKind = round > 200
            let actions = rig.actions
            rig.actions.removeAll()
            for action in actions {
                if let input = venue.answer(action, rig) { rig.step(input) }
            }
            rig.openAlgoOrders = venue.resting.map { rig.report($0, .new) }
            rig.positions = [rig.position("1")]
            rig.advance(by: .milliseconds(200))
        }
        let isMoved = venue.resting.map(\.pricing) == [.stopMarket(trigger: price("96"))]
        return (venue.leastCover, isMoved)
    }

    @Test("moving a stop never leaves the venue without one, whatever is lost or refused, and gets there")
    func moving() throws {
        for seed in UInt64(1)...40 {
            let (least, isMoved) = try ProtectionTests.move(seed)
            #expect(least >= 1, "seed \(seed)")
            #expect(isMoved, "seed \(seed)")
        }
    }

    @Test("a take-profit that we moved away can come back; one that the venue struck is not forced upon it")
    func takeProfit() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        func plan(_ key: String, _ trigger: String) -> Intent {
            .protect(ProtectIntent(key: key, symbol: ProtectionTests.symbol, takeProfit: price(trigger)))
        }
        rig.submit(plan("a", "110"))
        let first = try #require(rig.takePlacements().first)
        rig.step(.placed(first, .success(rig.report(first, .new))))
        rig.advance(by: .milliseconds(10))
        rig.submit(plan("b", "120"))
        let cancel = try #require(rig.takeCancels().first)
        rig.step(.cancelled(cancel, .success(rig.report(first, .cancelled))))
        let second = try #require(rig.takePlacements().first)
        rig.step(.placed(second, .success(rig.report(second, .new))))
        rig.advance(by: .milliseconds(10))
        rig.submit(plan("c", "110"))
        let other = try #require(rig.takeCancels().first)
        rig.step(.cancelled(other, .success(rig.report(second, .cancelled))))
        let third = try #require(rig.takePlacements().first)
        #expect(third.ticket.pricing == .takeProfitMarket(trigger: price("110")))
        rig.step(.placed(third, .success(rig.report(third, .new))))
        rig.step(.report(rig.report(third, .cancelled)))
        rig.advance(by: .seconds(20))
        #expect(!rig.takePlacements().contains { $0.ticket.role == .takeProfit })
    }
}

/// Keeps the stops of one symbol and answers by the dice: done, done and lost, lost, or refused.
private struct StopVenue {
    var dice: Dice
    var resting: [OrderTicket]
    var isKind = false
    var leastCover = 1

    init(dice: Dice, resting: [OrderTicket]) {
        self.dice = dice
        self.resting = resting
    }

    mutating func answer(_ action: Action, _ rig: EngineRig) -> Input? {
        switch action {
        case .place(let placement): return place(placement, rig)
        case .cancel(let cancellation): return cancel(cancellation)
        case .query(let query): return .queried(query, status(of: query, rig))
        case .snapshot, .setLeverage, .setMarginMode, .setCountdown, .arm, .evaluate, .putBack, .resyncClock,
            .reopenStream, .answer,
            .notify:
            return nil
        }
    }

    private func failure(_ outcome: OutcomeClass) -> VenueFailure {
        VenueFailure(outcome, code: -1, message: "m")
    }

    private mutating func place(_ placement: Placement, _ rig: EngineRig) -> Input {
        let isLost = !isKind && dice.chance(1, in: 4)
        if !isKind, dice.chance(1, in: 8) { return .placed(placement, .failure(failure(.fatal))) }
        let isWhole = placement.ticket.extent == .wholePosition
        if isWhole, resting.contains(where: { $0.extent == .wholePosition }) {
            return .placed(placement, .failure(failure(.idempotentSafe(.protectionExists))))
        }
        if !isLost || dice.chance(1, in: 2) { resting.append(placement.ticket) }
        return .placed(placement, isLost ? .failure(.unknown("m")) : .success(rig.report(placement, .new)))
    }

    private mutating func cancel(_ cancellation: Cancellation) -> Input {
        let isLost = !isKind && dice.chance(1, in: 4)
        let isKnown = resting.contains { $0.id == cancellation.id }
        if !isLost || dice.chance(1, in: 2) { resting.removeAll { $0.id == cancellation.id } }
        leastCover = min(leastCover, resting.count)
        if isLost { return .cancelled(cancellation, .failure(.unknown("m"))) }
        return .cancelled(
            cancellation,
            isKnown ? .success(nil) : .failure(failure(.idempotentSafe(.unknownOrder)))
        )
    }

    private func status(of query: OrderQuery, _ rig: EngineRig) -> Result<OrderReport, VenueFailure> {
        guard query.endpoint == .algo, let order = rig.engine.state.order(query.id) else {
            return .failure(failure(.idempotentSafe(.noSuchOrder)))
        }
        if resting.contains(where: { $0.id == query.id }) { return .success(rig.report(order.ticket, .new)) }
        let wasTaken = order.venueID != nil
        return wasTaken
            ? .success(rig.report(order.ticket, .cancelled))
            : .failure(failure(.idempotentSafe(.noSuchOrder)))
    }
}
