/// Why a policy gave no usable verdict.
package struct PolicyFault: Error, Sendable, Codable, Hashable {
    package enum Code: String, Sendable, Codable, Hashable, CaseIterable {
        /// The script raised.
        case error
        /// It used up its instructions.
        case instructions
        /// It used up its memory.
        case memory
        /// It answered in a shape or range that the contract does not know.
        case invalid
        /// Its next state is not plain data, or too large.
        case state
        /// It could not be loaded.
        case load
    }

    package let code: Code
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }
}

/// What the engine asks a policy at one tick.
///
/// Everything that the answer may hang on is in here.
package struct PolicyQuestion: Sendable, Codable, Hashable {
    package let tick: Int64
    /// Seconds on a monotonic scale.
    package let now: Double
    /// Seconds since the last evaluation; 0 at the first.
    package let sinceLast: Double
    package let belief: Belief
    package let limits: GuardLimits
    package let lastEnforced: Knobs

    package init(
        tick: Int64,
        now: Double,
        sinceLast: Double,
        belief: Belief,
        limits: GuardLimits,
        lastEnforced: Knobs
    ) {
        self.tick = tick
        self.now = now
        self.sinceLast = sinceLast
        self.belief = belief
        self.limits = limits
        self.lastEnforced = lastEnforced
    }
}

/// What came back for a question: raw knobs, or a fault.
///
/// Untrusted either way.
package struct PolicyVerdict: Sendable, Codable, Hashable {
    package let tick: Int64
    /// Digest of the policy that answered, captured with the evaluation.
    package let policyDigest: String
    package let knobs: Knobs?
    package let fault: PolicyFault?
    package let instructions: Int64
    package let stateDigest: String

    package init(
        tick: Int64,
        policyDigest: String,
        answer: Result<Knobs, PolicyFault>,
        instructions: Int64,
        stateDigest: String
    ) {
        self.tick = tick
        self.policyDigest = policyDigest
        switch answer {
        case .success(let knobs):
            self.knobs = knobs
            self.fault = nil
        case .failure(let fault):
            self.knobs = nil
            self.fault = fault
        }
        self.instructions = instructions
        self.stateDigest = stateDigest
    }
}
