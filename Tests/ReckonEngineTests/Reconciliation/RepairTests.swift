import ReckonEngine
import ReckonModel
import Testing

@Suite("Repairs are bounded, cool down, and are held to their effect")
struct RepairTests {
    private static var symbol: Symbol { EngineRig.symbol }

    private func corrections(_ rig: EngineRig) -> [Instant] {
        rig.facts.compactMap { if case .positionCorrected = $0.fact { $0.at } else { nil } }
    }

    /// The venue shows a new position each time, as if no correction ever stuck.
    private func restless(_ rig: inout EngineRig, for span: Span) {
        let end = rig.now + span
        var flips = 0
        while rig.now < end {
            flips += 1
            rig.positions = [rig.position("\(flips + 1)")]
            rig.advance(by: .milliseconds(2_500))
            for sent in rig.takePlacements() {
                rig.step(.placed(sent, .success(rig.report(sent, .new))))
                rig.openAlgoOrders = [rig.report(sent, .new)]
            }
        }
    }

    @Test(
        "a correction that does not stick is made less and less often, a series ends with an alarm, and the debt ages"
    )
    func notSeen() throws {
        var rig = EngineRig.open { $0.reconcileEvery = .milliseconds(2_500) }
        restless(&rig, for: .seconds(120))
        let made = corrections(rig)
        #expect(made.count >= 4)
        #expect(made.count <= 18, "\(made.count) in two minutes")
        let ended = rig.facts.count { if case .repairSeriesEnded = $0.fact { true } else { false } }
        #expect(ended >= 1)
        #expect(!rig.takeNotices(.repairFailed).isEmpty)
        #expect(rig.engine.belief(at: rig.now).debtSeconds > 60)
        // Never given up: what is shown for good is believed at last.
        rig.positions = [rig.position("5")]
        rig.advance(by: .seconds(60))
        #expect(rig.held == quantity("5"))
        #expect(!rig.engine.state.ledger.hasPositionMismatch(RepairTests.symbol))
    }

    @Test("once its effect is seen a repair is forgotten, and the next drift is put right at once")
    func seen() {
        var rig = EngineRig.open()
        for size in ["2", "3", "2", "4"] {
            rig.positions = [rig.position(size)]
            rig.advance(by: .seconds(6))
            #expect(rig.held == quantity(size))
            rig.advance(by: .seconds(6))
        }
        #expect(corrections(rig).count == 4)
    }

    // MARK: Settings

    private func changes(_ rig: inout EngineRig) -> [LeverageChange] {
        let found = rig.actions.compactMap { if case .setLeverage(let change) = $0 { change } else { nil } }
        rig.actions.removeAll { if case .setLeverage = $0 { true } else { false } }
        return found
    }

    @Test(
        "a leverage that somebody changed is believed at once, and set back only with neither position nor order"
    )
    func leverage() throws {
        var rig = DifferenceTableTests.rig()
        _ = rig.openLong("1")
        rig.settings = [DifferenceTableTests.settings(leverage: 20)]
        rig.advance(by: .seconds(70))
        #expect(rig.engine.state.holding(RepairTests.symbol).leverage == 20)
        #expect(changes(&rig).isEmpty)
        #expect(!rig.takeNotices(.settingDrift).isEmpty)
        #expect(rig.engine.belief(at: rig.now).debtSymbols == 0)
        guard case .refused(let refusal) = rig.submit(.entry(entry("e", "1"))) else {
            Issue.record("an entry went in at a leverage beyond the limit")
            return
        }
        #expect(refusal.rule == .leverageAboveCap)
        let stop = try #require(rig.engine.state.liveOrders(RepairTests.symbol).first)
        rig.step(.report(rig.report(stop.ticket, .finished, executed: "1")))
        rig.positions = []
        rig.openAlgoOrders = []
        rig.advance(by: .seconds(70))
        #expect(changes(&rig).first?.leverage == 10)
    }

    @Test("a leverage that will not be set back is asked for less and less often, and stays a debt")
    func leverageRefused() {
        var rig = DifferenceTableTests.rig()
        rig.settings = [DifferenceTableTests.settings(leverage: 20)]
        rig.advance(by: .seconds(180))
        let asked = changes(&rig).count
        #expect((3...20).contains(asked), "\(asked)")
        #expect(rig.engine.belief(at: rig.now).debtSeconds > 60)
        #expect(!rig.takeNotices(.repairFailed).isEmpty)
        rig.settings = [DifferenceTableTests.settings(leverage: 10)]
        rig.advance(by: .seconds(12))
        #expect(rig.engine.belief(at: rig.now).debtSeconds == 0)
    }

    @Test("a wrong margin mode refuses entries, is set right where it may be, and opens them again")
    func margin() throws {
        var rig = DifferenceTableTests.rig()
        rig.settings = [DifferenceTableTests.settings(leverage: 10, isIsolated: true)]
        rig.advance(by: .seconds(70))
        guard case .refused(let refusal) = rig.submit(.entry(entry("e", "1"))) else {
            Issue.record("an entry went in under the wrong margin mode")
            return
        }
        #expect(refusal.rule == .marginMode)
        let change = try #require(
            rig.actions.compactMap { if case .setMarginMode(let change) = $0 { change } else { nil } }.first
        )
        #expect(!change.isIsolated)
        rig.step(.marginModeSet(change, .success(false)))
        rig.settings = [DifferenceTableTests.settings(leverage: 10)]
        guard case .accepted = rig.submit(.entry(entry("f", "1"))) else {
            Issue.record("entries stay closed")
            return
        }
    }
}
