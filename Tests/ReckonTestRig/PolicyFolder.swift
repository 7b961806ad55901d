package import Foundation

/// A folder of a policy whose files a test writes and rewrites.
package struct PolicyFolder: Sendable {
    package let folder: TestFolder
    package let path: String

    package init(_ name: String = "policy", in folder: TestFolder) throws {
        self.folder = folder
        path = folder.path(name)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Puts the files of a version in place of whatever stands here.
    package func write(_ files: [String: String]) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where files[name] == nil {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        for (name, text) in files { try Data(text.utf8).write(to: place(name)) }
    }

    package func write(policy text: String) throws { try write(["policy.lua": text]) }

    package func place(_ name: String) -> URL { URL(fileURLWithPath: path).appendingPathComponent(name) }
}

/// A policy that counts its evaluations and tells the count by its reason: a count that goes on is a state that was kept.
package struct CountingPolicy: Sendable {
    package var name = "counter"
    package var stateVersion = 1
    /// The state's only field.
    package var field = "count"
    /// More fields of the policy's table, with a comma after each.
    package var extra = ""
    /// What is done before the answer, with `state`, `context` and `count` at hand.
    package var first = ""
    package var remark = ""
    /// The share of the limits that it asks for.
    package var notional = "l.max_notional_usdt"

    package init() {}

    package var text: String {
        """
        -- \(remark)
        return {
          api = 1, name = "\(name)", state_version = \(stateVersion),
          initial_state = function() return { \(field) = 0 } end,
          \(extra)
          evaluate = function(_, state, context)
            local l = context.limits
            local count = state.\(field) + 1
            \(first)
            return {
              mode = "GREEN", allow_entries = true, kill_switch_trip = false,
              max_notional_usdt = \(notional), max_leverage = l.max_leverage,
              min_entry_conf = l.min_entry_conf, entry_cooldown_seconds = l.entry_cooldown_seconds,
              max_open_orders_per_symbol = l.max_open_orders_per_symbol, reason = "count " .. count,
            }, { \(field) = count }
          end,
        }
        """
    }
}
