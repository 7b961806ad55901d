import ReckonEngine
import ReckonModel

/// I-04, I-09: what the lists of a round show otherwise than it is believed, and what they fail to show, is said.
struct RoundChecker {
    private let symbols: [Symbol]
    private let tolerance: Int64
    private var round: Int64 = 0
    private var positions: [PositionReport]?
    private var settings: [SymbolSettings] = []
    private var leverages = Lookup<Symbol, Int>()
    private var isolation = Lookup<Symbol, Bool>()
    private var corrected = Lookup<Symbol, VenueInstant>()

    init(_ configuration: EngineConfiguration) {
        symbols = configuration.symbols
        tolerance = configuration.fence.entryTolerance
    }

    /// The engine is about to be told something.
    mutating func told(_ input: Input) {
        guard case .snapshot(let question, .success(let content)) = input,
            case .round(let number) = question.purpose, number >= round
        else { return }
        if number > round { begin(number) }
        switch content {
        case .positions(let rows): positions = rows
        case .settings(let rows): settings = rows
        case .orders, .trades: break
        }
    }

    private mutating func begin(_ number: Int64) {
        round = number
        positions = nil
        settings = []
    }

    /// The disk came back without its last facts.
    mutating func forget() {
        begin(0)
        leverages.removeAll()
        isolation.removeAll()
    }

    mutating func published(
        _ stamped: StampedFact,
        _ book: PublishedBook,
        _ sight: Sight?,
        _ findings: inout Findings
    ) {
        switch stamped.fact {
        case .leverageKnown(let symbol, let leverage):
            for book in RoundChecker.books(symbol) { leverages[book] = leverage }
        case .marginModeKnown(let symbol, let isIsolated):
            for book in RoundChecker.books(symbol) { isolation[book] = isIsolated }
        case .positionCorrected(let correction):
            corrected[correction.symbol] = correction.asOf ?? corrected[correction.symbol]
        case .roundConcluded(let conclusion):
            guard let sight else { return }
            if conclusion.round != round { begin(conclusion.round) }
            checkSettings(conclusion, stamped.at, &findings)
            checkEntries(conclusion, book, sight, &findings)
            checkFailure(conclusion, stamped.at, &findings)
        default: break
        }
    }

    private static func books(_ symbol: Symbol) -> [Symbol] { [symbol] + (symbol.sibling.map { [$0] } ?? []) }

    private func checkSettings(
        _ conclusion: RoundConclusion,
        _ now: Instant,
        _ findings: inout Findings
    ) {
        for row in settings where conclusion.settingsShown.contains(row.symbol) {
            func require(_ kind: Difference.Kind, _ isOther: Bool) {
                let isSaid = conclusion.differences.contains { $0.kind == kind && $0.symbol == row.symbol }
                guard isOther, !isSaid else { return }
                findings.breach(
                    "I-04",
                    now,
                    "a list shows \(kind.rawValue) of \(row.symbol), and nothing says so"
                )
            }
            require(.leverageDrift, leverages[row.symbol].map { $0 != row.leverage } ?? false)
            require(.marginDrift, isolation[row.symbol].map { $0 != row.isIsolated } ?? false)
        }
    }

    private func checkEntries(
        _ conclusion: RoundConclusion,
        _ book: PublishedBook,
        _ sight: Sight,
        _ findings: inout Findings
    ) {
        for row in positions ?? [] where conclusion.confirmed.contains(row.symbol) {
            let believed = sight.holdings[row.symbol]?.position
            // A row from before a fill or a correction says nothing.
            let known = [book.fills[row.symbol]?.at, corrected[row.symbol]].compactMap { $0 }.max()
            guard let believed, !believed.isFlat, believed.quantity == row.quantity,
                known.map({ row.updatedAt >= $0 }) ?? true, row.entryPrice.isPositive
            else { continue }
            let gap = (row.entryPrice - believed.entryPrice).magnitude
            let allowed = row.entryPrice.scaled(by: tolerance, over: 10_000, rounding: .up)
            let isSaid = conclusion.differences.contains {
                $0.kind == .entryDrift && $0.symbol == row.symbol
            }
            guard gap > allowed, !isSaid else { continue }
            let sentence =
                "\(row.symbol) was entered at \(row.entryPrice), and \(believed.entryPrice) is believed"
            findings.breach("I-09", sight.now, sentence)
        }
    }

    private func checkFailure(
        _ conclusion: RoundConclusion,
        _ now: Instant,
        _ findings: inout Findings
    ) {
        guard positions == nil else { return }
        for symbol in symbols
        where !conclusion.differences.contains(where: { $0.kind == .evidenceFailure && $0.symbol == symbol })
        {
            let sentence =
                "no list of positions came in round \(conclusion.round), and \(symbol) is in no debt"
            findings.breach("I-04", now, sentence)
        }
    }
}
