import Foundation
import Logging
import ReckonBinance
import ReckonEngine
import ReckonModel

/// Requests of ours and payloads of the venue's, the latter after the field lists of docs/venue-binance.md's sources.
enum Sample {
    static let symbol = Symbol("BTCUSDT")
    static let id = ClientOrderID("rk-1a2b:7.1")

    static func client(
        _ url: String,
        timeout: Span = .seconds(3),
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws -> BinanceClient {
        let credentials = try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
        var configuration = try BinanceConfiguration(url: url, credentials: credentials)
        configuration.requestTimeout = timeout
        return BinanceClient(configuration, clock: Sample.now, logger: logger)
    }

    static let now: @Sendable () -> Instant = {
        Instant(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e6) * 1000)
    }

    static func quantity(_ text: String) throws -> Quantity { try Quantity(parsing: text) }

    static func price(_ text: String) throws -> Price { try Price(parsing: text) }

    static func placement(
        _ pricing: Pricing = .market,
        _ extent: Extent = .opening(Quantity(units: 1_000_000)),
        role: OrderRole = .entry,
        side: Side = .buy,
        id: ClientOrderID = Sample.id
    ) -> Placement {
        let ticket = OrderTicket(
            id: id,
            symbol: symbol,
            role: role,
            side: side,
            extent: extent,
            pricing: pricing
        )
        let timestamp = VenueInstant(milliseconds: now().nanoseconds / 1_000_000)
        return Placement(
            ticket: ticket,
            attempt: 1,
            timestamp: timestamp,
            window: .milliseconds(4000),
            transmitBy: now() + .seconds(1)
        )
    }

    static func query(_ id: ClientOrderID = Sample.id, _ endpoint: OrderEndpoint = .order) -> OrderQuery {
        OrderQuery(id: id, symbol: symbol, endpoint: endpoint, askedAt: now())
    }

    static func cancellation(_ id: ClientOrderID = Sample.id, _ endpoint: OrderEndpoint = .order)
        -> Cancellation
    {
        Cancellation(id: id, symbol: symbol, endpoint: endpoint, attempt: 1)
    }

    static func question(_ part: SnapshotQuestion.Part) -> SnapshotQuestion {
        SnapshotQuestion(purpose: .round(1), part: part, askedAt: now())
    }

    static let order = """
        {"orderId":215456450616,"symbol":"BTCUSDT","status":"PARTIALLY_FILLED","clientOrderId":"rk-1a2b:7.1",\
        "price":"59000.10","avgPrice":"59000.05","origQty":"0.010","executedQty":"0.004","cumQty":"0.004",\
        "cumQuote":"236.0002","timeInForce":"GTC","type":"LIMIT","reduceOnly":true,"closePosition":false,\
        "side":"SELL","positionSide":"BOTH","stopPrice":"0","workingType":"CONTRACT_PRICE",\
        "priceProtect":false,\
        "origType":"LIMIT","priceMatch":"NONE","selfTradePreventionMode":"EXPIRE_MAKER","goodTillDate":0,\
        "time":1700000000000,"updateTime":1700000001234}
        """

    static let algo = """
        {"algoId":4000001910701524,"clientAlgoId":"rk-1a2b:7.1","algoType":"CONDITIONAL",\
        "orderType":"STOP_MARKET","symbol":"BTCUSDT","side":"SELL","positionSide":"BOTH",\
        "timeInForce":"GTE_GTC",\
        "quantity":"0","algoStatus":"TRIGGERED","triggerPrice":"58000.00","price":"0.00",\
        "icebergQuantity":null,\
        "selfTradePreventionMode":"EXPIRE_MAKER","workingType":"MARK_PRICE","priceMatch":"NONE",\
        "closePosition":true,"priceProtect":false,"reduceOnly":true,"createTime":1700000000000,\
        "updateTime":1700000005000,"triggerTime":1700000004999,"goodTillDate":0,\
        "actualOrderId":"215456450617",\
        "actualPrice":"57999.123456789","actualType":"MARKET","actualQty":"0.010","tpOrderType":""}
        """

    static let position = """
        {"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":"-0.010","entryPrice":"59000.123456789012",\
        "breakEvenPrice":"58990.1","markPrice":"59010.50000000","unRealizedProfit":"-0.10",\
        "liquidationPrice":"91000",\
        "isolatedMargin":"0","notional":"-590.105","marginAsset":"USDT","isolatedWallet":"0",\
        "initialMargin":"29.5",\
        "maintMargin":"2.36","positionInitialMargin":"29.5","openOrderInitialMargin":"0","adl":2,\
        "bidNotional":"0",\
        "askNotional":"0","updateTime":1700000002000}
        """

    static let orderEvent = """
        {"e":"ORDER_TRADE_UPDATE","E":1700000001240,"T":1700000001239,"o":{"s":"BTCUSDT","c":"rk-1a2b:7.1",\
        "S":"BUY","o":"MARKET","f":"GTC","q":"0.010","p":"0","ap":"59000.05","sp":"0","x":"TRADE",\
        "X":"PARTIALLY_FILLED","i":215456450616,"l":"0.004","z":"0.004","L":"59000.05","n":"0.01","N":"USDT",\
        "T":1700000001238,"t":77,"b":"0","a":"0","m":false,"R":false,"wt":"CONTRACT_PRICE","ot":"MARKET",\
        "ps":"BOTH","cp":false,"rp":"0","pP":false,"si":0,"ss":0,"V":"EXPIRE_MAKER","pm":"NONE","gtd":0,\
        "er":"0"}}
        """

