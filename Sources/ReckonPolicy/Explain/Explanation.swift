package import ReckonEngine
import ReckonModel

/// Why one belief came to the knobs that are enforced.
package struct Explanation: Sendable {
    /// What one field of the belief adds, found by asking again with that field neutral.
    package struct Part: Sendable {
        package let path: String
        package let value: Double
        /// What the score would lose; absent where the policy tells none.
        package let score: Double?
        /// The raw knobs that would be looser.
        package let tightens: [KnobName]
    }

    /// One knob on its way from the policy to the engine.
    package struct Row: Sendable {
        package let knob: KnobName
        /// Absent after a fault.
        package let raw: String?
        package let enforced: String
        package let why: [String]
    }

    /// The knobs at a share of the way from no trouble to this belief.
    package struct Point: Sendable {
        package let share: Double
        package let knobs: Knobs
        package let score: Double?
    }

    package let step: PolicyStep
    package let parts: [Part]
    package let rows: [Row]
    package let sweep: [Point]
    /// What the ratchet compares: each debt part now, and its worst since the last loosening.
    package let debts: [(name: String, now: Double, worst: Double)]

    /// Explains the belief as the next tick of a walk.
    package init(_ belief: Belief, at now: Double, after walk: PolicyWalk) {
        let step = walk.look(belief, at: now)
        self.step = step
        parts = Self.parts(belief, now, walk, step)
        rows = KnobName.allCases.map { Self.row($0, step, walk.gate) }
        sweep = Self.sweep(belief, now, walk)
        debts = Self.debts(belief, walk.gate)
    }

    private static func parts(_ belief: Belief, _ now: Double, _ walk: PolicyWalk, _ step: PolicyStep)
        -> [Part]
    {
        guard let raw = step.verdict.knobs else { return [] }
        var parts: [Part] = []
        func ask(_ path: String, _ value: Double, _ other: Belief) {
            guard let without = walk.verdict(other, at: now).knobs else { return }
            let score = raw.notes.debtScore.flatMap { whole in without.notes.debtScore.map { whole - $0 } }
            parts.append(Part(path: path, value: value, score: score, tightens: without.looser(than: raw)))
        }
        for field in BeliefField.all where field.read(belief) != field.neutral {
            var other = belief
            field.write(field.neutral, to: &other)
            ask(field.path, field.read(belief), other)
        }
        if !belief.symbols.isEmpty {
            var other = belief
            other.symbols = []
            ask("symbols", Double(belief.symbols.count), other)
        }
        return parts
    }

    private static func sweep(_ belief: Belief, _ now: Double, _ walk: PolicyWalk) -> [Point] {
        guard belief != .neutral else { return [] }
        let axis = SearchAxis(towards: belief)
        return (0...40).compactMap { index in
            let share = Double(index) / 20
            let verdict = walk.verdict(axis.belief(.neutral, at: share), at: now)
            guard let knobs = verdict.knobs else { return nil }
            let effective = walk.gate.limits.effective(verdict)
            return Point(share: share, knobs: effective, score: knobs.notes.debtScore)
        }
    }

    private static func debts(_ belief: Belief, _ gate: Guard) -> [(name: String, now: Double, worst: Double)]
    {
        let now = DebtComponents(belief)
        let worst = gate.memory.worst ?? now
        return [
            ("debt_sec", now.debtSeconds, worst.debtSeconds),
            ("debt_symbols", now.debtSymbols, worst.debtSymbols),
            ("mismatch_streak", now.streak, worst.streak),
            ("unknown_intents.count", now.unknown, worst.unknown),
            ("naked.sec", now.nakedSeconds, worst.nakedSeconds),
        ]
    }

    private static func row(_ knob: KnobName, _ step: PolicyStep, _ gate: Guard) -> Row {
        let enforcement = step.enforcement
        let enforced = enforcement.enforced.text(knob)
        let raw = step.verdict.knobs?.text(knob)
        var why: [String] = []
        if enforcement.clamped.contains(knob.rawValue) { why.append("clamped to the operator's limit") }
        why += severity(knob, step, raw: raw, enforced: enforced)
        if enforcement.held.contains(knob.rawValue) { why.append(holding(knob, step, gate)) }
        if enforcement.fault != nil, raw == nil {
            why.append("fallback: the tighter of before and ORANGE, closed")
        }
        if gate.memory.isQuarantined { why.append("the policy is quarantined after its faults") }
        return Row(knob: knob, raw: raw, enforced: enforced, why: why)
    }

    private static func severity(_ knob: KnobName, _ step: PolicyStep, raw: String?, enforced: String)
        -> [String]
    {
        guard let raw, raw != enforced else { return [] }
        let knobs = step.enforcement.enforced
        switch knob {
        case .allowEntries where step.verdict.knobs?.mode == .red: return ["RED closes entries"]
        case .killSwitchTrip where step.verdict.knobs?.mode == .red: return ["RED trips the kill switch"]
        case .maxNotional where !knobs.allowEntries: return ["closed entries have no notional"]
        default: return []
        }
    }

    private static func holding(_ knob: KnobName, _ step: PolicyStep, _ gate: Guard) -> String {
        let now = Instant.epoch + Span(seconds: step.question.now)
        if knob == .killSwitchTrip, let since = gate.memory.trippedAt, now - since < gate.settings.haltSpan {
            let left = gate.settings.haltSeconds - (now - since).seconds
            return "held by the latch for \(LuaText.number(left.rounded())) s more"
        }
        if let until = gate.memory.holdUntil, now < until {
            return "held after a load for \(LuaText.number((until - now).seconds.rounded())) s more"
        }
        return "held by the ratchet: no debt part is a quantum better than its worst"
    }
}

extension GuardSettings {
    fileprivate var haltSpan: Span { Span(seconds: haltSeconds) }
}
