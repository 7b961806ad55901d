import ReckonEngine
import ReckonExchange
import ReckonModel

// Requests that the venue refuses, and by which code.
extension Stories {
    static let refusals: [Story] = [
        Story(
            "prices must be on the tick, within bounds and near the mark",
            [
                .limit("a", .buy, "0.01", at: "59000.05").says("-4014"),
                .limit("a", .buy, "0.01", at: "59000.001").says("-1111"),
                .limit("a", .buy, "0.01", at: "0").says("-4001"),
                .limit("a", .buy, "1", at: "500").says("-4013"),
                .limit("a", .sell, "0.01", at: "6000000.1").says("-4002"),
                .limit("a", .buy, "0.01", at: "63000.1").says("-4016"),
                .limit("a", .sell, "0.01", at: "56999.9").says("-4024"),
                .limit("a", .buy, "0.01", at: "63000").says("filled 0.01"),
                .orders.says(""),
            ]
        ),
        Story(
            "sizes must be on the step, within bounds and worth something",
            [
                .market("a", .buy, "0.0005").says("-1111"),
                .market("a", .buy, "121").says("-4005"),
                .market("a", .buy, "100").says("-2019"),
                .limit("a", .buy, "1000.001", at: "59000").says("-4005"),
                .limit("a", .buy, "0.001", at: "49000").says("-4164"),
                .market("a", .buy, "0.001").says("filled 0.001"),
                .allOrders.says("a filled 0.001"),
            ]
        ).on {
            $0.configuration.markets[0].instrument.minNotional = notional(50)
            $0.configuration.markets[0].instrument.percentPriceDown = 5_000
        },
        Story(
            "an order too small to open may still reduce",
            [
                .market("in", .buy, "0.002").says("filled 0.002"),
                .market("add", .buy, "0.001").says("-4164"),
                .market("less", .sell, "0.001").says("-4164"),
                .exit("out", .sell, "0.001").says("filled 0.001"),
                .reducing("rest", .sell, "0.001", at: "61000").says("new"),
                .positions.says("BTCUSDT 0.001"),
            ]
        ).on { $0.configuration.markets[0].instrument.minNotional = notional(100) },
        Story(
            "nothing can be reduced where nothing is held, or all of it is spoken for",
            [
                .exit("flat", .sell, "0.01").says("-2022").tells(""),
                .market("in", .buy, "0.01"),
                .exit("wrong", .buy, "0.01").says("-2022"),
                .reducing("part", .sell, "0.006", at: "61000").says("new"),
                .reducing("rest", .sell, "0.006", at: "62000").says("new"),
                .ask("rest").says("new"),
                .reducing("more", .sell, "0.001", at: "62000").says("-2022"),
                .exit("all", .sell, "0.01").says("-2022"),
                .orders.says("part new; rest new"),
                .cancel("rest"), .exit("some", .sell, "0.01").says("filled 0.01"),
                .orders.says(""), .positions.says(""), .allOrders,
            ]
        ),
        Story(
            "a full list takes no more",
            [
                .limit("a", .buy, "0.01", at: "59000"), .limit("b", .buy, "0.01", at: "59000"),
                .limit("c", .buy, "0.01", at: "59000").says("-2025"),
                .stop("s", .sell, "0.01", at: "50000").says("new"),
                .stop("t", .sell, "0.01", at: "51000").says("new"),
                .stop("u", .sell, "0.01", at: "52000").says("-4045"),
                .orders.says("a new; b new"), .stops.says("s new; t new"),
            ]
        ).on {
            $0.configuration.maxOpenOrdersPerSymbol = 2
            $0.configuration.maxOpenAlgoOrders = 2
        },
        Story(
            "a symbol that does not trade takes no orders of either kind",
            [
                .market("a", .buy, "0.01").says("-4141"),
                .stop("s", .sell, "0.01", at: "50000").says("-4141"),
                .place(foreign).says("-1121"),
            ]
        ).on { $0.configuration.markets[0].instrument.isTrading = false },
    ]

    private static let foreign = OrderTicket(
        id: ClientOrderID("a"),
        symbol: Symbol("NONEUSDT"),
        role: .entry,
        side: .buy,
        extent: .opening(Quantity(units: Quantity.scale)),
        pricing: .market
    )

