import ReckonEngine
import ReckonModel
import Testing

@Suite("Fills from the venue's record of trades")
struct BackfillTests {
    private static func isTrades(_ part: SnapshotQuestion.Part) -> Bool {
        if case .trades = part { return true }
        return false
    }

    private static func corrections(_ rig: EngineRig) -> [PositionCorrection] {
        rig.facts.compactMap {
            if case .positionCorrected(let correction) = $0.fact { correction } else { nil }
        }
    }

    private func trade(_ number: Int64, _ size: String, order: Int64, _ rig: EngineRig) -> AccountTrade {
        var trade = AccountTrade(
            number: number,
            orderID: VenueOrderID(order),
            symbol: EngineRig.symbol,
            side: .buy,
            at: rig.venueNow
        )
        trade.quantity = quantity(size)
        trade.price = price("99")
        return trade
    }

    /// A limit entry of 1 rests under the venue's number 7.
    private func resting(_ rig: inout EngineRig) throws -> Placement {
        rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .new))))
        rig.openOrders = [rig.report(sent, .new)]
        return sent
    }

    @Test(
        "a drift that our own trades explain is a missed fill and nobody else's doing; told again it adds nothing"
    )
    func explained() throws {
        var rig = EngineRig.open()
        let sent = try resting(&rig)
        rig.advance(by: .seconds(3))
        rig.positions = [rig.position("0.4")]
        rig.trades = [
            trade(1, "0.1", order: 7, rig), trade(2, "0.3", order: 7, rig), trade(2, "0.3", order: 7, rig),
        ]
        rig.advance(by: .seconds(6))
        #expect(rig.held == quantity("0.4"))
        #expect(rig.engine.state.order(sent.ticket.id)?.executed == quantity("0.4"))
        #expect(BackfillTests.corrections(rig).isEmpty)
        #expect(DifferenceTests.kinds(rig).contains(.missedFill))
        #expect(rig.takeNotices(.positionExternal).isEmpty)
        for stop in rig.takePlacements() { rig.step(.placed(stop, .success(rig.report(stop, .new)))) }
        rig.step(.report(rig.report(sent, .partiallyFilled, executed: "0.4")))
        rig.advance(by: .seconds(70))
        #expect(rig.held == quantity("0.4"))
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        #expect(rig.held == quantity("1"))
    }

    @Test("trades of orders that are not ours make a drift external, and so it is told")
    func external() throws {
        var rig = EngineRig.open()
        _ = try resting(&rig)
        rig.advance(by: .seconds(3))
        rig.positions = [rig.position("0.4")]
        rig.trades = [trade(1, "0.4", order: 999, rig)]
        rig.advance(by: .seconds(6))
        #expect(rig.held == quantity("0.4"))
        #expect(BackfillTests.corrections(rig).map(\.origin) == [.external])
        let notice = try #require(rig.takeNotices(.positionExternal).first)
        #expect(notice.fields.contains { $0.key == "origin" && $0.value == "external" })
    }

    @Test("where the trades cannot be had, the drift is put right all the same")
    func withoutTrades() {
        var rig = EngineRig.open()
        rig.trades = nil
        rig.positions = [rig.position("0.4")]
        rig.advance(by: .seconds(6))
        #expect(rig.held == quantity("0.4"))
        #expect(BackfillTests.corrections(rig).map(\.origin) == [.unexplained])
    }

    @Test("trades are asked for where a fill is expected, after a gap, or over a drift; never else")
    func onlyWhereNeeded() throws {
        var rig = EngineRig.open()
        rig.advance(by: .seconds(200))
        #expect(rig.takeQuestions(BackfillTests.isTrades).isEmpty)
        _ = try resting(&rig)
        rig.advance(by: .seconds(130))
        let expected = rig.takeQuestions(BackfillTests.isTrades).count
        #expect((1...3).contains(expected))
        rig.step(.stream(.disconnected("cut")))
        rig.step(.stream(.connected))
        rig.advance(by: .seconds(2))
        #expect(rig.takeQuestions(BackfillTests.isTrades).count == 1)
    }

    @Test(
        "whatever parts of the same trades are told in whatever order, the total is theirs and counts once",
        arguments: 0..<40
    )
    func anyOrder(_ seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var rig = EngineRig.open()
        let sent = try resting(&rig)
        rig.advance(by: .seconds(2))
        let all = (1...5).map { trade($0, "0.1", order: 7, rig) }
        var most = 0
        for _ in 0..<6 {
            let count = Int(dice.roll(in: 0...5))
            let isTold = dice.chance(1, in: 3)
            most = max(most, count)
            rig.trades = Array(all.prefix(count)) + (count > 0 ? [all[0]] : [])
            rig.positions = most == 0 ? [] : [rig.position("\(Double(most) / 10)")]
            if isTold, most > 0 {
                rig.step(.report(rig.report(sent, .partiallyFilled, executed: "\(Double(most) / 10)")))
            }
            rig.advance(by: .seconds(6))
            for stop in rig.takePlacements() {
                rig.step(.placed(stop, .success(rig.report(stop, .new))))
                rig.openAlgoOrders = [rig.report(stop, .new)]
            }
        }
        #expect(rig.held == quantity("\(Double(most) / 10)"))
        #expect(rig.engine.state.order(sent.ticket.id)?.executed ?? .zero <= quantity("\(Double(most) / 10)"))
    }
}