    static let algoEvent = """
        {"e":"ALGO_UPDATE","T":1700000004999,"E":1700000005000,"o":{"caid":"rk-1a2b:7.1",\
        "aid":4000001910701524,\
        "at":"CONDITIONAL","o":"STOP_MARKET","s":"BTCUSDT","S":"SELL","ps":"BOTH","f":"GTE_GTC","q":"0",\
        "X":"FINISHED","ai":"215456450617","ap":"57999.5","aq":"0.010","act":"MARKET","tp":"58000","p":"0",\
        "V":"EXPIRE_MAKER","wt":"MARK_PRICE","pm":"NONE","cp":true,"pP":false,"R":true,"tt":1700000004999,\
        "gtd":0,"rm":""}}
        """

    static let accountEvent = """
        {"e":"ACCOUNT_UPDATE","E":1700000001240,"T":1700000001239,"a":{"m":"ORDER","B":[{"a":"USDT",\
        "wb":"100.1",\
        "cw":"100.1","bc":"0"}],"P":[{"s":"BTCUSDT","pa":"0.004","ep":"59000.05","bep":"59020","cr":"0",\
        "up":"0",\
        "mt":"cross","iw":"0","ps":"BOTH","ma":"USDT"},{"s":"ETHUSDT","pa":"0","ep":"0.00000","bep":"0",\
        "cr":"0",\
        "up":"0","mt":"cross","iw":"0","ps":"BOTH","ma":"USDT"}]}}
        """

    static let configurationEvent = """
        {"e":"ACCOUNT_CONFIG_UPDATE","E":1700000001240,"T":1700000001239,"ac":{"s":"BTCUSDT","l":25}}
        """

    static let markEvent = """
        {"stream":"btcusdt@markPrice@1s","data":{"e":"markPriceUpdate","E":1700000001000,"s":"BTCUSDT",\
        "p":"59010.12345678","ap":"59009.1","i":"59011.2","P":"59000.0","r":"0.0001","T":1700006400000,\
        "st":1}}
        """

    static func instrument(_ changes: [String: String] = [:]) -> String {
        var fields = [
            "minPrice": "556.80", "maxPrice": "4529764", "tickSize": "0.10", "minQty": "0.001",
            "maxQty": "1000",
            "stepSize": "0.001", "marketMaxQty": "120", "notional": "50", "up": "1.0500", "down": "0.9500",
            "status": "TRADING", "contractType": "PERPETUAL",
        ]
        for (name, value) in changes { fields[name] = value }
        let field = { (name: String) in fields[name] ?? "" }
        return """
            {"symbol":"BTCUSDT","pair":"BTCUSDT","contractType":"\(field("contractType"))",\
            "deliveryDate":4133404800000,\
            "onboardDate":1569398400000,"status":"\(field("status"))","pricePrecision":2,\
            "quantityPrecision":3,\
            "filters":[{"filterType":"PRICE_FILTER","minPrice":"\(field("minPrice"))",\
            "maxPrice":"\(field("maxPrice"))","tickSize":"\(field("tickSize"))"},{"filterType":"LOT_SIZE",\
            "minQty":"\(field("minQty"))","maxQty":"\(field("maxQty"))","stepSize":"\(field("stepSize"))"},\
            {"filterType":"MARKET_LOT_SIZE","minQty":"0.001","maxQty":"\(field("marketMaxQty"))",\
            "stepSize":"0.001"},\
            {"filterType":"MAX_NUM_ORDERS","limit":200},{"filterType":"MIN_NOTIONAL",\
            "notional":"\(field("notional"))"},{"filterType":"PERCENT_PRICE","multiplierUp":"\(field("up"))",\
            "multiplierDown":"\(field("down"))","multiplierDecimal":"4"},\
            {"filterType":"POSITION_RISK_CONTROL","positionControlSide":"NONE"}],"orderTypes":["LIMIT",\
            "MARKET"]}
            """
    }

    static func exchangeInfo(_ symbols: [String]) -> String {
        let list = symbols.joined(separator: ",")
        return
            #"{"timezone":"UTC","serverTime":1700000000000,"rateLimits":[],"assets":[],"symbols":[\#(list)]}"#
    }
}

/// Runs a client against a scripted server, and puts both away afterwards.
func withScript<Value: Sendable>(
    timeout: Span = .seconds(3),
    logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
    _ script: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer,
    _ body: (BinanceClient, ScriptedServer) async throws -> Value
) async throws -> Value {
    let server = try await ScriptedServer(script)
    let client = try Sample.client(server.url, timeout: timeout, logger: logger)
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(client, server))
    } catch {
        result = .failure(error)
    }
    await client.shutdown()
    try await server.stop()
    return try result.get()
}

extension Result {
    /// The failure, where there is one.
    var failure: Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}
