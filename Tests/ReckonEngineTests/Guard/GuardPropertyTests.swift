import ReckonEngine
import ReckonModel
import Testing

/// Random policies, nonsense included, on random beliefs, against the rules written down a second time.
@Suite("What the guard enforces, whatever a policy says")
struct GuardPropertyTests {
    static let symbols = [Symbol("AUSDT"), Symbol("BUSDT"), Symbol("CUSDT")]

    static func limits(_ dice: inout Dice) -> GuardLimits {
        GuardLimits(
            maxNotional: Double(dice.roll(in: 100...10_000)),
            maxLeverage: Int(dice.roll(in: 1...20)),
            minEntryConfidence: Double(dice.roll(in: 0...5)) / 10,
            entryCooldownSeconds: Double(dice.roll(in: 0...30)),
            maxOpenOrdersPerSymbol: Int(dice.roll(in: 1...6))
        )
    }

    static func figure(_ dice: inout Dice, upTo most: Double) -> Double {
        switch dice.roll(below: 40) {
        case 0: .nan
        case 1: .infinity
        case 2: -1
        case 3: most * 1e12
        default: Double(dice.roll(in: 0...100)) / 100 * most
        }
    }

    static func knobs(_ dice: inout Dice, _ limits: GuardLimits) -> Knobs {
        let modes: [GuardMode] = [.green, .green, .green, .yellow, .yellow, .orange, .red]
        var knobs = Knobs(
            mode: modes[Int(dice.roll(below: 7))],
            allowEntries: dice.chance(4, in: 5),
            limits: limits,
            killSwitchTrip: dice.chance(1, in: 15)
        )
        knobs.maxNotional = figure(&dice, upTo: limits.maxNotional * 1.5)
        knobs.maxLeverage = Int(dice.roll(in: dice.chance(1, in: 40) ? -1...0 : 1...25))
        knobs.minEntryConfidence = figure(&dice, upTo: dice.chance(1, in: 40) ? 3 : 1)
        knobs.entryCooldownSeconds = figure(&dice, upTo: 60)
        knobs.maxOpenOrdersPerSymbol = Int(dice.roll(in: 0...8))
        for symbol in symbols where dice.chance(1, in: 3) {
            var own = SymbolKnobs()
            if dice.chance(1, in: 2) { own.allowEntries = dice.chance(1, in: 2) }
            if dice.chance(1, in: 2) { own.maxNotional = figure(&dice, upTo: 5_000) }
            if dice.chance(1, in: 2) { own.maxLeverage = Int(dice.roll(in: 1...10)) }
            if dice.chance(1, in: 2) { own.minEntryConfidence = Double(dice.roll(in: 0...10)) / 10 }
            if dice.chance(1, in: 2) { own.entryCooldownSeconds = Double(dice.roll(in: 0...60)) }
            knobs.symbols[symbol] = own
        }
        return knobs
    }

    static func belief(_ dice: inout Dice) -> Belief {
        var belief = Belief()
        guard dice.chance(7, in: 8) else { return belief }
        belief.debtSeconds = Double(dice.roll(in: 0...12)) / 2
        belief.mismatchStreak = Int(dice.roll(in: 0...3))
        belief.unknownIntents.count = Int(dice.roll(in: 0...2))
        belief.naked.seconds = Double(dice.roll(in: 0...3))
        for symbol in symbols where dice.chance(1, in: 2) {
            let age = Double(dice.roll(in: 1...12)) / 2
            belief.symbols.append(
                SymbolDebt(symbol: symbol, debtSeconds: age, mismatches: 1, kind: "size_drift")
            )
        }
        belief.debtSymbols = belief.symbols.count
        return belief
    }

    /// The contract's five components, in whole quanta of one.
    static func parts(_ belief: Belief) -> [Double] {
        [
            min(belief.debtSeconds, 600), Double(belief.debtSymbols), Double(belief.mismatchStreak),
            Double(belief.unknownIntents.count), min(belief.naked.seconds, 600),
        ]
    }

    /// Each knob as a figure of which more is looser; entry knobs count as tightest while entries are closed.
    static func looseness(_ knobs: Knobs) -> [Double] {
        let isOpen = knobs.allowEntries
        let posture = [Double(-knobs.mode.severity), isOpen ? 1 : 0, knobs.killSwitchTrip ? 0 : 1]
        let entries = [
            knobs.maxNotional, Double(knobs.maxLeverage), -knobs.minEntryConfidence,
            -knobs.entryCooldownSeconds,
            Double(knobs.maxOpenOrdersPerSymbol),
        ]
        return posture + entries.map { isOpen ? $0 : -.infinity }
    }

