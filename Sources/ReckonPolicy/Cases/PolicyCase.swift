package import ReckonEngine
package import ReckonModel

/// One example of what a policy must answer, as `cases.lua` writes it.
package struct PolicyCase: Sendable {
    package var name: String
    /// Overrides of parameters, under those of the command line.
    package var parameters: Table<String, Double> = Table()
    package var limits = GuardLimits.trial
    package var ticks: [Tick] = []
    package var pair: Pair?

    /// One belief, and what must come of it; what is not named may be anything.
    package struct Tick: Sendable {
        package var now: Double
        package var belief: Belief
        /// Whether the process begins anew before it, with the policy's state kept.
        package var restart = false
        /// Of the knobs as the policy gave them.
        package var raw: LuaValue = .empty
        /// Of the knobs as the guard enforces them.
        package var enforced: LuaValue = .empty
        /// Code of the fault that must come; without it none may.
        package var fault: String?
    }

    /// Two beliefs at one moment after the ticks, of which the worse must get no looser knob.
    package struct Pair: Sendable {
        package var now: Double
        package var better: Belief
        package var worse: Belief
    }
}

/// Reads cases out of plain data; a throw says which case and tick, and what is wrong with it.
struct CaseReading {
    private let place: String

    /// - Parameter index: the case's place in the list, from 1.
    init(index: Int) { place = "case \(index)" }

    private init(place: String) { self.place = place }

    private func problem(_ message: String) -> PolicyProblem {
        PolicyProblem(code: "case_shape", file: CaseFile.name, message: "\(place): \(message)")
    }

    private func at(_ place: String) -> CaseReading { CaseReading(place: "\(self.place), \(place)") }

    func read(_ value: LuaValue) throws(PolicyProblem) -> PolicyCase {
        let fields = try known(value, ["name", "params", "limits", "ticks", "pair"])
        guard let name = fields["name"]?.text, !name.isEmpty else { throw problem("`name` must be text") }
        var result = PolicyCase(name: name)
        let inside = CaseReading(place: "case `\(name)`")
        if let params = fields["params"] { result.parameters = try inside.numbers(params, "params") }
        if let limits = fields["limits"] { result.limits = try inside.limits(limits) }
        guard let ticks = fields["ticks"]?.items, !ticks.isEmpty || fields["pair"] != nil else {
            throw inside.problem("`ticks` must be a list of at least one tick")
        }
        for (index, tick) in ticks.enumerated() {
            result.ticks.append(try inside.at("tick \(index + 1)").tick(tick))
        }
        if let pair = fields["pair"] { result.pair = try inside.at("pair").pair(pair) }
        try inside.checkTimes(result)
        return result
    }

    private func checkTimes(_ result: PolicyCase) throws(PolicyProblem) {
        let times = result.ticks.map(\.now) + (result.pair.map { [$0.now] } ?? [])
        for (earlier, later) in zip(times, times.dropFirst()) where later < earlier {
            throw problem("`now` goes back from \(earlier) to \(later)")
        }
    }

    private func tick(_ value: LuaValue) throws(PolicyProblem) -> PolicyCase.Tick {
        let fields = try known(value, ["now", "restart", "belief", "knobs", "enforced", "fault"])
        var tick = PolicyCase.Tick(now: try now(fields), belief: try belief(fields["belief"], "belief"))
        if let restart = fields["restart"] {
            guard case .boolean(let isSo) = restart else { throw problem("`restart` must be true or false") }
            tick.restart = isSo
        }
        if let raw = fields["knobs"] { tick.raw = try expectation(raw, "knobs") }
        if let enforced = fields["enforced"] { tick.enforced = try expectation(enforced, "enforced") }
        if let fault = fields["fault"] {
            guard let code = fault.text, PolicyFault.Code(rawValue: code) != nil else {
                let codes = PolicyFault.Code.allCases.map(\.rawValue).joined(separator: ", ")
                throw problem("`fault` must be one of \(codes)")
            }
            tick.fault = code
        }
        return tick
    }

    private func pair(_ value: LuaValue) throws(PolicyProblem) -> PolicyCase.Pair {
        let fields = try known(value, ["now", "better", "worse"])
        let pair = PolicyCase.Pair(
            now: try now(fields),
            better: try belief(fields["better"], "better"),
            worse: try belief(fields["worse"], "worse")
        )
        if let path = pair.worse.betterField(than: pair.better) {
            throw problem("`worse.\(path)` is better than `better.\(path)`; such a pair says nothing")
        }
        return pair
    }

    private func now(_ fields: Table<String, LuaValue>) throws(PolicyProblem) -> Double {
        guard let now = fields["now"]?.number, now.isFinite, abs(now) <= 9e9 else {
            throw problem("`now` must be seconds within ±9e9")
        }
        return now
    }

    private func expectation(_ value: LuaValue, _ name: String) throws(PolicyProblem) -> LuaValue {
        let names =
            KnobName.allCases.map(\.rawValue) + [
                "reason", "debt_score", "debt_growth_per_min", "recovery_stage", "next_unlock_sec",
            ]
        _ = try at(name).known(value, names)
        return value
    }

    private func numbers(_ value: LuaValue, _ name: String) throws(PolicyProblem) -> Table<String, Double> {
        var result: Table<String, Double> = Table()
        for (key, value) in value.fields ?? Table() {
            guard let number = value.number, number.isFinite else {
                throw problem("`\(name).\(key)` must be a finite number")
            }
            result[key] = number
        }
        return result
    }

