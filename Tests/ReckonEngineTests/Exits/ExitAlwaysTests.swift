import ReckonEngine
import ReckonModel
import Testing

/// I-03: nothing that closes entries is ever in the way of an exit.
@Suite("Exits under every refusal that an entry can meet")
struct ExitAlwaysTests {
    struct Trouble: OptionSet {
        let rawValue: Int
        static let halt = Trouble(rawValue: 1)
        static let red = Trouble(rawValue: 2)
        static let killSwitch = Trouble(rawValue: 4)
        static let stale = Trouble(rawValue: 8)
        static let journalDown = Trouble(rawValue: 16)
        static let naked = Trouble(rawValue: 32)
        static let cooldown = Trouble(rawValue: 64)
        static let starting = Trouble(rawValue: 128)
        static let doubt = Trouble(rawValue: 256)
    }

    static func rig(in trouble: Trouble) -> EngineRig {
        var rig = EngineRig.open { configuration in
            configuration.guardSettings.haltOnRed = false
            configuration.limits.entryCooldownSeconds = trouble.contains(.cooldown) ? 1_000 : 0
        }
        _ = rig.openLong("1")
        if trouble.contains(.doubt) {
            rig.submit(.entry(entry("d", "1", pricing: .limit(price("99"), .goodTillCancel))))
            for sent in rig.takePlacements() { rig.step(.placed(sent, .failure(.unknown("timeout")))) }
        }
        let limits = rig.configuration.limits
        rig.policy = { _ in
            .success(
                Knobs(
                    mode: trouble.contains(.red) ? .red : .green,
                    allowEntries: !trouble.contains(.red),
                    limits: limits,
                    killSwitchTrip: trouble.contains(.killSwitch)
                )
            )
        }
        rig.advance(by: .seconds(6))
        if trouble.contains(.stale) {
            rig.positions = nil
            rig.advance(by: .seconds(40))
        }
        if trouble.contains(.starting) {
            rig.answersRounds = false
            rig.crashAndRestart()
        }
        if trouble.contains(.naked) {
            for stop in rig.engine.state.liveOrders(EngineRig.symbol) where stop.ticket.role == .stop {
                rig.step(.report(rig.report(stop.ticket, .cancelled)))
            }
        }
        if trouble.contains(.halt) { rig.command(.halt(reason: "drill")) }
        if trouble.contains(.journalDown) { rig.step(.journal(.failed("disk full"))) }
        rig.actions.removeAll()
        return rig
    }

    @Test("in every combination a close leaves in the very turn it is asked for, while the entry is refused")
    func product() {
        for bits in 0..<512 {
            let trouble = Trouble(rawValue: bits)
            var rig = ExitAlwaysTests.rig(in: trouble)
            let answer = rig.submit(.entry(entry("n", "0.1")))
            if case .accepted = answer, bits != 0 { Issue.record("an entry was accepted in trouble \(bits)") }
            rig.actions.removeAll()
            rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
            let exits = rig.takePlacements().filter { $0.ticket.role == .exit }
            #expect(exits.map(\.ticket.extent) == [.reducing(quantity("1"))], "trouble \(bits)")
        }
    }

    @Test("a stop that is asked for leaves too")
    func protect() {
        for bits in stride(from: 0, to: 512, by: 7) {
            var rig = ExitAlwaysTests.rig(in: Trouble(rawValue: bits))
            rig.submit(.protect(ProtectIntent(key: "p", symbol: EngineRig.symbol, stop: .price(price("95")))))
            rig.advance(by: .seconds(1))
            #expect(rig.takePlacements().contains { $0.ticket.role == .stop }, "trouble \(bits)")
        }
    }
}

