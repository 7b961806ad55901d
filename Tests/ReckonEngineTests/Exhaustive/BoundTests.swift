import ReckonEngine
import ReckonModel
import Testing

/// I-07: whatever the venue answers, for however long, requests stay few.
@Suite("Ten minutes of a venue that never agrees")
struct BoundTests {
    enum Mood: CaseIterable {
        case retryable
        case doubt
        case fatal
        case silent
        case wouldTrigger
        case reduceOnly
        case exists

        var failure: VenueFailure? {
            switch self {
            case .retryable: VenueFailure(.retryable, code: -1001, message: "m")
            case .doubt: .unknown("m")
            case .fatal: VenueFailure(.fatal, code: -1, message: "m")
            case .silent: nil
            case .wouldTrigger: VenueFailure(.retryableWith(.wouldTrigger), code: -2021, message: "m")
            case .reduceOnly: VenueFailure(.idempotentSafe(.reduceOnlyRejected), code: -2022, message: "m")
            case .exists: VenueFailure(.idempotentSafe(.protectionExists), code: -4130, message: "m")
            }
        }
    }

    static func answer(_ mood: Mood, _ action: Action) -> Input? {
        guard let failure = mood.failure else { return nil }
        switch action {
        case .place(let placement): return .placed(placement, .failure(failure))
        case .query(let query): return .queried(query, .failure(mood == .fatal ? .unknown("m") : failure))
        case .cancel(let cancellation): return .cancelled(cancellation, .failure(failure))
        case .setLeverage(let change): return .leverageSet(change, .failure(failure))
        case .setMarginMode(let change): return .marginModeSet(change, .failure(failure))
        case .snapshot, .arm, .evaluate, .putBack, .setCountdown, .resyncClock, .reopenStream, .answer,
            .notify:
            return nil
        }
    }

    static func check(_ count: RequestCount, _ label: String) {
        #expect(count.entries <= 15, "\(label): \(count)")
        #expect(count.exits <= 600, "\(label): \(count)")
        #expect(count.stops <= 300, "\(label): \(count)")
        #expect(count.queries <= 1_200, "\(label): \(count)")
        #expect(count.cancels <= 60, "\(label): \(count)")
        #expect(count.leverages <= 310, "\(label): \(count)")
        #expect(count.snapshots <= 3 * 600, "\(label): \(count)")
    }

    @Test("an entry", arguments: Mood.allCases)
    func entryBound(_ mood: Mood) {
        var rig = EngineRig.open()
        var wish = entry("e", "1")
        wish.lifetime = .seconds(1_200)
        rig.submit(.entry(wish))
        let count = rig.drive(for: .seconds(600), every: .milliseconds(500)) { action, _ in
            BoundTests.answer(mood, action)
        }
        BoundTests.check(count, "\(mood)")
        #expect(count.stops == 0)
    }

    @Test("an exit, with its position and stop", arguments: Mood.allCases)
    func exitBound(_ mood: Mood) {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
        let count = rig.drive(for: .seconds(600), every: .milliseconds(500)) { action, _ in
            BoundTests.answer(mood, action)
        }
        BoundTests.check(count, "\(mood)")
        #expect(count.exits > 0)
    }

    @Test("a stop that is never taken, on a position of ours and on an adopted one", arguments: Mood.allCases)
    func stopBound(_ mood: Mood) throws {
        for isOurs in [true, false] {
            var rig = EngineRig.open()
            if isOurs {
                rig.submit(.entry(entry("e", "1")))
                let sent = try #require(rig.takePlacements().first)
                rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
            }
            rig.positions = [rig.position("1")]
            var mark = price("100")
            let count = rig.drive(for: .seconds(600), every: .milliseconds(500)) { action, rig in
                if case .place(let placement) = action, placement.ticket.role == .exit {
                    return .placed(placement, .failure(VenueFailure(.fatal, code: -1, message: "m")))
                }
                return BoundTests.answer(mood, action)
            }
            mark = price("101")
            rig.step(.marks([Mark(symbol: EngineRig.symbol, price: mark)]))
            BoundTests.check(count, "\(mood) ours \(isOurs)")
            #expect(count.stops > 0)
        }
    }

    @Test("a stop that is taken and struck each time is placed again with pauses that grow")
    func struckStop() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let stop = try #require(
            rig.engine.state.liveOrders(EngineRig.symbol).first { $0.ticket.role == .stop }
        )
        rig.openAlgoOrders = []
        rig.step(.report(rig.report(stop.ticket, .expired)))
        let count = rig.drive(for: .seconds(600), every: .milliseconds(500)) { action, rig in
            guard case .place(let placement) = action else { return nil }
            return .placed(placement, .success(rig.report(placement, .expired)))
        }
        #expect(count.stops > 5)
        // Bare, it waits for four to eight seconds in the end.
        #expect(count.stops <= 110)
    }

    @Test("a move whose bridge is always refused waits longer and longer, and the old stop stays")
    func refusedBridge() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.protect(ProtectIntent(key: "p", symbol: EngineRig.symbol, stop: .price(price("97")))))
        let count = rig.drive(for: .seconds(600), every: .milliseconds(500)) { action, _ in
            guard case .place(let placement) = action else { return nil }
            return .placed(placement, .failure(VenueFailure(.fatal, code: -1, message: "m")))
        }
        #expect(count.stops > 5)
        // Bare, it waits for four to eight seconds in the end.
        #expect(count.stops <= 110)
        #expect(count.cancels == 0)
        #expect(rig.engine.state.holding(EngineRig.symbol).nakedSince == nil)
    }

    @Test("one crossed stop asks for one close, however often the venue says so")
    func oneClose() throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("e", "1")))
        let sent = try #require(rig.takePlacements().first)
        rig.step(.placed(sent, .success(rig.report(sent, .filled, executed: "1"))))
        rig.positions = [rig.position("1")]
        _ = rig.drive(for: .seconds(60)) { action, _ in
            guard case .place(let placement) = action else { return nil }
            let outcome: OutcomeClass =
                placement.ticket.role == .stop ? .retryableWith(.wouldTrigger) : .fatal
            return .placed(placement, .failure(VenueFailure(outcome, code: -2021, message: "m")))
        }
        #expect(rig.engine.state.openIntents.count == 1)
    }

    @Test(
        "a working order that cannot be cancelled is asked about and cancelled with pauses that grow",
        arguments: Mood.allCases
    )
    func cancelBound(_ mood: Mood) throws {
        var rig = EngineRig.open()
        rig.submit(.entry(entry("w", "1", pricing: .limit(price("99"), .goodTillCancel))))
        let sent = try #require(rig.takePlacements().first)
        let report = rig.report(sent, .new)
        rig.step(.placed(sent, .success(report)))
        rig.openOrders = [report]
        let count = rig.drive(for: .seconds(600), every: .milliseconds(500)) { action, _ in
            if case .query(let query) = action { return .queried(query, .success(report)) }
            return BoundTests.answer(mood, action)
        }
        BoundTests.check(count, "\(mood)")
        #expect(count.cancels > 3)
    }
}
