import ReckonExchange
import ReckonModel

/// Routes that change resting orders, and the dead man's switch.
enum AmendRoutes {
    static let all: [Endpoint] = [
        .batch("PUT", "v1/order", weight: 0, orders: 1) { exchange, call throws(VenueRejection) in
            try amend(&exchange, call.parameters)
        },
        .get("v1/orderAmendment", .query, weight: 1) { exchange, call throws(VenueRejection) in
            let parameters = call.parameters
            let symbol = try parameters.symbol()
            var query = HistoryQuery(symbol: symbol, limit: 50)
            if let limit = try parameters.integer("limit") { query.limit = Int(min(max(limit, 1), 100)) }
            query.from = try parameters.instant("startTime")
            query.to = try parameters.instant("endTime")
            let isNamed = parameters["orderId"] != nil || parameters["origClientOrderId"] != nil
            let reference = isNamed ? try OrderRoutes.reference(parameters) : nil
            return .array(try exchange.amendments(symbol, reference, query).map(\.row))
        },
        .post("v1/countdownCancelAll", .cancel, weight: 10) { exchange, call throws(VenueRejection) in
            let symbol = try call.parameters.symbol()
            guard let length = try call.parameters.integer("countdownTime") else {
                throw .missing("countdowntime")
            }
            try exchange.setCountdown(symbol, milliseconds: length)
            return ["symbol": .text(symbol.name), "countdownTime": .text("\(length)")]
        },
    ]

    static func amend(_ exchange: inout Exchange, _ parameters: Parameters) throws(VenueRejection) -> JSON {
        let symbol = try parameters.symbol()
        _ = try exchange.market(symbol)
        let side = try OrderRoutes.side(parameters)
        var request = AmendRequest(symbol, side, try OrderRoutes.reference(parameters))
        request.quantity = try parameters.decimal("quantity")
        request.price = try parameters.decimal("price")
        request.isReduceOnly = try parameters.flag("reduceOnly")
        request.modifyID = try parameters.integer("modifyId")
        return try exchange.amend(request).amended
    }
}
