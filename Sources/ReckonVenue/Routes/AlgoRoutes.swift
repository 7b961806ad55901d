import ReckonExchange
import ReckonModel

/// Routes of conditional orders.
enum AlgoRoutes {
    static let all: [Endpoint] = [
        .post("v1/algoOrder", .placeAlgo, weight: 0) { exchange, call throws(VenueRejection) in
            try place(&exchange, call.parameters)
        },
        .get("v1/algoOrder", .query, weight: 1) { exchange, call throws(VenueRejection) in
            try exchange.algoOrder(try reference(call.parameters)).single
        },
        .delete("v1/algoOrder", .cancel) { exchange, call throws(VenueRejection) in
            let order = try exchange.cancelAlgo(try reference(call.parameters))
            // The venue sends this code as text here and nowhere else.
            return [
                "algoId": .number(order.id.number), "clientAlgoId": .text(order.clientID.text), "code": "200",
                "msg": "success",
            ]
        },
        .delete("v1/algoOpenOrders", .cancel) { exchange, call throws(VenueRejection) in
            try exchange.cancelAllAlgo(try call.parameters.symbol())
            return allCancelled
        },
        .get("v1/openAlgoOrders", .snapshot, weight: 1, ofAll: 40) { exchange, call throws(VenueRejection) in
            let symbol = try OrderRoutes.known(exchange, call.parameters)
            let number = try call.parameters.integer("algoId")
            let rows = exchange.openAlgoOrders(symbol).filter { number == nil || $0.id.number == number }
            return .array(rows.map(\.row))
        },
        .get("v1/allAlgoOrders", .query, weight: 5) { exchange, call throws(VenueRejection) in
            let symbol = try call.parameters.symbol()
            _ = try exchange.market(symbol)
            var query = try OrderRoutes.history(call.parameters, symbol: symbol)
            query.orderID = try call.parameters.integer("algoId").map { VenueOrderID($0) }
            return .array(exchange.allAlgoOrders(query).map(\.row))
        },
    ]

    private static func reference(_ parameters: Parameters) throws(VenueRejection) -> OrderReference {
        try parameters.orderReference(number: "algoId", client: "clientAlgoId")
    }

    private static func place(
        _ exchange: inout Exchange,
        _ parameters: Parameters
    ) throws(VenueRejection) -> JSON {
        guard try parameters.required("algoType").uppercased() == "CONDITIONAL" else {
            throw .missing("algotype")
        }
        let symbol = try parameters.symbol()
        _ = try exchange.market(symbol)
        let side = try OrderRoutes.side(parameters)
        guard let type = OrderType(rawValue: try parameters.required("type").uppercased()) else {
            throw .badOrderType
        }
        let book = try OrderRoutes.book(of: symbol, exchange, parameters)
        var request = AlgoRequest(symbol: book, side: side, type: type)
        request.triggerPrice = try parameters.decimal("triggerPrice")
        request.quantity = try parameters.decimal("quantity")
        request.closesPosition = try parameters.flag("closePosition") ?? false
        request.isReduceOnly = try parameters.flag("reduceOnly") ?? false
        if request.closesPosition, parameters["reduceOnly"] != nil { throw .notRequired("reduceonly") }
        if let text = parameters["workingType"] {
            guard let working = WorkingType(rawValue: text.uppercased()) else {
                throw VenueRejection(code: -4031, message: "Invalid working type.")
            }
            request.workingType = working
        }
        request.clientID = parameters["clientAlgoId"].map { ClientOrderID($0) }
        _ = try OrderRoutes.responseType(parameters)
        return try exchange.placeAlgo(request).answer
    }
}
