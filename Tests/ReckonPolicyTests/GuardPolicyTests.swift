import Foundation
import ReckonEngine
import ReckonModel
import ReckonPolicy
import Testing

/// Random Lua policies through the real runtime and the real guard, over wandering beliefs.
@Suite("The guard, whatever a Lua policy returns")
struct GuardPolicyTests {
    struct Tally {
        var flaws: [String] = []
        var faults: Set<PolicyFault.Code> = []
        var causes: Set<EnforcementReason.Cause> = []
        var opened = 0
        var red = 0
    }

    /// What a broken guard would have made of a decision; the referee has to notice.
    typealias Sabotage = @Sendable (Enforcement, PolicyVerdict, Knobs) -> Knobs

    static func run(seed: UInt64, ticks: Int = 60, into tally: inout Tally, sabotage: Sabotage? = nil) throws
    {
        var dice = Dice(seed: seed)
        var policy = RandomPolicy(seed: seed)
        let runtime = try PolicyRuntime(try PolicyDirectory(source: policy.source()))
        var settings = GuardSettings()
        settings.haltOnRed = dice.chance(2, in: 3)
        settings.haltSeconds = Double(dice.roll(in: 0...60))
        var gate = Guard(limits: Sample.limits, settings: settings)
        var referee = GuardReferee(limits: Sample.limits, settings: settings)
        var wander = BeliefWander(seed: seed &+ 1_000_000)
        var now = 1_700_000_000.0
        for tick in 1...ticks {
            now += Double(dice.roll(in: 1...12))
            try disturb(&gate, &referee, &dice, at: now)
            let belief = wander.step()
            let question = PolicyQuestion(
                tick: Int64(tick),
                now: now,
                sinceLast: tick == 1 ? 0 : 5,
                belief: belief,
                limits: Sample.limits,
                lastEnforced: gate.enforced
            )
            let verdict = runtime.evaluate(question)
            let before = gate.enforced
            let made = gate.decide(verdict, belief: belief, at: .epoch + Span(seconds: now))
            let halt = gate.memory.haltedByOperator
            gate.apply(made)
            if gate.memory.haltedByOperator != halt {
                tally.flaws.append("seed \(seed) tick \(tick): I-05: a verdict touched the operator's halt")
            }
            let shown = sabotage.map { $0(made, verdict, before) } ?? made.enforced
            let decision = GuardReferee.Decision(verdict: verdict, made: made, knobs: shown)
            if let flaw = referee.judge(decision, belief, at: now) {
                tally.flaws.append("seed \(seed) tick \(tick): \(flaw)")
                return
            }
            if let fault = verdict.fault { tally.faults.insert(fault.code) }
            tally.causes.formUnion((made.reasons ?? []).map(\.cause))
            tally.opened += made.enforced.allowEntries ? 1 : 0
            tally.red += made.enforced.mode == .red ? 1 : 0
        }
    }

    /// An operator's resume, a reload, a restart from what was stored, a halt.
    private static func disturb(
        _ gate: inout Guard,
        _ referee: inout GuardReferee,
        _ dice: inout Dice,
        at now: Double
    )
        throws
    {
        switch dice.roll(below: 30) {
        case 0:
            gate.resume()
            referee.noteResume()
        case 1:
            gate.beginReloadHold(at: .epoch + Span(seconds: now))
            referee.noteReload(at: now)
        case 2: gate = try JSONDecoder().decode(Guard.self, from: JSONEncoder().encode(gate))
        case 3: gate.halt(reason: "operator")
        default: break
        }
    }

    @Test("I-04, I-05 and I-06 hold on every tick, and each hold and clamp says why")
    func anyPolicy() throws {
        let seeds = UInt64(ProcessInfo.processInfo.environment["RECKON_GUARD_SEEDS"] ?? "") ?? 150
        var tally = Tally()
        for seed in 1...seeds { try Self.run(seed: seed, into: &tally) }
        #expect(tally.flaws.isEmpty)
        #expect(tally.faults.isSuperset(of: [.error, .instructions, .memory, .invalid, .state]))
        #expect(tally.causes == Set(EnforcementReason.Cause.allCases))
        #expect(tally.opened > 500 && tally.red > 500, "\(tally.opened) open, \(tally.red) RED")
    }

    struct Break: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sabotage: Sabotage

        init(_ name: String, _ change: @escaping @Sendable (inout Knobs, PolicyVerdict, Knobs) -> Void) {
            testDescription = name
            sabotage = { made, verdict, before in
                var knobs = made.enforced
                change(&knobs, verdict, before)
                return knobs
            }
        }
    }

    static let breaks: [Break] = [
        Break("leverage loosens at once") { knobs, verdict, _ in
            knobs.maxLeverage = verdict.knobs.map { min(max($0.maxLeverage, 1), 20) } ?? knobs.maxLeverage
        },
        Break("the mode is as asked") { knobs, verdict, _ in knobs.mode = verdict.knobs?.mode ?? knobs.mode },
        Break("the latch is off") { knobs, verdict, _ in
            knobs.killSwitchTrip = verdict.knobs?.killSwitchTrip ?? false
        },
        Break("RED keeps entries") { knobs, _, _ in
            knobs.allowEntries = knobs.allowEntries || knobs.mode == .red
        },
        Break("the cooldown is not clamped") { knobs, verdict, _ in
            knobs.entryCooldownSeconds = verdict.knobs?.entryCooldownSeconds ?? knobs.entryCooldownSeconds
        },
        Break("a fault keeps the last knobs") { knobs, verdict, before in
            if verdict.fault != nil { knobs = before }
        },
        Break("a fault loosens to ORANGE") { knobs, verdict, _ in
            if verdict.fault != nil { knobs.mode = .orange }
        },
        Break("closed with notional") { knobs, _, _ in knobs.maxNotional = max(knobs.maxNotional, 1) },
        Break("symbols are forgotten") { knobs, verdict, _ in
            if verdict.tick % 2 == 0 { knobs.symbols = Table() }
        },
        Break("confidence is lowered") { knobs, _, _ in knobs.minEntryConfidence -= 0.01 },
    ]

    @Test("a guard broken in any of ten ways is noticed", arguments: breaks)
    func canFail(broken: Break) throws {
        var tally = Tally()
        for seed in UInt64(1)...30 where tally.flaws.isEmpty {
            try Self.run(seed: seed, into: &tally, sabotage: broken.sabotage)
        }
        #expect(!tally.flaws.isEmpty)
    }

    @Test("names that are new on each tick never pile up beyond a bound")
    func crowd() throws {
        let runtime = try Sample.runtime(
            """
            local k = knobs() k.symbols = {}
            for i = 1, 128 do k.symbols["S" .. (context.tick * 1000 + i)] = { max_leverage = 1 } end
            return k, state
            """
        )
        var walk = PolicyWalk(runtime)
        var belief = Belief.debt(50, symbols: 2)
        belief.debtSymbols = 500
        var faults = 0
        for tick in 1...40 {
            let step = walk.step(belief, at: Double(tick) * 5)
            faults += step.enforcement.fault == nil ? 0 : 1
            #expect(walk.gate.enforced.symbols.count <= GuardMemory.symbolLimit)
        }
        #expect(faults > 0 && !walk.gate.enforced.allowEntries)
    }
}
