import ReckonEngine
import ReckonModel

extension Counterexample {
    /// The counterexample as a case to paste into `cases.lua`: it fails now, and holds once the policy is mended.
    package func caseText(_ witness: Witness, named name: String) -> String {
        var lines = ["{", "  name = \(LuaText.string(name)),", "  ticks = {"]
        lines += lead.map {
            "    { now = \(LuaText.number($0.now)), belief = \(LuaText.belief($0.belief)) },"
        }
        switch law {
        case .monotone:
            lines += ["  },", "  pair = {", "    now = \(LuaText.number(now)),"]
            lines.append("    better = \(LuaText.belief(better)),")
            lines.append("    worse = \(LuaText.belief(worse)),")
        case .neverErrs:
            lines.append("    { now = \(LuaText.number(now)), belief = \(LuaText.belief(worse)) },")
        case .notLooser:
            let bounds = witness.bound.map { bound in witness.knobs.compactMap { bound.bound($0) } } ?? []
            lines.append("    { now = \(LuaText.number(now)), belief = \(LuaText.belief(worse)),")
            lines.append("      knobs = { \(bounds.joined(separator: ", ")) } },")
        }
        return (lines + ["  },", "},"]).joined(separator: "\n")
    }
}

extension Knobs {
    /// What another policy's knob may be at loosest; `nil` for single symbols.
    fileprivate func bound(_ knob: KnobName) -> String? {
        switch knob {
        case .mode: "mode = { at_least = \(LuaText.string(mode.rawValue)) }"
        case .allowEntries, .killSwitchTrip: "\(knob.rawValue) = \(text(knob))"
        case .minEntryConfidence, .entryCooldown: "\(knob.rawValue) = { at_least = \(text(knob)) }"
        case .maxNotional, .maxLeverage, .maxOpenOrders: "\(knob.rawValue) = { at_most = \(text(knob)) }"
        case .symbols: nil
        }
    }
}
