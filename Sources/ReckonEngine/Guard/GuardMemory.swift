package import ReckonModel

/// What the guard remembers between verdicts.
///
/// Written only by `Guard.apply`.
package struct GuardMemory: Sendable, Codable, Hashable {
    /// The knobs in force; absent before the first verdict.
    package var enforced: Knobs?
    /// Worst debt since the last loosening.
    package var worst: DebtComponents?
    package var symbolWorst: Table<Symbol, Double> = Table()
    /// When a policy last tripped the kill switch; absent while none holds.
    package var trippedAt: Instant?
    package var haltedByOperator: String?
    package var faultsInRow: Int = 0
    package var isQuarantined: Bool = false
    /// Until then nothing gets looser than the knobs that the last run or version left.
    package var holdUntil: Instant?
    /// An operator has set a new base: the next verdict is not held by the ratchet.
    package var hasNewBase: Bool = false

    package init() {}
}

extension GuardMemory {
    /// Symbols with knobs of their own that are kept at most; four times what a policy may name at once.
    package static let symbolLimit = 512

    /// A hold on a symbol stays while its debt does, so names that are new on each tick would pile up without end.
    func crowdFault(_ raw: Knobs) -> PolicyFault? {
        let kept = enforced?.symbols ?? Table()
        let count = raw.symbols.keys.reduce(kept.count) { kept[$1] == nil ? $0 + 1 : $0 }
        guard !raw.symbols.isEmpty, count > Self.symbolLimit else { return nil }
        return PolicyFault(
            code: .invalid,
            message:
                "\(count) symbols with knobs of their own are in force or asked for; at most \(Self.symbolLimit)"
        )
    }
}

/// Why one knob is not enforced as the policy gave it.
package struct EnforcementReason: Sendable, Codable, Hashable {
    package enum Cause: String, Sendable, Codable, Hashable, CaseIterable {
        /// It was beyond what the operator allows at best.
        case limit
        /// It would have been looser, and no debt is better by a quantum than its worst since the last loosening.
        case ratchet
        /// It would have been looser within the pause after a load, reload or restart.
        case reloadHold = "reload_hold"
        /// A kill switch, once tripped, holds for a while.
        case latch
    }

    package let knob: String
    package let cause: Cause
}

/// What the guard made of one verdict.
package struct Enforcement: Sendable, Codable, Hashable {
    package let tick: Int64
    package let policyDigest: String
    package let belief: Belief
    /// Absent where the policy gave no usable answer.
    package let raw: Knobs?
    package let enforced: Knobs
    /// Names of knobs that the ratchet, the latch or a reload hold kept tighter than asked.
    package let held: [String]
    /// Names of knobs that were beyond the operator's limits.
    package let clamped: [String]
    package let fault: PolicyFault?
    package let instructions: Int64
    package let stateDigest: String
    package let memory: GuardMemory
    /// A cause for each knob that was held or clamped; absent where none was, and in journals from before there was one.
    package let reasons: [EnforcementReason]?
}
