import ReckonEngine
import ReckonModel
import Testing

@Suite("What a snapshot may contradict (I-09)")
struct FenceTests {
    static func corrections(_ rig: EngineRig) -> Int {
        rig.facts.count { if case .positionCorrected = $0.fact { true } else { false } }
    }

    @Test("what changed after the question, or less than a second before it, is not contradicted")
    func settle() throws {
        var rig = EngineRig.open()
        rig.advance(by: .seconds(3))
        rig.answersRounds = false
        rig.actions.removeAll()
        while !rig.actions.contains(where: { if case .snapshot = $0 { true } else { false } }) {
            rig.advance(by: .milliseconds(100))
        }
        let questions = rig.actions
        rig.answersRounds = true
        _ = rig.openLong("1")
        rig.positions = []
        for case .snapshot(let question) in questions { rig.answer(question) }
        #expect(rig.held == quantity("1"))
        #expect(FenceTests.corrections(rig) == 0)
        #expect(rig.engine.belief(at: rig.now).debtSymbols == 0)
    }

    @Test("a fenced difference seen three times over ten seconds overrides the fence")
    func override() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .failure(.unknown("timeout"))))
        rig.positions = [rig.position("1")]
        rig.advance(by: .seconds(9))
        #expect(rig.held.isZero)
        rig.advance(by: .seconds(10))
        #expect(rig.held == quantity("1"))
        rig.step(.report(rig.lateReport(sent)))
        #expect(rig.held == quantity("1"))
    }

    @Test("rows that are stale by the venue's own clock do not contradict a fresh fill")
    func stale() {
        var rig = EngineRig.open()
        rig.positions = [rig.position("3")]
        rig.advance(by: .seconds(6))
        let old = rig.positions
        for sent in rig.takePlacements() { rig.step(.placed(sent, .success(rig.report(sent, .new)))) }
        _ = rig.openMore("1", key: "m")
        rig.positions = old
        let before = FenceTests.corrections(rig)
        rig.advance(by: .seconds(9))
        #expect(rig.held == quantity("4"))
        #expect(FenceTests.corrections(rig) == before)
    }

    @Test("a symbol that keeps trading is never put back by rows that lag, however long they do")
    func staleWhileTrading() {
        var rig = EngineRig.open()
        rig.positions = [rig.position("3")]
        rig.advance(by: .seconds(6))
        let old = rig.positions
        for sent in rig.takePlacements() { rig.step(.placed(sent, .success(rig.report(sent, .new)))) }
        let before = FenceTests.corrections(rig)
        for key in 0..<8 {
            _ = rig.openMore("0.5", key: "m\(key)")
            rig.positions = old
            rig.advance(by: .seconds(5))
        }
        #expect(rig.held == quantity("7"))
        #expect(FenceTests.corrections(rig) == before)
    }

    @Test("a position report that a newer one has overtaken tells nothing")
    func overtaken() {
        var rig = EngineRig.open()
        let older = rig.position("1")
        var newer = rig.position("2")
        newer.updatedAt = newer.updatedAt + .milliseconds(5)
        rig.step(.positionsChanged([newer]))
        rig.step(.positionsChanged([older]))
        #expect(rig.engine.session.streamed[EngineRig.symbol]?.report == newer)
    }

    @Test("a row that stays behind for ever blocks nothing for ever")
    func staleForEver() {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        var row = rig.position("2")
        row.updatedAt = row.updatedAt - .milliseconds(1)
        rig.positions = [row]
        rig.advance(by: .seconds(40))
        #expect(rig.held == quantity("2"))
    }

    @Test("a clean world yields no action but questions")
    func clean() {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(10))
        rig.actions.removeAll()
        let before = FenceTests.corrections(rig)
        let count = rig.drive(for: .seconds(120), every: .milliseconds(500)) { _, _ in nil }
        #expect(
            count.entries + count.exits + count.stops + count.queries + count.cancels + count.leverages == 0
        )
        // Three lists a round, and the settings once a minute.
        #expect(count.snapshots == 24 * 3 + 2)
        #expect(FenceTests.corrections(rig) == before)
        #expect(rig.engine.belief(at: rig.now).debtSymbols == 0)
        #expect(rig.engine.belief(at: rig.now).mismatchStreak == 0)
    }
}

@Suite("Reconcile converges")
struct ConvergenceTests {
    static let names = ["AUSDT", "BUSDT", "CUSDT"]

    /// A random picture of the venue's positions, as its list would show them at `now`.
    static func picture(_ dice: inout Dice, _ rig: EngineRig) -> [PositionReport] {
        names.compactMap { name in
            let size = dice.roll(in: -3...3)
            guard size != 0 else { return nil }
            let entryPrice = Price(units: dice.roll(in: 90...110) * Price.scale)
            return PositionReport(
                symbol: Symbol(name),
                quantity: Quantity(units: size * Quantity.scale),
                entryPrice: entryPrice,
                markPrice: price("100"),
                updatedAt: rig.venueNow
            )
        }
    }