    static func isLooser(_ after: SymbolKnobs?, than before: SymbolKnobs) -> Bool {
        func exceeds(_ new: Double?, _ old: Double?) -> Bool { old.map { (new ?? .infinity) > $0 } ?? false }
        if before.allowEntries == false, after?.allowEntries != false { return true }
        return exceeds(after?.maxNotional, before.maxNotional)
            || exceeds(after?.maxLeverage.map(Double.init), before.maxLeverage.map(Double.init))
            || exceeds(after?.minEntryConfidence.map { -$0 }, before.minEntryConfidence.map { -$0 })
            || exceeds(after?.entryCooldownSeconds.map { -$0 }, before.entryCooldownSeconds.map { -$0 })
    }

    /// Plain figures beyond their range are clamped; what is no number, and what a symbol's own knob can't be, is a fault.
    static func isWellShaped(_ knobs: Knobs) -> Bool {
        let owns = knobs.symbols.values.flatMap {
            [$0.maxNotional, $0.minEntryConfidence, $0.entryCooldownSeconds]
        }
        let figures = [knobs.maxNotional, knobs.minEntryConfidence, knobs.entryCooldownSeconds]
        return figures.allSatisfy(\.isFinite) && owns.compactMap { $0 }.allSatisfy { $0.isFinite && $0 >= 0 }
    }

    /// The rules, once more, with a memory of their own.
    struct Referee {
        let limits: GuardLimits
        let settings: GuardSettings
        var last: Knobs?
        var worst: [Double]?
        var symbolWorst: Table<Symbol, Double> = Table()
        var hasNewBase = false
        var heldUntil: Instant?
        var trippedAt: Instant?
        var faults = 0
        var isQuarantined = false

        mutating func judge(_ made: Enforcement, _ raw: Knobs?, _ belief: Belief, _ now: Instant) -> String? {
            let knobs = made.enforced
            let parts = GuardPropertyTests.parts(belief)
            let isZero = parts.allSatisfy { $0 == 0 }
            let isHeld = heldUntil.map { now < $0 } ?? false
            let before = worst ?? parts
            let isBetter = zip(parts, before).contains { $0 <= $1 - 1 }
            let isFree = last == nil || hasNewBase || isZero
            let isLicensed = isFree || (isBetter && !isHeld)
            let isLooser = last.map { zip(looseness(knobs), looseness($0)).contains { $0 > $1 } } ?? false
            if isLooser, !isLicensed { return "I-04: looser without leave" }
            if let flaw = symbolFlaw(knobs, belief, isFree: isFree, isHeld: isHeld) { return flaw }
            if let flaw = limitFlaw(knobs) ?? latchFlaw(knobs, now) ?? faultFlaw(knobs, raw) { return flaw }
            worst = isLooser && isLicensed ? parts : zip(parts, before).map { max($0, $1) }
            trippedAt = knobs.killSwitchTrip ? (trippedAt ?? now) : nil
            if isZero || !isHeld { heldUntil = nil }
            hasNewBase = false
            last = knobs
            return nil
        }

        private mutating func symbolFlaw(_ knobs: Knobs, _ belief: Belief, isFree: Bool, isHeld: Bool)
            -> String?
        {
            for (symbol, before) in last?.symbols ?? Table() {
                let debt = belief.symbols.first { $0.symbol == symbol }?.debtSeconds ?? 0
                let worst = symbolWorst[symbol] ?? debt
                let isLooser = GuardPropertyTests.isLooser(knobs.symbols[symbol], than: before)
                let isAllowed = isFree || (!isHeld && (debt == 0 || debt <= worst - 1))
                if isLooser, !isAllowed { return "I-04: \(symbol) looser without leave" }
                symbolWorst[symbol] = isLooser ? debt : max(worst, debt)
            }
            for symbol in symbolWorst.keys where knobs.symbols[symbol] == nil { symbolWorst[symbol] = nil }
            for symbol in knobs.symbols.keys where symbolWorst[symbol] == nil {
                symbolWorst[symbol] = belief.symbols.first { $0.symbol == symbol }?.debtSeconds ?? 0
            }
            return nil
        }

        private func limitFlaw(_ knobs: Knobs) -> String? {
            if knobs.maxNotional > limits.maxNotional || knobs.maxLeverage > limits.maxLeverage
                || knobs.minEntryConfidence < limits.minEntryConfidence
                || knobs.entryCooldownSeconds < limits.entryCooldownSeconds
                || knobs.maxOpenOrdersPerSymbol > limits.maxOpenOrdersPerSymbol || !isWellShaped(knobs)
                || knobs.maxNotional < 0 || knobs.maxLeverage < 1 || knobs.minEntryConfidence > 1
            {
                return "I-05: beyond the operator's limits"
            }
            if knobs.mode == .red, knobs.allowEntries { return "I-05: RED with entries" }
            if knobs.mode == .red, settings.haltOnRed, !knobs.killSwitchTrip {
                return "I-05: RED without a kill switch"
            }
            if !knobs.allowEntries, knobs.maxNotional != 0 { return "closed with notional" }
            return nil
        }

