import ReckonModel

extension Engine {
    /// Asks the policy, at most once per reconcile interval: hinted rounds feed the next question.
    mutating func askPolicy(_ turn: inout Turn) {
        if let asked = session.askedPolicyAt {
            // A little slack, or a timer that is a millisecond early would skip every second tick.
            let interval = Span(nanoseconds: configuration.reconcileEvery.nanoseconds / 10 * 9)
            guard turn.now - asked >= interval else { return }
            if let question = session.question { fault(question, &turn) }
        }
        let question = PolicyQuestion(
            tick: state.evaluations + 1,
            now: Double(turn.now.nanoseconds) / 1e9,
            sinceLast: state.evaluatedAt.map { max((turn.now - $0).seconds, 0) } ?? 0,
            belief: belief(at: turn.now),
            limits: configuration.limits,
            lastEnforced: state.guarding.enforced
        )
        session.question = question
        session.askedPolicyAt = turn.now
        turn.outbox.perform(.evaluate(question))
    }

    /// No answer in time is an answer: the safe one (I-06).
    private mutating func fault(_ question: PolicyQuestion, _ turn: inout Turn) {
        let fault = PolicyFault(code: .error, message: "no verdict within one reconcile interval")
        let verdict = PolicyVerdict(
            tick: question.tick,
            policyDigest: state.policy?.digest ?? "",
            answer: .failure(fault),
            instructions: 0,
            stateDigest: ""
        )
        enforce(verdict, &turn)
    }

    mutating func enforce(_ verdict: PolicyVerdict, _ turn: inout Turn) {
        guard let question = session.question, question.tick == verdict.tick else { return }
        session.question = nil
        let before = state.guarding.enforced
        let enforcement = state.guarding.decide(verdict, belief: question.belief, at: turn.now)
        let wasQuarantined = state.guarding.memory.isQuarantined
        note(.verdictEnforced(enforcement), &turn)
        announce(enforcement, before: before, &turn)
        if enforcement.memory.isQuarantined, !wasQuarantined { quarantine(&turn) }
        touchAll(&turn)
    }

    /// A version that faults again and again makes way for the last one that ran clean, if there is one.
    private func quarantine(_ turn: inout Turn) {
        let returns = state.policies.returns
        turn.notify(
            .policyQuarantined,
            nil,
            nil,
            [
                .init("digest", state.policy?.digest ?? ""),
                .init("put_back", returns.first?.digest ?? "nothing"),
            ]
        )
        if !returns.isEmpty { turn.outbox.perform(.putBack(returns)) }
    }

    mutating func loaded(_ identity: PolicyIdentity, as name: Notice.Name, _ turn: inout Turn) {
        note(.policyLoaded(identity), &turn)
        turn.notify(name, nil, nil, [.init("digest", identity.digest), .init("name", identity.name)])
    }

    /// A change of the policy, as the host has made or refused it: put on record, and answered.
    mutating func changed(_ change: PolicyChange, ticket: Int64?, _ turn: inout Turn) {
        note(.policyChanged(change), &turn)
        switch change.outcome {
        case .swapped:
            if let identity = change.to {
                loaded(identity, as: change.isReturn ? .policyRolledBack : .policyLoaded, &turn)
            }
        case .unchanged: break
        case .refused(let refusal):
            turn.notify(
                .policyRefused,
                nil,
                nil,
                [
                    .init("code", refusal.code), .init("reason", refusal.text),
                    .init("trigger", change.trigger.rawValue), .init("digest", change.to?.digest ?? ""),
                ]
            )
        }
        if let ticket { turn.outbox.perform(.answer(ticket: ticket, .done)) }
    }

    private func announce(_ enforcement: Enforcement, before: Knobs, _ turn: inout Turn) {
        let after = enforcement.enforced
        if let fault = enforcement.fault {
            turn.notify(
                .policyFault,
                nil,
                nil,
                [.init("code", fault.code.rawValue), .init("reason", fault.message)]
            )
        }
        turn.notify(
            .policyVerdict,
            nil,
            nil,
            [
                .init("mode", after.mode.rawValue), .init("held", enforcement.held.joined(separator: ",")),
                .init("clamped", enforcement.clamped.joined(separator: ",")),
                .init("instructions", "\(enforcement.instructions)"),
            ]
        )
        if before.mode != after.mode {
            turn.notify(
                .modeChanged,
                nil,
                nil,
                [.init("from", before.mode.rawValue), .init("to", after.mode.rawValue)]
            )
        }
        if after.killSwitchTrip, !before.killSwitchTrip {
            turn.notify(.killSwitchTripped, nil, nil, [.init("by", "policy")])
        }
    }
}
