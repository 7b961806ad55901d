import ReckonEngine
import ReckonModel
import Testing

/// The venue lets orders that only reduce claim a position once; an exit at market has to find room whatever rests.
@Suite("Room for exits")
struct ExitRoomTests {
    static let close = ExitIntent(key: "out", symbol: EngineRig.symbol)

    /// A long position, all of it claimed by an exit of ours that rests at a limit.
    static func claimed() throws -> (rig: EngineRig, resting: Placement) {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let limit = ExitIntent(
            key: "rest",
            symbol: EngineRig.symbol,
            pricing: .limit(price("110"), .goodTillCancel)
        )
        rig.submit(.exit(limit))
        let resting = try #require(rig.takePlacements().first)
        rig.step(.placed(resting, .success(rig.report(resting, .new))))
        rig.openOrders = [rig.report(resting, .new)]
        return (rig, resting)
    }

    /// A limit of somebody else's that would sell all of a long position.
    static func foreign(_ rig: EngineRig) -> OrderReport {
        var report = SharingTests.report("web_1", rig, side: .sell)
        report.price = price("120")
        report.isReduceOnly = true
        return report
    }

    @Test("an exit of ours at a limit makes way for one at market, which follows once it is gone")
    func ownMakesWay() throws {
        var (rig, resting) = try ExitRoomTests.claimed()
        rig.submit(.exit(ExitRoomTests.close))
        #expect(rig.takePlacements().isEmpty)
        let cancel = try #require(rig.takeCancels().first)
        #expect(cancel.id == resting.ticket.id)
        rig.step(.cancelled(cancel, .success(rig.report(resting, .cancelled))))
        let out = try #require(rig.takePlacements().first)
        #expect(out.ticket.pricing == .market)
        #expect(out.ticket.quantity == quantity("1"))
        #expect(rig.end(of: "rest")?.kind == .cancelled)
    }

    @Test("it waits for that no longer than for an answer of its own")
    func waitsOnce() throws {
        var (rig, _) = try ExitRoomTests.claimed()
        rig.submit(.exit(ExitRoomTests.close))
        rig.advance(by: .milliseconds(250))
        #expect(rig.takePlacements().isEmpty)
        rig.advance(by: .milliseconds(200))
        #expect(rig.takePlacements().map(\.ticket.pricing) == [.market])
    }

    @Test("one that claims a part only stays where the rest is enough")
    func staysBesideIt() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        var limit = ExitIntent(key: "rest", symbol: EngineRig.symbol, extent: .reduce(by: quantity("0.4")))
        limit.pricing = .limit(price("110"), .goodTillCancel)
        rig.submit(.exit(limit))
        let resting = try #require(rig.takePlacements().first)
        rig.step(.placed(resting, .success(rig.report(resting, .new))))
        rig.submit(
            .exit(ExitIntent(key: "out", symbol: EngineRig.symbol, extent: .reduce(by: quantity("0.6"))))
        )
        #expect(rig.takeCancels().isEmpty)
        #expect(rig.takePlacements().map(\.ticket.quantity) == [quantity("0.6")])
    }

    @Test(
        "an order of somebody else's that leaves no room is taken off, whatever is done with such orders otherwise",
        arguments: [ExternalRules.Choice.leave, .adopt, .flatten],
        [OutcomeClass.idempotentSafe(.reduceOnlyRejected), .retryableWith(.cancelConflicting)]
    )
    func foreignMakesWay(_ choice: ExternalRules.Choice, _ outcome: OutcomeClass) throws {
        var rig = EngineRig.open { $0.external.orders = choice }
        _ = rig.openLong("1")
        let foreign = ExitRoomTests.foreign(rig)
        rig.openOrders = [foreign]
        rig.advance(by: .seconds(12))
        #expect(rig.takeCancels().isEmpty)

        rig.submit(.exit(ExitRoomTests.close))
        let refused = try #require(rig.takePlacements().first)
        let failure = VenueFailure(outcome, code: -2022, message: "ReduceOnly Order is rejected.")
        rig.step(.placed(refused, .failure(failure)))
        rig.advance(by: .seconds(3))
        let cancel = try #require(rig.takeCancels().first)
        #expect(cancel.id == foreign.id)
        rig.openOrders = []
        _ = rig.takePlacements()
        rig.step(.cancelled(cancel, .success(nil)))
        rig.advance(by: .seconds(4))
        #expect(rig.takePlacements().map(\.ticket.role).contains(.exit))
    }

    @Test("without an exit that it keeps from the venue it is left alone, and so is one of the other side")
    func leftAlone() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        var other = ExitRoomTests.foreign(rig)
        other = SharingTests.report("web_2", rig, side: .buy)
        other.isReduceOnly = true
        rig.openOrders = [other]
        rig.submit(.exit(ExitRoomTests.close))
        let refused = try #require(rig.takePlacements().first)
        let failure = VenueFailure(
            .idempotentSafe(.reduceOnlyRejected),
            code: -2022,
            message: "ReduceOnly Order is rejected."
        )
        rig.step(.placed(refused, .failure(failure)))
        rig.advance(by: .seconds(6))
        #expect(!rig.takeCancels().map(\.id).contains(other.id))
    }
}
