import Foundation
package import ReckonEngine
package import ReckonModel

/// One line of a belief trace.
package enum TraceLine: Sendable, Hashable {
    case header(name: String, parameters: Table<String, Double>, limits: GuardLimits?)
    case tick(now: Double, belief: Belief)

    /// The longest line that is read, in bytes.
    static let limit = 1_048_576

    /// Reads one JSON object; a throw says what is wrong with it in words.
    package init(reading bytes: [UInt8]) throws(TraceFault) {
        guard bytes.count <= Self.limit else {
            throw TraceFault("the line has \(bytes.count) bytes; at most \(Self.limit)")
        }
        let raw: RawTraceLine
        do {
            raw = try JSONDecoder().decode(RawTraceLine.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw TraceFault(error, isJSON: Self.isJSON(bytes))
        } catch {
            throw TraceFault("the line is not JSON")
        }
        if let name = raw.trace {
            self = .header(
                name: name,
                parameters: try Self.parameters(raw.params),
                limits: try raw.limits?.checked()
            )
        } else {
            guard let now = raw.now else {
                throw TraceFault("the line has neither `trace` (a header) nor `now` (a tick)")
            }
            guard now.isFinite, abs(now) <= 9e9 else { throw TraceFault("`now` must be within ±9e9 seconds") }
            self = .tick(now: now, belief: try raw.belief?.checked() ?? .neutral)
        }
    }

    /// Whether the line is JSON at all; the decoder says the same of bad numbers as of bad JSON.
    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    }

    private static func parameters(_ raw: [String: Double]?) throws(TraceFault) -> Table<String, Double> {
        var table: Table<String, Double> = Table()
        for (name, value) in raw ?? [:] {
            guard value.isFinite else { throw TraceFault("`params.\(name)` must be finite") }
            table[name] = value
        }
        return table
    }
}

/// What is wrong with a line, without its place.
package struct TraceFault: Error, Sendable, Hashable {
    package let message: String

    init(_ message: String) { self.message = message }

    init(_ error: DecodingError, isJSON: Bool) {
        func path(_ context: DecodingError.Context) -> String {
            let keys = context.codingPath.map { $0.intValue.map { "[\($0 + 1)]" } ?? $0.stringValue }
            return keys.isEmpty ? "the line" : "`\(keys.joined(separator: "."))`"
        }
        switch error {
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            message = "\(path(context)) must be \(Self.words(for: type))"
        case .keyNotFound(let key, _): message = "`\(key.stringValue)` is missing"
        case .dataCorrupted where isJSON:
            message = "a number is out of range, or a fraction where it must be whole"
        case .dataCorrupted: message = "the line is not JSON"
        @unknown default: message = "the line cannot be read"
        }
    }

    private static func words(for type: Any.Type) -> String {
        if type == Double.self { return "a number" }
        if type == Int.self { return "a whole number" }
        if type == String.self { return "text" }
        return "an object"
    }
}

private struct RawTraceLine: Decodable {
    var trace: String?
    var params: [String: Double]?
    var limits: RawLimits?
    var now: Double?
    var belief: RawBelief?
}

private struct RawLimits: Decodable {
    var max_notional_usdt: Double?
    var max_leverage: Int?
    var min_entry_conf: Double?
    var entry_cooldown_seconds: Double?
    var max_open_orders_per_symbol: Int?

    func checked() throws(TraceFault) -> GuardLimits {
        var limits = GuardLimits.trial
        limits.maxNotional = max_notional_usdt ?? limits.maxNotional
        limits.maxLeverage = max_leverage ?? limits.maxLeverage
        limits.minEntryConfidence = min_entry_conf ?? limits.minEntryConfidence
        limits.entryCooldownSeconds = entry_cooldown_seconds ?? limits.entryCooldownSeconds
        limits.maxOpenOrdersPerSymbol = max_open_orders_per_symbol ?? limits.maxOpenOrdersPerSymbol
        guard limits.maxNotional.isFinite, limits.maxNotional >= 0, limits.maxLeverage >= 1,
            (0...1).contains(limits.minEntryConfidence), (0...9e9).contains(limits.entryCooldownSeconds),
            limits.maxOpenOrdersPerSymbol >= 0
        else { throw TraceFault("`limits` has a figure out of its range") }
        return limits
    }
}

private struct RawBelief: Decodable {
    struct RawEvidence: Decodable {
        var confidence: Double?
        var ws_score: Double?
        var rest_score: Double?
        var fill_score: Double?
        var ws_age_sec: Double?
        var rest_age_sec: Double?
        var fill_age_sec: Double?
        var contradiction_score: Double?
        var contradiction_streak: Int?
        var degraded_sources: Int?
    }

    struct RawUnknown: Decodable {
        var count: Int?
        var oldest_sec: Double?
    }

