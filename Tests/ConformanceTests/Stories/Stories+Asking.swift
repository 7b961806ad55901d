import ReckonEngine
import ReckonExchange
import ReckonModel

// What is asked of one symbol, of its settings, and of the dead-man switch.
extension Stories {
    static let asking: [Story] = lists + trades + settings + countdowns

    private static let lists: [Story] = [
        Story(
            "the lists of one symbol hold its own orders and nobody else's",
            [
                .market("in", .buy, "0.01"), .limit("low", .buy, "0.01", at: "59000"),
                .limit("other", .buy, "0.1", at: "2900").about(Premises.ether).says("new"),
                .stop("floor", .sell, at: "58000").says("new"),
                .ownOrders.says("low new"), .ownOrders.about(Premises.ether).says("other new"),
                .ownStops.says("floor new"), .ownStops.about(Premises.ether).says(""),
                .cancel("low"), .ownOrders.says(""), .orders.says("other new"),
                .exit("out", .sell, "0.01"), .ownStops.says(""),
            ]
        ),
        Story(
            "the lists of one leg hold its own orders and not the other's",
            [
                .market("up", .buy, "0.02").long, .market("down", .sell, "0.02").short,
                .limit("bid", .buy, "0.01", at: "59000").long,
                .limit("ask", .sell, "0.01", at: "61000").short,
                .stop("floor", .sell, at: "58000").long, .stop("roof", .buy, at: "62000").short,
                .ownOrders.long.says("bid new"), .ownOrders.short.says("ask new"),
                .ownStops.long.says("floor new"), .ownStops.short.says("roof new"),
                .ownOrders.says("bid new; ask new"), .trades().long, .trades().short, .settings,
            ]
        ).on { $0 = $0.hedged },
    ]

    private static let trades: [Story] = [
        Story(
            "each fill is told once, since when it is asked for",
            [
                .trades().says(""), .market("in", .buy, "0.02"), .trades(), .wait(5_000),
                .exit("out", .sell, "0.01"), .trades(), .trades(after: 4_000),
                .trades(after: 60_000).says(""),
                .trades().about(Premises.ether).says(""),
                .stop("floor", .sell, at: "59000"), .wait(1_000), .jump(to: "58900"), .trades(),
                .byHand(.buy, "0.03"), .trades(after: 6_000),
            ]
        ),
        Story(
            "an order that fills in pieces has a trade for each",
            [.market("big", .buy, "1"), .trades(), .limit("rest", .sell, "0.01", at: "60010"), .trades()]
        ).on { $0.configuration.markets[0].depthPerLevel = notional(3_000) },
    ]

    private static let settings: [Story] = [
        Story(
            "leverage and margin mode are set once, and read as they are",
            [
                .settings, .leverage(7).says("leverage 7"),
                .margin(isIsolated: true).says("isolated"), .settings,
                .margin(isIsolated: true).says("-4046").tells(""),
                .margin(isIsolated: false).says("crossed"), .settings,
                .margin(isIsolated: true).about(Symbol("NONEUSDT")).says("-1121"),
            ]
        ),
        Story(
            "margin mode stays while orders or a position hang on it",
            [
                .limit("low", .buy, "0.01", at: "59000"), .margin(isIsolated: true).says("-4047").tells(""),
                .cancel("low"), .market("in", .buy, "0.01"),
                .margin(isIsolated: true).says("-4048").tells(""), .exit("out", .sell, "0.01"),
                .margin(isIsolated: true).says("isolated"), .settings,
            ]
        ),
    ]

    private static let countdowns: [Story] = [
        Story(
            "a countdown takes the symbol's ordinary orders off at its time, and no stop",
            [
                .market("in", .buy, "0.02"), .stop("floor", .sell, at: "58000"),
                .limit("low", .buy, "0.01", at: "59000"), .reducing("out", .sell, "0.01", at: "61000"),
                .limit("other", .buy, "0.1", at: "2900").about(Premises.ether),
                .countdown(5_000).says("countdown 5000").tells(""), .wait(4_000).tells(""),
                .countdown(5_000), .wait(4_999).tells(""), .ownOrders.says("low new; out new"),
                .wait(1).tells("low cancelled; out cancelled"), .orders.says("other new"),
                .stops.says("floor new"), .ask("low").says("cancelled"), .wait(60_000).tells(""),
            ]
        ),
        Story(
            "a countdown that was stopped takes nothing",
            [
                .limit("low", .buy, "0.01", at: "59000"), .countdown(1_000),
                .countdown(0).says("countdown 0"), .wait(10_000).tells(""), .orders.says("low new"),
                .countdown(1_000).about(Symbol("NONEUSDT")).says("-1121"),
            ]
        ),
    ]
}
