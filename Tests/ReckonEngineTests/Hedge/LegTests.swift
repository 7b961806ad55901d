import ReckonEngine
import ReckonModel
import Testing

/// A hedged account: each leg is a book of its own, and what is the instrument's is shared.
@Suite("Legs")
struct LegTests {
    static var long: Symbol { EngineRig.symbol.leg(.long) }
    static var short: Symbol { EngineRig.symbol.leg(.short) }

    /// A rig of both legs whose gate is open.
    static func open(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineRig {
        var rig = EngineRig.open { configuration in
            configuration.symbols = [long, short]
            change(&configuration)
        }
        tell(&rig)
        rig.step(.leverageSet(LeverageChange(symbol: long, leverage: 10), .success(10)))
        rig.actions.removeAll()
        return rig
    }

    /// Rules and marks of the legs, as the adapter tells them.
    static func tell(_ rig: inout EngineRig) {
        rig.step(.instruments([long, short].map { EngineRig.instrument.named($0) }))
        rig.step(.marks([long, short].map { Mark(symbol: $0, price: price("100")) }))
    }

    static func wish(_ key: String, _ leg: Leg, _ size: String, side: Side? = nil) -> EntryIntent {
        EntryIntent(
            key: key,
            symbol: EngineRig.symbol.leg(leg),
            side: side ?? leg.openingSide,
            sizing: .quantity(quantity(size))
        )
    }

    static func refusal(_ answer: Answer?) -> Refusal? {
        guard case .refused(let refusal) = answer else { return nil }
        return refusal
    }

    static func position(_ leg: Leg, _ size: String, _ rig: EngineRig) -> PositionReport {
        PositionReport(
            symbol: EngineRig.symbol.leg(leg),
            quantity: leg.openingSide.signed(quantity(size)),
            entryPrice: price("100"),
            markPrice: price("100"),
            updatedAt: rig.venueNow
        )
    }

    /// Opens a leg through an entry that fills at once, with its stop resting; the lists show both.
    static func fill(_ key: String, _ leg: Leg, _ size: String, _ rig: inout EngineRig) throws {
        rig.submit(.entry(wish(key, leg, size)))
        let placement = try #require(rig.takePlacements().first)
        rig.step(.placed(placement, .success(rig.report(placement, .filled, executed: size))))
        let stop = try #require(rig.takePlacements().first)
        #expect(stop.ticket.symbol == EngineRig.symbol.leg(leg))
        #expect(stop.ticket.side == leg.closingSide)
        rig.step(.placed(stop, .success(rig.report(stop, .new))))
        let shown = position(leg, size, rig)
        let resting = rig.report(stop, .new)
        rig.positions?.append(shown)
        rig.openAlgoOrders?.append(resting)
    }

    static func held(_ leg: Leg, _ rig: EngineRig) -> Quantity {
        rig.engine.state.holding(EngineRig.symbol.leg(leg)).position.quantity
    }

    // MARK: The gate

    @Test("an entry on a leg opens it, or is refused before anything is sent", arguments: Leg.allCases)
    func side(leg: Leg) {
        var rig = LegTests.open()
        let wrong = LegTests.refusal(
            rig.submit(.entry(LegTests.wish("w", leg, "1", side: leg.closingSide)))
        )
        #expect(wrong?.rule == .wrongSideOfLeg)
        #expect(wrong?.found == leg.closingSide.rawValue)
        #expect(wrong?.allowed == leg.openingSide.rawValue)
        #expect(rig.takePlacements().isEmpty)
        rig.submit(.entry(LegTests.wish("r", leg, "1")))
        #expect(rig.takePlacements().map(\.ticket.side) == [leg.openingSide])
    }

    @Test("the cap counts both legs gross: held, working and in doubt", arguments: Leg.allCases)
    func cap(leg: Leg) throws {
        var rig = LegTests.open { $0.limits.maxNotional = 1_000 }
        let other: Leg = leg == .long ? .short : .long
        try LegTests.fill("a", leg, "4", &rig)
        var resting = LegTests.wish("b", leg, "2")
        resting.pricing = .limit(price("100"), .goodTillCancel)
        rig.submit(.entry(resting))
        let working = try #require(rig.takePlacements().first)
        rig.step(.placed(working, .failure(.unknown("lost"))))
        let refusal = LegTests.refusal(rig.submit(.entry(LegTests.wish("c", other, "5"))))
        #expect(refusal?.rule == .notional)
        #expect(refusal?.found.hasPrefix("1100") ?? false)
        var smaller = LegTests.wish("d", other, "5")
        smaller.mayResize = true
        rig.submit(.entry(smaller))
        #expect(rig.takePlacements().map(\.ticket.quantity) == [quantity("4")])
    }

    @Test("knobs of the instrument hold for both legs, those of a leg for it alone")
    func knobs() {
        for (named, isClosed) in [(EngineRig.symbol, [true, true]), (LegTests.long, [true, false])] {
            var rig = LegTests.open()
            let limits = rig.configuration.limits
            rig.policy = { _ in
                var knobs = Knobs(mode: .green, allowEntries: true, limits: limits)
                var own = SymbolKnobs()
                own.allowEntries = false
                knobs.symbols[named] = own
                return .success(knobs)
            }
            rig.advance(by: .seconds(8))
            let refusals = Leg.allCases.map { leg in
                LegTests.refusal(rig.submit(.entry(LegTests.wish("\(leg)", leg, "1"))))?.rule
            }
            #expect(refusals == isClosed.map { $0 ? .entriesClosed : nil }, "\(named)")
        }
    }

    @Test("a leg's own cap counts it alone, below that of both")
    func capOfLeg() throws {
        var rig = LegTests.open()
        let limits = rig.configuration.limits
        rig.policy = { _ in
            var knobs = Knobs(mode: .green, allowEntries: true, limits: limits)
            knobs.symbols[LegTests.long] = SymbolKnobs()
            knobs.symbols[LegTests.long]?.maxNotional = 300
            return .success(knobs)
        }
        rig.advance(by: .seconds(8))
        rig.actions.removeAll()
        try LegTests.fill("s", .short, "5", &rig)
        #expect(LegTests.refusal(rig.submit(.entry(LegTests.wish("m", .long, "4"))))?.rule == .notional)
        rig.submit(.entry(LegTests.wish("n", .long, "3")))
        #expect(rig.takePlacements().map(\.ticket.quantity) == [quantity("3")])
    }

    @Test("leverage is the instrument's: known of both by one answer, and kept while either leg is in use")
    func leverage() throws {
        var rig = LegTests.open()
        #expect(rig.engine.state.holding(LegTests.short).leverage == 10)
        try LegTests.fill("a", .long, "1", &rig)
        var wish = LegTests.wish("b", .short, "1")
        wish.leverage = 5
        #expect(LegTests.refusal(rig.submit(.entry(wish)))?.rule == .leverageAboveCap)
        #expect(rig.engine.state.isBusy(LegTests.short))
    }

    // MARK: Positions, stops and exits

    @Test("both legs stand side by side, each with a stop of its own, and one's exit leaves the other alone")
    func exits() throws {
        var rig = LegTests.open()
        try LegTests.fill("l", .long, "2", &rig)
        try LegTests.fill("s", .short, "3", &rig)
        #expect(LegTests.held(.long, rig) == quantity("2"))
        #expect(LegTests.held(.short, rig) == quantity("-3"))
        #expect(Leg.allCases.allSatisfy { rig.engine.state.holding(EngineRig.symbol.leg($0)).coverage == 1 })
        rig.submit(.exit(ExitIntent(key: "x", symbol: LegTests.short)))
        let exit = try #require(rig.takePlacements().first)
        #expect(exit.ticket.symbol == LegTests.short)
        #expect(exit.ticket.side == .buy)
        #expect(exit.ticket.extent == .reducing(quantity("3")))
        rig.step(.placed(exit, .success(rig.report(exit, .filled, executed: "3"))))
        rig.positions = [LegTests.position(.long, "2", rig)]
        rig.advance(by: .seconds(12))
        #expect(LegTests.held(.short, rig).isZero)
        #expect(LegTests.held(.long, rig) == quantity("2"))
        let cancels = rig.takeCancels().map(\.symbol)
        #expect(!cancels.contains(LegTests.long) && cancels.contains(LegTests.short))
        #expect(rig.engine.state.holding(LegTests.long).coverage == 1)
    }

    @Test("a close at market takes back what rests to close the leg, as the venue would refuse the sum")
    func room() throws {
        var rig = LegTests.open()
        try LegTests.fill("l", .long, "3", &rig)
        var resting = ExitIntent(key: "r", symbol: LegTests.long)
        resting.extent = .reduce(by: quantity("2"))
        resting.pricing = .limit(price("110"), .goodTillCancel)
        rig.submit(.exit(resting))
        let limit = try #require(rig.takePlacements().first)
        rig.step(.placed(limit, .success(rig.report(limit, .new))))
        rig.submit(.exit(ExitIntent(key: "x", symbol: LegTests.long)))
        let first = try #require(rig.takePlacements().first)
        #expect(first.ticket.quantity == quantity("1"))
        let cancel = try #require(rig.takeCancels().first)
        #expect(cancel.id == limit.ticket.id)
        rig.step(.placed(first, .success(rig.report(first, .filled, executed: "1"))))
        rig.step(.cancelled(cancel, .success(rig.report(limit, .cancelled))))
        rig.advance(by: .milliseconds(1_100))
        // Unanswered, it goes out again, and never for more.
        let later = rig.takePlacements().map(\.ticket.quantity)
        #expect(!later.isEmpty && later.allSatisfy { $0 == quantity("2") })
    }

    @Test("a report that would take a leg beyond zero leaves it flat, for the lists to say what is")
    func noFlip() {
        for leg in Leg.allCases {
            var position = Position(symbol: EngineRig.symbol.leg(leg))
            position = position.filled(leg.openingSide, quantity("1"), at: price("100"))
            position = position.filled(leg.closingSide, quantity("3"), at: price("90"))
            #expect(position == Position(symbol: EngineRig.symbol.leg(leg)))
        }
    }

    @Test("after a restart both legs are what they were, and the venue's lists change nothing")
    func restart() throws {
        var rig = LegTests.open()
        try LegTests.fill("l", .long, "2", &rig)
        try LegTests.fill("s", .short, "3", &rig)
        rig.advance(by: .seconds(6))
        rig.crashAndRestart()
        LegTests.tell(&rig)
        rig.advance(by: .seconds(12))
        #expect(LegTests.held(.long, rig) == quantity("2"))
        #expect(LegTests.held(.short, rig) == quantity("-3"))
        #expect(rig.takePlacements().isEmpty && rig.takeCancels().isEmpty)
        let corrections = rig.facts.count { if case .positionCorrected = $0.fact { true } else { false } }
        #expect(corrections == 0)
        #expect(rig.engine.state.holding(LegTests.long).leverage == 10)
    }

    // MARK: Commands

    @Test("a flatten of the instrument closes both legs, that of a leg itself alone")
    func flatten() throws {
        for (scope, closed) in [(EngineRig.symbol, [Leg.long, .short]), (LegTests.short, [.short])] {
            var rig = LegTests.open()
            try LegTests.fill("l", .long, "2", &rig)
            try LegTests.fill("s", .short, "3", &rig)
            rig.command(.flatten(.symbol(scope), reason: "drill"))
            let symbols = rig.takePlacements().map(\.ticket.symbol)
            #expect(symbols.sorted() == closed.map { EngineRig.symbol.leg($0) }.sorted())
            let refused = Leg.allCases.filter { leg in
                LegTests.refusal(rig.submit(.entry(LegTests.wish("\(leg)", leg, "1"))))?.rule == .halted
            }
            #expect(refused == closed)
        }
    }

    @Test("a countdown is the instrument's and runs while either leg has an entry working")
    func countdown() throws {
        var rig = LegTests.open { $0.deadMan = DeadManRules() }
        rig.advance(by: .seconds(5))
        rig.actions.removeAll()
        var placements: [Placement] = []
        for leg in Leg.allCases {
            var wish = LegTests.wish("\(leg)", leg, "1")
            wish.pricing = .limit(price("100"), .goodTillCancel)
            rig.submit(.entry(wish))
            placements += rig.takePlacements()
        }
        for placement in placements { rig.step(.placed(placement, .success(rig.report(placement, .new)))) }
        let first = try #require(placements.first)
        rig.step(.report(rig.report(first, .cancelled)))
        rig.advance(by: .seconds(3))
        let counted = rig.actions.compactMap { action -> Countdown? in
            if case .setCountdown(let countdown) = action { return countdown }
            return nil
        }
        #expect(counted.allSatisfy { $0.symbol == EngineRig.symbol && $0.span > .zero })
        #expect(!counted.isEmpty)
    }

    @Test("one countdown serves both legs, and one that a winding overtook is stopped again")
    func overtaken() throws {
        var rig = LegTests.open {
            $0.deadMan = DeadManRules(every: .seconds(2), countdown: .seconds(8))
        }
        _ = DeadManTests.take(&rig)
        rig.submit(.entry(LegTests.wish("a", .long, "1")))
        let entry = try #require(rig.takePlacements().first)
        let winding = Countdown(symbol: EngineRig.symbol, span: .seconds(8))
        #expect(DeadManTests.take(&rig) == [winding])
        rig.step(.placed(entry, .success(rig.report(entry, .filled, executed: "1"))))
        rig.step(.report(rig.report(entry, .filled, executed: "1")))
        rig.advance(by: .milliseconds(1_100))
        let stop = Countdown(symbol: EngineRig.symbol, span: .zero)
        #expect(DeadManTests.take(&rig) == [stop])
        rig.step(.countdownSet(stop, .success(.zero)))
        rig.step(.countdownSet(winding, .success(winding.span)))
        rig.advance(by: .milliseconds(1_100))
        #expect(DeadManTests.take(&rig) == [stop])
    }
}
