import Foundation
import ReckonEngine
import ReckonModel
package import ReckonSimulation
import TOMLKit

/// A scenario file that cannot be taken, in one line: file, line, key, found, allowed.
package struct ScenarioProblem: Error {
    package let text: String
}

/// Reads the files of `examples/scenarios`; keys that it does not know are refused.
package struct ScenarioFile {
    private let file: String
    private let lines: [Substring]

    package static func scenario(at path: String) throws(ScenarioProblem) -> Scenario {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ScenarioProblem(text: "\(path): cannot be read as UTF-8 text")
        }
        return try scenario(parsing: text, file: path)
    }

    package static func scenario(parsing text: String, file: String) throws(ScenarioProblem) -> Scenario {
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw ScenarioProblem(text: "\(file):\(error.source.begin.line): \(error.description)")
        } catch {
            throw ScenarioProblem(text: "\(file): no TOML")
        }
        let reader = ScenarioFile(
            file: file,
            lines: text.split(separator: "\n", omittingEmptySubsequences: false)
        )
        return try reader.scenario(table)
    }

    private func scenario(_ table: TOMLTable) throws(ScenarioProblem) -> Scenario {
        var rows = Rows(table, "", self)
        let name =
            try rows.text("name") ?? URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        var scenario = Scenario(
            name: name,
            symbols: [Symbol("BTCUSDT"), Symbol("ETHUSDT")],
            length: .seconds(1_200)
        )
        scenario.story = try rows.text("story") ?? ""
        if let symbols = try rows.texts("symbols") { scenario.symbols = symbols.map { Symbol($0) } }
        if let minutes = try rows.number("minutes", 0.1...100_000) {
            scenario.length = Span(seconds: minutes * 60)
        }
        if let seconds = try rows.number("rest_within_sec", 1...86_400) {
            scenario.restWithin = Span(seconds: seconds)
        }
        if let isSwarm = try rows.flag("swarm") { scenario.isSwarm = isSwarm }
        if let isHedged = try rows.flag("hedged") { scenario.isHedged = isHedged }
        if let balance = try rows.whole("balance_usdt", 10...1_000_000_000) { scenario.balance = balance }
        if let most = try rows.whole("max_notional_usdt", 1...1_000_000_000) { scenario.maxNotional = most }
        if let most = try rows.whole("most_at_market_usdt", 0...1_000_000_000) {
            scenario.mostAtMarket = most
        }
        if let most = try rows.whole("weight_per_minute", 600...1_000_000) {
            scenario.weightPerMinute = Int(most)
        }
        if let span = try rows.number("dead_man_sec", 0...3_600) { scenario.deadMan = Span(seconds: span) }
        try readLimits(&rows, into: &scenario)
        for (symbol, file) in try rows.files("prices") { scenario.priceFiles[Symbol(symbol)] = file }
        var expected = try rows.table("expected")
        expected.skip()
        var scales = try rows.table("scales")
        try read(&scales, into: &scenario.scales)
        var workload = try rows.table("workload")
        try read(&workload, into: &scenario.workload)
        var network = try rows.table("network")
        try read(&network, into: &scenario.network)
        var faults = try rows.table("faults")
        try read(&faults, into: &scenario.faults)
        try rows.finish()
        return scenario
    }

    /// What the venue and the operator bound besides.
    private func readLimits(_ rows: inout Rows, into scenario: inout Scenario) throws(ScenarioProblem) {
        if let most = try rows.whole("orders_per_ten_sec", 5...300) {
            scenario.ordersPerTenSeconds = Int(most)
        }
        if let most = try rows.whole("orders_per_minute", 5...1_200) { scenario.ordersPerMinute = Int(most) }
        if let span = try rows.number("ban_sec", 1...3_600) { scenario.ban = Span(seconds: span) }
        if let depth = try rows.whole("depth_usdt", 0...1_000_000_000) { scenario.depth = depth }
        if let most = try rows.whole("max_leverage", 1...125) { scenario.maxLeverage = Int(most) }
        if let most = try rows.whole("most_open_orders", 1...200) { scenario.mostOpenOrders = Int(most) }
        if let mode: MarginMode = try rows.choice("margin_mode") { scenario.marginMode = mode }
        if let choice: ExternalRules.Choice = try rows.choice("external_positions") {
            scenario.external.positions = choice
        }
        if let choice: ExternalRules.Choice = try rows.choice("external_orders") {
            scenario.external.orders = choice
        }
    }

    private func read(_ rows: inout Rows, into plan: inout WorkloadPlan) throws(ScenarioProblem) {
        if let every = try rows.number("entry_every_sec", 0.1...86_400) {
            plan.entryEvery = Span(seconds: every)
        }
        if let least = try rows.whole("min_notional_usdt", 1...1_000_000) { plan.minNotional = least }
        if let most = try rows.whole("max_notional_usdt", 1...1_000_000_000) { plan.maxNotional = most }
        guard plan.minNotional <= plan.maxNotional else {
            throw rows.problem("min_notional_usdt", "\(plan.minNotional)", "at most max_notional_usdt")
        }
        if let share = try rows.ratio("limits") { plan.limits = share }
        if let share = try rows.ratio("take_profits") { plan.takeProfits = share }
        if let share = try rows.ratio("partial_exits") { plan.partialExits = share }
        if let share = try rows.ratio("limit_exits") { plan.limitExits = share }
        if let share = try rows.ratio("moves") { plan.moves = share }
        if let share = try rows.ratio("moves_again") { plan.movesAgain = share }
        if let share = try rows.ratio("amends") { plan.amends = share }
        if let share = try rows.ratio("withdrawals") { plan.withdrawals = share }
        if let share = try rows.ratio("repeated_withdrawals") { plan.repeatedWithdrawals = share }
        if let share = try rows.ratio("amends_again") { plan.amendsAgain = share }
        if let share = try rows.ratio("leverages") { plan.leverages = share }
        if let share = try rows.ratio("mistakes") { plan.mistakes = share }
        if let span = try rows.number("entry_lifetime_sec", 1...86_400) {
            plan.lifetime = Span(seconds: span)
        }
        if let hold = try rows.number("max_hold_sec", 2...86_400) { plan.maxHold = Span(seconds: hold) }
        try rows.finish()
    }

    private func read(_ rows: inout Rows, into scales: inout Table<String, Double>) throws(ScenarioProblem) {
        for figure in FigureTerms.scaled {
            if let scale = try rows.number(figure.name, 0.000_1...1_000_000) { scales[figure.name] = scale }
        }
        try rows.finish()
    }

    private func read(_ rows: inout Rows, into plan: inout NetworkPlan) throws(ScenarioProblem) {
        if let span = try rows.number("typical_ms", 0.1...10_000) {
            plan.typical = Span(seconds: span / 1_000)
        }
        if let span = try rows.number("slowest_ms", 0.1...60_000) {
            plan.slowest = Span(seconds: span / 1_000)
        }
        if let span = try rows.number("timeout_ms", 10...60_000) {
            plan.timeout = Span(seconds: span / 1_000)
        }
        if let span = try rows.number("clock_offset_ms", 0...1_000) {
            plan.maxClockOffset = Span(seconds: span / 1_000)
        }
        try rows.finish()
    }

    private func read(_ rows: inout Rows, into faults: inout FaultRates) throws(ScenarioProblem) {
        for fault in RequestFault.allCases {
            if let ratio = try rows.ratio(fault.rawValue) { faults[fault] = ratio }
        }
        if let most = try rows.whole("jump_bps", 1...9_000) { faults.jumpBasisPoints = most }
        for fault in AmbientFault.allCases {
            var pace = try rows.table(fault.rawValue)
            guard !pace.isAbsent else { continue }
            guard let every = try pace.number("every_sec", 1...864_000) else {
                throw pace.problem("every_sec", "nothing", "seconds between two")
            }
            let longest = try pace.number("longest_sec", 0...86_400) ?? 1
            faults[fault] = FaultPace(every: Span(seconds: every), longest: Span(seconds: longest))
            try pace.finish()
        }
        try rows.finish()
    }

    /// A path as the file means it: relative to where the file itself is.
    fileprivate func beside(_ path: String) -> String {
        let folder = (file as NSString).deletingLastPathComponent
        return path.hasPrefix("/") || folder.isEmpty
            ? path : (folder as NSString).appendingPathComponent(path)
    }

    fileprivate func problem(_ path: String, _ found: String, _ allowed: String) -> ScenarioProblem {
        let key = path.split(separator: ".").last.map(String.init) ?? path
        let line = lines.firstIndex { $0.drop { $0 == " " }.hasPrefix(key) }.map { ":\($0 + 1)" } ?? ""
        return ScenarioProblem(text: "\(file)\(line): \(path): found \(found), allowed \(allowed)")
    }
}

