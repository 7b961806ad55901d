import ReckonExchange
import ReckonModel
import Testing

/// One request that must be refused, with its code.
struct FilterCase: CustomTestStringConvertible, Sendable {
    let code: Int
    let request: OrderRequest
    let testDescription: String

    init(_ code: Int, _ words: String, _ request: OrderRequest) {
        self.code = code
        self.request = request
        testDescription = "\(code): \(words)"
    }
}

private func market(_ size: String?) -> OrderRequest {
    OrderRequest(symbol: bitcoin, side: .buy, type: .market, quantity: size.map { quantity($0) })
}

private func changed(_ request: OrderRequest, _ change: (inout OrderRequest) -> Void) -> OrderRequest {
    var copy = request
    change(&copy)
    return copy
}

/// The mark is 60,000; the tick 0.1; the step 0.001.
private let cases: [FilterCase] = [
    FilterCase(-1121, "unknown symbol", OrderRequest(symbol: Symbol("NOPEUSDT"), side: .buy, type: .market)),
    FilterCase(
        -4120,
        "conditional type",
        OrderRequest(symbol: bitcoin, side: .buy, type: .stopMarket, quantity: quantity("1"))
    ),
    FilterCase(-1102, "no quantity", market(nil)),
    FilterCase(
        -1102,
        "limit without price",
        OrderRequest(symbol: bitcoin, side: .buy, type: .limit, quantity: quantity("1"))
    ),
    FilterCase(-1106, "market with time in force", changed(market("1")) { $0.timeInForce = .goodTillCancel }),
    FilterCase(
        -4015,
        "id too long",
        changed(market("1")) { $0.clientID = ClientOrderID(String(repeating: "a", count: 37)) }
    ),
    FilterCase(-4015, "empty id", changed(market("1")) { $0.clientID = ClientOrderID("") }),
    FilterCase(-1111, "too many decimals in the quantity", market("0.0011")),
    FilterCase(-1111, "too many decimals in the price", limit(.buy, "0.01", at: "59000.123")),
    FilterCase(-4001, "price of zero", limit(.buy, "0.01", at: "0")),
    FilterCase(-4002, "price above the maximum", limit(.buy, "0.01", at: "6000001")),
    FilterCase(-4013, "price below the minimum", limit(.buy, "1", at: "599")),
    FilterCase(-4014, "price off the tick", limit(.buy, "0.01", at: "59000.15")),
    FilterCase(-4003, "quantity of zero", market("0")),
    FilterCase(-4003, "negative quantity", market("-1")),
    FilterCase(-4005, "quantity above the maximum", limit(.buy, "1000.001", at: "59000")),
    FilterCase(-4005, "market quantity above its maximum", market("120.001")),
    FilterCase(-4016, "buy too far above the mark", limit(.buy, "0.01", at: "63000.1")),
    FilterCase(-4024, "sell too far below the mark", limit(.sell, "0.01", at: "56999.9")),
    FilterCase(-4164, "notional too small", limit(.buy, "0.001", at: "49000")),
    FilterCase(-2019, "too little margin", market("5")),
    FilterCase(-2022, "reduce-only while flat", changed(market("0.01")) { $0.isReduceOnly = true }),
    FilterCase(-5022, "post-only that would take", limit(.buy, "0.01", at: "60000.1", .postOnly)),
    FilterCase(-5021, "fill-or-kill that can't be filled", limit(.buy, "0.01", at: "59999.9", .fillOrKill)),
]

@Suite("Filters") struct FilterTests {
    @Test("a request that breaks a filter is refused with its code and leaves no trace", arguments: cases)
    func refused(_ row: FilterCase) {
        var exchange = stillExchange()
        let found = refusal { _ = try exchange.place(row.request) }
        #expect(found?.code == row.code)
        #expect(exchange.drainEvents().isEmpty)
        #expect(exchange.allOrders(HistoryQuery()).isEmpty)
        #expect(exchange.record.orders.isEmpty)
    }

    @Test("the smallest and the largest values that the filters allow pass")
    func edges() throws {
        var exchange = stillExchange(balance: "90000000")
        _ = try exchange.place(limit(.buy, "0.001", at: "60000", .postOnly))
        _ = try exchange.place(limit(.buy, "0.01", at: "63000"))
        _ = try exchange.place(limit(.sell, "0.01", at: "57000"))
        _ = try exchange.place(limit(.sell, "0.001", at: "6000000"))
        var longest = OrderRequest.market(.buy, quantity("0.001"), of: bitcoin)
        longest.clientID = ClientOrderID(String(repeating: "Z", count: 36))
        _ = try exchange.place(longest)
    }

    @Test("a quantity off a step that is no power of ten is refused as such")
    func offStep() {
        var configuration = ExchangeConfiguration(symbols: [bitcoin])
        configuration.markets[0].instrument.stepSize = quantity("0.005")
        configuration.markets[0].instrument.minQuantity = quantity("0.005")
        configuration.markets[0].quantityPrecision = 3
        var exchange = Exchange(configuration: configuration, seed: 1)
        #expect(refusal { _ = try exchange.place(market("0.004")) }?.code == -4004)
        #expect(refusal { _ = try exchange.place(market("0.007")) }?.code == -4023)
        #expect(refusal { _ = try exchange.place(market("0.01")) } == nil)
    }

    @Test("a client id is unique among open orders only")
    func identity() throws {
        var exchange = stillExchange()
        var resting = limit(.buy, "0.01", at: "59000")
        resting.clientID = ClientOrderID("same")
        _ = try exchange.place(resting)
        #expect(refusal { _ = try exchange.place(resting) }?.code == -4116)
        _ = try exchange.cancel(bitcoin, .client(ClientOrderID("same")))
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin, id: "same"))
        _ = try exchange.place(.market(.buy, quantity("0.01"), of: bitcoin, id: "same"))
        #expect(exchange.held(bitcoin) == quantity("0.02"))
        #expect(exchange.record.orders(under: ClientOrderID("same")).count == 3)
    }

    @Test("the number of open orders of a symbol is limited")
    func openOrders() throws {
        var exchange = stillExchange(balance: "1000000")
        for _ in 0..<200 { _ = try exchange.place(limit(.buy, "0.001", at: "59000")) }
        #expect(refusal { _ = try exchange.place(limit(.buy, "0.001", at: "59000")) }?.code == -2025)
    }

    @Test("a symbol that isn't trading takes no orders")
    func closed() {
        var configuration = ExchangeConfiguration(symbols: [bitcoin])
        configuration.markets[0].instrument.isTrading = false
        var exchange = Exchange(configuration: configuration, seed: 1)
        #expect(refusal { _ = try exchange.place(market("0.01")) }?.code == -4141)
    }
}