    private func limits(_ value: LuaValue) throws(PolicyProblem) -> GuardLimits {
        let names = [
            "max_notional_usdt", "max_leverage", "min_entry_conf", "entry_cooldown_seconds",
            "max_open_orders_per_symbol",
        ]
        let given = try numbers(.table([], try at("limits").known(value, names)), "limits")
        var limits = GuardLimits.trial
        limits.maxNotional = given["max_notional_usdt"] ?? limits.maxNotional
        limits.maxLeverage = given["max_leverage"].map { Int($0) } ?? limits.maxLeverage
        limits.minEntryConfidence = given["min_entry_conf"] ?? limits.minEntryConfidence
        limits.entryCooldownSeconds = given["entry_cooldown_seconds"] ?? limits.entryCooldownSeconds
        let orders = given["max_open_orders_per_symbol"].map { Int($0) }
        limits.maxOpenOrdersPerSymbol = orders ?? limits.maxOpenOrdersPerSymbol
        guard given.values.allSatisfy({ (0...1e15).contains($0) }), limits.maxLeverage >= 1,
            limits.minEntryConfidence <= 1
        else { throw problem("`limits` has a figure out of its range") }
        return limits
    }

    func known(_ value: LuaValue, _ names: [String]) throws(PolicyProblem) -> Table<String, LuaValue> {
        guard case .table(let items, let fields) = value else {
            throw problem("found \(value.kind), wanted a table")
        }
        guard items.isEmpty else { throw problem("found a list, wanted fields by name") }
        if let stranger = fields.keys.first(where: { !names.contains($0) }) {
            throw problem("`\(stranger)` is unknown; known are \(names.joined(separator: ", "))")
        }
        return fields
    }
}

extension CaseReading {
    /// A belief from its fields; what is absent is neutral.
    private func belief(_ value: LuaValue?, _ name: String) throws(PolicyProblem) -> Belief {
        var belief = Belief.neutral
        guard let value else { return belief }
        let inside = at(name)
        for (key, value) in try inside.known(value, Self.topNames) {
            if key == "symbols" {
                belief.symbols = try inside.rows(value)
            } else if let field = BeliefField.named(key) {
                try inside.write(value, field, to: &belief)
            } else {
                guard case .table(_, let inner) = value else {
                    throw inside.problem("`\(key)` is \(value.kind), wanted a table")
                }
                for (leaf, value) in inner {
                    guard let field = BeliefField.named("\(key).\(leaf)") else {
                        throw inside.problem("`\(key).\(leaf)` is unknown")
                    }
                    try inside.write(value, field, to: &belief)
                }
            }
        }
        do {
            try belief.checkRanges()
        } catch {
            throw problem(error.message)
        }
        return belief
    }

    private static let topNames =
        BeliefField.all.map { field in
            String(field.path.prefix { $0 != "." })
        } + ["symbols"]

    private func write(_ value: LuaValue, _ field: BeliefField, to belief: inout Belief) throws(PolicyProblem)
    {
        guard let number = value.number, number.isFinite, !field.isWhole || number == number.rounded() else {
            throw problem("`\(field.path)` must be a \(field.isWhole ? "whole" : "finite") number")
        }
        guard field.range.contains(number) else {
            let range =
                "\(LuaText.number(field.range.lowerBound)) to \(LuaText.number(field.range.upperBound))"
            throw problem("`\(field.path)` is \(LuaText.number(number)); allowed \(range)")
        }
        field.write(number, to: &belief)
    }

    private func rows(_ value: LuaValue) throws(PolicyProblem) -> [SymbolDebt] {
        guard case .table(let items, let fields) = value, fields.isEmpty, items.count <= 32 else {
            throw problem("`symbols` must be a list of at most 32 rows")
        }
        var rows: [SymbolDebt] = []
        for item in items {
            let fields = try at("symbols").known(item, ["symbol", "debt_sec", "mismatches", "kind"])
            guard let name = fields["symbol"]?.text else {
                throw problem("a row of `symbols` has no `symbol`")
            }
            let mismatches = fields["mismatches"]?.number ?? 0
            guard (0...1e9).contains(mismatches) else { throw problem("`mismatches` is out of its range") }
            rows.append(
                SymbolDebt(
                    symbol: Symbol(name),
                    debtSeconds: fields["debt_sec"]?.number ?? 0,
                    mismatches: Int(mismatches),
                    kind: fields["kind"]?.text ?? ""
                )
            )
        }
        return rows
    }
}

extension Belief {
    /// A field in which this belief is better than `other`; `nil` where it is nowhere.
    package func betterField(than other: Belief) -> String? {
        for field in BeliefField.all {
            let (mine, theirs) = (field.read(self), field.read(other))
            if field.risesWhenWorse ? mine < theirs : mine > theirs { return field.path }
        }
        for row in other.symbols {
            let mine = symbols.first { $0.symbol == row.symbol }
            let isBetter =
                (mine?.debtSeconds ?? -1) < row.debtSeconds || (mine?.mismatches ?? -1) < row.mismatches
            if isBetter { return "symbols.\(row.symbol.name)" }
        }
        return nil
    }
}
