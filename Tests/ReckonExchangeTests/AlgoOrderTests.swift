import ReckonExchange
import ReckonModel
import Testing

private func withLong(_ size: String = "0.01") throws -> Exchange {
    var exchange = stillExchange()
    _ = try exchange.place(.market(.buy, quantity(size), of: bitcoin))
    _ = exchange.drainEvents()
    return exchange
}

private func stop(_ trigger: String, _ size: String, side: Side = .sell, reduceOnly: Bool = true)
    -> AlgoRequest
{
    var request = AlgoRequest(symbol: bitcoin, side: side, triggerPrice: price(trigger))
    request.quantity = quantity(size)
    request.isReduceOnly = reduceOnly
    request.workingType = .markPrice
    return request
}

/// A refused conditional order with its code.
struct AlgoCase: CustomTestStringConvertible, Sendable {
    let code: Int
    let request: AlgoRequest
    let testDescription: String

    init(_ code: Int, _ words: String, _ change: (inout AlgoRequest) -> Void) {
        self.code = code
        var request = stop("59000", "0.01")
        change(&request)
        self.request = request
        testDescription = "\(code): \(words)"
    }
}

private let cases: [AlgoCase] = [
    AlgoCase(-1121, "unknown symbol") { $0.symbol = Symbol("NOPEUSDT") },
    AlgoCase(-1116, "ordinary type") { $0.type = .market },
    AlgoCase(-1102, "no trigger") { $0.triggerPrice = nil },
    AlgoCase(-4006, "trigger of zero") { $0.triggerPrice = .zero },
    AlgoCase(-1102, "no quantity") { $0.quantity = nil },
    AlgoCase(-4003, "quantity of zero") { $0.quantity = .zero },
    AlgoCase(-1111, "too many decimals") { $0.quantity = quantity("0.00001") },
    AlgoCase(-4137, "quantity with closePosition") {
        $0.closesPosition = true
        $0.isReduceOnly = false
    },
    AlgoCase(-1106, "reduceOnly with closePosition") {
        $0.closesPosition = true
        $0.quantity = nil
    },
    AlgoCase(-4015, "bad id") { $0.clientID = ClientOrderID("a b") },
    AlgoCase(-2021, "stop that would trigger at once") { $0.triggerPrice = price("60000") },
    AlgoCase(-2021, "take-profit that would trigger at once") { $0.type = .takeProfitMarket },
]

@Suite("Conditional orders") struct AlgoOrderTests {
    @Test("a request that breaks a rule is refused with its code", arguments: cases)
    func refused(_ row: AlgoCase) throws {
        var exchange = try withLong()
        #expect(refusal { _ = try exchange.placeAlgo(row.request) }?.code == row.code)
        #expect(exchange.drainEvents().isEmpty && exchange.openAlgoOrders().isEmpty)
    }

    @Test(
        "each kind and side triggers on its own side of the price and nowhere else",
        arguments: [
            (OrderType.stopMarket, Side.sell, "59000", "59000.1", "59000"),
            (.stopMarket, .buy, "61000", "60999.9", "61000"),
            (.takeProfitMarket, .sell, "61000", "60999.9", "61000"),
            (.takeProfitMarket, .buy, "59000", "59000.1", "59000"),
        ]
    )
    func triggers(_ type: OrderType, _ side: Side, _ trigger: String, _ short: String, _ reached: String)
        throws
    {
        var exchange = stillExchange()
        _ = try exchange.place(.market(side.opposite, quantity("0.01"), of: bitcoin))
        var request = stop(trigger, "0.01", side: side)
        request.type = type
        let order = try exchange.placeAlgo(request)
        exchange.jump(bitcoin, to: price(short))
        #expect(try exchange.algoOrder(.venue(order.id)).status == .new)
        exchange.jump(bitcoin, to: price(reached))
        #expect(try exchange.algoOrder(.venue(order.id)).status == .finished)
        #expect(exchange.held(bitcoin).isZero)
    }

