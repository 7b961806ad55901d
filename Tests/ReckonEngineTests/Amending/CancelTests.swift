import ReckonEngine
import ReckonModel
import Testing

@Suite("Cancel")
struct CancelTests {
    static let unknown = VenueFailure(.idempotentSafe(.unknownOrder), code: -2011, message: "m")

    /// A limit entry that rests, under the key `w`.
    static func working() throws -> (rig: EngineRig, sent: Placement) {
        var rig = EngineRig.open()
        var wish = entry("w", "1", pricing: .limit(price("99"), .goodTillCancel))
        wish.lifetime = .seconds(3_600)
        rig.submit(.entry(wish))
        let sent = try #require(rig.takePlacements().first)
        let report = rig.report(sent, .new)
        rig.step(.placed(sent, .success(report)))
        rig.openOrders = [report]
        rig.actions.removeAll()
        return (rig, sent)
    }

    static func cancel(_ rig: inout EngineRig) -> Answer? { rig.ask { .cancellation(key: "w", ticket: $0) } }

    @Test("by key: one cancel goes out however often it is asked for, and each asking is done")
    func byKey() throws {
        var (rig, sent) = try CancelTests.working()
        for _ in 0..<3 { #expect(CancelTests.cancel(&rig) == .done) }
        let cancels = rig.takeCancels()
        #expect(cancels.map(\.id) == [sent.ticket.id])
        let gone = try #require(cancels.first)
        rig.step(.cancelled(gone, .success(rig.report(sent, .cancelled))))
        #expect(rig.end(of: "w")?.kind == .cancelled)
        #expect(CancelTests.cancel(&rig) == .done, "already gone is as wished")
    }

    @Test("what has filled is not taken back, and the caller is told so")
    func filled() throws {
        var (rig, sent) = try CancelTests.working()
        rig.step(.report(rig.report(sent, .filled, executed: "1")))
        guard case .refused(let refusal) = CancelTests.cancel(&rig) else {
            Issue.record("a filled entry was called cancelled")
            return
        }
        #expect(refusal.rule == .alreadyEnded)
        guard case .refused(let unknown) = rig.ask({ .cancellation(key: "nobody", ticket: $0) }) else {
            Issue.record("an unknown key was taken")
            return
        }
        #expect(unknown.rule == .unknownIntent)
    }

    @Test("an unknown order is asked about: filled means that the fill is adopted")
    func unknownThenFilled() throws {
        var (rig, sent) = try CancelTests.working()
        _ = CancelTests.cancel(&rig)
        let cancel = try #require(rig.takeCancels().first)
        rig.step(.cancelled(cancel, .failure(CancelTests.unknown)))
        let query = try #require(rig.takeQueries().first)
        rig.step(.queried(query, .success(rig.report(sent, .filled, executed: "1"))))
        #expect(rig.held == quantity("1"))
        #expect(rig.end(of: "w")?.kind == .filled)
    }

    @Test("an unknown order that is still open is cancelled again, with an alarm after each series")
    func unknownThenOpen() throws {
        var (rig, sent) = try CancelTests.working()
        _ = CancelTests.cancel(&rig)
        let open = rig.report(sent, .new)
        let count = rig.drive(for: .seconds(300), every: .milliseconds(500)) { action, _ in
            switch action {
            case .cancel(let cancel): .cancelled(cancel, .failure(CancelTests.unknown))
            case .query(let query): .queried(query, .success(open))
            default: nil
            }
        }
        #expect(count.cancels > 5)
        #expect(count.cancels <= 40)
        let series = rig.facts.count {
            if case .order(_, .cancelSeriesEnded) = $0.fact { true } else { false }
        }
        #expect(series == (count.cancels - 1) / rig.configuration.router.maxCancelAttempts)
        #expect(rig.engine.state.order(sent.ticket.id)?.state == .working)
    }

    @Test("all of a scope: entries and resting exits go, stops and market exits stay")
    func all() throws {
        var (rig, working) = try FlattenTests.busy()
        let limit = ExitIntent(
            key: "x",
            symbol: EngineRig.symbol,
            extent: .reduce(by: quantity("0.5")),
            pricing: .limit(price("110"), .goodTillCancel)
        )
        rig.submit(.exit(limit))
        let resting = try #require(rig.takePlacements().first)
        rig.step(.placed(resting, .success(rig.report(resting, .new))))
        rig.command(.cancelAll(.symbol(Symbol("ETHUSDT")), reason: "drill"))
        #expect(rig.takeCancels().isEmpty)
        rig.command(.cancelAll(.account, reason: "drill"))
        let gone = rig.takeCancels().map(\.id).sorted()
        #expect(gone == [working.ticket.id, resting.ticket.id].sorted())
        rig.advance(by: .seconds(1))
        #expect(rig.held == quantity("1"))
        #expect(
            rig.engine.state.liveOrders(EngineRig.symbol).contains { $0.ticket.role == .stop && $0.isResting }
        )
    }
}
