import ReckonEngine
import ReckonExchange
import ReckonModel

// Stops, take-profits, and what the venue does by itself.
extension Stories {
    static let conditional: [Story] = [
        Story(
            "a stop for the whole position triggers, and its child carries another number",
            [
                .market("in", .buy, "0.01"),
                .stop("stop", .sell, at: "59000").says("new").tells("algo stop new"),
                .stops.says("stop new"), .orders.says(""),
                .jump(to: "58999").tells(
                    "algo stop triggered; algo stop triggered; stop new; BTCUSDT 0; stop filled 0.01; "
                        + "algo stop finished 0.01"
                ),
                .ask("stop", .algo).says("finished 0.01"), .ask("stop").says("filled 0.01"),
                .stops.says(""), .positions.says(""), .allStops.says("stop finished"), .allOrders,
                .cancel("stop", .algo).says("-2011"), .cancel("stop").says("-2011"),
            ]
        ),
        Story(
            "a second stop for the whole position in the same direction is refused",
            [
                .market("in", .buy, "0.01"), .stop("one", .sell, at: "59000").says("new"),
                .stop("two", .sell, at: "58000").says("-4130").tells(""),
                .take("take", .sell, at: "61000").says("new"),
                .take("more", .sell, at: "62000").says("-4130"),
                .stop("part", .sell, "0.01", at: "58000").says("new"),
                .stops.says("one new; take new; part new"),
                .cancel("one", .algo).says("taken off"), .stop("two", .sell, at: "58000").says("new"),
                .stops.says("take new; part new; two new"),
            ]
        ),
        Story(
            "a trigger that the market has passed is refused",
            [
                .market("in", .buy, "0.01"), .stop("stop", .sell, at: "60000").says("-2021").tells(""),
                .stop("stop", .sell, at: "60001").says("-2021"),
                .take("take", .sell, at: "59999").says("-2021"),
                .stop("stop", .sell, at: "59999.9").says("new"),
                .take("take", .sell, at: "60000.1").says("new"),
                .stop("zero", .sell, "0.01", at: "0").says("-4006"),
                .stop("off", .sell, "0.0001", at: "50000"),
                .ask("zero", .algo).says("-2013"), .stops.says("stop new; take new"),
            ]
        ),
        Story(
            "orders for the whole position go with it; those for a part stay and fail",
            [
                .market("in", .buy, "0.01"), .stop("all", .sell, at: "59000"),
                .take("gain", .sell, at: "61000"),
                .stop("part", .sell, "0.01", at: "58000"),
                .exit("out", .sell, "0.01").says("filled 0.01"),
                .stops.says("part new"), .ask("all", .algo).says("expired"),
                .ask("gain", .algo).says("expired"),
                .jump(to: "57000").tells("algo part triggered; algo part rejected"),
                .ask("part", .algo).says("rejected"), .allStops, .orders.says(""),
            ]
        ),
        Story(
            "a stop for the whole position without a position does not live",
            [.stop("alone", .sell, at: "59000"), .stops.says(""), .ask("alone", .algo), .allStops]
        ),
        Story(
            "a stop for a part takes no more than is held",
            [
                .market("in", .sell, "0.01"), .stop("big", .buy, "0.05", at: "61000").says("new"),
                .take("take", .buy, "0.004", at: "59000").says("new"),
                .jump(to: "58990"), .positions.says("BTCUSDT -0.006"),
                .ask("take", .algo).says("finished 0.004"),
                .jump(to: "61001"), .positions.says(""), .ask("big", .algo).says("finished 0.006"),
                .ask("big").says("filled 0.006"), .allStops, .allOrders,
            ]
        ),
        Story(
            "an id on one service does not clash with the same id on the other",
            [
                .market("in", .buy, "0.01"), .stop("same", .sell, at: "59000").says("new"),
                .stop("same", .sell, "0.01", at: "58000").says("-4116"),
                .limit("same", .buy, "0.01", at: "59500").says("new"), .ask("same").says("new"),
                .ask("same", .algo).says("new"), .cancel("same").says("cancelled"),
                .ask("same", .algo).says("new"),
            ]
        ),
        Story(
            "a stop struck by somebody else is gone",
            [
                .market("in", .buy, "0.01"), .stop("stop", .sell, at: "59000"),
                Step(.happening(.strikeStopByHand(Premises.bitcoin))).tells("algo stop cancelled"),
                .stops.says(""), .ask("stop", .algo).says("cancelled"), .cancel("stop", .algo).says("-2011"),
            ]
        ),
        Story(
            "a stop in a book too thin fills in part and finishes",
            [
                .market("in", .buy, "0.3"), .market("more", .buy, "0.3"), .stop("stop", .sell, at: "59000"),
                .jump(to: "58000"), .positions, .ask("stop", .algo), .ask("stop"), .stops.says(""), .allStops,
            ]
        ).on { $0.configuration.markets[0].depthPerLevel = notional(600) },
    ]

    static let forced: [Story] = [
        Story(
            "a liquidation ends orders, stops and the position",
            [
                .market("in", .buy, "3").says("filled 3"), .limit("rest", .sell, "0.01", at: "61000"),
                .stop("stop", .sell, at: "40000"), .positions,
                .jump(to: "56000"), .positions.says(""), .orders.says(""), .stops.says(""), .allOrders,
                .allStops.says("stop expired"), .ask("rest").says("expired"),
            ]
        ),
        Story(
            "a jump through everything costs more than there is",
            [
                .market("in", .buy, "3"), .jump(to: "40000"), .positions.says(""), .allOrders,
                .market("again", .buy, "0.01").says("-2019"),
            ]
        ),
        Story(
            "deleveraging takes a part away",
            [
                .market("in", .buy, "0.03"), .stop("stop", .sell, at: "50000"),
                Step(.happening(.deleverage(Premises.bitcoin, Step.figure("0.01")))),
                .positions.says("BTCUSDT 0.02"), .allOrders, .stops.says("stop new"),
                Step(.happening(.deleverage(Premises.bitcoin, Step.figure("1")))), .positions.says(""),
                .stops.says(""),
            ]
        ),
    ]
}
