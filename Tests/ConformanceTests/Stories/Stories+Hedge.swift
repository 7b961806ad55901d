import ReckonEngine
import ReckonExchange
import ReckonModel

// Accounts with a long and a short position an instrument.
extension Stories {
    static let hedged: [Story] =
        (legs + legRefusals + legsAndTheVenue).map { $0.on { $0 = $0.hedged } } + [
            Story(
                "a one-way account knows no legs",
                [
                    .market("a", .buy, "0.01").long.says("-4061").tells(""),
                    .exit("a", .buy, "0.01").short.says("-4061"),
                    .stop("s", .sell, at: "59000").long.says("-4061"),
                    .market("a", .buy, "0.01").says("filled 0.01"), .positions.says("BTCUSDT 0.01"),
                ]
            )
        ]

    private static let legs: [Story] = [
        Story(
            "both legs stand side by side, each with its own stop, and closing one leaves the other",
            [
                .market("up", .buy, "0.03").long.says("filled 0.03")
                    .tells("up new; BTCUSDT/LONG 0.03; up filled 0.03"),
                .market("down", .sell, "0.02").short.says("filled 0.02")
                    .tells("down new; BTCUSDT/SHORT -0.02; down filled 0.02"),
                .positions.says("BTCUSDT/LONG 0.03; BTCUSDT/SHORT -0.02"),
                .stop("floor", .sell, at: "59000").long.says("new"),
                .stop("roof", .buy, at: "61000").short.says("new"),
                .stops.says("floor new; roof new"),
                .exit("out", .sell, "0.03").long.says("filled 0.03")
                    .tells("out new; BTCUSDT/LONG 0; out filled 0.03; algo floor expired"),
                .positions.says("BTCUSDT/SHORT -0.02"), .stops.says("roof new"),
                .ask("floor", .algo).long.says("expired"),
                .allOrders.long.says("up filled 0.03; out filled 0.03"),
                .allOrders.short.says("down filled 0.02"),
                .allStops.long.says("floor expired"), .allStops.short.says("roof new"),
            ]
        ),
        Story(
            "a stop for the whole position triggers on its own leg and leaves the other with its stop",
            [
                .market("up", .buy, "0.03").long, .market("down", .sell, "0.02").short,
                .stop("floor", .sell, at: "59000").long, .stop("roof", .buy, at: "61000").short,
                .jump(to: "58999").tells(
                    "algo floor triggered; algo floor triggered; floor new; BTCUSDT/LONG 0; "
                        + "floor filled 0.03; algo floor finished 0.03"
                ),
                .positions.says("BTCUSDT/SHORT -0.02"), .stops.says("roof new"), .ask("floor").long,
                .jump(to: "61001"), .positions.says(""), .stops.says(""), .allStops, .allOrders,
            ]
        ),
        Story(
            "orders rest on both legs, and an id names its order whichever leg is asked",
            [
                .limit("bid", .buy, "0.01", at: "59000").long.says("new"),
                .limit("ask", .sell, "0.01", at: "61000").short.says("new"),
                .orders.says("bid new; ask new"), .ask("bid").short.says("new"),
                .cancel("bid").short.says("cancelled").tells("bid cancelled"),
                .jump(to: "61010"), .positions.says("BTCUSDT/SHORT -0.01"), .orders.says(""),
                .allOrders.says("bid cancelled; ask filled 0.01"), .allOrders.long.says("bid cancelled"),
            ]
        ),
        Story(
            "leverage is the instrument's, and told for both legs",
            [
                .leverage(10).long.says("leverage 10").tells("leverage 10; leverage 10"),
                .market("up", .buy, "1").long, .market("down", .sell, "0.5").short, .positions,
                .leverage(5).short.says("leverage 5"), .positions,
                .market("much", .buy, "1").long.says("-2019"),
            ]
        ).on { $0.configuration.startingBalance = notional(20_000) },
    ]

