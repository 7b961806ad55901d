import ReckonEngine
import ReckonModel
import Testing

@Suite("Cover as a quantity, and what is done where it is missing (I-10)")
struct CoverTests {
    static var symbol: Symbol { EngineRig.symbol }

    static func holding(_ rig: EngineRig) -> Holding { rig.engine.state.holding(symbol) }

    static func stops(_ rig: EngineRig) -> [OrderMachine] {
        rig.engine.state.liveOrders(symbol).filter { $0.ticket.role == .stop }
    }

    static func stop(_ id: String, _ extent: Extent, at trigger: String) -> OrderTicket {
        OrderTicket(
            id: ClientOrderID(id),
            symbol: symbol,
            role: .stop,
            side: .sell,
            extent: extent,
            pricing: .stopMarket(trigger: price(trigger))
        )
    }

    static func listed(_ ticket: OrderTicket, _ rig: EngineRig) -> OrderReport {
        var report = rig.report(ticket, .new)
        report.isReduceOnly = true
        return report
    }

    /// Moves the stop of a long of 1 from 98 to 96, up to the bridge that now rests.
    static func bridged(_ size: String = "1") throws -> (rig: EngineRig, old: OrderMachine, bridge: Placement)
    {
        var rig = EngineRig.open()
        _ = rig.openLong(size)
        let old = try #require(stops(rig).first)
        rig.submit(.protect(ProtectIntent(key: "p", symbol: symbol, stop: .price(price("96")))))
        let bridge = try #require(rig.takePlacements().first)
        #expect(bridge.ticket.extent == .reducing(quantity(size)))
        #expect(rig.takeCancels().isEmpty, "the old one stays until the bridge rests")
        return (rig, old, bridge)
    }

    // MARK: The bridge

    @Test("a refused bridge leaves the old stop where it is, and another bridge follows")
    func refusedBridge() throws {
        var (rig, old, bridge) = try CoverTests.bridged()
        rig.step(.placed(bridge, .failure(VenueFailure(.fatal, code: -4045, message: "m"))))
        rig.advance(by: .seconds(1))
        #expect(rig.takeCancels().isEmpty)
        #expect(rig.engine.state.orders[old.id]?.isResting == true)
        #expect(rig.takePlacements().first?.ticket.extent == .reducing(quantity("1")))
    }

    @Test(
        "the old stop triggers while the bridge rests: nothing new is placed, the rest is finished at market"
    )
    func triggersMidway() throws {
        var (rig, old, bridge) = try CoverTests.bridged()
        rig.step(.placed(bridge, .success(rig.report(bridge, .new))))
        #expect(rig.takeCancels().map(\.id) == [old.id])
        rig.step(.report(rig.report(old.ticket, .triggered)))
        rig.advance(by: .seconds(2))
        #expect(rig.takePlacements().isEmpty)
        rig.advance(by: .seconds(2))
        #expect(rig.takePlacements().first?.ticket.role == .exit)
    }

