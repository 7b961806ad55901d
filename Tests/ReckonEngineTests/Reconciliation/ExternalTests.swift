import ReckonEngine
import ReckonModel
import Testing

@Suite("Positions and orders of somebody else's")
struct ExternalTests {
    private static var symbol: Symbol { EngineRig.symbol }

    private func foreign(_ rig: EngineRig, side: Side = .buy) -> OrderReport {
        DifferenceTableTests.limit(rig, id: "web_abc", side: side)
    }

    // MARK: Positions

    @Test("adopted: counted, covered from the mark, and open to entries")
    func adopted() throws {
        var rig = EngineRig.open()
        rig.positions = [rig.position("2")]
        rig.advance(by: .seconds(6))
        let stop = try #require(rig.takePlacements().first)
        #expect(stop.ticket.role == .stop)
        rig.step(.placed(stop, .success(rig.report(stop, .new))))
        rig.submit(.entry(entry("e", "1")))
        #expect(rig.takePlacements().map(\.ticket.role) == [.entry])
    }

    @Test("flattened: what somebody added goes at market, once, and what is ours stays")
    func flattened() throws {
        var rig = EngineRig.open { $0.external.positions = .flatten }
        rig.positions = [rig.position("2")]
        rig.advance(by: .seconds(6))
        let exits = rig.takePlacements().filter { $0.ticket.role == .exit }
        // Unanswered for 300 ms a close goes out again; it is one obligation all the same.
        #expect(exits.allSatisfy { $0.ticket.extent == .reducing(quantity("2")) })
        #expect(Set(exits.map { rig.engine.state.order($0.ticket.id)?.intent }).count == 1)
        let exit = try #require(exits.first)
        rig.step(.placed(exit, .success(rig.report(exit, .filled, executed: "2"))))
        let gone = VenueFailure(.idempotentSafe(.reduceOnlyRejected), code: -2022, message: "gone")
        for other in exits.dropFirst() { rig.step(.placed(other, .failure(gone))) }
        rig.positions = []
        rig.advance(by: .seconds(20))
        #expect(rig.held.isZero)
        #expect(rig.takePlacements().allSatisfy { $0.ticket.role != .exit })
        var own = EngineRig.open { $0.external.positions = .flatten }
        _ = own.openLong("1")
        own.advance(by: .seconds(6))
        own.positions = [own.position("1.5")]
        own.advance(by: .seconds(6))
        let reducing = own.takePlacements().filter { $0.ticket.role == .exit }.map(\.ticket.extent)
        #expect(reducing == [.reducing(quantity("0.5"))])
    }

