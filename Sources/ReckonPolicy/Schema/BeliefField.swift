package import ReckonEngine
import ReckonModel

/// One figure of a belief: its name in Lua, which way is worse, and how to read and write it.
package struct BeliefField: Sendable {
    /// As Lua reads it, such as `evidence.ws_score`.
    package let path: String
    /// Whole numbers only.
    package let isWhole: Bool
    /// Whether more of it is worse; less of it otherwise.
    package let risesWhenWorse: Bool
    /// What a belief can hold.
    package let range: ClosedRange<Double>
    /// One line for editors; empty where the name says it all.
    package let doc: String
    private let reader: @Sendable (Belief) -> Double
    private let writer: @Sendable (inout Belief, Double) -> Void

    package func read(_ belief: Belief) -> Double { reader(belief) }

    /// Writes a value, brought into the range and rounded where it must be whole.
    package func write(_ value: Double, to belief: inout Belief) {
        let inside = min(max(value, range.lowerBound), range.upperBound)
        writer(&belief, isWhole ? inside.rounded() : inside)
    }

    /// What it is when nothing is wrong.
    package var neutral: Double { risesWhenWorse ? range.lowerBound : range.upperBound }

    package static let all: [BeliefField] = [
        figure("debt_sec", \.debtSeconds, to: 86_400, "age of the oldest unresolved mismatch"),
        count("debt_symbols", \.debtSymbols, to: 500, "symbols with an unresolved mismatch"),
        count("mismatch_streak", \.mismatchStreak, to: 40, "0..40"),
        score("confidence", \.confidence, "0..1"),
        score("evidence.confidence", \.evidence.confidence, "0..1"),
        score("evidence.ws_score", \.evidence.streamScore, "0..1"),
        score("evidence.rest_score", \.evidence.restScore, "0..1"),
        score("evidence.fill_score", \.evidence.fillScore, "0..1"),
        figure("evidence.ws_age_sec", \.evidence.streamAgeSeconds, to: 86_400, ""),
        figure("evidence.rest_age_sec", \.evidence.restAgeSeconds, to: 86_400, ""),
        figure("evidence.fill_age_sec", \.evidence.fillAgeSeconds, to: 86_400, ""),
        figure("evidence.contradiction_score", \.evidence.contradictionScore, to: 1, "0..1"),
        count("evidence.contradiction_streak", \.evidence.contradictionStreak, to: 1_000, ""),
        count("evidence.degraded_sources", \.evidence.degradedSources, to: 3, ""),
        count("unknown_intents.count", \.unknownIntents.count, to: 500, ""),
        figure("unknown_intents.oldest_sec", \.unknownIntents.oldestSeconds, to: 86_400, ""),
        figure("exposure.gross_usdt", \.exposure.grossUSDT, to: 1e9, ""),
        count("exposure.positions", \.exposure.positions, to: 500, ""),
        count("naked.symbols", \.naked.symbols, to: 500, ""),
        figure("naked.sec", \.naked.seconds, to: 86_400, ""),
    ]

    package static func named(_ path: String) -> BeliefField? { all.first { $0.path == path } }

    /// The age of one row of `symbols`; the row comes to be when it is written.
    package static func rowDebt(_ index: Int) -> BeliefField {
        let symbol = SymbolDebt.sample(index)
        return BeliefField(
            path: "symbols.\(symbol.symbol.name).debt_sec",
            isWhole: false,
            risesWhenWorse: true,
            range: 0...86_400,
            doc: "",
            reader: { $0.symbols.first { $0.symbol == symbol.symbol }?.debtSeconds ?? 0 },
            writer: { belief, value in
                // A full list has no room: which rows a longer one shows is no longer a matter of worse or better.
                guard let place = belief.row(of: symbol) else { return }
                belief.symbols[place].debtSeconds = value
                if value > 0 { belief.symbols[place].mismatches = max(1, belief.symbols[place].mismatches) }
            }
        )
    }

    private static func figure(
        _ path: String,
        _ key: any WritableKeyPath<Belief, Double> & Sendable,
        to most: Double,
        _ doc: String
    ) -> BeliefField {
        BeliefField(
            path: path,
            isWhole: false,
            risesWhenWorse: true,
            range: 0...most,
            doc: doc,
            reader: { $0[keyPath: key] },
            writer: { $0[keyPath: key] = $1 }
        )
    }

    private static func score(
        _ path: String,
        _ key: any WritableKeyPath<Belief, Double> & Sendable,
        _ doc: String
    ) -> BeliefField {
        BeliefField(
            path: path,
            isWhole: false,
            risesWhenWorse: false,
            range: 0...1,
            doc: doc,
            reader: { $0[keyPath: key] },
            writer: { $0[keyPath: key] = $1 }
        )
    }

    private static func count(
        _ path: String,
        _ key: any WritableKeyPath<Belief, Int> & Sendable,
        to most: Double,
        _ doc: String
    ) -> BeliefField {
        BeliefField(
            path: path,
            isWhole: true,
            risesWhenWorse: true,
            range: 0...most,
            doc: doc,
            reader: { Double($0[keyPath: key]) },
            writer: { $0[keyPath: key] = Int($1) }
        )
    }
}

extension SymbolDebt {
    /// A row of a made-up symbol.
    static func sample(_ index: Int) -> SymbolDebt {
        let name = index < 10 ? "S0\(index)USDT" : "S\(index)USDT"
        return SymbolDebt(symbol: Symbol(name), debtSeconds: 0, mismatches: 0, kind: "position_missing")
    }
}

extension Belief {
    /// Where the symbol's row is, put at the end where there is none; `nil` where the list is full.
    fileprivate mutating func row(of sample: SymbolDebt) -> Int? {
        if let place = symbols.firstIndex(where: { $0.symbol == sample.symbol }) { return place }
        guard symbols.count < 32 else { return nil }
        symbols.append(sample)
        return symbols.count - 1
    }
}