/// One table of the file, read key by key.
private struct Rows {
    private let table: TOMLTable?
    private let name: String
    private let reader: ScenarioFile
    private var known: [String] = []

    init(_ table: TOMLTable?, _ name: String, _ reader: ScenarioFile) {
        self.table = table
        self.name = name
        self.reader = reader
    }

    var isAbsent: Bool { table == nil }

    mutating func text(_ key: String) throws(ScenarioProblem) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string, !text.isEmpty else { throw problem(key, "\(value)", "a text") }
        return text
    }

    /// One of the named values.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws(ScenarioProblem)
        -> Choice? where Choice.RawValue == String
    {
        guard let name = try text(key) else { return nil }
        guard let known = Choice(rawValue: name) else {
            throw problem(key, name, Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return known
    }

    mutating func texts(_ key: String) throws(ScenarioProblem) -> [String]? {
        guard let value = value(key) else { return nil }
        let texts = value.array.map { Array($0).compactMap(\.string) } ?? []
        guard !texts.isEmpty, texts.count == value.array?.count, Set(texts).count == texts.count else {
            throw problem(key, "\(value)", "names, each once")
        }
        return texts
    }

    mutating func flag(_ key: String) throws(ScenarioProblem) -> Bool? {
        guard let value = value(key) else { return nil }
        guard value.type == .bool, let flag = value.bool else {
            throw problem(key, "\(value)", "true or false")
        }
        return flag
    }

    mutating func number(_ key: String, _ range: ClosedRange<Double>) throws(ScenarioProblem) -> Double? {
        guard let value = value(key) else { return nil }
        let number =
            value.type == .int ? value.int.map(Double.init) : value.type == .double ? value.double : nil
        guard let number, range.contains(number) else {
            throw problem(key, "\(value)", "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func whole(_ key: String, _ range: ClosedRange<Int64>) throws(ScenarioProblem) -> Int64? {
        guard let value = value(key) else { return nil }
        guard value.type == .int, let number = value.int.map(Int64.init), range.contains(number) else {
            throw problem(key, "\(value)", "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A probability as whole numbers: `"1/20"`.
    mutating func ratio(_ key: String) throws(ScenarioProblem) -> Ratio? {
        guard let value = value(key) else { return nil }
        let parts = (value.string ?? "").split(separator: "/").map { UInt64($0) }
        guard parts.count == 2, let numerator = parts[0], let denominator = parts[1], denominator > 0,
            numerator <= denominator
        else { throw problem(key, "\(value)", "a share such as \"1/20\"") }
        return Ratio(numerator, in: denominator)
    }

    mutating func table(_ key: String) throws(ScenarioProblem) -> Rows {
        let value = value(key)
        if let value, value.type != .table { throw problem(key, "\(value)", "a table") }
        return Rows(value?.table, name.isEmpty ? key : "\(name).\(key)", reader)
    }

    /// A table of names and files, such as `{ BTCUSDT = "btc.csv" }`.
    mutating func files(_ key: String) throws(ScenarioProblem) -> [(name: String, file: String)] {
        var rows = try table(key)
        var files: [(name: String, file: String)] = []
        for name in (rows.table?.keys ?? []).sorted() {
            guard let path = try rows.text(name) else { continue }
            files.append((name, reader.beside(path)))
        }
        return files
    }

    /// Takes every key for known.
    mutating func skip() { known += table?.keys ?? [] }

    func finish() throws(ScenarioProblem) {
        for key in (table?.keys ?? []).sorted() where !known.contains(key) {
            throw problem(key, "an unknown key", known.joined(separator: ", "))
        }
    }

    func problem(_ key: String, _ found: String, _ allowed: String) -> ScenarioProblem {
        reader.problem(name.isEmpty ? key : "\(name).\(key)", found, allowed)
    }

    private mutating func value(_ key: String) -> (any TOMLValueConvertible)? {
        known.append(key)
        guard let table, table.contains(key: key) else { return nil }
        return table[key]
    }
}
