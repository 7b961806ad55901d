import NIOHTTP1

/// One path of the venue's REST API with how it is asked.
struct Endpoint: Sendable {
    enum Access: Sendable {
        case open
        /// The key in a header, no signature.
        case keyed
        case signed
    }

    let method: HTTPMethod
    let path: String
    let access: Access

    private init(_ method: HTTPMethod, _ path: String, _ access: Access) {
        self.method = method
        self.path = path
        self.access = access
    }

    /// Where the parameters go.
    ///
    /// Source: docs/venue-binance.md, Signing: GET takes the query only.
    var sendsBody: Bool { method == .POST || method == .PUT }

    var name: String { "\(method.rawValue) \(path)" }

    static let time = Endpoint(.GET, "/fapi/v1/time", .open)
    static let exchangeInfo = Endpoint(.GET, "/fapi/v1/exchangeInfo", .open)
    static let premiumIndex = Endpoint(.GET, "/fapi/v1/premiumIndex", .open)

    static let placeOrder = Endpoint(.POST, "/fapi/v1/order", .signed)
    static let queryOrder = Endpoint(.GET, "/fapi/v1/order", .signed)
    static let cancelOrder = Endpoint(.DELETE, "/fapi/v1/order", .signed)
    static let openOrders = Endpoint(.GET, "/fapi/v1/openOrders", .signed)
    static let allOrders = Endpoint(.GET, "/fapi/v1/allOrders", .signed)

    static let placeAlgoOrder = Endpoint(.POST, "/fapi/v1/algoOrder", .signed)
    static let queryAlgoOrder = Endpoint(.GET, "/fapi/v1/algoOrder", .signed)
    static let cancelAlgoOrder = Endpoint(.DELETE, "/fapi/v1/algoOrder", .signed)
    static let openAlgoOrders = Endpoint(.GET, "/fapi/v1/openAlgoOrders", .signed)
    static let allAlgoOrders = Endpoint(.GET, "/fapi/v1/allAlgoOrders", .signed)

    static let amendOrder = Endpoint(.PUT, "/fapi/v1/order", .signed)
    static let placeBatch = Endpoint(.POST, "/fapi/v1/batchOrders", .signed)
    static let cancelBatch = Endpoint(.DELETE, "/fapi/v1/batchOrders", .signed)
    static let cancelAllOrders = Endpoint(.DELETE, "/fapi/v1/allOpenOrders", .signed)
    static let cancelAllAlgoOrders = Endpoint(.DELETE, "/fapi/v1/algoOpenOrders", .signed)
    static let countdown = Endpoint(.POST, "/fapi/v1/countdownCancelAll", .signed)
    static let userTrades = Endpoint(.GET, "/fapi/v1/userTrades", .signed)
    static let setMarginType = Endpoint(.POST, "/fapi/v1/marginType", .signed)
    static let setPositionMode = Endpoint(.POST, "/fapi/v1/positionSide/dual", .signed)

    static let positionRisk = Endpoint(.GET, "/fapi/v3/positionRisk", .signed)
    static let positionMode = Endpoint(.GET, "/fapi/v1/positionSide/dual", .signed)
    static let symbolSettings = Endpoint(.GET, "/fapi/v1/symbolConfig", .signed)
    static let leverageBrackets = Endpoint(.GET, "/fapi/v1/leverageBracket", .signed)
    static let setLeverage = Endpoint(.POST, "/fapi/v1/leverage", .signed)

    static let openListenKey = Endpoint(.POST, "/fapi/v1/listenKey", .keyed)
    static let renewListenKey = Endpoint(.PUT, "/fapi/v1/listenKey", .keyed)
    static let closeListenKey = Endpoint(.DELETE, "/fapi/v1/listenKey", .keyed)
}
