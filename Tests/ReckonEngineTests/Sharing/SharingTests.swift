import ReckonEngine
import ReckonModel
import Testing

@Suite("Another engine on the account")
struct SharingTests {
    static func report(_ id: String, _ rig: EngineRig, side: Side = .buy) -> OrderReport {
        var report = OrderReport(
            id: ClientOrderID(id),
            venueID: VenueOrderID(31),
            symbol: EngineRig.symbol,
            side: side,
            status: .new,
            quantity: quantity("1"),
            updatedAt: rig.venueNow
        )
        report.price = price("99")
        report.createdAt = rig.venueNow
        return report
    }

    /// Two starts: `e1` ended with two intents and three planned orders in the journal, `e2` runs.
    static func twoStarts() -> EngineRig {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        _ = rig.openMore("0.5", key: "more")
        rig.advance(by: .seconds(6))
        rig.crashAndRestart()
        return rig
    }

    @Test(
        "each kind of stranger closes entries, and nothing of theirs is touched",
        arguments: [
            ("rk-zz-e1-i1-1", Stranger.foreignEngine), ("rk-t1-e9-i1-1", .foreignEpoch),
            ("rk-t1-e2-i7-1", .withoutFact), ("rk-t1-e1-c1-7", .withoutFact), ("rk-t1-oddly", .withoutFact),
        ]
    )
    func found(_ id: String, _ stranger: Stranger) {
        var rig = SharingTests.twoStarts()
        rig.openOrders = [SharingTests.report(id, rig)]
        rig.advance(by: .seconds(6))
        #expect(rig.engine.state.sharing.strangers[ClientOrderID(id)] == stranger)
        guard case .refused(let refusal) = rig.submit(.entry(entry("e", "1"))) else {
            Issue.record("an entry passed")
            return
        }
        #expect(refusal.rule == .accountShared)
        rig.advance(by: .seconds(20))
        #expect(rig.takeCancels().isEmpty)
        #expect(rig.engine.state.order(ClientOrderID(id)) == nil)
    }

    @Test(
        "what a lost tail of the journal held is ours: adopted and taken off the book",
        arguments: ["rk-t1-e1-i9-1", "rk-t1-e1-c9-1", "rk-t1-e1-i1-2"]
    )
    func lostTail(_ id: String) {
        var rig = SharingTests.twoStarts()
        rig.openOrders = [SharingTests.report(id, rig)]
        rig.advance(by: .seconds(6))
        #expect(!rig.engine.state.sharing.isShared)
        #expect(rig.takeCancels().map(\.id).contains(ClientOrderID(id)))
    }

    @Test("orders of our earlier starts that the facts know are ours, and so is whatever bears another name")
    func ours() {
        var rig = SharingTests.twoStarts()
        rig.openOrders = [SharingTests.report("web_77", rig), SharingTests.report("x-bot-1-2-3", rig)]
        rig.advance(by: .seconds(6))
        #expect(!rig.engine.state.sharing.isShared)
        guard case .accepted = rig.submit(.entry(entry("e", "0.1"))) else {
            Issue.record("closed without a stranger")
            return
        }
    }

    @Test("a stranger's market order, which no list ever shows, is told by the stream")
    func streamed() {
        var rig = SharingTests.twoStarts()
        var report = SharingTests.report("rk-zz-e1-i1-1", rig)
        report.status = .filled
        report.executed = quantity("1")
        rig.step(.report(report))
        #expect(rig.engine.state.sharing.isShared)
    }

    @Test("while shared no repair cancels; exits go; the operator's word ends it, and holds after a restart")
    func resolve() throws {
        var rig = SharingTests.twoStarts()
        guard case .refused(let early) = rig.command(.resolveSharing(reason: "why not")) else {
            Issue.record("resolved what is not shared")
            return
        }
        #expect(early.rule == .accountShared)
        let stranger = SharingTests.report("rk-zz-e1-i1-1", rig)
        let orphan = SharingTests.report("rk-t1-e1-i9-1", rig)
        rig.openOrders = [stranger, orphan]
        rig.advance(by: .seconds(12))
        #expect(rig.takeCancels().isEmpty)
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
        #expect(rig.takePlacements().contains { $0.ticket.role == .exit })
        #expect(rig.command(.resolveSharing(reason: "the other one is off")) == .done)
        rig.advance(by: .seconds(6))
        #expect(Set(rig.takeCancels().map(\.id)) == [orphan.id])
        rig.openOrders = [stranger]
        rig.crashAndRestart(epoch: "e3")
        rig.advance(by: .seconds(6))
        #expect(!rig.engine.state.sharing.isShared)
    }
}
