import ReckonEngine
import ReckonModel
import Testing

@Suite("Our id on somebody else's order")
struct CollisionTests {
    static let duplicate = VenueFailure(.idempotentSafe(.duplicateID), code: -4116, message: "m")

    /// An entry whose first send was refused because an open order bears its id.
    static func refused() throws -> (rig: EngineRig, sent: Placement, query: OrderQuery) {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .failure(CollisionTests.duplicate)))
        let query = try #require(rig.takeQueries().first)
        return (rig, sent, query)
    }

    @Test(
        "an order that surely is not ours: the next generation goes under another id, and so on to the bound"
    )
    func variant() throws {
        var (rig, sent, query) = try CollisionTests.refused()
        var ids = [sent.ticket.id]
        for _ in 0..<10 {
            var found = rig.report(sent, .new)
            found = OrderReport(
                id: query.id,
                venueID: VenueOrderID(5),
                symbol: found.symbol,
                side: .sell,
                status: .new,
                quantity: found.quantity,
                updatedAt: rig.venueNow
            )
            rig.step(.queried(query, .success(found)))
            guard let next = rig.takePlacements().first else { break }
            ids.append(next.ticket.id)
            rig.step(.placed(next, .failure(CollisionTests.duplicate)))
            query = try #require(rig.takeQueries().first)
        }
        #expect(ids.count == rig.configuration.router.maxGenerations)
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.isAcceptable })
        #expect(rig.end(of: "e")?.kind == .rejected)
        #expect(rig.held.isZero)
    }

    @Test("an order that could be ours is never answered by another send, however long nothing else is heard")
    func couldBeOurs() throws {
        let changes: [(inout OrderReport) -> Void] = [
            { $0.createdAt = nil },
            { $0.createdAt = $0.createdAt.map { $0 - .seconds(3) } },
            { $0.status = .partiallyFilled },
        ]
        for change in changes {
            var (rig, sent, query) = try CollisionTests.refused()
            var found = rig.report(sent, .new)
            change(&found)
            rig.step(.queried(query, .success(found)))
            for _ in 0..<20 {
                rig.advance(by: .seconds(1))
                #expect(rig.takePlacements().allSatisfy { $0.ticket.role != .entry })
            }
        }
    }

    @Test("without the venue's refusal of the id, a strange order under it licenses nothing")
    func noRefusal() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .failure(.unknown("m"))))
        let query = try #require(rig.takeQueries().first)
        var other = OrderTicket(
            id: sent.ticket.id,
            symbol: EngineRig.symbol,
            role: .entry,
            side: .sell,
            extent: sent.ticket.extent,
            pricing: .market
        )
        rig.step(.queried(query, .success(rig.report(other, .new))))
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.engine.state.order(sent.ticket.id)?.state == .doubtful)
        other = sent.ticket
        rig.step(.report(rig.report(other, .filled, executed: "1")))
        #expect(rig.held == quantity("1"))
    }
}
