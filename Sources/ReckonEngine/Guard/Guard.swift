package import ReckonModel

/// Turns untrusted verdicts into enforced knobs.
///
/// Whatever a script returns, what comes out is within the operator's limits (I-05), no looser than before unless belief
/// has improved (I-04), and after a fault the tighter of the last knobs and {ORANGE, entries closed} (I-06).
package struct Guard: Sendable, Codable, Hashable {
    package private(set) var limits: GuardLimits
    package let settings: GuardSettings
    package private(set) var memory = GuardMemory()

    package init(limits: GuardLimits, settings: GuardSettings) {
        self.limits = limits
        self.settings = settings
    }

    /// The knobs in force; closed until a first verdict has come.
    package var enforced: Knobs {
        memory.enforced ?? Knobs(mode: .orange, allowEntries: false, limits: limits).closed
    }

    package var isHaltedByOperator: Bool { memory.haltedByOperator != nil }

    /// Decides what a verdict becomes; changes nothing.
    package func decide(_ verdict: PolicyVerdict, belief: Belief, at now: Instant) -> Enforcement {
        var draft = Draft(next: memory, components: DebtComponents(belief))
        var candidate = candidateKnobs(verdict, into: &draft)
        applySeverity(&candidate)
        applyLatch(&candidate, verdict: verdict, at: now, into: &draft)
        applyRatchet(&candidate, belief: belief, at: now, into: &draft)
        if !candidate.allowEntries { candidate = candidate.closed }
        draft.next.enforced = candidate
        draft.next.hasNewBase = false
        return Enforcement(
            tick: verdict.tick,
            policyDigest: verdict.policyDigest,
            belief: belief,
            raw: verdict.knobs,
            enforced: candidate,
            held: KnobName.allCases.filter { draft.held.contains($0) }.map(\.rawValue),
            clamped: KnobName.allCases.filter { draft.clamped.contains($0) }.map(\.rawValue),
            fault: verdict.fault ?? draft.fault,
            instructions: verdict.instructions,
            stateDigest: verdict.stateDigest,
            memory: draft.next,
            reasons: draft.reasons.isEmpty ? nil : draft.reasons
        )
    }

    package mutating func apply(_ enforcement: Enforcement) { memory = enforcement.memory }

    /// An operator's halt; only an operator ends it.
    package mutating func halt(reason: String) { memory.haltedByOperator = reason }

    /// An operator's resume clears every halt and sets a new base for the ratchet.
    package mutating func resume() {
        memory.haltedByOperator = nil
        memory.trippedAt = nil
        memory.hasNewBase = true
        memory.holdUntil = nil
    }

    /// After a load, reload or restart nothing loosens for a while.
    package mutating func beginReloadHold(at now: Instant) {
        memory.isQuarantined = false
        memory.faultsInRow = 0
        guard memory.enforced != nil else { return }
        memory.holdUntil = now + Span(seconds: settings.reloadHoldSeconds)
    }

    /// What one decision gathers on its way.
    private struct Draft {
        var next: GuardMemory
        let components: DebtComponents
        var held: [KnobName] = []
        var clamped: [KnobName] = []
        var reasons: [EnforcementReason] = []
        var fault: PolicyFault?

        mutating func hold(_ knob: KnobName, by cause: EnforcementReason.Cause) {
            if !held.contains(knob) { held.append(knob) }
            reasons.append(EnforcementReason(knob: knob.rawValue, cause: cause))
        }

        mutating func clamp(_ knob: KnobName) {
            clamped.append(knob)
            reasons.append(EnforcementReason(knob: knob.rawValue, cause: .limit))
        }
    }

    private func candidateKnobs(_ verdict: PolicyVerdict, into draft: inout Draft) -> Knobs {
        if let raw = verdict.knobs, !memory.isQuarantined {
            if let fault = raw.shapeFault ?? memory.crowdFault(raw) {
                draft.fault = fault
                return fallback(&draft)
            }
            draft.next.faultsInRow = 0
            return clamped(raw, into: &draft)
        }
        return fallback(&draft)
    }

    private func fallback(_ draft: inout Draft) -> Knobs {
        draft.next.faultsInRow = min(draft.next.faultsInRow + 1, 1_000_000)
        var knobs = enforced.tightened(by: Knobs(mode: .orange, allowEntries: false, limits: limits))
        knobs.notes = KnobNotes()
        knobs.notes.reason = "fallback"
        if draft.next.faultsInRow >= settings.faultLimit {
            knobs.mode = .red
            draft.next.isQuarantined = true
        }
        return knobs
    }

    private func clamped(_ raw: Knobs, into draft: inout Draft) -> Knobs {
        var knobs = raw
        func clamp<Value: Comparable>(_ value: inout Value, into range: ClosedRange<Value>, _ knob: KnobName)
        {
            let inside = min(max(value, range.lowerBound), range.upperBound)
            if inside != value { draft.clamp(knob) }
            value = inside
        }
        clamp(&knobs.maxNotional, into: 0...limits.maxNotional, .maxNotional)
        clamp(&knobs.maxLeverage, into: 1...max(1, limits.maxLeverage), .maxLeverage)
        clamp(&knobs.minEntryConfidence, into: limits.minEntryConfidence...1, .minEntryConfidence)
        clamp(&knobs.entryCooldownSeconds, into: limits.entryCooldownSeconds...9e9, .entryCooldown)
        clamp(&knobs.maxOpenOrdersPerSymbol, into: 0...limits.maxOpenOrdersPerSymbol, .maxOpenOrders)
        return knobs
    }

    /// Severity: RED means no entries, and the kill switch where the operator wants it so.
    private func applySeverity(_ knobs: inout Knobs) {
        guard knobs.mode == .red else { return }
        knobs.allowEntries = false
        if settings.haltOnRed { knobs.killSwitchTrip = true }
    }

    private func applyLatch(
        _ knobs: inout Knobs,
        verdict: PolicyVerdict,
        at now: Instant,
        into draft: inout Draft
    ) {
        if knobs.killSwitchTrip {
            if draft.next.trippedAt == nil { draft.next.trippedAt = now }
            return
        }
        guard let trippedAt = draft.next.trippedAt else { return }
        if now - trippedAt < Span(seconds: settings.haltSeconds) {
            knobs.killSwitchTrip = true
            draft.hold(.killSwitchTrip, by: .latch)
        }
    }

    private func applyRatchet(_ knobs: inout Knobs, belief: Belief, at now: Instant, into draft: inout Draft)
    {
        let components = draft.components
        let worst = memory.worst ?? components
        let isLicensed =
            memory.enforced == nil || memory.hasNewBase || components.isZero
            || (components.improves(on: worst, by: settings.quantum) && !isHeld(at: now))
        let last = enforced
        let looser = memory.enforced == nil ? [] : KnobName.scalars.filter { knobs.isLooser($0, than: last) }
        let reopens = memory.enforced != nil && knobs.allowEntries && !last.allowEntries
        if isLicensed {
            draft.next.worst = looser.isEmpty && !reopens ? components.worse(of: worst) : components
        } else {
            draft.next.worst = components.worse(of: worst)
            for knob in looser {
                knobs.take(knob, from: last)
                draft.hold(knob, by: isHeld(at: now) ? .reloadHold : .ratchet)
            }
        }
        if components.isZero || !isHeld(at: now) { draft.next.holdUntil = nil }
        if !knobs.killSwitchTrip { draft.next.trippedAt = nil }
        applySymbolRatchet(&knobs, belief: belief, at: now, into: &draft)
    }

    private func isHeld(at now: Instant) -> Bool {
        guard let until = memory.holdUntil else { return false }
        return now < until
    }

    /// The same rule symbol by symbol, on each symbol's own debt.
    private func applySymbolRatchet(
        _ knobs: inout Knobs,
        belief: Belief,
        at now: Instant,
        into draft: inout Draft
    ) {
        var result: Table<Symbol, SymbolKnobs> = Table()
        var worsts: Table<Symbol, Double> = Table()
        let last = enforced.symbols
        for (symbol, wanted) in knobs.symbols { result[symbol] = wanted }
        for (symbol, held) in last {
            let debt = symbolDebt(symbol, belief)
            let worst = memory.symbolWorst[symbol] ?? debt
            let wanted = knobs.symbols[symbol]
            let isBetter = debt == 0 || (wanted != nil && debt <= worst - settings.quantum.debtSeconds)
            let isFree = memory.hasNewBase || draft.components.isZero
            if isFree || (isBetter && !isHeld(at: now)) {
                if debt > 0 { worsts[symbol] = debt }
                continue
            }
            worsts[symbol] = max(worst, debt)
            let kept = wanted?.tightened(by: held) ?? held
            if kept != wanted, !draft.held.contains(.symbols) {
                draft.hold(.symbols, by: isHeld(at: now) ? .reloadHold : .ratchet)
            }
            result[symbol] = kept
        }
        for (symbol, _) in result where worsts[symbol] == nil { worsts[symbol] = symbolDebt(symbol, belief) }
        knobs.symbols = result
        draft.next.symbolWorst = worsts
    }

    /// A symbol's own debt, of an instrument that of its worse leg.
    ///
    /// Belief lists the worst ones only, so one that is not listed may stand as high as the last.
    private func symbolDebt(_ symbol: Symbol, _ belief: Belief) -> Double {
        let listed = belief.symbols.first { symbol.includes($0.symbol) }
        if let listed { return min(listed.debtSeconds, 600) }
        let isCut = belief.debtSymbols > belief.symbols.count
        return isCut ? min(belief.symbols.last?.debtSeconds ?? belief.debtSeconds, 600) : 0
    }
}

extension Knobs {
    /// No entries means no notional, whatever else was said.
    var closed: Knobs {
        var knobs = self
        knobs.allowEntries = false
        knobs.maxNotional = 0
        return knobs
    }

    /// A shape that no decoder should have let through; checked again because verdicts are untrusted.
    var shapeFault: PolicyFault? {
        // A plain figure beyond its range is clamped and counted; what is no number at all can't be.
        let figures = [maxNotional, minEntryConfidence, entryCooldownSeconds]
        guard figures.allSatisfy(\.isFinite) else {
            return PolicyFault(code: .invalid, message: "a knob is not a finite number")
        }
        guard let bad = symbols.first(where: { !$0.value.isWellShaped })?.key else { return nil }
        return PolicyFault(code: .invalid, message: "a knob of \(bad) is out of its range")
    }
}

extension SymbolKnobs {
    /// A NaN would win or lose every comparison by the order of its operands, and so slip past a hold.
    fileprivate var isWellShaped: Bool {
        let figures = [maxNotional, minEntryConfidence, entryCooldownSeconds].compactMap { $0 }
        return figures.allSatisfy { $0.isFinite && $0 >= 0 } && (minEntryConfidence ?? 0) <= 1
            && (maxLeverage ?? 1) >= 1
    }
}
