import ReckonEngine
import ReckonModel
import Testing

@Suite("Replace: cancel, confirm, create")
struct ReplaceTests {
    static func amend(_ rig: inout EngineRig, price text: String? = nil, quantity size: String? = nil)
        -> Answer?
    {
        let amendment = Amendment(.key("w"), price: text.map(price), quantity: size.map { quantity($0) })
        return rig.ask { .amendment(amendment, ticket: $0) }
    }

    @Test("nothing is created before the old order is proven gone; then the new one goes under a new id")
    func order() throws {
        var (rig, sent) = try CancelTests.working()
        #expect(ReplaceTests.amend(&rig, price: "98") == .done)
        let cancel = try #require(rig.takeCancels().first)
        rig.advance(by: .seconds(1))
        #expect(rig.takePlacements().isEmpty)
        rig.step(.cancelled(cancel, .success(rig.report(sent, .cancelled))))
        let created = rig.takePlacements()
        #expect(created.count == 1)
        #expect(created.first?.ticket.id != sent.ticket.id)
        #expect(created.first?.ticket.pricing == .limit(price("98"), .goodTillCancel))
        #expect(created.first?.ticket.quantity == quantity("1"))
    }

    @Test(
        "a fill that races in comes off what is created, whenever and however it is told",
        arguments: ["0.1", "0.4", "0.9", "1"],
        ["0.3", "1", "2.5"]
    )
    func race(_ filled: String, _ wanted: String) throws {
        for tellsFirst in [true, false] {
            var (rig, sent) = try CancelTests.working()
            #expect(ReplaceTests.amend(&rig, price: "98", quantity: wanted) == .done)
            let cancel = try #require(rig.takeCancels().first)
            let isWhole = filled == "1"
            if tellsFirst || isWhole {
                let status: VenueOrderStatus = isWhole ? .filled : .partiallyFilled
                rig.step(.report(rig.report(sent, status, executed: filled)))
            }
            rig.step(.cancelled(cancel, .success(rig.report(sent, .cancelled, executed: filled))))
            let next = rig.takePlacements()
            if let stop = next.first(where: { $0.ticket.role == .stop }) {
                #expect(next.allSatisfy { $0.ticket.role != .entry }, "added to a bare position")
                rig.step(.placed(stop, .success(rig.report(stop, .new))))
            }
            let created = (next + rig.takePlacements()).filter { $0.ticket.role == .entry }
            let rest = quantity(wanted) - quantity(filled)
            #expect(created.map(\.ticket.quantity) == (rest.isPositive ? [rest] : []))
            #expect(rig.held == quantity(filled))
            if !rest.isPositive { #expect(rig.end(of: "w")?.kind == .filled) }
        }
    }

    @Test(
        "at its bound it gives up with an event, creates nothing then or later, and the entry is taken back"
    )
    func bound() throws {
        var (rig, sent) = try CancelTests.working()
        #expect(ReplaceTests.amend(&rig, price: "98") == .done)
        let open = rig.report(sent, .new)
        var gaveUp = 0
        let count = rig.drive(for: .seconds(120), every: .milliseconds(500)) { action, _ in
            switch action {
            case .cancel(let cancel): return .cancelled(cancel, .failure(CancelTests.unknown))
            case .query(let query): return .queried(query, .success(open))
            case .notify(let notice):
                if notice.name == .replaceGaveUp { gaveUp += 1 }
                return nil
            default: return nil
            }
        }
        #expect(gaveUp == 1)
        #expect(count.entries == 0)
        rig.step(.report(rig.report(sent, .cancelled)))
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.end(of: "w")?.kind == .cancelled)
    }

    @Test("a wish that the gate refuses costs the old order nothing")
    func refusedEarly() throws {
        var (rig, sent) = try CancelTests.working()
        guard case .refused(let refusal) = ReplaceTests.amend(&rig, quantity: "500") else {
            Issue.record("taken beyond the cap")
            return
        }
        #expect(refusal.rule == .notional)
        #expect(rig.takeCancels().isEmpty)
        #expect(rig.engine.state.order(sent.ticket.id)?.cancelWanted == false)
    }

    @Test("what is created passes the gate of its own moment")
    func gateAtCreate() throws {
        var (rig, sent) = try CancelTests.working()
        #expect(ReplaceTests.amend(&rig, price: "98") == .done)
        let cancel = try #require(rig.takeCancels().first)
        rig.command(.halt(reason: "drill"))
        rig.step(.cancelled(cancel, .success(rig.report(sent, .cancelled))))
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.end(of: "w")?.detail == "halted")
        #expect(!rig.notices(.replaceGaveUp).isEmpty)
    }

    @Test(
        "a second wish waits for the first, the same wish again changes nothing, and their number is bounded"
    )
    func pace() throws {
        var (rig, sent) = try CancelTests.working()
        #expect(ReplaceTests.amend(&rig, price: "99") == .done)
        #expect(rig.takeCancels().isEmpty)
        var last = sent
        for round in 0..<rig.configuration.router.maxReplacements {
            #expect(ReplaceTests.amend(&rig, price: round.isMultiple(of: 2) ? "98" : "97") == .done)
            guard case .refused(let busy) = ReplaceTests.amend(&rig, price: "95") else {
                Issue.record("two at a time")
                return
            }
            #expect(busy.rule == .replaceUnderWay)
            let cancel = try #require(rig.takeCancels().first)
            rig.step(.cancelled(cancel, .success(rig.report(last, .cancelled))))
            last = try #require(rig.takePlacements().first)
            rig.step(.placed(last, .success(rig.report(last, .new))))
        }
        guard case .refused(let bound) = ReplaceTests.amend(&rig, price: "95") else {
            Issue.record("without bound")
            return
        }
        #expect(bound.rule == .replaceBound)
    }

    @Test("a market entry, an exit and an ended entry cannot be replaced")
    func wrongKind() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("w", "1")))
        guard case .refused(let market) = ReplaceTests.amend(&rig, price: "98") else {
            Issue.record("a market entry was replaced")
            return
        }
        #expect(market.rule == .malformed)
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
        guard case .refused(let ended) = ReplaceTests.amend(&rig, price: "98") else {
            Issue.record("an ended entry was replaced")
            return
        }
        #expect(ended.rule == .alreadyEnded)
    }
}
