import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

@Suite("the steady policy")
struct SteadyTests {
    private final class Walk {
        private var runtime: PolicyRuntime
        private let policy: PolicyDirectory
        private var tick: Int64 = 0
        var now = 1000.0

        init(_ name: String = "steady") throws {
            policy = try Sample.policy(name)
            runtime = try PolicyRuntime(policy)
        }

        /// A new process, which goes on from the stored state.
        func restart() throws {
            let state = try #require(runtime.state)
            runtime = try PolicyRuntime(policy)
            try runtime.restore(state, asking: Sample.question())
        }

        @discardableResult
        func step(_ belief: Belief, after seconds: Double = 5) throws -> Knobs {
            tick += 1
            now += seconds
            let verdict = runtime.evaluate(Sample.question(tick: tick, now: now, belief: belief))
            if let fault = verdict.fault { throw fault }
            return try #require(verdict.knobs)
        }
    }

    @Test("nothing wrong means the operator's limits")
    func neutral() throws {
        let walk = try Walk()
        for _ in 1...20 {
            let knobs = try walk.step(.neutral)
            #expect(knobs.mode == .green && knobs.allowEntries && !knobs.killSwitchTrip)
            #expect(knobs.maxNotional == 1000 && knobs.maxLeverage == 20 && knobs.maxOpenOrdersPerSymbol == 4)
            #expect(knobs.minEntryConfidence == 0.25 && knobs.entryCooldownSeconds == 8)
            #expect(knobs.symbols.isEmpty)
        }
    }

    @Test("one fresh mismatch closes its symbol and leaves the others open")
    func freshMismatch() throws {
        let walk = try Walk()
        try walk.step(.neutral)
        let knobs = try walk.step(.debt(1))
        #expect(knobs.allowEntries && knobs.mode == .green)
        #expect(knobs.symbols[Symbol("S0USDT")]?.allowEntries == false)
        #expect(knobs.maxNotional < 1000 && knobs.maxNotional > 700)
    }

    @Test("a short doubt never closes all entries")
    func shortDoubt() throws {
        let walk = try Walk()
        for second in [1.0, 6, 11, 16] {
            var belief = Belief.debt(second, symbols: 1, streak: Int(second / 5) + 1)
            belief.unknownIntents.count = 1
            belief.unknownIntents.oldestSeconds = second
            #expect(try walk.step(belief).allowEntries, "after \(second) s")
        }
        for _ in 1...30 { try walk.step(.neutral) }
        let after = try walk.step(.neutral)
        #expect(after.mode == .green && after.symbols.isEmpty)
    }

    @Test("a single lapsing wish leaves no timer behind")
    func lapsingWish() throws {
        let walk = try Walk()
        for _ in 1...30 {
            // ORANGE is wanted on every other tick only; its timer of 5 s must start anew each time.
            #expect(try walk.step(.debt(60, symbols: 3, streak: 1), after: 3).allowEntries)
            #expect(try walk.step(.debt(0, symbols: 2, streak: 1), after: 3).allowEntries)
        }
    }