        private func latchFlaw(_ knobs: Knobs, _ now: Instant) -> String? {
            guard let trippedAt, now - trippedAt < Span(seconds: settings.haltSeconds), !knobs.killSwitchTrip
            else {
                return nil
            }
            return "I-05: the latch let go early"
        }

        private mutating func faultFlaw(_ knobs: Knobs, _ raw: Knobs?) -> String? {
            if let raw, isWellShaped(raw), !isQuarantined {
                faults = 0
                return nil
            }
            faults += 1
            if faults >= settings.faultLimit { isQuarantined = true }
            if knobs.allowEntries || knobs.mode < .orange { return "I-06: open after a fault" }
            if let last, zip(looseness(knobs), looseness(last)).contains(where: { $0 > $1 }) {
                return "I-06: looser after a fault"
            }
            return isQuarantined && knobs.mode != .red ? "I-06: quarantined and not RED" : nil
        }
    }

    static func run(_ seed: UInt64) -> String? {
        var dice = Dice(seed: seed)
        let limits = limits(&dice)
        var settings = GuardSettings()
        settings.haltOnRed = dice.chance(2, in: 3)
        var guarding = Guard(limits: limits, settings: settings)
        var referee = Referee(limits: limits, settings: settings)
        var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
        for tick in Int64(1)...60 {
            now = now + .seconds(dice.roll(in: 1...12))
            switch dice.roll(below: 25) {
            case 0:
                guarding.resume()
                referee.hasNewBase = true
                referee.trippedAt = nil
                referee.heldUntil = nil
            case 1:
                guarding.beginReloadHold(at: now)
                referee.faults = 0
                referee.isQuarantined = false
                if referee.last != nil { referee.heldUntil = now + Span(seconds: settings.reloadHoldSeconds) }
            case 2: guarding.halt(reason: "h")
            default: break
            }
            let halt = guarding.memory.haltedByOperator
            let raw = dice.chance(1, in: 12) ? nil : knobs(&dice, limits)
            let fault = PolicyFault(code: .error, message: "m")
            let verdict = PolicyVerdict(
                tick: tick,
                policyDigest: "d",
                answer: raw.map { .success($0) } ?? .failure(fault),
                instructions: 1,
                stateDigest: "s"
            )
            let belief = belief(&dice)
            let made = guarding.decide(verdict, belief: belief, at: now)
            guarding.apply(made)
            if guarding.memory.haltedByOperator != halt {
                return "seed \(seed): a verdict touched the operator's halt"
            }
            if let flaw = referee.judge(made, raw, belief, now) {
                return "seed \(seed) tick \(tick): \(flaw)"
            }
        }
        return nil
    }

    @Test(
        "no verdict loosens without leave, passes a limit, undoes a latch or opens after a fault (I-04, I-05, I-06)"
    )
    func anyPolicy() {
        for seed in UInt64(1)...400 {
            let flaw = GuardPropertyTests.run(seed)
            #expect(flaw == nil)
        }
    }

    @Test("the referee can say no: an unheld loosening is caught")
    func refereeCanFail() {
        var dice = Dice(seed: 1)
        let limits = GuardPropertyTests.limits(&dice)
        var referee = Referee(limits: limits, settings: GuardSettings())
        var guarding = Guard(limits: limits, settings: GuardSettings())
        var belief = Belief()
        belief.debtSeconds = 3
        var flaws: [String?] = []
        for tick in Int64(1)...2 {
            if tick == 2 { guarding = Guard(limits: limits, settings: GuardSettings()) }
            var knobs = Knobs(mode: tick == 1 ? .orange : .green, allowEntries: tick == 2, limits: limits)
            knobs.maxNotional = limits.maxNotional
            let verdict = PolicyVerdict(
                tick: tick,
                policyDigest: "d",
                answer: .success(knobs),
                instructions: 1,
                stateDigest: "s"
            )
            let now = Instant(nanoseconds: 1_700_000_000_000_000_000 + tick)
            let made = guarding.decide(verdict, belief: belief, at: now)
            flaws.append(referee.judge(made, knobs, belief, now))
        }
        #expect(flaws == [nil, "I-04: looser without leave"])
    }
}
