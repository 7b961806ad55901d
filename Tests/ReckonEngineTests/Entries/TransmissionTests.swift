import ReckonEngine
import ReckonModel
import Testing

/// What happens between an entry's acceptance and each of its transmissions.
@Suite("Every transmission of an entry")
struct TransmissionTests {
    static let busy = VenueFailure(.retryable, code: -1001, message: "m")
    static let absent = VenueFailure(
        .idempotentSafe(.noSuchOrder),
        code: -2013,
        message: "Order does not exist."
    )

    /// A verdict with these knobs, out of turn: an operator's resume has set a new base before it.
    static func enforce(_ change: @escaping @Sendable (inout Knobs) -> Void, _ rig: inout EngineRig) {
        let limits = rig.configuration.limits
        rig.policy = { _ in
            var knobs = Knobs(mode: .green, allowEntries: true, limits: limits)
            change(&knobs)
            return .success(knobs)
        }
        rig.advance(by: .seconds(6))
    }

    @Test("knobs tightened between doubt and resend: nothing is resent, and the rule is named")
    func tightenedBeforeGeneration() throws {
        var rig = EngineRig.open()
        var wish = entry("e", "5")
        wish.lifetime = .seconds(100)
        rig.submit(.entry(wish))
        let first = try #require(rig.takePlacements().first)
        rig.step(.placed(first, .failure(.unknown("timeout"))))
        TransmissionTests.enforce({ $0.maxNotional = 100 }, &rig)
        for _ in 0..<300 {
            for query in rig.takeQueries() { rig.step(.queried(query, .failure(TransmissionTests.absent))) }
            #expect(rig.takePlacements().isEmpty)
            rig.advance(by: .milliseconds(100))
        }
        #expect(rig.end(of: "e")?.kind == .rejected)
        #expect(rig.end(of: "e")?.detail == Refusal.Rule.notional.rawValue)
    }

