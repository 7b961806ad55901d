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
}
