import ReckonExchange
import ReckonModel

/// Routes of ordinary orders.
enum OrderRoutes {
    static let all: [Endpoint] = [
        .post("v1/order", .place, weight: 0) { exchange, call throws(VenueRejection) in
            try place(&exchange, call.parameters)
        },
        .post("v1/order/test", .query) { exchange, call throws(VenueRejection) in
            var trial = exchange
            return try place(&trial, call.parameters)
        },
        .get("v1/order", .query, weight: 1) { exchange, call throws(VenueRejection) in
            try exchange.order(try call.parameters.symbol(), try reference(call.parameters)).row
        },
        .get("v1/openOrder", .query, weight: 1) { exchange, call throws(VenueRejection) in
            try exchange.openOrder(try call.parameters.symbol(), try reference(call.parameters)).row
        },
        .delete("v1/order", .cancel) { exchange, call throws(VenueRejection) in
            try exchange.cancel(try call.parameters.symbol(), try reference(call.parameters)).answer
        },
        .delete("v1/allOpenOrders", .cancel) { exchange, call throws(VenueRejection) in
            try exchange.cancelAll(try call.parameters.symbol())
            return allCancelled
        },
        .get("v1/openOrders", .snapshot, weight: 1, ofAll: 40) { exchange, call throws(VenueRejection) in
            .array(exchange.openOrders(try known(exchange, call.parameters)).map(\.row))
        },
        .get("v1/allOrders", .query, weight: 5) { exchange, call throws(VenueRejection) in
            var query = try history(call.parameters, symbol: try known(exchange, call.parameters))
            try bound(&query, at: exchange.now)
            return .array(exchange.allOrders(query).map(\.historyRow))
        },
        .get("v1/userTrades", .query, weight: 5) { exchange, call throws(VenueRejection) in
            _ = try exchange.market(try call.parameters.symbol())
            return .array(exchange.userTrades(try trades(exchange, call.parameters)).map(\.row))
        },
    ]

    static func reference(_ parameters: Parameters) throws(VenueRejection) -> OrderReference {
        try parameters.orderReference(number: "orderId", client: "origClientOrderId")
    }

    /// The symbol that narrows a list, if one was sent; it must be listed.
    static func known(_ exchange: Exchange, _ parameters: Parameters) throws(VenueRejection) -> Symbol? {
        guard let symbol = try parameters.namedSymbol() else { return nil }
        _ = try exchange.market(symbol)
        return symbol
    }

    static func history(_ parameters: Parameters, symbol: Symbol?) throws(VenueRejection) -> HistoryQuery {
        var query = HistoryQuery(symbol: symbol, limit: try parameters.limit())
        query.orderID = try parameters.integer("orderId").map { VenueOrderID($0) }
        query.from = try parameters.instant("startTime")
        query.to = try parameters.instant("endTime")
        if let from = query.from, let to = query.to, from > to {
            throw VenueRejection(code: -1023, message: "Start time is greater than end time.")
        }
        return query
    }

    private static let longestWindow: Int64 = 7 * 86_400_000

    /// Histories answer windows of less than seven days: the one asked for, or as far as one reaches.
    static func bound(_ query: inout HistoryQuery, at now: VenueInstant) throws(VenueRejection) {
        switch (query.from, query.to) {
        case (.some(let from), .some(let to)):
            if to.milliseconds - from.milliseconds > longestWindow { throw .lookBackTooLong }
        case (.some(let from), .none): query.to = from + .milliseconds(longestWindow)
        case (.none, .some(let to)): query.from = to - .milliseconds(longestWindow)
        case (.none, .none):
            if query.orderID == nil, query.fromTrade == nil {
                query.from = now - .milliseconds(longestWindow)
            }
        }
    }

    private static func trades(
        _ exchange: Exchange,
        _ parameters: Parameters
    ) throws(VenueRejection) -> HistoryQuery {
        var query = try history(parameters, symbol: try known(exchange, parameters))
        query.fromTrade = try parameters.integer("fromId")
        if query.fromTrade != nil, query.from != nil || query.to != nil { throw .badCombination }
        try bound(&query, at: exchange.now)
        return query
    }

    static func place(
        _ exchange: inout Exchange,
        _ parameters: Parameters
    ) throws(VenueRejection) -> JSON {
        let symbol = try parameters.symbol()
        _ = try exchange.market(symbol)
        let side = try side(parameters)
        guard let type = OrderType(rawValue: try parameters.required("type").uppercased()) else {
            throw conditional(parameters["type"]?.uppercased())
        }
        let book = try book(of: symbol, exchange, parameters)
        var request = OrderRequest(symbol: book, side: side, type: type)
        request.quantity = try parameters.decimal("quantity")
        request.price = try parameters.decimal("price")
        if let text = parameters["timeInForce"] {
            guard let timeInForce = TimeInForce(wire: text) else {
                throw VenueRejection(code: -1115, message: "Invalid timeInForce.")
            }
            request.timeInForce = timeInForce
        }
        request.isReduceOnly = try parameters.flag("reduceOnly") ?? false
        request.clientID = parameters["newClientOrderId"].map { ClientOrderID($0) }
        let wantsResult = try responseType(parameters)
        let order = try exchange.place(request)
        return wantsResult ? order.answer : order.acknowledgement
    }

    private static func conditional(_ type: String?) -> VenueRejection {
        let moved = ["STOP", "TAKE_PROFIT", "TRAILING_STOP_MARKET"]
        guard let type, moved.contains(type) else { return .badOrderType }
        return .conditionalType
    }

    static func side(_ parameters: Parameters) throws(VenueRejection) -> Side {
        guard let side = Side(wire: try parameters.required("side")) else {
            throw VenueRejection(code: -1117, message: "Invalid side.")
        }
        return side
    }

    /// The leg or the symbol that an order is for, which must fit the account's mode.
    ///
    /// On a leg the side alone says whether an order reduces: to say it is refused, and to deny it too.
    static func book(
        of symbol: Symbol,
        _ exchange: Exchange,
        _ parameters: Parameters
    ) throws(VenueRejection) -> Symbol {
        var leg: Leg?
        if let word = parameters["positionSide"]?.uppercased(), word != "BOTH" {
            guard let named = Leg(rawValue: word) else { throw .badPositionSide }
            leg = named
        }
        guard exchange.isHedged == (leg != nil) else { throw .positionSideMismatch }
        if leg != nil, parameters["reduceOnly"] != nil { throw .notRequired("reduceonly") }
        return leg.map { symbol.leg($0) } ?? symbol
    }

    /// Whether the client waits for what the order did at once.
    static func responseType(_ parameters: Parameters) throws(VenueRejection) -> Bool {
        switch parameters["newOrderRespType"]?.uppercased() {
        case .none, .some("ACK"): return false
        case .some("RESULT"): return true
        case .some: throw VenueRejection(code: -1136, message: "Invalid newOrderRespType.")
        }
    }
}