    static func rig() -> EngineRig {
        var rig = EngineRig { $0.symbols = names.map { Symbol($0) } }
        rig.step(
            .instruments(
                names.map { name in
                    Instrument(
                        symbol: Symbol(name),
                        tickSize: price("0.1"),
                        stepSize: quantity("0.001"),
                        minQuantity: quantity("0.001"),
                        maxQuantity: quantity("1000"),
                        minNotional: .zero
                    )
                }
            )
        )
        rig.start()
        return rig
    }

    /// Answers stops as taken and lists them, cancels as done, and questions about what no list shows as expired.
    static func settle(_ rig: inout EngineRig, for span: Span) -> RequestCount {
        var resting: [OrderReport] = rig.openAlgoOrders ?? []
        var count = RequestCount()
        let end = rig.now + span
        while rig.now < end {
            let actions = rig.actions
            rig.actions.removeAll()
            for action in actions {
                count.note(action)
                switch action {
                case .place(let placement):
                    // A closePosition order lives only as long as its position.
                    let isHeld = rig.positions?.contains { $0.symbol == placement.ticket.symbol } ?? false
                    let report = rig.report(placement, isHeld ? .new : .expired)
                    if isHeld { resting.append(report) }
                    rig.openAlgoOrders = resting
                    rig.step(.placed(placement, .success(report)))
                case .cancel(let cancellation):
                    resting.removeAll { $0.id == cancellation.id }
                    rig.openAlgoOrders = resting
                    guard let ticket = rig.engine.state.order(cancellation.id)?.ticket else { continue }
                    rig.step(.cancelled(cancellation, .success(rig.report(ticket, .cancelled))))
                case .query(let query):
                    // Only what is gone is asked for: the rest is in the lists.
                    guard let ticket = rig.engine.state.order(query.id)?.ticket else { continue }
                    rig.step(.queried(query, .success(rig.report(ticket, .expired))))
                case .snapshot, .setLeverage, .setMarginMode, .setCountdown, .arm, .evaluate, .putBack,
                    .resyncClock,
                    .reopenStream, .answer, .notify:
                    break
                }
            }
            rig.advance(by: .milliseconds(200))
        }
        return count
    }

    @Test("from any belief to any picture: one correction a symbol, and the same lists again change nothing")
    func onePass() {
        for seed in UInt64(1)...60 {
            var dice = Dice(seed: seed)
            var rig = ConvergenceTests.rig()
            for _ in 0..<2 {
                let before = FenceTests.corrections(rig)
                let shown = ConvergenceTests.picture(&dice, rig)
                rig.positions = shown
                // A stop that rests speaks against a phantom; the venue would have expired it with its position.
                let held = shown.map(\.symbol)
                rig.openAlgoOrders = rig.openAlgoOrders?.filter { held.contains($0.symbol) }
                _ = ConvergenceTests.settle(&rig, for: .seconds(45))
                #expect(FenceTests.corrections(rig) - before <= 3, "seed \(seed)")
                for name in ConvergenceTests.names {
                    let truth = shown.first { $0.symbol.name == name }?.quantity ?? .zero
                    #expect(
                        rig.engine.state.holding(Symbol(name)).position.quantity == truth,
                        "seed \(seed) \(name)"
                    )
                }
            }
            let before = FenceTests.corrections(rig)
            let count = ConvergenceTests.settle(&rig, for: .seconds(11))
            #expect(FenceTests.corrections(rig) == before, "seed \(seed)")
            #expect(count.stops + count.exits + count.cancels + count.entries == 0, "seed \(seed): \(count)")
        }
    }

    @Test("shuffled and repeated reports give the same position, the same totals and the same end")
    func shuffled() throws {
        for seed in UInt64(1)...80 {
            var dice = Dice(seed: seed)
            var rig = EngineRig.open()
            rig.submit(.entry(entry("e", "1", pricing: .limit(price("99"), .goodTillCancel))))
            let sent = try #require(rig.takePlacements().first)
            let isCancelled = dice.chance(1, in: 2)
            let last = isCancelled ? "0.9" : "1"
            var reports = ["0", "0.2", "0.5", "0.9"].map { executed in
                rig.report(sent, executed == "0" ? .new : .partiallyFilled, executed: executed)
            }
            reports.append(rig.report(sent, isCancelled ? .cancelled : .filled, executed: last))
            reports += reports.filter { _ in dice.chance(1, in: 2) }
            for index in reports.indices.reversed() {
                reports.swapAt(index, Int(dice.roll(below: UInt64(index) + 1)))
            }
            for report in reports { rig.step(.report(report)) }
            #expect(rig.held == quantity(last), "seed \(seed)")
            #expect(rig.end(of: "e")?.executed == quantity(last), "seed \(seed)")
            #expect(rig.end(of: "e")?.kind == (isCancelled ? .partlyFilled : .filled), "seed \(seed)")
            #expect(rig.takePlacements().filter { $0.ticket.role == .stop }.count == 1, "seed \(seed)")
        }
    }
}