    private static let legRefusals: [Story] = [
        Story(
            "a leg is never reduced by more than it has, and nothing says that it reduces",
            [
                .exit("flat", .sell, "0.01").long.says("-2022").tells(""),
                .market("in", .buy, "0.01").long,
                .exit("much", .sell, "0.011").long.says("-2022").tells(""),
                .market("sell", .sell, "0.02").long.says("-2022"),
                .reducing("part", .sell, "0.006", at: "61000").long.says("new"),
                .reducing("rest", .sell, "0.005", at: "62000").long.says("-2022"),
                .reducing("rest", .sell, "0.004", at: "62000").long.says("new"),
                .exit("all", .sell, "0.01").long.says("-2022"),
                .cancel("part").long, .exit("some", .sell, "0.006").long.says("filled 0.006"),
                .positions.says("BTCUSDT/LONG 0.004"), .orders.says("rest new"),
                .byHand(.sell, "0.001").long, .orders.says("rest new"), .allOrders,
            ]
        ),
        Story(
            "the mirror: a short leg is opened by selling, and buying only reduces it",
            [
                .exit("flat", .buy, "0.01").short.says("-2022"),
                .market("in", .sell, "0.01").short.says("filled 0.01"),
                .market("flip", .buy, "0.03").short.says("-2022").tells(""),
                .exit("out", .buy, "0.01").short.says("filled 0.01"), .positions.says(""),
            ]
        ),
        Story(
            "a leg too small to open may still be reduced",
            [
                .market("in", .buy, "0.002").long.says("filled 0.002"),
                .market("add", .buy, "0.001").long.says("-4164"),
                .exit("less", .sell, "0.001").long.says("filled 0.001"),
                .positions.says("BTCUSDT/LONG 0.001"),
            ]
        ).on { $0.configuration.markets[0].instrument.minNotional = notional(100) },
        Story(
            "orders without a leg are refused where the account has two",
            [
                .market("a", .buy, "0.01").says("-4061").tells(""), .exit("a", .sell, "0.01").says("-4061"),
                .stop("s", .sell, at: "59000").says("-4061"),
                .stop("s", .sell, "0.01", at: "59000").says("-4061"),
                .market("a", .buy, "0.01").about(Symbol("NONEUSDT/LONG")).says("-1121"),
                .orders.says(""), .stops.says(""), .allOrders.says(""),
            ]
        ),
        Story(
            "a stop for the whole position that would open a leg is refused, and each leg may have one",
            [
                .market("up", .buy, "0.03").long, .market("down", .sell, "0.02").short,
                .stop("wrong", .buy, at: "61000").long.says("-4138").tells(""),
                .take("wrong", .sell, at: "61000").short.says("-4138"),
                .stop("one", .sell, at: "59000").long.says("new"),
                .stop("two", .sell, at: "58000").long.says("-4130"),
                .stop("roof", .buy, at: "61000").short.says("new"),
                .stop("more", .buy, at: "62000").short.says("-4130"),
                .take("gain", .sell, at: "62000").long.says("new"),
                .stops.says("one new; roof new; gain new"),
            ]
        ),
    ]

    private static let legsAndTheVenue: [Story] = [
        Story(
            "a liquidation takes the larger leg first",
            [
                .market("up", .buy, "3").long, .market("down", .sell, "0.1").short,
                .stop("roof", .buy, at: "70000").short, .jump(to: "56000"),
                .positions, .stops, .allOrders, .allStops,
            ]
        ),
        Story(
            "deleveraging, trades and cancels by hand are about one leg",
            [
                .market("up", .buy, "0.03").long, .market("down", .sell, "0.02").short,
                .stop("floor", .sell, at: "59000").long, .stop("roof", .buy, at: "61000").short,
                Step(.happening(.deleverage(Premises.bitcoin, Step.figure("0.01")))).short,
                .positions.says("BTCUSDT/LONG 0.03; BTCUSDT/SHORT -0.01"),
                .byHand(.buy, "0.05").short, .positions.says("BTCUSDT/LONG 0.03"), .stops.says("floor new"),
                .byHand(.sell, "0.02"), .positions.says("BTCUSDT/LONG 0.03; BTCUSDT/SHORT -0.02"),
                Step(.happening(.strikeStopByHand(Premises.bitcoin))).long.tells("algo floor cancelled"),
                Step(.happening(.closeByHand(Premises.bitcoin))).long, .allOrders,
                .positions.says("BTCUSDT/SHORT -0.02"),
            ]
        ),
        Story(
            "a stop for a part takes no more than its leg has, and fails where that is gone",
            [
                .market("up", .buy, "0.01").long, .market("down", .sell, "0.01").short,
                .stop("big", .sell, "0.05", at: "59000").long.says("new"),
                .jump(to: "58999"), .ask("big", .algo).long.says("finished 0.01"),
                .positions.says("BTCUSDT/SHORT -0.01"),
                .stop("late", .sell, "0.01", at: "58000").long.says("new"),
                .jump(to: "57999").tells("algo late triggered; algo late rejected"),
                .positions.says("BTCUSDT/SHORT -0.01"),
            ]
        ),
    ]
}
