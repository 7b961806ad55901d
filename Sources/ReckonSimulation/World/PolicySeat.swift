package import ReckonEngine
package import ReckonModel
package import ReckonPolicy

/// The policy under test on its seat: it can be restarted with the process, and replaced in the middle of an incident.
package struct PolicySeat {
    package let directory: PolicyDirectory
    private let overrides: Table<String, Double>
    private var runtime: PolicyRuntime
    private var version = 0
    /// Versions that made way for others, the latest last.
    private var earlier: [PolicyRuntime] = []
    /// What disk holds of its states: each after how many facts, the latest last.
    private var stored: [(factCount: Int, state: PolicyState)] = []

    package init(_ directory: PolicyDirectory, overrides: Table<String, Double> = Table())
        throws(PolicyProblem)
    {
        self.directory = directory
        self.overrides = overrides
        runtime = try PolicyRuntime(directory, overrides: overrides)
    }

    package var identity: PolicyIdentity {
        PolicyIdentity(name: runtime.name, version: runtime.version ?? "", digest: runtime.digest)
    }

    package func evaluate(_ question: PolicyQuestion) -> PolicyVerdict { runtime.evaluate(question) }

    /// The fact of a verdict is on disk, and with it the state that the verdict left.
    package mutating func store(after factCount: Int) {
        guard let state = runtime.state else { return }
        stored.append((factCount, state))
        if stored.count > 64 { stored.removeFirst(32) }
    }

    /// A new process goes on from the state that disk holds, as the host does.
    package mutating func restart(factCount: Int) {
        stored.removeAll { $0.factCount > factCount }
        runtime.reset()
        guard let state = stored.last?.state else { return }
        try? runtime.restore(state, asking: PolicySeat.idle)
    }

    /// Puts a version of the same behaviour and another digest in its place, which takes over the state.
    mutating func replace() throws(PolicyProblem) {
        version += 1
        let files = directory.files
        let remark = Array("\n-- replaced \(version)\n".utf8)
        let renewed = try PolicyDirectory { name throws(PolicyProblem) in
            guard let file = files.first(where: { $0.name == name }) else { return nil }
            return name == "policy.lua" ? file.bytes + remark : file.bytes
        }
        take(try PolicyRuntime(renewed, overrides: overrides))
    }

    /// Puts the version of a digest back in its place; false where it was never there or is there now.
    mutating func putBack(_ digest: String) -> Bool {
        guard let index = earlier.lastIndex(where: { $0.digest == digest }) else { return false }
        let back = earlier.remove(at: index)
        back.reset()
        take(back)
        return true
    }

    private mutating func take(_ next: PolicyRuntime) {
        if let state = runtime.state {
            // Of one version with the old one, so it is taken as it is and nobody is asked.
            try? next.restore(state, asking: PolicySeat.idle)
        }
        earlier.append(runtime)
        if earlier.count > 4 { earlier.removeFirst() }
        runtime = next
    }

    private static var idle: PolicyQuestion {
        let limits = GuardLimits.trial
        let closed = Knobs(mode: .orange, allowEntries: false, limits: limits)
        return PolicyQuestion(
            tick: 0,
            now: 0,
            sinceLast: 0,
            belief: .neutral,
            limits: limits,
            lastEnforced: closed
        )
    }
}

extension PolicyDirectory {
    /// Lets everything through that the limits allow: the least that a policy can do.
    package static var always: PolicyDirectory {
        get throws(PolicyProblem) {
            try PolicyDirectory(source: fixed("always", mode: "GREEN", entries: true))
        }
    }

    /// Lets no entry through.
    package static var never: PolicyDirectory {
        get throws(PolicyProblem) {
            try PolicyDirectory(source: fixed("never", mode: "ORANGE", entries: false))
        }
    }

    private static func fixed(_ name: String, mode: String, entries: Bool) -> String {
        """
        return {
          api = 1, name = "\(name)", version = "1",
          initial_state = function() return {} end,
          evaluate = function(_, state, context)
            local l = context.limits
            return {
              mode = "\(mode)", allow_entries = \(entries), kill_switch_trip = false,
              max_notional_usdt = l.max_notional_usdt, max_leverage = l.max_leverage,
              min_entry_conf = l.min_entry_conf, entry_cooldown_seconds = l.entry_cooldown_seconds,
              max_open_orders_per_symbol = l.max_open_orders_per_symbol,
            }, state
          end,
        }
        """
    }
}
