import ReckonEngine
import ReckonModel
import Testing

@Suite("One position's life")
struct PositionLifeTests {
    @Test("an entry fills, its stop goes out in the same turn, an exit closes, the stop is dropped")
    func wholeLife() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        #expect(rig.held == quantity("1"))
        #expect(rig.end(of: "open")?.kind == .filled)
        #expect(rig.engine.state.holding(EngineRig.symbol).nakedSince == nil)
        rig.submit(.exit(ExitIntent(key: "close", symbol: EngineRig.symbol)))
        let exits = rig.takePlacements()
        let exit = try #require(exits.first)
        #expect(exit.ticket.extent == .reducing(quantity("1")))
        rig.step(.placed(exit, .success(rig.report(exit, .filled, executed: "1"))))
        #expect(rig.held.isZero)
        rig.positions = []
        rig.openAlgoOrders = []
        let cancels = rig.takeCancels()
        let cancel = try #require(cancels.first)
        rig.step(
            .cancelled(
                cancel,
                .failure(
                    VenueFailure(.idempotentSafe(.unknownOrder), code: -2011, message: "Unknown order sent.")
                )
            )
        )
        rig.advance(by: .seconds(6))
        #expect(rig.end(of: "close")?.kind == .done)
    }

    @Test("an answer lost after execution is found by query and never resent")
    func lostAnswer() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let placements = rig.takePlacements()
        let placement = try #require(placements.first)
        rig.step(.placed(placement, .failure(.unknown("connection closed"))))
        let querys = rig.takeQueries()
        let query = try #require(querys.first)
        #expect(rig.takePlacements().isEmpty)
        rig.step(.queried(query, .success(rig.report(placement, .filled, executed: "1"))))
        #expect(rig.held == quantity("1"))
        #expect(rig.takePlacements().map(\.ticket.role) == [.stop])
        #expect(rig.end(of: "e")?.kind == .filled)
    }

    @Test("a lost request is resent only after conclusive not-founds and an empty history")
    func lostRequest() throws {
        var rig = EngineRig.open()
        var wish = entry("e", "1")
        wish.lifetime = .seconds(60)
        rig.submit(.entry(wish))
        let placements = rig.takePlacements()
        let placement = try #require(placements.first)
        rig.step(.placed(placement, .failure(.unknown("timeout"))))
        let absent = VenueFailure(
            .idempotentSafe(.noSuchOrder),
            code: -2013,
            message: "Order does not exist."
        )
        var resent: Placement?
        for _ in 0..<200 where resent == nil {
            for query in rig.takeQueries() { rig.step(.queried(query, .failure(absent))) }
            resent = rig.takePlacements().first
            rig.advance(by: .milliseconds(100))
        }
        let second = try #require(resent)
        #expect(second.ticket.id != placement.ticket.id)
        #expect(second.timestamp > placement.timestamp + placement.window + .seconds(2))
    }

    @Test("something else under our id is no proof of absence: the entry stays in doubt and is never resent")
    func mismatchUnderOurID() throws {
        var rig = EngineRig.open()
        var wish = entry("e", "1")
        wish.lifetime = .seconds(60)
        rig.submit(.entry(wish))
        let placements = rig.takePlacements()
        let placement = try #require(placements.first)
        rig.step(.placed(placement, .failure(.unknown("timeout"))))
        for _ in 0..<300 {
            for query in rig.takeQueries() {
                var report = rig.report(placement, .filled, executed: "2")
                report.quantity = quantity("2")
                rig.step(.queried(query, .success(report)))
            }
            let resent = rig.takePlacements()
            #expect(resent.isEmpty)
            rig.advance(by: .milliseconds(100))
        }
        let order = try #require(rig.engine.state.orders[placement.ticket.id])
        #expect(order.state == .doubtful)
    }
}