    @Test("sustained debt on one symbol closes within two minutes")
    func sustained() throws {
        let walk = try Walk()
        var closedAt: Double?
        for tick in 1...60 {
            let age = Double(tick) * 5
            let knobs = try walk.step(.debt(age, symbols: 1, streak: min(40, tick)))
            if closedAt == nil, !knobs.allowEntries { closedAt = age }
            if closedAt != nil { #expect(!knobs.allowEntries) }
        }
        let age = try #require(closedAt)
        #expect(age >= 30 && age <= 120)
    }

    @Test("broad debt closes within two ticks and halts")
    func broad() throws {
        let walk = try Walk()
        try walk.step(.neutral)
        #expect(!(try walk.step(.debt(1, symbols: 12, streak: 12)).allowEntries))
        let next = try walk.step(.debt(6, symbols: 12, streak: 24))
        #expect(next.mode == .red && next.killSwitchTrip && next.maxNotional == 0)
    }

    @Test(
        "with debt at zero, brisk reopens within 90 s; steady waits out five minutes of RED and a minute and a half more",
        arguments: [("brisk", 0.0, 90.0), ("steady", 390, 480)]
    )
    func recovery(name: String, earliest: Double, latest: Double) throws {
        let walk = try Walk(name)
        for tick in 1...30 { try walk.step(.debt(Double(tick) * 5, symbols: 8, streak: min(40, tick * 8))) }
        var streak = 40
        var openedAfter: Double?
        for tick in 1...120 {
            streak = max(0, streak - 1)
            var belief = Belief()
            belief.mismatchStreak = streak
            let knobs = try walk.step(belief)
            if knobs.allowEntries, openedAfter == nil { openedAfter = Double(tick) * 5 }
        }
        #expect((earliest...latest).contains(try #require(openedAfter)))
        let end = try walk.step(.neutral)
        #expect(end.mode == .green && end.maxNotional > 0.9 * 1000)
    }

    @Test(
        "the seventh start within two minutes closes entries, and so does each further one; then calm opens them"
    )
    func restarts() throws {
        let walk = try Walk()
        try walk.step(.neutral)
        for start in 1...8 {
            try walk.restart()
            let knobs = try walk.step(.neutral, after: 15)
            #expect(knobs.allowEntries == (start < 7), "start \(start)")
        }
        for _ in 1...17 { #expect(!(try walk.step(.neutral).allowEntries)) }
        for _ in 1...3 { try walk.step(.neutral) }
        #expect(try walk.step(.neutral).allowEntries)
    }

    @Test("starts that are far apart close nothing")
    func rareRestarts() throws {
        let walk = try Walk()
        try walk.step(.neutral)
        for _ in 1...20 {
            try walk.restart()
            #expect(try walk.step(.neutral, after: 60).allowEntries)
        }
    }

    @Test(
        "worse belief in any component never gives looser knobs",
        arguments: ["brisk", "steady"],
        [11, 12, 13] as [UInt64]
    )
    func monotone(name: String, seed: UInt64) throws {
        #expect(try Looseness.search(try Sample.policy(name), seed: seed, ticks: 250) == nil)
    }

    @Test("the same search finds the baseline's loosening, so it can fail")
    func searchFinds() throws {
        let found = try (1...6).compactMap {
            try Looseness.search(try Sample.policy("baseline"), seed: $0, ticks: 250)
        }
        #expect(!found.isEmpty)
    }
}

/// Seeded beliefs, and beliefs that are worse than a given one in some components and better in none.
enum BeliefDice {
    static func next(_ last: Belief, _ dice: inout Dice) -> Belief {
        let broad = dice.chance(1, in: 6)
        let symbols = Int(dice.roll(in: 0...(broad ? 20 : 3)))
        let debt = symbols == 0 ? 0 : Double(dice.roll(in: 0...3000)) / 10
        var belief = Belief.debt(debt, symbols: symbols, streak: 0)
        belief.mismatchStreak = Int(dice.roll(in: Int64(max(0, last.mismatchStreak - 1))...40))
        if dice.chance(1, in: 2) { belief.mismatchStreak = Int(dice.roll(in: 0...4)) }
        belief.evidence.confidence = Double(dice.roll(in: 0...100)) / 100
        if dice.chance(2, in: 3) { belief.evidence.confidence = 1 }
        belief.evidence.degradedSources = Int(dice.roll(in: 0...1))
        belief.unknownIntents.count = Int(dice.roll(in: 0...2))
        belief.unknownIntents.oldestSeconds =
            belief.unknownIntents.count == 0 ? 0 : Double(dice.roll(in: 0...60))
        return belief
    }

    static func worsened(_ belief: Belief, _ dice: inout Dice) -> Belief {
        var worse = belief
        func some() -> Double { Double(dice.roll(in: 0...1000)) / 1000 }
        for _ in 0..<dice.roll(in: 1...3) {
            switch dice.roll(below: 11) {
            case 0: worse.debtSeconds += some() * (dice.chance(1, in: 2) ? 1 : 200)
            case 1:
                worse.debtSymbols += 1
                worse.symbols.append(
                    SymbolDebt(
                        symbol: Symbol("X\(dice.roll(below: 9))USDT"),
                        debtSeconds: 1,
                        mismatches: 1,
                        kind: "k"
                    )
                )
            case 2: worse.mismatchStreak = min(40, worse.mismatchStreak + Int(dice.roll(in: 1...10)))
            case 3: worse.confidence *= some()
            case 4: worse.evidence.confidence *= some()
            case 5: worse.evidence.contradictionScore = min(1, worse.evidence.contradictionScore + some())
            case 6: worse.evidence.degradedSources += 1
            case 7: worse.unknownIntents.count += 1
            case 8: worse.unknownIntents.oldestSeconds += some() * 100
            case 9: worse.naked.symbols += 1
            default: worse.naked.seconds += some() * 60
            }
        }
        return worse
    }
}

/// Where one set of knobs is looser than another.
enum Looseness {
    /// Walks a policy through random beliefs, and at each state asks with a belief and with a worse one.
    ///
    /// Gives the first pair of which the worse gets a looser knob, in words.
    static func search(_ policy: PolicyDirectory, seed: UInt64, ticks: Int) throws -> String? {
        var dice = Dice(seed: seed)
        let walker = try PolicyRuntime(policy)
        let trial = try PolicyRuntime(policy)
        var belief = Belief.neutral
        var now = 1000.0
        for tick in 1...ticks {
            belief = dice.chance(1, in: 8) ? .neutral : BeliefDice.next(belief, &dice)
            now += Double(dice.roll(in: 1...12))
            if let state = walker.state {
                let low = BeliefDice.next(belief, &dice)
                let high = BeliefDice.worsened(low, &dice)
                let answers = try [low, high].map { belief in
                    let question = Sample.question(tick: Int64(tick), now: now, belief: belief)
                    try trial.restore(state, asking: question)
                    return try #require(trial.evaluate(question).knobs)
                }
                let broken = violations(answers[0], answers[1])
                if !broken.isEmpty { return "seed \(seed), tick \(tick): \(broken) from \(low) to \(high)" }
            }
            _ = walker.evaluate(Sample.question(tick: Int64(tick), now: now, belief: belief))
        }
        return nil
    }

    static func violations(_ loose: Knobs, _ tight: Knobs) -> [String] {
        var found: [String] = []
        if tight.mode < loose.mode { found.append("mode") }
        if tight.allowEntries, !loose.allowEntries { found.append("allow_entries") }
        if !tight.killSwitchTrip, loose.killSwitchTrip { found.append("kill_switch_trip") }
        if tight.maxNotional > loose.maxNotional { found.append("max_notional_usdt") }
        if tight.maxLeverage > loose.maxLeverage { found.append("max_leverage") }
        if tight.minEntryConfidence < loose.minEntryConfidence { found.append("min_entry_conf") }
        if tight.entryCooldownSeconds < loose.entryCooldownSeconds { found.append("entry_cooldown_seconds") }
        if tight.maxOpenOrdersPerSymbol > loose.maxOpenOrdersPerSymbol { found.append("max_open_orders") }
        for (symbol, knobs) in loose.symbols where knobs.allowEntries == false {
            if tight.symbols[symbol]?.allowEntries != false { found.append("symbols.\(symbol)") }
        }
        return found
    }
}
