import ReckonEngine
import ReckonModel
import ReckonPolicy

/// I-04, I-05 and I-06 written down once more, from the contract, with a memory of its own and none of the guard's code.
struct GuardReferee {
    let limits: GuardLimits
    let settings: GuardSettings
    private var last: Knobs?
    private var worst: [Double]?
    private var symbolWorst: [Symbol: Double] = [:]
    private var trippedAt: Double?
    private var heldUntil: Double?
    private var hasNewBase = false
    private var faults = 0
    private var isQuarantined = false

    init(limits: GuardLimits, settings: GuardSettings) {
        self.limits = limits
        self.settings = settings
    }

    mutating func noteResume() {
        hasNewBase = true
        trippedAt = nil
        heldUntil = nil
    }

    mutating func noteReload(at now: Double) {
        faults = 0
        isQuarantined = false
        if last != nil { heldUntil = now + settings.reloadHoldSeconds }
    }

    /// What the guard made of a verdict; `knobs` are the enforced ones, or what a broken guard would have enforced.
    struct Decision {
        let verdict: PolicyVerdict
        let made: Enforcement
        let knobs: Knobs
    }

    /// The first rule that the decision breaks.
    mutating func judge(_ decision: Decision, _ belief: Belief, at now: Double) -> String? {
        let knobs = decision.knobs
        let debts = Self.debts(belief)
        let before = worst ?? debts
        let isHeld = heldUntil.map { now < $0 } ?? false
        let isFree = last == nil || hasNewBase || debts.allSatisfy { $0 == 0 }
        let isBetter = zip(debts, before).contains { $0 <= $1 - 1 }
        let loosened = last.map { zip(Self.openness(knobs), Self.openness($0)).contains { $0 > $1 } } ?? false
        var flaw: String?
        if loosened, !isFree, !(isBetter && !isHeld) { flaw = "I-04: looser without leave" }
        flaw = flaw ?? symbolFlaw(knobs, belief, isFree: isFree, isHeld: isHeld)
        flaw = flaw ?? limitFlaw(knobs) ?? latchFlaw(knobs, now)
        flaw = flaw ?? faultFlaw(decision) ?? reasonFlaw(decision, isHeld: isHeld)
        worst = loosened ? debts : zip(debts, before).map { max($0, $1) }
        trippedAt = knobs.killSwitchTrip ? trippedAt ?? now : nil
        if !isHeld || debts.allSatisfy({ $0 == 0 }) { heldUntil = nil }
        hasNewBase = false
        last = knobs
        return flaw
    }

    private static func debts(_ belief: Belief) -> [Double] {
        [
            min(belief.debtSeconds, 600), Double(belief.debtSymbols), Double(belief.mismatchStreak),
            Double(belief.unknownIntents.count), min(belief.naked.seconds, 600),
        ]
    }

    /// Figures of which more is looser; while entries are closed what concerns entries is as tight as can be.
    private static func openness(_ knobs: Knobs) -> [Double] {
        let posture = [
            Double(3 - knobs.mode.severity), knobs.killSwitchTrip ? 0 : 1, knobs.allowEntries ? 1 : 0,
        ]
        guard knobs.allowEntries else { return posture + [Double](repeating: -.infinity, count: 5) }
        return posture + [
            knobs.maxNotional, Double(knobs.maxLeverage), -knobs.minEntryConfidence,
            -knobs.entryCooldownSeconds,
            Double(knobs.maxOpenOrdersPerSymbol),
        ]
    }

    private static func openness(_ knobs: SymbolKnobs?) -> [Double] {
        [
            knobs?.allowEntries == false ? 0 : 1, knobs?.maxNotional ?? .infinity,
            knobs?.maxLeverage.map(Double.init) ?? .infinity, -(knobs?.minEntryConfidence ?? -.infinity),
            -(knobs?.entryCooldownSeconds ?? -.infinity),
        ]
    }

    private mutating func symbolFlaw(_ knobs: Knobs, _ belief: Belief, isFree: Bool, isHeld: Bool) -> String?
    {
        func debt(_ symbol: Symbol) -> Double {
            belief.symbols.first { $0.symbol == symbol }?.debtSeconds ?? 0
        }
        var next: [Symbol: Double] = [:]
        var flaw: String?
        for (symbol, before) in last?.symbols ?? Table() {
            let now = debt(symbol)
            let high = symbolWorst[symbol] ?? now
            let loosened = zip(Self.openness(knobs.symbols[symbol]), Self.openness(before)).contains {
                $0 > $1
            }
            let mayLoosen = isFree || (!isHeld && (now == 0 || now <= high - 1))
            if loosened, !mayLoosen { flaw = "I-04: \(symbol) looser without leave" }
            next[symbol] = loosened ? now : max(high, now)
        }
        for symbol in knobs.symbols.keys where next[symbol] == nil { next[symbol] = debt(symbol) }
        symbolWorst = next.filter { knobs.symbols[$0.key] != nil }
        if knobs.symbols.count > GuardMemory.symbolLimit { flaw = "symbols pile up" }
        return flaw
    }

