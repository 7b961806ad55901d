import NIOHTTP1
import ReckonBinance
import ReckonEngine
import ReckonModel
import Testing

@Suite("Placements on the wire")
struct PlacementTests {
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let pricing: Pricing
        let extent: Extent
        let role: OrderRole
        /// All parameters but the id, the time and the signature, in the order sent.
        let wire: String
        let path: String
    }

    static let quantity = Quantity(units: 1_000_000)
    static let price = Price(units: 5_900_010_000_000)

    static let cases = [
        Case(
            description: "market entry",
            pricing: .market,
            extent: .opening(quantity),
            role: .entry,
            wire:
                "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"
                + "&newClientOrderId=ID&newOrderRespType=RESULT",
            path: "/fapi/v1/order"
        ),
        Case(
            description: "market exit",
            pricing: .market,
            extent: .reducing(quantity),
            role: .exit,
            wire: "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&reduceOnly=true"
                + "&newClientOrderId=ID&newOrderRespType=RESULT",
            path: "/fapi/v1/order"
        ),
        Case(
            description: "limit entry",
            pricing: .limit(price, .goodTillCancel),
            extent: .opening(quantity),
            role: .entry,
            wire: "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=59000.1&quantity=0.01"
                + "&newClientOrderId=ID&newOrderRespType=RESULT",
            path: "/fapi/v1/order"
        ),
        Case(
            description: "post-only entry",
            pricing: .limit(price, .postOnly),
            extent: .opening(quantity),
            role: .entry,
            wire: "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&price=59000.1&quantity=0.01"
                + "&newClientOrderId=ID&newOrderRespType=RESULT",
            path: "/fapi/v1/order"
        ),
        Case(
            description: "stop for the whole position",
            pricing: .stopMarket(trigger: price),
            extent: .wholePosition,
            role: .stop,
            wire: "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&triggerPrice=59000.1"
                + "&closePosition=true&workingType=MARK_PRICE&clientAlgoId=ID",
            path: "/fapi/v1/algoOrder"
        ),
        Case(
            description: "take-profit by quantity",
            pricing: .takeProfitMarket(trigger: price),
            extent: .reducing(quantity),
            role: .takeProfit,
            wire: "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT_MARKET&triggerPrice=59000.1"
                + "&quantity=0.01&reduceOnly=true&workingType=MARK_PRICE&clientAlgoId=ID",
            path: "/fapi/v1/algoOrder"
        ),
    ]

    @Test(
        "each kind goes to its endpoint with its own time, signed over the very bytes sent",
        arguments: cases
    )
    func wire(_ example: Case) async throws {
        try await withScript({ _ in .ok(example.path.hasSuffix("algoOrder") ? Sample.algo : Sample.order) }) {
            client,
            server in
            let placement = Sample.placement(example.pricing, example.extent, role: example.role)
            let report = try await client.place(placement).get()
            #expect(report.id == Sample.id)
            let request = try #require(server.requests.first)
            #expect(server.requests.count == 1)
            #expect(request.method == .POST)
            #expect(request.uri == example.path)
            let id = Parameters.percentEncoded(Sample.id.text)
            let signed =
                example.wire.replacing("=ID", with: "=\(id)")
                + "&recvWindow=4000&timestamp=\(placement.timestamp.milliseconds)"
            let credentials = try BinanceCredentials(apiKey: SigningTests.apiKey, secret: SigningTests.secret)
            #expect(request.body == "\(signed)&signature=\(credentials.signature(query: "", body: signed))")
            #expect(request.headers["X-MBX-APIKEY"] == [SigningTests.apiKey])
            #expect(request.headers["Content-Type"] == ["application/x-www-form-urlencoded"])
        }
    }

    @Test("what the venue must not be told is never sent")
    func neverSent() async throws {
        let bad = [
            Sample.placement(.market, .opening(Sample.placement().ticket.quantity), role: .exit),
            Sample.placement(.market, .wholePosition, role: .exit),
            Sample.placement(.market, .opening(.zero)),
            Sample.placement(.market, .reducing(Quantity(units: -1)), role: .exit),
            Sample.placement(id: ClientOrderID("")),
            Sample.placement(id: ClientOrderID(String(repeating: "x", count: 37))),
            Sample.placement(id: ClientOrderID("a&b")),
        ]
        try await withScript({ _ in .ok(Sample.order) }) { client, server in
            for placement in bad {
                let failure = try #require(await client.place(placement).failure)
                #expect(failure.outcome == .fatal)
                #expect(failure.message.contains("was not sent"))
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test("an answer about another order leaves ours in doubt")
    func anotherOrder() async throws {
        try await withScript({ _ in .ok(Sample.order) }) { client, _ in
            let failure = await client.place(Sample.placement(id: ClientOrderID("ours"))).failure
            #expect(failure?.outcome == .doubt)
            let query = await client.query(Sample.query(ClientOrderID("ours"))).failure
            #expect(query?.outcome == .doubt)
        }
    }
}