@Suite("How an exit is finished")
struct ExitSeriesTests {
    @Test("a close in doubt goes out again after 300 ms, and the venue caps it")
    func resendClose() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
        let first = try #require(rig.takePlacements().first)
        rig.step(.placed(first, .failure(.unknown("timeout"))))
        rig.advance(by: .milliseconds(250))
        #expect(rig.takePlacements().isEmpty)
        rig.advance(by: .milliseconds(100))
        let second = try #require(rig.takePlacements().first)
        #expect(second.ticket.id != first.ticket.id)
        #expect(second.ticket.extent == .reducing(quantity("1")))
    }

    @Test(
        "a close that hangs goes out again 300 ms after it was sent, within bounds; entries wait for all of them"
    )
    func hangingClose() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
        var sent = rig.takePlacements()
        rig.advance(by: .milliseconds(290))
        #expect(rig.takePlacements().isEmpty)
        rig.advance(by: .milliseconds(20))
        sent += rig.takePlacements()
        #expect(sent.count == 2)
        #expect(sent.allSatisfy { $0.ticket.extent == .reducing(quantity("1")) })
        rig.advance(by: .seconds(3))
        sent += rig.takePlacements()
        #expect((4...8).contains(sent.count), "\(sent.count)")
        let first = try #require(sent.first)
        rig.step(.placed(first, .success(rig.report(first, .filled, executed: "1"))))
        #expect(rig.held.isZero)
        guard case .refused(let refusal) = rig.submit(.entry(entry("n", "1"))) else {
            Issue.record("an entry while sends of a close are unresolved")
            return
        }
        #expect(refusal.rule == .unresolvedIntent)
        #expect(rig.end(of: "x") == nil)
    }

    @Test("a limit close that hangs is not sent again: two of them would rest")
    func hangingLimit() {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let pricing = Pricing.limit(price("101"), .goodTillCancel)
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol, pricing: pricing)))
        #expect(rig.takePlacements().count == 1)
        rig.advance(by: .seconds(3))
        #expect(rig.takePlacements().isEmpty)
    }

    @Test("a partial exit in doubt is never sent again blindly, and its window is short")
    func partialWaits() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        let exit = ExitIntent(key: "x", symbol: EngineRig.symbol, extent: .reduce(by: quantity("0.4")))
        rig.submit(.exit(exit))
        let first = try #require(rig.takePlacements().first)
        #expect(first.window <= .seconds(2))
        rig.step(.placed(first, .failure(.unknown("timeout"))))
        rig.advance(by: .seconds(20))
        #expect(rig.takePlacements().isEmpty)
    }

    @Test("a position larger than one order may be is closed slice by slice without a pause")
    func slices() throws {
        var rig = EngineRig.open { $0.limits.maxNotional = 1_000_000 }
        _ = rig.openLong("100", key: "a")
        _ = rig.openMore("100", key: "b")
        _ = rig.openMore("100", key: "c")
        _ = rig.openMore("100", key: "d")
        _ = rig.openMore("100", key: "e")
        _ = rig.openMore("100", key: "f")
        #expect(rig.held == quantity("600"))
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
        let start = rig.now
        for _ in 0..<6 {
            let slice = try #require(rig.takePlacements().first { $0.ticket.role == .exit })
            rig.step(.placed(slice, .success(rig.report(slice, .filled, executed: "100"))))
        }
        #expect(rig.held.isZero)
        #expect(rig.now == start)
    }

    @Test("a reduce-only refusal is no proof of flat: the position is asked for, then the exit goes on")
    func reduceOnlyRejected() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.advance(by: .seconds(6))
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
        let first = try #require(rig.takePlacements().first)
        let refusal = VenueFailure(
            .idempotentSafe(.reduceOnlyRejected),
            code: -2022,
            message: "ReduceOnly rejected"
        )
        rig.step(.placed(first, .failure(refusal)))
        #expect(rig.takePlacements().isEmpty)
        #expect(rig.end(of: "x") == nil)
        rig.advance(by: .seconds(4))
        #expect(rig.takePlacements().first?.ticket.role == .exit)
    }

    @Test("an exit past its deadline raises one alarm and goes on")
    func overdue() throws {
        var rig = EngineRig.open()
        _ = rig.openLong("1")
        rig.submit(.exit(ExitIntent(key: "x", symbol: EngineRig.symbol)))
        let fatal = VenueFailure(.fatal, code: -1, message: "no")
        let count = rig.drive(for: .seconds(60)) { action, _ in
            guard case .place(let placement) = action else { return nil }
            return .placed(placement, .failure(fatal))
        }
        #expect(count.exits > 4)
        #expect(rig.facts.count { if case .exitOverdue = $0.fact { true } else { false } } == 1)
        #expect(rig.end(of: "x") == nil)
    }
}
