import Foundation
import ReckonControl

/// The answer of `/v1/state` for eyes.
struct StateText {
    private let state: JSON

    init(_ state: JSON) { self.state = state }

    var lines: [String] {
        var lines = [headline, posture, belief, knobs]
        if let journal = state["journal"], journal["down"] == true {
            let held = "\(text(journal["unwritten_facts"])) facts in memory only"
            lines.append(
                "JOURNAL DOWN since \(text(journal["down_since"])): \(held); \(text(journal["reason"]))"
            )
        }
        lines += policy + flattens + sharing + pacing
        lines += list("reasons").map { "  not ready: \(text($0))" }
        lines += table(
            "positions",
            columns: [
                "symbol", "side", "quantity", "entry_price", "mark_price", "stop_price", "coverage",
                "naked_sec",
            ]
        )
        lines += table(
            "orders",
            columns: ["client_order_id", "symbol", "role", "side", "quantity", "price", "state"]
        )
        lines += table("mismatches", columns: ["symbol", "kind", "count", "first_seen"])
        return lines
    }

    private var policy: [String] {
        var lines: [String] = []
        if state["policy_quarantined"] == true { lines.append("POLICY QUARANTINED after its faults") }
        guard let change = state["policy_change"], change != .null else { return lines }
        if change["outcome"] == "refused" { lines.append(PolicyChangeText(change).line) }
        return lines
    }

    private var flattens: [String] {
        list("flattens").map { flatten in
            let state = flatten["state"] == "done" ? "done at \(text(flatten["done_at"]))" : "UNDER WAY"
            let seen = "shown flat \(text(flatten["flat_sightings"])) times"
            return "flatten of \(text(flatten["scope"])) since \(text(flatten["since"])): \(state), \(seen); "
                + text(flatten["reason"])
        }
    }

    private var sharing: [String] {
        guard let sharing = state["sharing"], sharing["shared"] == true,
            case .list(let strangers) = sharing["strangers"]
        else { return [] }
        let orders = strangers.map { "\(text($0["client_order_id"])) (\(text($0["why"])))" }
        return [
            "ACCOUNT SHARED: \(orders.joined(separator: ", ")); `reckon resolve-sharing` answers for them"
        ]
    }

    private var pacing: [String] {
        let pacing = state["pacing"]
        var lines: [String] = []
        if let until = pacing?["paused_until"], until != .null {
            lines.append("paused by the venue until \(text(until))")
        }
        if let until = pacing?["entries_paused_until"], until != .null {
            lines.append("entries paused by the venue until \(text(until))")
        }
        if pacing?["stretched"] == true {
            lines.append("rounds stretched, to stay within the venue's limits")
        }
        return lines
    }

    private var headline: String {
        let ready = state["ready"] == true ? "ready" : "not ready"
        let policy = text(state["policy"]?["name"])
        return
            "engine \(text(state["engine"])) epoch \(text(state["epoch"])): \(ready), policy \(policy), at \(text(state["at"]))"
    }

    private var posture: String {
        let entries = state["entries_allowed"] == true ? "entries open" : "entries closed"
        var line = "mode \(text(state["mode"])), \(entries)"
        if let halted = state["halted"], halted != .null {
            line += ", halted by an operator: \(text(halted))"
        }
        if state["kill_switch"]?["tripped"] == true { line += ", kill switch tripped" }
        line += state["stream_connected"] == true ? ", stream connected" : ", stream down"
        if let naked = state["naked_total_sec"] { line += ", naked \(text(naked)) s in all" }
        return line + ", round \(text(state["rounds"])), \(text(state["facts"])) facts"
    }

    private var belief: String {
        let belief = state["belief"]
        return
            "belief: debt \(text(belief?["debt_sec"])) s on \(text(belief?["debt_symbols"])) symbols, streak "
            + "\(text(belief?["mismatch_streak"])), confidence \(text(belief?["confidence"])), evidence "
            + "\(text(belief?["evidence"]?["confidence"])), in doubt \(text(belief?["unknown_intents"]?["count"]))"
    }

    private var knobs: String {
        let knobs = state["knobs"]
        return
            "knobs: notional \(text(knobs?["max_notional_usdt"])) USDT, leverage \(text(knobs?["max_leverage"])), "
            + "confidence \(text(knobs?["min_entry_conf"])), cooldown \(text(knobs?["entry_cooldown_seconds"])) s, "
            + "orders \(text(knobs?["max_open_orders_per_symbol"]))"
    }

    private func table(_ key: String, columns: [String]) -> [String] {
        let rows = list(key).map { row in columns.map { text(row[$0]) } }
        guard !rows.isEmpty else { return ["\(key): none"] }
        let all = [columns] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return ["\(key):"]
            + all.map { row in
                "  "
                    + zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(
                        separator: "  "
                    )
            }
    }

    private func list(_ key: String) -> [JSON] {
        if case .list(let items) = state[key] { return items }
        return []
    }

    private func text(_ value: JSON?) -> String {
        switch value {
        case .text(let text): text
        case .null, .none: "-"
        case .some(let value): value.description
        }
    }
}