    @Test("a position that grows under its bridge gets more bridge before the old stop goes")
    func growsMidway() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .new))))
        rig.step(.report(rig.report(sent, .partiallyFilled, executed: "0.5")))
        let first = try #require(rig.takePlacements().first)
        rig.step(.placed(first, .success(rig.report(first, .new))))
        rig.submit(.protect(ProtectIntent(key: "p", symbol: CoverTests.symbol, stop: .price(price("96")))))
        let bridge = try #require(rig.takePlacements().first)
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        let more = try #require(rig.takePlacements().first)
        #expect(more.ticket.extent == .reducing(quantity("0.5")))
        rig.step(.placed(bridge, .success(rig.report(bridge, .new))))
        #expect(rig.takeCancels().isEmpty)
        rig.step(.placed(more, .success(rig.report(more, .new))))
        #expect(rig.takeCancels().map(\.id) == [first.ticket.id])
    }

    @Test("a bridge larger than one order may be goes out in slices")
    func slices() throws {
        var rig = EngineRig.open { $0.limits.maxNotional = 1_000_000 }
        _ = rig.openLong("100")
        _ = rig.openMore("60", key: "b")
        rig.submit(.protect(ProtectIntent(key: "p", symbol: CoverTests.symbol, stop: .price(price("96")))))
        let extents = rig.takePlacements().map(\.ticket.extent)
        #expect(extents == [.reducing(quantity("100")), .reducing(quantity("60"))])
    }

    @Test("where as many slices as there may be cover too little, the stop is moved all the same")
    func tooManySlices() throws {
        var rig = EngineRig.open { $0.limits.maxNotional = 1_000_000 }
        rig.step(.instruments([CoverTests.slicing("10")]))
        for number in 0..<10 {
            if number == 0 { _ = rig.openLong("10") } else { _ = rig.openMore("10", key: "more\(number)") }
        }
        let old = try #require(CoverTests.stops(rig).first { $0.ticket.extent == .wholePosition })
        rig.submit(.protect(ProtectIntent(key: "p", symbol: CoverTests.symbol, stop: .price(price("96")))))
        var slices: [Placement] = []
        for _ in 0..<20 {
            let sent = rig.takePlacements()
            slices += sent
            for slice in sent { rig.step(.placed(slice, .success(rig.report(slice, .new)))) }
            if rig.actions.isEmpty { rig.advance(by: .seconds(1)) }
        }
        #expect(slices.filter { $0.ticket.extent == .reducing(quantity("10")) }.count == 8)
        #expect(rig.takeCancels().contains { $0.id == old.ticket.id })
    }

    private static func slicing(_ most: String) -> Instrument {
        var instrument = EngineRig.instrument
        instrument.maxMarketQuantity = quantity(most)
        return instrument
    }

    /// Moves a stop on the little venue and dies after `steps` answers, once or each time; true cover is kept.
    static func moveWithCrash(after steps: Int) throws -> (leastCover: Int, isMoved: Bool) {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let first = try #require(stops(rig).first)
        var venue = CoverVenue(resting: [first.ticket])
        rig.submit(.protect(ProtectIntent(key: "p", symbol: symbol, stop: .price(price("96")))))
        var answered = 0
        for _ in 0..<250 {
            let actions = rig.actions
            rig.actions.removeAll()
            for action in actions {
                let input = venue.answer(action, rig)
                answered += input == nil ? 0 : 1
                if answered == steps, input != nil {
                    rig.openAlgoOrders = venue.resting.map { listed($0, rig) }
                    rig.positions = [rig.position("1")]
                    rig.crashAndRestart(epoch: "x")
                    answered += 1
                    break
                }
                if let input { rig.step(input) }
            }
            rig.openAlgoOrders = venue.resting.map { listed($0, rig) }
            rig.positions = [rig.position("1")]
            rig.advance(by: .milliseconds(200))
        }
        let isMoved = venue.resting.map(\.pricing) == [.stopMarket(trigger: price("96"))]
        return (venue.leastCover, isMoved)
    }

    @Test("a death between any two steps of a move leaves cover at the venue, and the move is finished")
    func crashes() throws {
        for steps in 1...8 {
            let (least, isMoved) = try CoverTests.moveWithCrash(after: steps)
            #expect(least >= 1, "after \(steps) answers")
            #expect(isMoved, "after \(steps) answers")
        }
    }

    // MARK: Waiting for word

    @Test("a stop without an answer for a second is placed again; one that rests already ends the matter")
    func silentStop() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
        let first = try #require(rig.takePlacements().first)
        rig.positions = [rig.position("1")]
        rig.advance(by: .milliseconds(900))
        #expect(rig.takePlacements().isEmpty)
        rig.advance(by: .milliseconds(200))
        let second = try #require(rig.takePlacements().first)
        #expect(second.ticket.extent == .wholePosition)
        let exists = VenueFailure(.idempotentSafe(.protectionExists), code: -4130, message: "exists")
        rig.actions.removeAll()
        rig.step(.placed(second, .failure(exists)))
        let query = try #require(rig.takeQueries().first { $0.id == first.ticket.id })
        rig.step(.queried(query, .success(rig.report(first, .new))))
        #expect(CoverTests.holding(rig).nakedSince == nil)
    }

    @Test("where a stop that nobody knows takes the place, a quantity stop covers meanwhile")
    func takenPlace() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
        let first = try #require(rig.takePlacements().first)
        let exists = VenueFailure(.idempotentSafe(.protectionExists), code: -4130, message: "exists")
        rig.step(.placed(first, .failure(exists)))
        let bridge = try #require(rig.takePlacements().first)
        #expect(bridge.ticket.extent == .reducing(quantity("1")))
        rig.step(.placed(bridge, .success(rig.report(bridge, .new))))
        #expect(CoverTests.holding(rig).nakedSince == nil)
        #expect(CoverTests.holding(rig).coverage == 1)
    }

    // MARK: Missed is not closed

    @Test(
        "a position that lists no longer show keeps its stops; shown again it is the same one and never bare"
    )
    func vanished() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        let stop = try #require(CoverTests.stops(rig).first)
        // A partial list lacks the stop as well, which would else hold the position in belief.
        rig.positions = []
        rig.openAlgoOrders = []
        rig.advance(by: .seconds(25))
        #expect(rig.held.isZero)
        #expect(rig.takeCancels().isEmpty)
        rig.positions = [rig.position("1")]
        rig.openAlgoOrders = [rig.report(stop.ticket, .new)]
        rig.advance(by: .seconds(30))
        #expect(rig.held == quantity("1"))
        #expect(CoverTests.holding(rig).isOurs)
        #expect(CoverTests.holding(rig).nakedSince == nil)
        #expect(CoverTests.stops(rig).map(\.id) == [stop.id])
        #expect(!rig.takePlacements().contains { $0.ticket.role == .stop })
    }

    @Test("the stops of a position that stays away are taken off after two minutes")
    func gone() {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.positions = []
        rig.openAlgoOrders = []
        rig.advance(by: .seconds(60))
        #expect(rig.held.isZero)
        #expect(rig.takeCancels().isEmpty)
        rig.advance(by: .seconds(120))
        #expect(!rig.takeCancels().isEmpty)
    }

    // MARK: Somebody else's stops

    @Test("an operator's closePosition stop on an adopted position is its cover and stays where it is")
    func foreignWhole() throws {
        var rig = EngineRig.open()
        let theirs = CoverTests.stop("web-1", .wholePosition, at: "91")
        rig.positions = [rig.position("1")]
        rig.openAlgoOrders = [CoverTests.listed(theirs, rig)]
        rig.advance(by: .seconds(30))
        #expect(rig.held == quantity("1"))
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.takeCancels().isEmpty)
        #expect(CoverTests.holding(rig).plan?.trigger == price("91"))
        #expect(CoverTests.holding(rig).nakedTotal == .zero)
        // A caller's later wish moves it, over a bridge.
        rig.submit(.protect(ProtectIntent(key: "p", symbol: CoverTests.symbol, stop: .price(price("95")))))
        let bridge = try #require(rig.takePlacements().first)
        rig.step(.placed(bridge, .success(rig.report(bridge, .new))))
        #expect(rig.takeCancels().map(\.id) == [theirs.id])
    }

    @Test("an operator's quantity stops count by what they cover", arguments: ["1", "0.98", "0.97"])
    func foreignPart(size: String) throws {
        var rig = EngineRig.open()
        let theirs = CoverTests.stop("web-1", .reducing(quantity(size)), at: "91")
        rig.positions = [rig.position("1")]
        rig.openAlgoOrders = [CoverTests.listed(theirs, rig)]
        rig.advance(by: .seconds(6))
        let covered = CoverTests.holding(rig).covered
        #expect(covered == quantity(size))
        #expect(rig.takePlacements().isEmpty == (covered >= quantity("0.98")))
        #expect((CoverTests.holding(rig).nakedSince == nil) == (covered >= quantity("0.98")))
        #expect(rig.takeCancels().isEmpty)
    }

    // MARK: Triggered

    @Test(
        "a stop that triggers and fills nothing is finished at market, and that close goes on until it is done"
    )
    func unfilled() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let stop = try #require(CoverTests.stops(rig).first)
        rig.step(.report(rig.report(stop.ticket, .triggered)))
        #expect(CoverTests.holding(rig).nakedSince == rig.now)
        rig.step(.report(rig.report(stop.ticket, .finished)))
        let exit = try #require(rig.takePlacements().first)
        #expect(exit.ticket.role == .exit)
        rig.step(.placed(exit, .failure(VenueFailure(.fatal, code: -1, message: "no"))))
        rig.advance(by: .seconds(2))
        #expect(rig.takePlacements().contains { $0.ticket.role == .exit })
    }

    // MARK: Places and prices

    @Test("two places for conditional orders stay free: the entry that would take one is refused")
    func slots() {
        for (listed, isFree) in [(197, true), (198, false), (200, false)] {
            var rig = EngineRig.open()
            rig.openAlgoOrders = (0..<listed).map { index in
                var report = rig.report(CoverTests.stop("web-\(index)", .wholePosition, at: "91"), .new)
                report.isReduceOnly = false
                return report
            }
            // The places that others take show only in the list of the whole account.
            rig.advance(by: .seconds(70))
            switch rig.submit(.entry(entry("e", "1"))) {
            case .refused(let refusal):
                #expect(!isFree)
                #expect(refusal.rule == .stopSlots)
            case .accepted, .done, nil: #expect(isFree)
            }
        }
    }

    @Test("-4045: a take-profit gives way to the stop, and stays away for a while")
    func slotFreed() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.protect(ProtectIntent(key: "t", symbol: CoverTests.symbol, takeProfit: price("120"))))
        let profit = try #require(rig.takePlacements().first)
        rig.step(.placed(profit, .success(rig.report(profit, .new))))
        let stop = try #require(CoverTests.stops(rig).first)
        rig.step(.report(rig.report(stop.ticket, .cancelled)))
        rig.advance(by: .seconds(1))
        let again = try #require(rig.takePlacements().first)
        let full = VenueFailure(.retryableWith(.cancelConflicting), code: -4045, message: "full")
        rig.step(.placed(again, .failure(full)))
        let cancel = try #require(rig.takeCancels().first)
        #expect(cancel.id == profit.ticket.id)
        rig.step(.report(rig.report(profit, .cancelled)))
        rig.advance(by: .seconds(2))
        let next = rig.takePlacements().map(\.ticket.role)
        #expect(next.first == .stop)
        #expect(!next.contains(.takeProfit))
    }

    @Test("a stop beyond the liquidation is put before it, and the plan says where it was asked for")
    func liquidation() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        var row = rig.position("1")
        row.liquidationPrice = price("97")
        rig.positions = [row]
        rig.advance(by: .seconds(6))
        #expect(CoverTests.holding(rig).plan?.trigger == price("98"), "already before it")
        rig.submit(.protect(ProtectIntent(key: "p", symbol: CoverTests.symbol, stop: .price(price("90")))))
        let bridge = try #require(rig.takePlacements().first)
        #expect(bridge.ticket.pricing == .stopMarket(trigger: price("97.5")))
        #expect(CoverTests.holding(rig).plan?.asked == price("90"))
        #expect(rig.end(of: "p") == nil)
    }

    @Test("a liquidation price said of the other side's position says nothing about this one")
    func formerLiquidation() throws {
        var rig = EngineRig.open()
        var row = rig.position("-1")
        row.liquidationPrice = price("5000")
        rig.positions = [row]
        rig.advance(by: .seconds(6))
        let stop = try #require(rig.takePlacements().first { $0.ticket.role == .stop })
        rig.step(.placed(stop, .success(rig.report(stop, .new))))
        var entry = entry("flip", "3")
        entry.stop = .price(price("95"))
        rig.submit(.entry(entry))
        let sent = try #require(rig.takePlacements().first { $0.ticket.role == .entry })
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "3"))))
        #expect(rig.held == quantity("2"))
        #expect(CoverTests.holding(rig).plan?.trigger == price("95"))
        #expect(CoverTests.holding(rig).plan?.asked == nil)
    }

    @Test("time without cover adds up over a symbol's positions")
    func nakedTotal() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        for _ in 0..<2 {
            let stop = try #require(CoverTests.stops(rig).first)
            rig.step(.report(rig.report(stop.ticket, .cancelled)))
            let before = rig.now
            var again: Placement?
            while again == nil {
                rig.advance(by: .milliseconds(100))
                again = rig.takePlacements().first
            }
            rig.step(.placed(try #require(again), .success(rig.report(try #require(again), .new))))
            #expect(rig.now - before > .zero)
        }
        #expect(CoverTests.holding(rig).nakedTotal > .milliseconds(500))
        #expect(CoverTests.holding(rig).nakedSince == nil)
    }
}