    @Test("knobs tightened between a retryable refusal and the retry: the same order is not sent again")
    func tightenedBeforeRetry() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let first = try #require(rig.takePlacements().first)
        let limits = rig.configuration.limits
        rig.policy = { _ in .success(Knobs(mode: .orange, allowEntries: false, limits: limits)) }
        rig.advance(by: .seconds(3))
        rig.step(.placed(first, .failure(TransmissionTests.busy)))
        rig.advance(by: .seconds(3))
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.end(of: "e")?.detail == Refusal.Rule.entriesClosed.rawValue)
    }

    @Test("a halt between a drop and the retry ends the entry, and takes a working one off the book")
    func haltTakesEntriesOff() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let first = try #require(rig.takePlacements().first)
        rig.step(.placed(first, .success(rig.report(first, .new))))
        rig.submit(.entry(entry("f", "1")))
        let second = try #require(rig.takePlacements().first)
        rig.step(.dropped(second))
        rig.command(.halt(reason: "drill"))
        #expect(rig.takeCancels().map(\.id) == [first.ticket.id])
        rig.advance(by: .seconds(1))
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.end(of: "f")?.detail == Refusal.Rule.halted.rawValue)
    }

    @Test("journal down closes entries while exits, stops and cancels still leave (I-01)")
    func journalDown() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.entry(entry("w", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let working = try #require(rig.takePlacements().first)
        rig.step(.placed(working, .success(rig.report(working, .new))))
        rig.openOrders = [rig.report(working, .new)]
        rig.step(.journal(.failed("disk full")))
        guard case .refused(let refusal) = rig.submit(.entry(entry("e", "1"))) else {
            Issue.record("accepted with the journal down")
            return
        }
        #expect(refusal.rule == .journalDown)
        let id = try #require(rig.engine.state.keys["w"])
        rig.step(.withdrawal(id, ticket: 77))
        #expect(rig.takeCancels().map(\.id) == [working.ticket.id])
        rig.submit(
            .exit(ExitIntent(key: "x", symbol: EngineRig.symbol, extent: .reduce(by: quantity("0.5"))))
        )
        #expect(rig.takePlacements().map(\.ticket.role) == [.exit])
        let stop = try #require(
            rig.engine.state.liveOrders(EngineRig.symbol).first { $0.ticket.role == .stop }
        )
        rig.step(.report(rig.report(stop.ticket, .cancelled)))
        rig.advance(by: .seconds(1))
        #expect(rig.takePlacements().map(\.ticket.role) == [.stop])
        rig.step(.journal(.healthy))
        #expect(rig.engine.state.journalDown == nil)
    }

    @Test("whatever may increase exposure leaves with the fact of its very attempt in the same turn (I-01)")
    func factsWithActions() {
        var sends = 0
        for seed in UInt64(1)...10 {
            var world = WalkWorld(seed: seed, hostility: .drawn(from: seed))
            world.run(for: .seconds(30))
            #expect(world.complaint == nil)
            sends += world.sends
        }
        #expect(sends > 20)
    }

    @Test(
        "leverage is never changed while another order of the symbol is open, and a stubborn venue is not stormed"
    )
    func leverage() throws {
        var rig = EngineRig.open()
        var first = entry("a", "1", pricing: .limit(price("99"), .goodTillCancel))
        first.leverage = 5
        rig.submit(.entry(first))
        let count = rig.drive(for: .seconds(20)) { action, _ in
            guard case .setLeverage(let change) = action else { return nil }
            return .leverageSet(change, .success(4))
        }
        #expect(count.leverages > 1)
        #expect(count.leverages <= 11)
        var other = EngineRig.open()
        other.submit(.entry(entry("b", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let resting = try #require(other.takePlacements().first)
        other.step(.placed(resting, .success(other.report(resting, .new))))
        var wish = entry("c", "1")
        wish.leverage = 20
        other.submit(.entry(wish))
        #expect(!other.actions.contains { if case .setLeverage = $0 { true } else { false } })
        #expect(other.takePlacements().count == 1)
    }

    @Test(
        "an earlier generation that fills after all stops the next one instead of stopping the engine (I-02)"
    )
    func lateFirstGeneration() throws {
        var rig = EngineRig.open()
        var wish = entry("e", "1")
        wish.lifetime = .seconds(100)
        rig.submit(.entry(wish))
        let first = try #require(rig.takePlacements().first)
        rig.step(.placed(first, .failure(.unknown("timeout"))))
        var second: Placement?
        for _ in 0..<300 where second == nil {
            for query in rig.takeQueries() { rig.step(.queried(query, .failure(TransmissionTests.absent))) }
            second = rig.takePlacements().first
            rig.advance(by: .milliseconds(100))
        }
        let resent = try #require(second)
        rig.step(.report(rig.report(first, .filled, executed: "1")))
        let stop = try #require(rig.takePlacements().first)
        rig.step(.placed(stop, .success(rig.report(stop, .new))))
        rig.step(.placed(resent, .failure(TransmissionTests.busy)))
        rig.advance(by: .seconds(2))
        #expect(rig.takePlacements().allSatisfy { $0.ticket.role != .entry })
        #expect(rig.held == quantity("1"))
        #expect(rig.end(of: "e")?.executed == quantity("1"))
    }

    @Test("a position that the stream told of and that no list shows does not hold a doubt for ever")
    func unexplainedPosition() throws {
        var rig = EngineRig.open()
        var wish = entry("e", "1")
        wish.lifetime = .seconds(200)
        rig.submit(.entry(wish))
        let first = try #require(rig.takePlacements().first)
        rig.step(.placed(first, .failure(.unknown("timeout"))))
        rig.step(.positionsChanged([rig.position("5")]))
        var second: Placement?
        for _ in 0..<600 where second == nil {
            for query in rig.takeQueries() { rig.step(.queried(query, .failure(TransmissionTests.absent))) }
            second = rig.takePlacements().first
            rig.advance(by: .milliseconds(100))
        }
        #expect(second?.ticket.role == .entry)
    }

    @Test("past its deadline an entry ends expired, whether planned, working or never arrived")
    func deadline() throws {
        var rig = EngineRig.open()
        var wish = entry("w", "1", pricing: .limit(price("99"), .goodTillCancel))
        wish.lifetime = .seconds(3)
        rig.submit(.entry(wish))
        let working = try #require(rig.takePlacements().first)
        rig.step(.placed(working, .success(rig.report(working, .new))))
        rig.advance(by: .seconds(4))
        let cancel = try #require(rig.takeCancels().first)
        rig.step(.cancelled(cancel, .success(rig.report(working, .cancelled))))
        #expect(rig.end(of: "w")?.kind == .expired)
    }
}