    @Test("left: known and not touched, no debt, and no entry goes in beside it")
    func left() throws {
        var rig = EngineRig.open { $0.external.positions = .leave }
        rig.positions = [rig.position("2")]
        rig.advance(by: .seconds(30))
        #expect(rig.held == quantity("2"))
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.engine.belief(at: rig.now).debtSymbols == 0)
        #expect(rig.engine.belief(at: rig.now).naked.symbols == 0)
        guard case .refused(let refusal) = rig.submit(.entry(entry("e", "1"))) else {
            Issue.record("an entry went in beside it")
            return
        }
        #expect(refusal.rule == .unprotectedPosition)
        // An exit is never asked about it.
        rig.submit(.exit(ExitIntent(key: "x", symbol: ExternalTests.symbol)))
        #expect(rig.takePlacements().map(\.ticket.role) == [.exit])
        rig.positions = []
        rig.advance(by: .seconds(30))
        #expect(rig.held.isZero)
    }

    @Test(
        "what may be an entry of ours in doubt is neither flattened nor left",
        arguments: ["flatten", "leave"]
    )
    func inDoubt(_ choice: String) throws {
        var rig = EngineRig.open { $0.external.positions = choice == "leave" ? .leave : .flatten }
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .failure(.unknown("timeout"))))
        rig.positions = [rig.position("1")]
        rig.advance(by: .seconds(30))
        #expect(rig.held == quantity("1"))
        let roles = rig.takePlacements().map(\.ticket.role)
        #expect(roles.contains(.stop))
        #expect(!roles.contains(.exit))
    }

    // MARK: Orders

    @Test(
        "an opening order of somebody else's is followed and counted, taken off, or let be, and never by default taken off"
    )
    func openingOrders() throws {
        for choice in ExternalRules.Choice.allCases {
            var rig = EngineRig.open { $0.external.orders = choice }
            rig.openOrders = [foreign(rig)]
            rig.advance(by: .seconds(70))
            let known = rig.engine.state.order(ClientOrderID("web_abc"))
            #expect((known != nil) == (choice != .leave), "\(choice)")
            #expect(rig.takeCancels().isEmpty == (choice != .flatten), "\(choice)")
        }
    }

    @Test(
        "an order that reduces a position is never cancelled while that position stands, whoever it belongs to"
    )
    func reducingOrders() throws {
        for choice in ExternalRules.Choice.allCases {
            var rig = EngineRig.open { $0.external.orders = choice }
            _ = rig.openLong("1")
            rig.advance(by: .seconds(2))
            var report = foreign(rig, side: .sell)
            report.isReduceOnly = true
            // Ours by name, from a tail of the journal that was lost.
            var lost = DifferenceTableTests.limit(rig, id: "rk-t1-e0-i9-1", side: .sell)
            lost.isReduceOnly = true
            rig.openOrders = [report, lost]
            rig.advance(by: .seconds(70))
            #expect(rig.takeCancels().isEmpty, "\(choice)")
        }
    }

    @Test("a position that only the venue knows of keeps the order that reduces it")
    func reducingUnknownPosition() throws {
        var rig = EngineRig.open()
        var lost = DifferenceTableTests.limit(rig, id: "rk-t1-e0-i9-1", side: .sell)
        lost.isReduceOnly = true
        rig.openOrders = [lost]
        rig.positions = [rig.position("1")]
        rig.advance(by: .seconds(20))
        #expect(rig.takeCancels().isEmpty)
    }

    @Test(
        "the child of a stop of ours is known by its number, whatever its name, after the stop has ended too"
    )
    func children() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let stop = try #require(
            rig.engine.state.liveOrders(ExternalTests.symbol).first { $0.ticket.role == .stop }
        )
        rig.advance(by: .seconds(2))
        var triggered = rig.report(stop.ticket, .triggered)
        triggered.childID = VenueOrderID(4_711)
        rig.step(.report(triggered))
        rig.openAlgoOrders = []
        var child = DifferenceTableTests.limit(rig, id: "x-made-up", side: .sell)
        child.venueID = VenueOrderID(4_711)
        rig.openOrders = [child]
        rig.advance(by: .seconds(6))
        #expect(rig.engine.state.order(child.id) == nil)
        #expect(!DifferenceTests.kinds(rig).contains(.orphanOrder))
        triggered = rig.report(stop.ticket, .finished, executed: "1")
        triggered.childID = VenueOrderID(4_711)
        rig.step(.report(triggered))
        rig.positions = []
        rig.advance(by: .seconds(70))
        #expect(rig.engine.state.order(child.id) == nil)
        #expect(rig.takeCancels().allSatisfy { $0.id != child.id })
    }

    // MARK: Forced

    private func forced(_ rig: EngineRig, _ id: String, _ size: String = "1") -> OrderReport {
        var report = OrderReport(
            id: ClientOrderID(id),
            venueID: VenueOrderID(5_000),
            symbol: ExternalTests.symbol,
            side: .sell,
            status: .filled,
            quantity: quantity(size),
            executed: quantity(size),
            updatedAt: rig.venueNow
        )
        report.averagePrice = price("90")
        return report
    }

    private func isForced(_ rig: EngineRig) -> [ForcedClose.Kind] {
        rig.facts.compactMap { if case .positionForced(let close) = $0.fact { close.kind } else { nil } }
    }

    @Test(
        "a liquidation or deleveraging is told as such: working entries end, entries stay closed for a while, exits do not",
        arguments: [
            ("autoclose-17", ForcedClose.Kind.liquidation), ("adl_autoclose17", .deleveraging),
            ("settlement_autoclose-17", .settlement), ("delivery_autoclose-17", .delivery),
        ]
    )
    func forcedByStream(_ id: String, _ kind: ForcedClose.Kind) throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.entry(entry("more", "0.5", pricing: .limit(price("95"), .goodTillCancel))))
        let working = try #require(rig.takePlacements().first)
        rig.step(.placed(working, .success(rig.report(working, .new))))
        rig.openOrders = [rig.report(working, .new)]
        rig.advance(by: .seconds(2))
        rig.step(.report(forced(rig, id)))
        rig.step(.report(forced(rig, id)))
        #expect(isForced(rig) == [kind])
        #expect(rig.takeNotices(.positionForced).count == 1)
        #expect(rig.takeCancels().map(\.id) == [working.ticket.id])
        rig.step(.report(rig.report(working, .cancelled)))
        rig.positions = []
        rig.openOrders = []
        rig.openAlgoOrders = []
        rig.advance(by: .seconds(60))
        #expect(rig.held.isZero)
        #expect(rig.end(of: "more")?.kind == .cancelled)
        guard case .refused(let refusal) = rig.submit(.entry(entry("again", "1"))) else {
            Issue.record("an entry went in right after \(kind)")
            return
        }
        #expect(refusal.rule == .cooldown)
        rig.advance(by: .seconds(600))
        guard case .accepted = rig.submit(.entry(entry("later", "1"))) else {
            Issue.record("the symbol stays closed for ever")
            return
        }
    }

    @Test("one that the stream did not tell of is found in the history of the drift that it made")
    func forcedByHistory() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        rig.positions = [rig.position("0.5")]
        rig.history = [forced(rig, "adl_autoclose17", "0.5")]
        rig.advance(by: .seconds(6))
        #expect(isForced(rig) == [.deleveraging])
        #expect(rig.held == quantity("0.5"))
        #expect(rig.takeNotices(.positionExternal).isEmpty)
    }
}