    private func limitFlaw(_ knobs: Knobs) -> String? {
        let isWithin =
            (0...limits.maxNotional).contains(knobs.maxNotional)
            && (1...limits.maxLeverage).contains(knobs.maxLeverage)
            && (limits.minEntryConfidence...1).contains(knobs.minEntryConfidence)
            && (limits.entryCooldownSeconds...9e9).contains(knobs.entryCooldownSeconds)
            && (0...limits.maxOpenOrdersPerSymbol).contains(knobs.maxOpenOrdersPerSymbol)
        if !isWithin { return "I-05: beyond the operator's limits" }
        if knobs.mode == .red, knobs.allowEntries { return "I-05: RED with entries" }
        if knobs.mode == .red, settings.haltOnRed, !knobs.killSwitchTrip {
            return "I-05: RED without a kill switch"
        }
        return !knobs.allowEntries && knobs.maxNotional != 0 ? "I-05: closed with notional" : nil
    }

    private func latchFlaw(_ knobs: Knobs, _ now: Double) -> String? {
        guard let trippedAt, now - trippedAt < settings.haltSeconds, !knobs.killSwitchTrip else { return nil }
        return "I-05: the latch let go early"
    }

    private mutating func faultFlaw(_ decision: Decision) -> String? {
        let (verdict, made, knobs) = (decision.verdict, decision.made, decision.knobs)
        if verdict.instructions > PolicyRuntime.instructionBudget + 2000 {
            return "I-06: unbounded instructions"
        }
        let isCrowded = made.fault?.code == .invalid && verdict.fault == nil
        if verdict.knobs != nil, !isQuarantined, !isCrowded {
            faults = 0
            return made.fault == nil ? nil : "I-06: a fault out of nothing"
        }
        faults += 1
        if faults >= settings.faultLimit { isQuarantined = true }
        if knobs.allowEntries || knobs.mode < .orange { return "I-06: open after a fault" }
        if let last, zip(Self.openness(knobs), Self.openness(last)).contains(where: { $0 > $1 }) {
            return "I-06: looser after a fault"
        }
        if isQuarantined, knobs.mode != .red { return "I-06: quarantined and not RED" }
        return made.fault == nil && !isQuarantined ? "I-06: a fault that no fact tells" : nil
    }

    /// Whatever is not as the policy gave it is said, with its cause; and nothing else is.
    private func reasonFlaw(_ decision: Decision, isHeld: Bool) -> String? {
        let (made, knobs) = (decision.made, decision.knobs)
        let reasons = made.reasons ?? []
        if Set(reasons.map(\.knob)) != Set(made.held + made.clamped) {
            return "a hold or clamp without its cause"
        }
        if reasons.contains(where: { $0.cause == .reloadHold }), !isHeld {
            return "a hold for a reload that is over"
        }
        if reasons.contains(where: { $0.cause == .latch && $0.knob != "kill_switch_trip" }) {
            return "a latch elsewhere"
        }
        guard let raw = decision.verdict.knobs, made.fault == nil, !isQuarantined, knobs.allowEntries else {
            return nil
        }
        let said = Set(made.held + made.clamped)
        let changed = [
            ("mode", raw.mode != knobs.mode), ("max_notional_usdt", raw.maxNotional != knobs.maxNotional),
            ("max_leverage", raw.maxLeverage != knobs.maxLeverage),
            ("min_entry_conf", raw.minEntryConfidence != knobs.minEntryConfidence),
            ("entry_cooldown_seconds", raw.entryCooldownSeconds != knobs.entryCooldownSeconds),
            ("max_open_orders_per_symbol", raw.maxOpenOrdersPerSymbol != knobs.maxOpenOrdersPerSymbol),
            ("kill_switch_trip", raw.killSwitchTrip != knobs.killSwitchTrip),
        ]
        let silent = changed.first { $0.1 && !said.contains($0.0) }
        return silent.map { "\($0.0) was changed without a word" }
    }
}