    static let positions: [Story] = [
        Story(
            "leverage changes with and without a position, and a small one bounds it",
            [
                .leverage(10).says("leverage 10").tells("leverage 10"),
                .leverage(0).says("-4028").tells(""), .leverage(900).says("-4028"),
                .market("in", .buy, "1").says("filled 1"),
                .leverage(5).says("leverage 5"), .positions.says("BTCUSDT 1"),
                .market("much", .buy, "2").says("-2019"),
                Step(.leverage(Symbol("NONEUSDT"), 5)).says("-1121"),
            ]
        ).on { $0.configuration.startingBalance = notional(20_000) },
        Story(
            "a position beyond what its leverage allows is refused",
            [
                .leverage(125).says("leverage 125"),
                .market("in", .buy, "4").says("filled 4"),
                .market("more", .buy, "2").says("-2027"),
                .market("half", .buy, "0.9").says("filled 0.9"),
                .leverage(50).says("leverage 50"),
                .market("more", .buy, "2").says("filled 2"),
                .leverage(125).says("-2027"), .positions,
            ]
        ).on {
            $0.configuration.startingBalance = notional(1_000_000)
            $0.configuration.markets[0].depthPerLevel = notional(10_000_000)
        },
        Story(
            "resting reduce-only orders shrink and go with the position",
            [
                .market("in", .buy, "0.02"), .reducing("a", .sell, "0.01", at: "61000"),
                .reducing("b", .sell, "0.01", at: "62000"),
                .byHand(.sell, "0.005"), .orders, .byHand(.sell, "0.01"), .orders, .allOrders,
                .byHand(.sell, "0.01"), .orders.says(""), .positions.says("BTCUSDT -0.005"), .allOrders,
            ]
        ),
        Story(
            "trades by hand change what we hold",
            [
                .byHand(.buy, "0.02"), .positions.says("BTCUSDT 0.02"),
                .exit("out", .sell, "0.01").says("filled 0.01"),
                Step(.happening(.closeByHand(Premises.bitcoin))), .positions.says(""),
                .exit("out", .sell, "0.01").says("-2022"), .allOrders,
            ]
        ),
    ]

    static let time: [Story] = [
        Story(
            "an order signed too long ago, or too far ahead, is not looked at",
            [
                .place(fresh, age: .milliseconds(5_000)).says("filled 0.01"),
                .place(fresh, age: .milliseconds(5_001)).says("-1021").tells(""),
                .place(fresh, age: .milliseconds(-999)).says("filled 0.01"),
                .place(fresh, age: .milliseconds(-1_000)).says("-1021"),
                .positions.says("BTCUSDT 0.02"),
            ]
        ),
        Story(
            "orders without fills are forgotten after three days, those with fills later",
            [
                .limit("gone", .buy, "0.01", at: "59000"), .cancel("gone"), .market("kept", .buy, "0.01"),
                .limit("open", .buy, "0.01", at: "59000"),
                .wait(86_400_000 * 3), .ask("gone").says("cancelled"),
                .wait(3_600_000), .ask("gone").says("-2013"), .ask("kept").says("filled 0.01"),
                .ask("open").says("new"), .allOrders.says("kept filled 0.01; open new"),
            ]
        ).on { $0.configuration.stepMilliseconds = 3_600_000 },
        Story(
            "a history asked for in windows misses nothing and repeats nothing",
            [
                .market("a", .buy, "0.01"), .stop("s", .sell, "0.01", at: "50000"),
                .wait(86_400_000 * 8), .market("b", .buy, "0.01"), .stop("t", .sell, "0.01", at: "51000"),
                .wait(86_400_000 * 8), .market("c", .buy, "0.01"),
                .allOrders.says("a filled 0.01; b filled 0.01; c filled 0.01"),
                .allStops.says("s new; t new"),
                Step(.list(.orderHistory(Premises.bitcoin, since: Premises.start + .seconds(1))))
                    .says("b filled 0.01; c filled 0.01"),
                Step(.list(.orderHistory(Premises.ether, since: Premises.start))).says(""),
            ]
        ).on { $0.configuration.stepMilliseconds = 3_600_000 },
    ]

    private static let fresh = Step.ticket(
        "in",
        .buy,
        .opening(Step.figure("0.01")),
        .market,
        role: .entry
    )
}