/// Keeps the stops of one symbol and does what it is told.
private struct CoverVenue {
    var resting: [OrderTicket]
    var leastCover = 1

    mutating func answer(_ action: Action, _ rig: EngineRig) -> Input? {
        switch action {
        case .place(let placement):
            let isWhole = placement.ticket.extent == .wholePosition
            if isWhole, resting.contains(where: { $0.extent == .wholePosition }) {
                let exists = VenueFailure(.idempotentSafe(.protectionExists), code: -4130, message: "exists")
                return .placed(placement, .failure(exists))
            }
            resting.append(placement.ticket)
            return .placed(placement, .success(rig.report(placement, .new)))
        case .cancel(let cancellation):
            let isKnown = resting.contains { $0.id == cancellation.id }
            resting.removeAll { $0.id == cancellation.id }
            leastCover = min(leastCover, resting.count)
            let unknown = VenueFailure(.idempotentSafe(.unknownOrder), code: -2011, message: "unknown")
            return .cancelled(cancellation, isKnown ? .success(nil) : .failure(unknown))
        case .query(let query):
            let absent = VenueFailure(.idempotentSafe(.noSuchOrder), code: -2013, message: "absent")
            guard query.endpoint == .algo, let order = rig.engine.state.order(query.id) else {
                return .queried(query, .failure(absent))
            }
            let isThere = resting.contains { $0.id == query.id }
            if !isThere, order.venueID == nil { return .queried(query, .failure(absent)) }
            return .queried(query, .success(rig.report(order.ticket, isThere ? .new : .cancelled)))
        case .snapshot, .setLeverage, .setMarginMode, .setCountdown, .arm, .evaluate, .putBack, .resyncClock,
            .reopenStream, .answer, .notify:
            return nil
        }
    }
}
