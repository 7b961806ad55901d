import ReckonExchange
import ReckonModel
import Testing

private func fedExchange(_ balance: String = "10000") -> Exchange {
    var configuration = ExchangeConfiguration(symbols: [bitcoin, ether])
    configuration.startingBalance = notional(balance)
    configuration.markets[0].followFeed(from: price("50000"))
    return Exchange(configuration: configuration, seed: 7)
}

private func point(_ milliseconds: Int64, _ text: String) -> PricePoint {
    PricePoint(offset: .milliseconds(milliseconds), price: price(text))
}

@Suite("Prices that are fed")
struct FedPriceTests {
    @Test("a fed price holds from its own time, the last one stays, and no other symbol is touched")
    func follows() throws {
        var fed = fedExchange()
        var drawn = livelyUntouched()
        #expect(try fed.market(bitcoin).mark == price("50000"))
        fed.feed(bitcoin, point(300, "50010"))
        fed.feed(bitcoin, point(400, "50020"))
        fed.advance(to: fed.configuration.startsAt + .milliseconds(299))
        #expect(try fed.market(bitcoin).mark == price("50000"))
        fed.advance(to: fed.configuration.startsAt + .milliseconds(300))
        #expect(try fed.market(bitcoin).mark == price("50010"))
        fed.advance(to: fed.configuration.startsAt + .seconds(60))
        drawn.advance(to: drawn.configuration.startsAt + .seconds(60))
        #expect(try fed.market(bitcoin).mark == price("50020"))
        #expect(try fed.market(ether).mark == drawn.market(ether).mark)
    }

    private func livelyUntouched() -> Exchange {
        Exchange(configuration: ExchangeConfiguration(symbols: [bitcoin, ether]), seed: 7)
    }

    @Test("a low between two steps sets off a stop, though the price is back at the next step")
    func lowBetweenSteps() throws {
        var exchange = fedExchange()
        exchange.tradeByHand(bitcoin, .buy, quantity("0.01"))
        var stop = AlgoRequest(symbol: bitcoin, side: .sell, type: .stopMarket, triggerPrice: price("49500"))
        stop.workingType = .markPrice
        stop.closesPosition = true
        _ = try exchange.placeAlgo(stop)
        exchange.feed(bitcoin, point(310, "49400"))
        exchange.feed(bitcoin, point(320, "50000"))
        exchange.advance(to: exchange.configuration.startsAt + .milliseconds(500))
        #expect(exchange.position(of: bitcoin)?.quantity == .zero)
        #expect(exchange.record.positions.last?.at == exchange.configuration.startsAt + .milliseconds(310))
    }

    @Test(
        "however time is cut, the same feed gives the same record",
        arguments: 1...10 as ClosedRange<UInt64>
    )
    func slices(seed: UInt64) {
        var dice = Dice(seed: seed)
        let points = (1...200).map { number in
            point(Int64(number) * 37, "\(50_000 + dice.roll(in: -900...900))")
        }
        func run(_ cuts: [Int64]) -> [RecordedPosition] {
            var exchange = fedExchange("300")
            for point in points { exchange.feed(bitcoin, point) }
            exchange.tradeByHand(bitcoin, .buy, quantity("0.1"))
            for cut in cuts.sorted() {
                exchange.advance(to: exchange.configuration.startsAt + .milliseconds(cut))
            }
            exchange.advance(to: exchange.configuration.startsAt + .seconds(10))
            return exchange.record.positions
        }
        #expect(run([]) == run((0..<40).map { _ in dice.roll(in: 0...10_000) }))
    }

    @Test(
        "account totals are the sums of the rows, and a list's rows are those asked for one by one",
        arguments: 1...10 as ClosedRange<UInt64>
    )
    func totals(seed: UInt64) {
        var exchange = livelyExchange(seed: seed)
        var dice = Dice(seed: seed)
        for _ in 0..<40 {
            let symbol = dice.chance(1, in: 2) ? bitcoin : ether
            let side: Side = dice.chance(1, in: 2) ? .buy : .sell
            switch dice.roll(below: 3) {
            case 0: exchange.tradeByHand(symbol, side, quantity("0.01"))
            case 1:
                var request = OrderRequest(symbol: symbol, side: side, type: .limit)
                request.quantity = quantity("0.02")
                request.timeInForce = .goodTillCancel
                let mark = exchange.markets[symbol]?.mark ?? .zero
                request.price = mark.scaled(by: side == .buy ? 98 : 102, over: 100, rounding: .down)
                    .rounded(.down, toMultipleOf: price("0.1"))
                _ = try? exchange.place(request)
            default: exchange.wait(1_000)
            }
            let rows = exchange.allPositions()
            let account = exchange.account()
            #expect(account.unrealised == rows.reduce(.zero) { $0 + $1.unrealised })
            #expect(account.maintenanceMargin == rows.reduce(.zero) { $0 + $1.maintenanceMargin })
            #expect(account.positionMargin == rows.reduce(.zero) { $0 + $1.positionMargin })
            #expect(account.openOrderMargin == rows.reduce(.zero) { $0 + $1.openOrderMargin })
            #expect(rows == exchange.markets.keys.compactMap { exchange.position(of: $0) })
            #expect(exchange.activePositions() == rows.filter { !$0.quantity.isZero || $0.hasOpenOrders })
            for symbol in [bitcoin, ether] {
                #expect(exchange.record.position(of: symbol) == exchange.position(of: symbol)?.quantity)
                let last = exchange.record.positions.last { $0.symbol == symbol }
                #expect(exchange.record.position(of: symbol, asOf: exchange.now) == last?.quantity ?? .zero)
            }
        }
    }
}
