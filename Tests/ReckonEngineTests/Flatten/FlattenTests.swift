import ReckonEngine
import ReckonModel
import Testing

@Suite("Flatten")
struct FlattenTests {
    /// An open long of 1 with its stop, and a working limit entry beside it.
    static func busy() throws -> (rig: EngineRig, working: Placement) {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        var wish = entry("w", "0.5", pricing: .limit(price("99"), .goodTillCancel))
        wish.lifetime = .seconds(600)
        rig.submit(.entry(wish))
        let working = try #require(rig.takePlacements().first)
        let report = rig.report(working, .new)
        rig.step(.placed(working, .success(report)))
        rig.openOrders = [report]
        rig.actions.removeAll()
        return (rig, working)
    }

    static func confirm(_ cancel: Cancellation, _ rig: inout EngineRig) throws {
        let order = try #require(rig.engine.state.order(cancel.id))
        rig.step(.cancelled(cancel, .success(rig.report(order.ticket, .cancelled))))
    }

    static func isDone(_ rig: EngineRig, _ scope: CommandScope = .account) -> Bool {
        rig.engine.state.flattens.rows[scope]?.isDone ?? false
    }

    @Test("entries go first, then the position, then the stop, and two snapshots end it")
    func order() throws {
        var (rig, working) = try FlattenTests.busy()
        rig.command(.flatten(.account, reason: "drill"))
        let first = rig.takeCancels()
        #expect(first.map(\.id) == [working.ticket.id])
        #expect(rig.takePlacements().isEmpty)
        try FlattenTests.confirm(try #require(first.first), &rig)
        rig.openOrders = []
        let exit = try #require(rig.takePlacements().first)
        #expect(exit.ticket.role == .exit)
        #expect(exit.ticket.extent == .reducing(quantity("1")))
        rig.advance(by: .milliseconds(300))
        #expect(rig.takeCancels().isEmpty)
        rig.step(.placed(exit, .success(rig.report(exit, .filled, executed: "1"))))
        #expect(rig.held.isZero)
        // Unanswered for 300 ms the close has gone out again; that one finds nothing left.
        let gone = VenueFailure(.idempotentSafe(.reduceOnlyRejected), code: -2022, message: "gone")
        for again in rig.takePlacements() { rig.step(.placed(again, .failure(gone))) }
        #expect(rig.takeCancels().isEmpty, "the stop goes only once a snapshot shows the position gone")
        rig.positions = []
        rig.advance(by: .seconds(8))
        let stops = rig.takeCancels()
        #expect(!stops.isEmpty)
        #expect(!FlattenTests.isDone(rig))
        try FlattenTests.confirm(try #require(stops.first), &rig)
        rig.openAlgoOrders = []
        rig.advance(by: .seconds(10))
        #expect(FlattenTests.isDone(rig))
        let rounds = rig.facts.count { if case .flatten(_, .sawFlat) = $0.fact { true } else { false } }
        #expect(rounds == 2)
    }

    @Test("no entry passes and no resume is taken until it is done; then one resume opens the gate")
    func latch() throws {
        var rig = EngineRig.open()
        rig.command(.flatten(.account, reason: "drill"))
        guard case .refused(let early) = rig.command(.resume(reason: "too soon")) else {
            Issue.record("resumed before the end")
            return
        }
        #expect(early.rule == .flattening)
        for _ in 0..<4 {
            guard case .refused(let refusal) = rig.submit(.entry(entry("e\(rig.facts.count)", "1"))) else {
                Issue.record("an entry passed")
                return
            }
            #expect(refusal.rule == .halted)
            rig.advance(by: .seconds(3))
        }
        #expect(FlattenTests.isDone(rig))
        rig.command(.resume(reason: "over"))
        guard case .accepted = rig.submit(.entry(entry("after", "1"))) else {
            Issue.record("still closed")
            return
        }
    }

    @Test("an entry in doubt holds the close up for ten seconds at most, and the end until it is resolved")
    func doubt() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        rig.submit(.entry(entry("d", "0.5")))
        let doubtful = try #require(rig.takePlacements().first)
        rig.step(.placed(doubtful, .failure(.unknown("m"))))
        rig.command(.flatten(.account, reason: "drill"))
        rig.advance(by: .seconds(9))
        #expect(rig.takePlacements().isEmpty)
        rig.advance(by: .seconds(2))
        let exit = try #require(rig.takePlacements().first)
        rig.step(.placed(exit, .success(rig.report(exit, .filled, executed: "1"))))
        rig.positions = []
        rig.openAlgoOrders = []
        let stop = try #require(
            rig.engine.state.liveOrders(EngineRig.symbol).first { $0.ticket.role == .stop }
        )
        rig.step(.report(rig.report(stop.ticket, .expired)))
        rig.advance(by: .seconds(20))
        #expect(!FlattenTests.isDone(rig), "done with \(doubtful.ticket.id) in doubt")
        rig.step(.report(rig.report(doubtful, .filled, executed: "0.5")))
        let second = try #require(rig.takePlacements().first { $0.ticket.role == .exit })
        #expect(second.ticket.extent == .reducing(quantity("0.5")))
    }

