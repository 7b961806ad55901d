import ReckonEngine
import ReckonModel
import Testing

@Suite("Recovery from any prefix of facts")
struct CrashTests {
    static func life(_ seed: UInt64, dyingAfter turn: Int?) -> WalkWorld {
        var world = WalkWorld(seed: seed, hostility: .none)
        world.diesAfterTurn = turn
        world.run(for: .seconds(14))
        world.heal()
        world.freeze()
        world.run(for: .seconds(75))
        world.checkRest()
        return world
    }

    @Test(
        "dying after any turn, its actions unsent: no intent is lost, none doubled, all comes to rest",
        arguments: [3, 11]
    )
    func everyTurn(_ seed: UInt64) {
        let whole = CrashTests.life(seed, dyingAfter: nil)
        #expect(whole.complaint == nil)
        #expect(whole.turns > 20)
        for turn in 1...min(whole.turns, 45) {
            let world = CrashTests.life(seed, dyingAfter: turn)
            #expect(world.complaint == nil, "died after turn \(turn)")
        }
    }

    @Test(
        "after a restart everything that was on the wire is in doubt, and entries wait for the venue's lists"
    )
    func doubtFirst() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.answersRounds = false
        rig.crashAndRestart()
        #expect(rig.engine.state.order(sent.ticket.id)?.state == .doubtful)
        guard case .refused(let refusal) = rig.submit(.entry(entry("f", "1"))) else {
            Issue.record("accepted while starting")
            return
        }
        #expect(refusal.rule == .starting)
        #expect(rig.takePlacements().isEmpty)
    }

    @Test("the same key after a restart is the same intent, and nothing is sent for it again")
    func sameKey() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
        rig.positions = [rig.position("1")]
        rig.crashAndRestart()
        guard case .accepted(let receipt) = rig.submit(.entry(entry("e", "1"))) else {
            Issue.record("refused")
            return
        }
        #expect(receipt.isRepeat)
        #expect(rig.takePlacements().allSatisfy { $0.ticket.role == .stop })
        guard case .refused(let refusal) = rig.submit(.entry(entry("e", "2"))) else {
            Issue.record("accepted another body under the same key")
            return
        }
        #expect(refusal.rule == .keyReused)
    }

    @Test(
        "a planned entry may have gone out in a lost tail: after a restart it is asked about, and not sent again"
    )
    func plannedInLostTail() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let first = try #require(rig.takePlacements().first)
        rig.step(.placed(first, .failure(VenueFailure(.retryable, code: -1_001, message: "busy"))))
        let kept = rig.facts.count
        rig.advance(by: .seconds(1))
        let sent = try #require(rig.takePlacements().first)
        #expect(sent.ticket.id == first.ticket.id)
        rig.crashAndRestart(keeping: kept)
        rig.advance(by: .seconds(5))
        #expect(rig.takePlacements().isEmpty)
        let query = try #require(rig.takeQueries().first)
        #expect(query.id == sent.ticket.id)
        rig.positions = [rig.position("1")]
        rig.step(.queried(query, .success(rig.report(sent, .filled, executed: "1"))))
        rig.advance(by: .seconds(10))
        #expect(rig.held == quantity("1"))
        #expect(rig.takePlacements().allSatisfy { $0.ticket.role == .stop })
    }

    @Test("where two looks and the history say that it never arrived, a planned entry goes out anew")
    func plannedNeverSent() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let first = try #require(rig.takePlacements().first)
        rig.step(.placed(first, .failure(VenueFailure(.retryable, code: -1_001, message: "busy"))))
        rig.crashAndRestart()
        for _ in 0..<40 where rig.takePlacements().isEmpty {
            rig.advance(by: .seconds(1))
            for query in rig.takeQueries() {
                rig.step(
                    .queried(
                        query,
                        .failure(VenueFailure(.idempotentSafe(.noSuchOrder), code: -2_013, message: "no"))
                    )
                )
            }
        }
        #expect(rig.engine.state.order(first.ticket.id)?.end == .lapsed)
    }

    @Test("an order of ours that the lost tail of the journal held is adopted and taken off the book")
    func lostTail() throws {
        var rig = EngineRig.open()
        rig.crashAndRestart()
        let stray = OrderTicket(
            id: ClientOrderID("rk-t1-e1-i9-1"),
            symbol: EngineRig.symbol,
            role: .entry,
            side: .buy,
            extent: .opening(quantity("1")),
            pricing: .limit(price("99"), .goodTillCancel)
        )
        var report = rig.report(stray, .new)
        report.price = price("99")
        rig.openOrders = [report]
        rig.advance(by: .seconds(6))
        let cancels = rig.takeCancels()
        #expect(!cancels.isEmpty)
        #expect(cancels.allSatisfy { $0.id == stray.id })
        #expect(rig.takePlacements().isEmpty)
    }
}
