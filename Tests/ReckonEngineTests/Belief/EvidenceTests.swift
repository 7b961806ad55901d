import ReckonEngine
import ReckonModel
import Testing

@Suite("Evidence: each term of the formula")
struct EvidenceTests {
    private func evidence(_ rig: EngineRig) -> Evidence { rig.engine.belief(at: rig.now).evidence }

    /// Score of an age on a ramp, written out anew.
    private func ramp(_ age: Double, _ warn: Double, _ critical: Double) -> Double {
        min(max((critical - age) / (critical - warn), 0), 1)
    }

    @Test("with everything fresh all is full; a missing source costs its own weight", arguments: 0..<3)
    func weights(_ source: Int) throws {
        var rig = EngineRig.open()
        rig.step(.stream(.heard))
        #expect(evidence(rig).confidence == 1)
        #expect(evidence(rig).degradedSources == 0)
        let expected: Double
        switch source {
        case 0:
            rig.step(.stream(.disconnected("cut")))
            expected = 0.65
        case 1:
            rig.answersRounds = false
            while evidence(rig).restAgeSeconds < 241 {
                rig.step(.stream(.heard))
                rig.advance(by: .seconds(5))
            }
            expected = 0.55
        default:
            rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
            let sent = try #require(rig.takePlacements().first)
            rig.step(.placed(sent, .success(rig.report(sent, .new))))
            rig.openOrders = [rig.report(sent, .new)]
            rig.trades = nil
            while evidence(rig).fillAgeSeconds < 481 {
                rig.step(.stream(.heard))
                rig.advance(by: .seconds(5))
            }
            rig.step(.stream(.heard))
            expected = 0.8
        }
        #expect(abs(evidence(rig).confidence - expected) < 1e-9, "\(evidence(rig))")
        #expect(evidence(rig).degradedSources == 1)
    }

    @Test("each source falls on its own ramp", arguments: [10, 20, 21, 55, 89, 90, 100, 300])
    func ramps(_ seconds: Int64) {
        var rig = EngineRig.open()
        rig.answersRounds = false
        rig.step(.stream(.heard))
        let from = rig.now
        rig.advance(by: .seconds(seconds))
        let age = (rig.now - from).seconds
        let found = evidence(rig)
        #expect(abs(found.streamAgeSeconds - age) < 1e-9)
        #expect(abs(found.streamScore - ramp(age, 20, 90)) < 1e-9)
        #expect(abs(found.restScore - ramp(found.restAgeSeconds, 60, 240)) < 1e-9)
        #expect(found.fillScore == 1)
    }

    @Test("fills age only while one is expected, and are fresh again with the first word of trades")
    func fills() throws {
        var rig = EngineRig.open()
        rig.advance(by: .seconds(600))
        #expect(evidence(rig).fillAgeSeconds == 0)
        rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .new))))
        rig.openOrders = [rig.report(sent, .new)]
        rig.trades = nil
        rig.advance(by: .seconds(200))
        let aged = evidence(rig)
        #expect(abs(aged.fillAgeSeconds - 200) < 1)
        #expect(abs(aged.fillScore - ramp(aged.fillAgeSeconds, 90, 480)) < 1e-9)
        rig.trades = []
        rig.advance(by: .seconds(66))
        #expect(evidence(rig).fillScore == 1)
        rig.trades = nil
        rig.step(.report(rig.report(sent, .cancelled)))
        rig.openOrders = []
        rig.advance(by: .seconds(300))
        #expect(evidence(rig).fillAgeSeconds == 0)
    }

    @Test("a connected stream that says nothing is noticed by its age, and opened anew")
    func silent() {
        var rig = EngineRig.open()
        rig.advance(by: .seconds(60))
        #expect(evidence(rig).streamScore < 0.7)
        #expect(!rig.actions.contains { if case .reopenStream = $0 { true } else { false } })
        rig.advance(by: .seconds(200))
        let reopened = rig.actions.count { if case .reopenStream = $0 { true } else { false } }
        #expect((1...3).contains(reopened), "\(reopened)")
    }

    @Test(
        "a contradiction is one only while the stream is fresh enough to have told",
        arguments: [true, false]
    )
    func contradiction(_ isFresh: Bool) throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .new))))
        rig.openOrders = [rig.report(sent, .new)]
        rig.advance(by: .seconds(isFresh ? 6 : 60))
        if isFresh { rig.step(.stream(.heard)) }
        rig.openOrders = [rig.report(sent, .partiallyFilled, executed: "0.5")]
        rig.positions = [rig.position("0.5")]
        let before = rig.facts.count
        rig.advance(by: .seconds(5))
        let scores = rig.facts.dropFirst(before).compactMap { stamped -> Int? in
            if case .roundConcluded(let conclusion) = stamped.fact { conclusion.contradicted } else { nil }
        }
        #expect(scores.contains { $0 > 0 } == isFresh, "\(scores)")
    }

    @Test("score, streak and confidence follow from what the rounds found, by the formula", arguments: 0..<60)
    func formula(_ seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var rig = EngineRig.open()
        for _ in 0..<12 {
            rig.step(.stream(.heard))
            if dice.chance(1, in: 2) { rig.positions = [rig.position("\(dice.roll(in: 1...4))")] }
            if dice.chance(1, in: 5) { rig.step(.stream(.disconnected("cut"))) }
            if dice.chance(1, in: 3) { rig.step(.stream(.connected)) }
            rig.answersRounds = dice.chance(4, in: 5)
            rig.advance(by: .seconds(dice.roll(in: 1...30)))
            check(rig)
        }
    }

    private func check(_ rig: EngineRig) {
        let found = evidence(rig)
        var streak = 0
        var score = 0.0
        for case .roundConcluded(let conclusion) in rig.facts.map(\.fact) {
            score =
                conclusion.compared == 0 ? 0 : Double(conclusion.contradicted) / Double(conclusion.compared)
            streak = score >= 0.6 ? streak + 1 : max(streak - 1, 0)
        }
        score = min(score, 1)
        #expect(found.contradictionScore == score)
        #expect(found.contradictionStreak == streak)
        let wanted =
            0.35 * found.streamScore + 0.45 * found.restScore + 0.2 * found.fillScore - 0.45 * score - 0.12
            * Double(streak)
        #expect(abs(found.confidence - min(max(wanted, 0), 1)) < 1e-9)
        let low = [found.streamScore, found.restScore, found.fillScore].count { $0 < 0.7 }
        #expect(found.degradedSources == low + (score >= 0.6 ? 1 : 0))
        let belief = rig.engine.belief(at: rig.now)
        #expect(abs(belief.confidence - min(max(1 - belief.debtSeconds / 300, 0), 1)) < 1e-9)
        #expect(belief.debtSeconds == belief.symbols.first?.debtSeconds ?? 0)
        #expect(belief.symbols.count == min(belief.debtSymbols, 32))
        let isSorted = zip(belief.symbols, belief.symbols.dropFirst()).allSatisfy {
            $0.debtSeconds >= $1.debtSeconds
        }
        #expect(isSorted)
    }
}