    @Test("a strategy's close under way is left to do its work, and one that comes during a flatten is taken")
    func strategyExit() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
        let own = rig.takePlacements().filter { $0.ticket.role == .exit }
        #expect(own.count == 1)
        rig.command(.flatten(.symbol(EngineRig.symbol), reason: "drill"))
        rig.submit(.exit(ExitIntent(key: "y", symbol: EngineRig.symbol)))
        rig.advance(by: .milliseconds(250))
        #expect(rig.takePlacements().allSatisfy { $0.ticket.role != .exit })
        let exit = try #require(own.first)
        rig.step(.placed(exit, .success(rig.report(exit, .filled, executed: "1"))))
        rig.positions = []
        rig.advance(by: .seconds(6))
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.held.isZero)
    }

    @Test("one snapshot is not enough, and a position seen in between starts the count anew")
    func twoSnapshots() {
        var rig = EngineRig.open()
        rig.answersRounds = false
        rig.command(.flatten(.account, reason: "drill"))
        func round(_ rig: inout EngineRig, _ positions: [PositionReport]) {
            rig.positions = positions
            for _ in 0..<12 {
                rig.advance(by: .milliseconds(500))
                let questions = rig.actions.compactMap { action -> SnapshotQuestion? in
                    if case .snapshot(let question) = action { return question }
                    return nil
                }
                rig.actions.removeAll { if case .snapshot = $0 { true } else { false } }
                if questions.isEmpty { continue }
                for question in questions { rig.answer(question) }
                return
            }
        }
        rig.advance(by: .seconds(2))
        round(&rig, [])
        while rig.engine.state.flattens.rows[.account]?.sightings == 0 { round(&rig, []) }
        #expect(!FlattenTests.isDone(rig))
        // The lists, and then what traded: a difference is asked about before it is believed.
        for _ in 0..<2 { round(&rig, [rig.position("1")]) }
        #expect(rig.engine.state.flattens.rows[.account]?.sightings == 0)
        #expect(!FlattenTests.isDone(rig))
    }

    @Test("somebody else's resting order keeps it from its end; only the operator's release ends it then")
    func foreignOrder() throws {
        // Left alone by the operator's choice: an adopted one would be cancelled like ours.
        var rig = EngineRig.open { $0.external.orders = .leave }
        let foreign = OrderReport(
            id: ClientOrderID("web_1"),
            venueID: VenueOrderID(9),
            symbol: EngineRig.symbol,
            side: .buy,
            status: .new,
            quantity: quantity("1"),
            updatedAt: rig.venueNow
        )
        rig.openOrders = [foreign]
        rig.command(.flatten(.account, reason: "drill"))
        rig.advance(by: .seconds(30))
        #expect(!FlattenTests.isDone(rig))
        #expect(rig.takeCancels().isEmpty)
        #expect(rig.command(.releaseFlatten(.account, reason: "seen")) == .done)
        #expect(rig.command(.resume(reason: "seen")) == .done)
    }

    @Test("a flatten of one symbol leaves the others alone")
    func otherSymbol() throws {
        var (rig, working) = try FlattenTests.busy()
        rig.command(.flatten(.symbol(Symbol("ETHUSDT")), reason: "drill"))
        rig.advance(by: .seconds(8))
        #expect(rig.takeCancels().isEmpty)
        #expect(rig.takePlacements().isEmpty)
        #expect(FlattenTests.isDone(rig, .symbol(Symbol("ETHUSDT"))))
        #expect(rig.engine.state.order(working.ticket.id)?.state == .working)
    }

    @Test("it goes on after a death at any of its facts")
    func crash() throws {
        let (start, _) = try FlattenTests.busy()
        let before = start.facts.count
        var whole = start
        whole.command(.flatten(.account, reason: "drill"))
        for kept in (before + 1)...whole.facts.count {
            var rig = whole
            rig.crashAndRestart(keeping: kept)
            let done = FlattenTests.playOut(&rig)
            #expect(done, "not done after a death at fact \(kept - before)")
            #expect(rig.held.isZero)
        }
    }

    /// A venue that does as asked.
    static func playOut(_ rig: inout EngineRig) -> Bool {
        for _ in 0..<80 {
            for cancel in rig.takeCancels() {
                guard let order = rig.engine.state.order(cancel.id) else { continue }
                rig.openOrders?.removeAll { $0.id == cancel.id }
                rig.openAlgoOrders?.removeAll { $0.id == cancel.id }
                rig.step(.cancelled(cancel, .success(rig.report(order.ticket, .cancelled))))
            }
            for query in rig.takeQueries() {
                guard let order = rig.engine.state.order(query.id) else { continue }
                let absent = VenueFailure(.idempotentSafe(.noSuchOrder), code: -2013, message: "m")
                let isThere = order.ticket.role != .exit
                rig.step(
                    .queried(query, isThere ? .success(rig.report(order.ticket, .new)) : .failure(absent))
                )
            }
            for placement in rig.takePlacements() where placement.ticket.role == .exit {
                rig.positions = []
                let size = placement.ticket.quantity.description
                rig.step(.placed(placement, .success(rig.report(placement, .filled, executed: size))))
            }
            rig.advance(by: .milliseconds(500))
        }
        return isDone(rig)
    }

    @Test("level 1 takes entries off the book, or keeps them where so configured, and touches nothing else")
    func levelOne() throws {
        for cancels in [true, false] {
            var rig = EngineRig.open { $0.cancelsEntriesOnHalt = cancels }
            _ = rig.openLong("1")
            rig.advance(by: .seconds(6))
            rig.submit(.entry(entry("w", "0.5", pricing: .limit(price("99"), .goodTillCancel))))
            let working = try #require(rig.takePlacements().first)
            rig.step(.placed(working, .success(rig.report(working, .new))))
            rig.openOrders = [rig.report(working, .new)]
            rig.command(.halt(reason: "drill"))
            rig.advance(by: .milliseconds(600))
            #expect(rig.takeCancels().map(\.id) == (cancels ? [working.ticket.id] : []))
            #expect(rig.takePlacements().isEmpty)
            #expect(rig.held == quantity("1"))
        }
    }

    @Test("a tripped kill switch is level 1 and never more: no position is closed, no stop taken off")
    func policyReach() {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let limits = rig.configuration.limits
        rig.policy = { _ in .success(Knobs(mode: .red, allowEntries: false, limits: limits)) }
        rig.advance(by: .seconds(30))
        #expect(rig.engine.state.guarding.enforced.killSwitchTrip)
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.takeCancels().isEmpty)
    }

    @Test(
        "in hostile worlds with operators and replacing strategies all comes to rest, flat where ordered",
        arguments: [UInt64(1)...20, 21...40]
    )
    func hostileWorld(_ seeds: ClosedRange<UInt64>) {
        var done = 0
        var replaced = 0
        for seed in seeds {
            var world = WalkWorld(seed: seed, hostility: .drawn(from: seed))
            world.operates = true
            world.run(for: .seconds(40))
            world.heal()
            world.run(for: .seconds(60))
            world.freeze()
            world.run(for: .seconds(40))
            world.checkRest()
            #expect(world.complaint == nil)
            done += world.flattensDone
            replaced += world.replacementsApplied
        }
        #expect(done > 5)
        #expect(replaced > 2)
    }
}
