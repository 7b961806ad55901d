import ReckonEngine
import ReckonModel

/// Inputs in few words, for stories to fix and for people to read.
enum Short {
    static func text(_ answer: Input?) -> String {
        switch answer {
        case .placed(_, .success(let report)), .queried(_, .success(let report)),
            .cancelled(_, .success(.some(let report))):
            order(report)
        case .cancelled(_, .success(.none)): "taken off"
        case .snapshot(_, .success(.positions(let rows))): rows.map(position).joined(separator: "; ")
        case .snapshot(_, .success(.orders(let rows))):
            rows.map { "\($0.id) \(order($0))" }.joined(separator: "; ")
        case .snapshot(_, .success(.trades(let rows))): rows.map(trade).joined(separator: "; ")
        case .snapshot(_, .success(.settings(let rows))): rows.map(setting).joined(separator: "; ")
        case .leverageSet(_, .success(let leverage)): "leverage \(leverage)"
        case .marginModeSet(_, .success(let isIsolated)): isIsolated ? "isolated" : "crossed"
        case .countdownSet(_, .success(let span)): "countdown \(span.milliseconds)"
        case .placed(_, .failure(let failure)), .queried(_, .failure(let failure)),
            .cancelled(_, .failure(let failure)), .snapshot(_, .failure(let failure)),
            .leverageSet(_, .failure(let failure)), .marginModeSet(_, .failure(let failure)),
            .countdownSet(_, .failure(let failure)):
            "\(failure.code)"
        default: ""
        }
    }

    static func text(_ stream: [Input]) -> String {
        stream.map { input in
            switch input {
            case .report(let report): "\(report.isConditional ? "algo " : "")\(report.id) \(order(report))"
            case .positionsChanged(let rows): rows.map(position).joined(separator: ", ")
            default: text(input)
            }
        }.joined(separator: "; ")
    }

    private static func order(_ report: OrderReport) -> String {
        let executed = report.executed.isZero ? "" : " \(report.executed)"
        return report.status.rawValue + executed
    }

    private static func trade(_ trade: AccountTrade) -> String {
        "\(trade.side.rawValue) \(trade.quantity) at \(trade.price)"
    }

    private static func setting(_ setting: SymbolSettings) -> String {
        "\(setting.symbol) \(setting.leverage) \(setting.isIsolated ? "isolated" : "crossed")"
    }

    private static func position(_ report: PositionReport) -> String { "\(report.symbol) \(report.quantity)" }
}
