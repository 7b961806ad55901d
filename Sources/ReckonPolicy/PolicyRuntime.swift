import CPolicyHost
package import ReckonEngine
package import ReckonModel

/// A loaded policy: answers questions, and keeps its state as data between them.
///
/// Pure towards the policy: every evaluation runs the chunk anew and hands it state, parameters and
/// context. A fault keeps the state as it was. Not `Sendable`: one task owns it.
package final class PolicyRuntime {
    package let directory: PolicyDirectory
    package let name: String
    package let version: String?
    package let api: Int
    package let stateVersion: Int64
    /// A field of the policy table that the contract does not know.
    package let unknownField: String?
    package private(set) var parameters: PolicyParameters
    /// What the policy logged in its last call; bounded, part of no digest.
    package private(set) var log: [String] = []

    let host: PolicyHost
    /// Whether the policy says how a state of another version is to be taken over.
    package let canMigrate: Bool
    /// Where the policy stands between two questions.
    package private(set) var position = PolicyPosition()

    /// Compiles the policy, runs its chunk under budget, checks its table and tries `initial_state`.
    package convenience init(
        _ directory: PolicyDirectory,
        overrides: Table<String, Double> = Table()
    ) throws(PolicyProblem) {
        try self.init(directory, overrides: overrides, host: try PolicyHost(directory.files))
    }

    init(
        _ directory: PolicyDirectory,
        overrides: Table<String, Double>,
        host: PolicyHost
    ) throws(PolicyProblem) {
        self.directory = directory
        self.host = host
        let description = try host.describe()
        name = description.name
        version = description.version
        api = description.api
        stateVersion = description.stateVersion
        unknownField = description.unknownField
        canMigrate = description.canMigrate
        parameters = try PolicyParameters(declared: description.parameters).overridden(by: overrides)
        host.setParameters(parameters.values)
        let trial = host.ask(.initialState, .neutral(limits: .trial), QuestionExtra())
        if let fault = trial.fault {
            throw PolicyHost.problem(fault, code: "initial_state_\(fault.code.rawValue)")
        }
    }

    package var digest: String { directory.digest }

    /// What one evaluation may use: Lua instructions, and what the sandbox charges for work inside C.
    package static let instructionBudget = Int64(POLICY_FUEL)

    /// The release of the linked Lua, part of what a trace hash hangs on.
    package static var luaRelease: String { String(cString: policy_lua_release()) }

    /// The state after the last good evaluation; absent before the first.
    package var state: PolicyState? {
        position.state.map { PolicyState(bytes: $0, version: stateVersion) }
    }

    /// Answers a question.
    ///
    /// A script's error, a blown budget or a shape that the contract does not know become a fault.
    package func evaluate(_ question: PolicyQuestion) -> PolicyVerdict {
        let (verdict, next) = answer(question, at: position)
        position = next
        return verdict
    }

    /// Answers a question as if the policy stood at `position`, and says where it would stand then.
    ///
    /// Keeps nothing but the log. Without `digests` the states in verdicts have none, which is cheaper.
    package func answer(
        _ question: PolicyQuestion,
        at position: PolicyPosition,
        digests: Bool = true
    ) -> (verdict: PolicyVerdict, next: PolicyPosition) {
        var next = position
        var extra = QuestionExtra()
        extra.ticksSinceLoad = position.ticksSinceLoad
        extra.parametersChanged = position.parametersChanged
        next.ticksSinceLoad += 1
        if next.state == nil {
            let first = host.ask(.initialState, question, extra)
            log = first.log
            if let fault = first.fault {
                return (verdict(question, .failure(fault), first.instructions, next), next)
            }
            next.keep(first.state, digests: digests)
        }
        extra.state = next.state ?? []
        let answer = host.ask(.evaluate, question, extra)
        log = answer.log
        guard let knobs = answer.knobs else {
            let fault = answer.fault ?? PolicyFault(code: .error, message: "no answer")
            return (verdict(question, .failure(fault), answer.instructions, next), next)
        }
        next.parametersChanged = false
        next.keep(answer.state, digests: digests)
        return (verdict(question, .success(knobs), answer.instructions, next), next)
    }

    /// Forgets the state; the next question starts from `initial_state`.
    package func reset() {
        position = PolicyPosition()
        log = []
    }

    /// Puts other values under the same policy; its state stays.
    package func setParameters(_ overrides: Table<String, Double>) throws(PolicyProblem) {
        let changed = try parameters.overridden(by: overrides)
        position.parametersChanged = position.parametersChanged || changed.values != parameters.values
        parameters = changed
        host.setParameters(changed.values)
    }

    /// Takes over a kept state, through `migrate` where its version is another; on a throw the present
    /// state stays.
    package func restore(_ kept: PolicyState, asking question: PolicyQuestion) throws(PolicyFault) {
        guard kept.bytes.withUnsafeBufferPointer({ policy_state_is_sound($0.baseAddress, $0.count) }) else {
            throw PolicyFault(code: .state, message: "the kept state is damaged")
        }
        guard kept.version != stateVersion else { return position.keep(kept.bytes) }
        guard canMigrate else {
            throw PolicyFault(
                code: .state,
                message: "the kept state has version \(kept.version), the policy has \(stateVersion)"
                    + " and no `migrate`; it starts from its initial state"
            )
        }
        var extra = QuestionExtra()
        extra.state = kept.bytes
        extra.oldStateVersion = kept.version
        let answer = host.ask(.migrate, question, extra)
        if let fault = answer.fault { throw fault }
        position.keep(answer.state)
    }

    private func verdict(
        _ question: PolicyQuestion,
        _ answer: Result<Knobs, PolicyFault>,
        _ instructions: Int64,
        _ position: PolicyPosition
    ) -> PolicyVerdict {
        PolicyVerdict(
            tick: question.tick,
            policyDigest: directory.digest,
            answer: answer,
            instructions: instructions,
            stateDigest: position.stateDigest
        )
    }
}

/// Where a policy stands between two questions: its state, and what the runtime counts for its context.
package struct PolicyPosition: Sendable, Hashable {
    package private(set) var state: [UInt8]?
    fileprivate(set) var stateDigest = ""
    fileprivate(set) var ticksSinceLoad: Int64 = 0
    fileprivate(set) var parametersChanged = false

    /// Before the first question.
    package init() {}

    /// As after a restart of the process: the state is kept, and ticks are counted anew.
    func restarted() -> PolicyPosition {
        var next = PolicyPosition()
        if let state { next.keep(state) }
        return next
    }

    fileprivate mutating func keep(_ bytes: [UInt8], digests: Bool = true) {
        if digests, bytes != state || stateDigest.isEmpty { stateDigest = PolicyDigest.of(bytes) }
        state = bytes
    }
}

extension GuardLimits {
    /// Limits for trying a policy out where no operator has set any.
    package static let trial = GuardLimits(
        maxNotional: 1000,
        maxLeverage: 20,
        minEntryConfidence: 0.25,
        entryCooldownSeconds: 8,
        maxOpenOrdersPerSymbol: 4
    )
}

extension PolicyQuestion {
    /// A first question with nothing wrong in the world.
    static func neutral(limits: GuardLimits) -> PolicyQuestion {
        PolicyQuestion(
            tick: 0,
            now: 0,
            sinceLast: 0,
            belief: .neutral,
            limits: limits,
            lastEnforced: Knobs(mode: .orange, allowEntries: false, limits: limits)
        )
    }
}