    @Test("a triggered stop becomes a child under the same client id, and tells so in order")
    func child() throws {
        var exchange = try withLong()
        let algo = try exchange.placeAlgo(
            .closing(bitcoin, side: .sell, trigger: price("59000"), id: "stop-1")
        )
        _ = exchange.drainEvents()
        exchange.jump(bitcoin, to: price("58900"))
        let done = try exchange.algoOrder(.client(ClientOrderID("stop-1")))
        let childID = try #require(done.childID)
        let child = try exchange.order(bitcoin, .venue(childID))
        #expect(child.clientID == algo.clientID && child.id != algo.id && child.closesPosition)
        #expect(child.originalType == .stopMarket && child.type == .market && child.status == .filled)
        #expect(done.status == .finished && done.executed == quantity("0.01"))
        let statuses = exchange.drainEvents().compactMap { event -> AlgoStatus? in
            guard case .algo(let order, _) = event else { return nil }
            return order.status
        }
        #expect(statuses == [.triggering, .triggered, .finished])
        #expect(refusal { _ = try exchange.cancelAlgo(.venue(algo.id)) }?.code == -2011)
    }

    @Test("only one closing stop and one closing take-profit rest per direction")
    func oneClose() throws {
        var exchange = try withLong()
        _ = try exchange.placeAlgo(.closing(bitcoin, side: .sell, trigger: price("59000")))
        let again = refusal {
            _ = try exchange.placeAlgo(.closing(bitcoin, side: .sell, trigger: price("58000")))
        }
        #expect(again?.code == -4130)
        var profit = AlgoRequest.closing(bitcoin, side: .sell, trigger: price("62000"))
        profit.type = .takeProfitMarket
        _ = try exchange.placeAlgo(profit)
        #expect(refusal { _ = try exchange.placeAlgo(profit) }?.code == -4130)
        _ = try exchange.placeAlgo(stop("58500", "0.01"))
        #expect(exchange.openAlgoOrders(bitcoin).count == 3)
    }

    @Test("a closing order expires when its position is gone or turned; a quantity stop stays")
    func gone() throws {
        var exchange = try withLong()
        let closing = try exchange.placeAlgo(.closing(bitcoin, side: .sell, trigger: price("59000")))
        let sized = try exchange.placeAlgo(stop("58500", "0.01"))
        exchange.closeByHand(bitcoin)
        #expect(try exchange.algoOrder(.venue(closing.id)).status == .expired)
        #expect(try exchange.algoOrder(.venue(sized.id)).status == .new)
        exchange.jump(bitcoin, to: price("58000"))
        let rejected = try exchange.algoOrder(.venue(sized.id))
        #expect(rejected.status == .rejected && rejected.reason == "ReduceOnly Order is rejected.")
        #expect(exchange.held(bitcoin).isZero)
    }

    @Test("a closing order without a position doesn't outlive its placing")
    func phantom() throws {
        var exchange = stillExchange()
        let order = try exchange.placeAlgo(.closing(bitcoin, side: .sell, trigger: price("59000")))
        #expect(order.status == .expired)
    }

    @Test("a reduce-only stop larger than the position closes it and goes no further")
    func oversize() throws {
        var exchange = try withLong()
        _ = try exchange.placeAlgo(stop("59000", "0.5"))
        exchange.jump(bitcoin, to: price("58000"))
        #expect(exchange.held(bitcoin).isZero)
    }

    @Test("an opening stop asks for margin only when it triggers, and is rejected with a reason then")
    func margin() throws {
        var exchange = stillExchange(balance: "100")
        let order = try exchange.placeAlgo(stop("61000", "1", side: .buy, reduceOnly: false))
        exchange.jump(bitcoin, to: price("61500"))
        let after = try exchange.algoOrder(.venue(order.id))
        #expect(after.status == .rejected && after.reason == "Margin is insufficient.")
    }

    @Test("an account holds at most two hundred waiting conditional orders over all symbols")
    func most() throws {
        var exchange = try withLong()
        for _ in 0..<200 { _ = try exchange.placeAlgo(stop("59000", "0.001")) }
        var other = stop("2900", "0.01")
        other.symbol = ether
        #expect(refusal { _ = try exchange.placeAlgo(other) }?.code == -4045)
    }

    @Test("the contract price sets off what looks at it, the mark price the rest")
    func workingType() throws {
        var exchange = try withLong()
        var byContract = stop("59000", "0.01")
        byContract.workingType = .contractPrice
        let order = try exchange.placeAlgo(byContract)
        for _ in 0..<20 { exchange.jump(bitcoin, to: price("59000.05")) }
        // The last price is the bid (59000) in some of these steps, though the mark never gets there.
        #expect(try exchange.algoOrder(.venue(order.id)).status == .finished)
    }
}
