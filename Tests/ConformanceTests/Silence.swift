import ReckonEngine
import ReckonExchange
import ReckonModel

/// The whole list of what the venue's wire leaves out of what the exchange knows.
///
/// The doors may differ in nothing else but the words of a failure: the adapter puts the name of the endpoint
/// before them.
/// Source: docs/venue-binance.md, Orders, Conditional orders, User stream.
enum Silence {
    /// The answer to placing or cancelling: an ordinary order's has no time of creation, none has a reason.
    static func placing(_ report: OrderReport) -> OrderReport {
        var said = asking(report)
        if !said.isConditional { said.createdAt = nil }
        return said
    }

    /// The answer to cancelling a conditional order does not say how it stands.
    static func cancelling(_ report: OrderReport) -> OrderReport? { nil }

    /// The answer about one order has no reason.
    static func asking(_ report: OrderReport) -> OrderReport {
        var said = report
        said.reason = nil
        return said
    }

    /// A list of conditional orders does not say what their children executed.
    static func listing(_ report: OrderReport) -> OrderReport {
        var said = asking(report)
        if said.isConditional { said.executed = .zero }
        return said
    }

    /// A list of positions has no leverage, and rows for orders alone are none.
    static func listing(_ report: PositionReport) -> PositionReport? {
        guard !report.quantity.isZero else { return nil }
        var said = report
        said.leverage = 0
        return said
    }

    /// The stream tells fills with the orders, of a position its size and entry, and once when an order was made.
    static func hearing(_ event: ExchangeEvent) -> Input? {
        switch event {
        case .order(let update):
            var said = update.order.report
            if update.execution != .new { said.createdAt = nil }
            said.reason = reason(update)
            return .report(said)
        case .algo(let order, _):
            var said = order.report
            if order.status != .new { said.createdAt = nil }
            return .report(said)
        case .account(let update):
            guard var said = update.position?.report else { return nil }
            said.markPrice = .zero
            said.liquidationPrice = .zero
            said.leverage = 0
            said.updatedAt = update.at
            return .positionsChanged([said])
        case .leverage(let symbol, let leverage, _):
            return .leverageSet(LeverageChange(symbol: symbol, leverage: leverage), .success(leverage))
        case .trade: return nil
        }
    }

    private static func reason(_ update: OrderUpdate) -> String? {
        if update.execution == .calculated { return "forced by the venue" }
        return switch update.order.expiryReason {
        case .none: nil
        case .immediateRemainder: "remainder of an immediate-or-cancel order"
        case .displaced: "displaced by a reduce-only order or a reversal"
        case .liquidation: "liquidation"
        case .positionGone: "the position that it hung on is gone"
        case .marketRemainder: "remainder of a market order"
        }
    }

    /// A failure without the adapter's name of the endpoint.
    static func naming(_ answer: Input) -> Input {
        switch answer {
        case .placed(let what, .failure(let failure)): .placed(what, .failure(plain(failure)))
        case .queried(let what, .failure(let failure)): .queried(what, .failure(plain(failure)))
        case .cancelled(let what, .failure(let failure)): .cancelled(what, .failure(plain(failure)))
        case .snapshot(let what, .failure(let failure)): .snapshot(what, .failure(plain(failure)))
        case .leverageSet(let what, .failure(let failure)): .leverageSet(what, .failure(plain(failure)))
        case .marginModeSet(let what, .failure(let failure)): .marginModeSet(what, .failure(plain(failure)))
        case .countdownSet(let what, .failure(let failure)): .countdownSet(what, .failure(plain(failure)))
        default: answer
        }
    }

    private static func plain(_ failure: VenueFailure) -> VenueFailure {
        let words = failure.message.split(separator: ": ", maxSplits: 1)
        guard words.count == 2, words[0].contains(" /fapi/") else { return failure }
        return VenueFailure(
            failure.outcome,
            code: failure.code,
            message: String(words[1]),
            retryAfter: failure.retryAfter,
            stopsAllRequests: failure.stopsAllRequests
        )
    }
}
