import ReckonEngine
import ReckonModel

/// An order as the REST API writes it.
///
/// Source: docs/venue-binance.md, Orders; fields that some answers lack are optional.
struct OrderRow: Decodable, Sendable {
    let orderId: Int64
    let symbol: String
    let status: String
    let clientOrderId: String
    let side: String
    let price: Loose?
    let avgPrice: Loose?
    let origQty: Loose?
    let executedQty: Loose?
    let cumQuote: Loose?
    let reduceOnly: Bool?
    let closePosition: Bool?
    let positionSide: String?
    let time: Int64?
    let updateTime: Int64?

    func report(_ mode: PositionMode) throws -> OrderReport {
        let updated = try Reading.instant(updateTime ?? time, "updateTime")
        var report = OrderReport(
            id: ClientOrderID(clientOrderId),
            venueID: VenueOrderID(orderId),
            symbol: try mode.book(symbol, positionSide),
            side: try Reading.side(side),
            status: try OrderStatusText.status(status),
            quantity: try Reading.size(origQty, "origQty"),
            executed: try Reading.size(executedQty, "executedQty"),
            updatedAt: updated
        )
        report.isReduceOnly = mode.reduces(report.symbol, report.side, saying: reduceOnly)
        report.closesPosition = closePosition ?? false
        report.price = try Reading.price(price, "price")
        report.averagePrice = try average(of: report.executed)
        report.createdAt = try time.map { try Reading.instant($0, "time") }
        report.reason = OrderStatusText.reason(status)
        try Reading.checkWorth(report.quantity, at: report.price, report.averagePrice, field: "origQty")
        try Reading.checkWorth(report.executed, at: report.price, report.averagePrice, field: "executedQty")
        return report
    }

    /// Some answers have no `avgPrice` but its parts.
    ///
    /// Rounds: down.
    private func average(of executed: Quantity) throws -> Price {
        let told = try Reading.price(avgPrice, "avgPrice")
        guard told.isZero, executed.isPositive, cumQuote != nil else { return told }
        let quote: Notional = try Reading.computed(cumQuote, "cumQuote")
        let average = Int128(quote.units) * Int128(Price.scale) / Int128(executed.units)
        guard (0...Int128(Reading.mostPrice.units)).contains(average) else {
            throw Unreadable("cumQuote", found: "\(quote)", allowed: "a credible amount for \(executed)")
        }
        return Price(units: Int64(average))
    }
}

/// A conditional order as the REST API writes it.
///
/// Source: docs/venue-binance.md, Conditional orders, objects A and B.
struct AlgoRow: Decodable, Sendable {
    let algoId: Int64
    let clientAlgoId: String
    let symbol: String
    let side: String
    let positionSide: String?
    let algoStatus: String
    let quantity: Loose?
    let triggerPrice: Loose?
    let actualOrderId: Loose?
    let actualPrice: Loose?
    /// Only an answer about a single order has it.
    let actualQty: Loose?
    let reduceOnly: Bool?
    let closePosition: Bool?
    let createTime: Int64?
    let updateTime: Int64?

    func report(_ mode: PositionMode) throws -> OrderReport {
        let size = quantity == nil && closePosition == true ? .zero : try Reading.size(quantity, "quantity")
        var report = OrderReport(
            id: ClientOrderID(clientAlgoId),
            venueID: VenueOrderID(algoId),
            symbol: try mode.book(symbol, positionSide),
            side: try Reading.side(side),
            status: try OrderStatusText.algoStatus(algoStatus),
            isConditional: true,
            quantity: size,
            executed: try AlgoRow.executed(actualQty),
            updatedAt: try Reading.instant(updateTime ?? createTime, "updateTime")
        )
        report.isReduceOnly = mode.reduces(report.symbol, report.side, saying: reduceOnly)
        report.closesPosition = closePosition ?? false
        report.price = try Reading.price(triggerPrice, "triggerPrice")
        report.averagePrice = try Reading.price(actualPrice, "actualPrice")
        report.childID = try AlgoRow.child(actualOrderId, "actualOrderId")
        report.createdAt = try createTime.map { try Reading.instant($0, "createTime") }
        try Reading.checkWorth(report.quantity, at: report.price, report.averagePrice, field: "quantity")
        try Reading.checkWorth(report.executed, at: report.price, report.averagePrice, field: "actualQty")
        return report
    }

    static func executed(_ value: Loose?) throws -> Quantity {
        guard let value, !value.text.isEmpty else { return .zero }
        return try Reading.size(value, "actualQty")
    }

    /// Empty until the order has triggered.
    static func child(_ value: Loose?, _ field: String) throws -> VenueOrderID? {
        guard let text = value?.text, !text.isEmpty, text != "0" else { return nil }
        guard let number = Int64(text) else {
            throw Unreadable(field, found: text, allowed: "an order number")
        }
        return VenueOrderID(number)
    }
}

/// The venue's words for where an order stands.
///
/// Source: docs/venue-binance.md, Words.
enum OrderStatusText {
    static func status(_ text: String) throws -> VenueOrderStatus {
        switch text {
        case "NEW", "NEW_INSURANCE", "NEW_ADL": return .new
        case "PARTIALLY_FILLED": return .partiallyFilled
        case "FILLED": return .filled
        case "CANCELED": return .cancelled
        case "EXPIRED", "EXPIRED_IN_MATCH": return .expired
        case "REJECTED": return .rejected
        default: throw Unreadable("status", found: text, allowed: "a known order status")
        }
    }

    static func algoStatus(_ text: String) throws -> VenueOrderStatus {
        switch text {
        case "NEW": return .new
        case "TRIGGERING", "TRIGGERED": return .triggered
        case "FINISHED": return .finished
        case "CANCELED": return .cancelled
        case "EXPIRED": return .expired
        case "REJECTED": return .rejected
        default: throw Unreadable("algoStatus", found: text, allowed: "a known algo status")
        }
    }

    static func reason(_ status: String) -> String? {
        status == "EXPIRED_IN_MATCH" ? "self-trade prevention" : nil
    }

    /// Source: docs/venue-binance.md, User stream, `er`.
    static func reason(expiry text: String?) -> String? {
        switch text {
        case nil, "", "0": nil
        case "1": "self-trade prevention"
        case "2": "remainder of an immediate-or-cancel order"
        case "3": "remainder of an immediate-or-cancel order, by self-trade prevention"
        case "4": "displaced by a reduce-only order or a reversal"
        case "5": "liquidation"
        case "6": "the position that it hung on is gone"
        case "7": "delisting"
        case "8": "replaced after its stop triggered"
        case "9": "remainder of a market order"
        case .some(let other): "expiry reason \(WireError.oneLine(other))"
        }
    }
}