    struct RawExposure: Decodable {
        var gross_usdt: Double?
        var positions: Int?
    }

    struct RawNaked: Decodable {
        var symbols: Int?
        var sec: Double?
    }

    struct RawSymbol: Decodable {
        var symbol: String
        var debt_sec: Double?
        var mismatches: Int?
        var kind: String?
    }

    var debt_sec: Double?
    var debt_symbols: Int?
    var mismatch_streak: Int?
    var confidence: Double?
    var evidence: RawEvidence?
    var unknown_intents: RawUnknown?
    var exposure: RawExposure?
    var naked: RawNaked?
    var symbols: [RawSymbol]?

    func checked() throws(TraceFault) -> Belief {
        var belief = Belief()
        belief.debtSeconds = debt_sec ?? belief.debtSeconds
        belief.debtSymbols = debt_symbols ?? belief.debtSymbols
        belief.mismatchStreak = mismatch_streak ?? belief.mismatchStreak
        belief.confidence = confidence ?? belief.confidence
        fill(&belief.evidence)
        belief.unknownIntents.count = unknown_intents?.count ?? 0
        belief.unknownIntents.oldestSeconds = unknown_intents?.oldest_sec ?? 0
        belief.exposure.grossUSDT = exposure?.gross_usdt ?? 0
        belief.exposure.positions = exposure?.positions ?? 0
        belief.naked.symbols = naked?.symbols ?? 0
        belief.naked.seconds = naked?.sec ?? 0
        guard symbols?.count ?? 0 <= 32 else { throw TraceFault("`belief.symbols` has more than 32 rows") }
        belief.symbols = (symbols ?? []).map { row in
            SymbolDebt(
                symbol: Symbol(row.symbol),
                debtSeconds: row.debt_sec ?? 0,
                mismatches: row.mismatches ?? 0,
                kind: row.kind ?? ""
            )
        }
        try belief.checkRanges()
        return belief
    }

    private func fill(_ result: inout Evidence) {
        guard let raw = evidence else { return }
        result.confidence = raw.confidence ?? result.confidence
        result.streamScore = raw.ws_score ?? result.streamScore
        result.restScore = raw.rest_score ?? result.restScore
        result.fillScore = raw.fill_score ?? result.fillScore
        result.streamAgeSeconds = raw.ws_age_sec ?? result.streamAgeSeconds
        result.restAgeSeconds = raw.rest_age_sec ?? result.restAgeSeconds
        result.fillAgeSeconds = raw.fill_age_sec ?? result.fillAgeSeconds
        result.contradictionScore = raw.contradiction_score ?? result.contradictionScore
        result.contradictionStreak = raw.contradiction_streak ?? result.contradictionStreak
        result.degradedSources = raw.degraded_sources ?? result.degradedSources
    }
}

extension Belief {
    /// Refuses what no belief can be: negative or infinite figures, symbols that are no names.
    func checkRanges() throws(TraceFault) {
        let figures: [(String, Double)] = [
            ("debt_sec", debtSeconds), ("debt_symbols", Double(debtSymbols)),
            ("mismatch_streak", Double(mismatchStreak)), ("confidence", confidence),
            ("evidence.confidence", evidence.confidence), ("evidence.ws_score", evidence.streamScore),
            ("evidence.rest_score", evidence.restScore), ("evidence.fill_score", evidence.fillScore),
            ("evidence.ws_age_sec", evidence.streamAgeSeconds),
            ("evidence.rest_age_sec", evidence.restAgeSeconds),
            ("evidence.fill_age_sec", evidence.fillAgeSeconds),
            ("evidence.contradiction_score", evidence.contradictionScore),
            ("evidence.contradiction_streak", Double(evidence.contradictionStreak)),
            ("evidence.degraded_sources", Double(evidence.degradedSources)),
            ("unknown_intents.count", Double(unknownIntents.count)),
            ("unknown_intents.oldest_sec", unknownIntents.oldestSeconds),
            ("exposure.gross_usdt", exposure.grossUSDT), ("exposure.positions", Double(exposure.positions)),
            ("naked.symbols", Double(naked.symbols)), ("naked.sec", naked.seconds),
        ]
        for (name, value) in figures where !(value.isFinite && value >= 0) {
            throw TraceFault("`belief.\(name)` is \(value); it must be at least 0 and finite")
        }
        for row in symbols where !(row.debtSeconds.isFinite && row.debtSeconds >= 0 && row.mismatches >= 0) {
            throw TraceFault("`belief.symbols` has a figure below 0 for \(row.symbol.name)")
        }
        for row in symbols where !(1...32).contains(row.symbol.name.utf8.count) || row.kind.utf8.count > 64 {
            throw TraceFault("`belief.symbols` has a name of no or over 32 bytes, or a kind over 64")
        }
    }
}
