package import ReckonEngine
package import ReckonModel

/// Runs cases through a policy and the engine's guard.
package struct CaseRun: Sendable {
    /// What is wrong with one tick.
    package struct Failure: Sendable, Hashable {
        /// From 1; 0 for the pair.
        package let tick: Int
        package let now: Double
        package let message: String
    }

    package struct LogLine: Sendable, Hashable {
        package let now: Double
        package let text: String
    }

    package let name: String
    package private(set) var failures: [Failure] = []
    package private(set) var log: [LogLine] = []
    package private(set) var mostInstructions: Int64 = 0

    package var passed: Bool { failures.isEmpty }

    /// Runs a case; `overrides` win over the case's own parameters.
    package init(
        _ example: PolicyCase,
        with runtime: PolicyRuntime,
        overrides: Table<String, Double> = Table()
    ) throws(PolicyProblem) {
        name = example.name
        var values = example.parameters
        for (name, value) in overrides { values[name] = value }
        try runtime.setParameters(values)
        runtime.reset()
        var walk = PolicyWalk(runtime, limits: example.limits)
        for (index, tick) in example.ticks.enumerated() {
            if tick.restart { walk.restart() }
            let step = walk.step(tick.belief, at: tick.now)
            mostInstructions = max(mostInstructions, step.verdict.instructions)
            log += step.log.map { LogLine(now: tick.now, text: $0) }
            for message in Self.complaints(tick, step) {
                failures.append(Failure(tick: index + 1, now: tick.now, message: message))
            }
        }
        if let pair = example.pair {
            for message in Self.complaints(pair, walk) {
                failures.append(Failure(tick: 0, now: pair.now, message: message))
            }
        }
        try runtime.setParameters(overrides)
        runtime.reset()
    }

    private static func complaints(_ tick: PolicyCase.Tick, _ step: PolicyStep) -> [String] {
        let fault = step.enforcement.fault
        if let wanted = tick.fault {
            if fault?.code.rawValue != wanted {
                return ["fault is \(fault?.code.rawValue ?? "none"), wanted \(wanted)"]
            }
        } else if let fault {
            return ["fault \(fault.code.rawValue): \(fault.message)"]
        }
        var found: [String] = []
        if let knobs = step.verdict.knobs {
            found += Expectation.mismatches(tick.raw, knobs.luaValue, path: "")
        }
        return found
            + Expectation.mismatches(tick.enforced, step.enforcement.enforced.luaValue, path: "enforced.")
    }

    private static func complaints(_ pair: PolicyCase.Pair, _ walk: PolicyWalk) -> [String] {
        let limits = walk.gate.limits
        let verdicts = [pair.better, pair.worse].map { walk.verdict($0, at: pair.now) }
        if let fault = verdicts.compactMap(\.fault).first {
            return ["fault \(fault.code.rawValue): \(fault.message)"]
        }
        let better = limits.effective(verdicts[0])
        let worse = limits.effective(verdicts[1])
        return worse.looser(than: better).map { knob in
            "the worse belief gets the looser \(knob.rawValue): \(worse.text(knob)), the better one "
                + better.text(knob)
        }
    }
}

/// Compares what a case wants with what there is.
enum Expectation {
    /// Each difference, in words; a table of `at_least` and `at_most` is a range.
    static func mismatches(_ wanted: LuaValue, _ found: LuaValue, path: String) -> [String] {
        guard case .table(_, let wantedFields) = wanted, case .table(_, let foundFields) = found else {
            return []
        }
        var result: [String] = []
        for (key, want) in wantedFields {
            let place = path + key
            guard let got = foundFields[key] else {
                result.append("\(place) is absent, wanted \(LuaText.value(want))")
                continue
            }
            if let range = want.fields, !range.isEmpty,
                range.keys.allSatisfy({ $0 == "at_least" || $0 == "at_most" })
            {
                if !isInside(got, range) {
                    result.append("\(place) is \(LuaText.value(got)), wanted \(words(range))")
                }
            } else if case .table(_, let inner) = want, !inner.isEmpty {
                result += mismatches(want, got, path: place + ".")
            } else if !isSame(want, got) {
                result.append("\(place) is \(LuaText.value(got)), wanted \(LuaText.value(want))")
            }
        }
        return result
    }

    private static func words(_ range: Table<String, LuaValue>) -> String {
        range.map { ($0.key == "at_least" ? "at least " : "at most ") + LuaText.value($0.value) }
            .joined(separator: ", ")
    }

    private static func isInside(_ got: LuaValue, _ range: Table<String, LuaValue>) -> Bool {
        let least = range["at_least"], most = range["at_most"]
        guard let value = rank(got) else { return false }
        if let least { guard let bound = rank(least), value >= bound - slack(bound) else { return false } }
        if let most { guard let bound = rank(most), value <= bound + slack(bound) else { return false } }
        return true
    }

    /// Numbers as they are; modes by how tight they are.
    private static func rank(_ value: LuaValue) -> Double? {
        if let number = value.number { return number }
        return value.text.flatMap(GuardMode.init(rawValue:)).map { Double($0.severity) }
    }

    private static func slack(_ value: Double) -> Double { 1e-9 * max(1, abs(value)) }

    private static func isSame(_ want: LuaValue, _ got: LuaValue) -> Bool {
        if let want = want.number, let got = got.number {
            return want == got || abs(want - got) <= slack(want)
        }
        return want == got
    }
}

extension Knobs {
    /// One knob as a person reads it.
    package func text(_ knob: KnobName) -> String {
        switch knob {
        case .mode: mode.rawValue
        case .allowEntries: "\(allowEntries)"
        case .maxNotional: LuaText.number(maxNotional)
        case .maxLeverage: "\(maxLeverage)"
        case .minEntryConfidence: LuaText.number(minEntryConfidence)
        case .entryCooldown: LuaText.number(entryCooldownSeconds)
        case .maxOpenOrders: "\(maxOpenOrdersPerSymbol)"
        case .killSwitchTrip: "\(killSwitchTrip)"
        case .symbols: symbols.isEmpty ? "none" : LuaText.value(luaValue.fields?["symbols"] ?? .empty)
        }
    }
}
