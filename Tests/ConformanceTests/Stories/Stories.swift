import ReckonEngine
import ReckonExchange
import ReckonModel

/// All stories, by what they are about.
enum Stories {
    static let all: [Story] =
        entries + limits + endings + refusals + positions + conditional + forced + time
        + asking + hedged
}

// Entries at the market and in the book.
extension Stories {
    static let entries: [Story] = [
        Story(
            "a market entry is a fill, a position, and a reduce-only exit ends it",
            [
                .market("in", .buy, "0.01").says("filled 0.01")
                    .tells("in new; BTCUSDT 0.01; in filled 0.01"),
                .positions.says("BTCUSDT 0.01"),
                .ask("in").says("filled 0.01"),
                .orders.says(""),
                .exit("out", .sell, "0.01").says("filled 0.01").tells("out new; BTCUSDT 0; out filled 0.01"),
                .positions.says(""),
                .allOrders.says("in filled 0.01; out filled 0.01"),
            ]
        ),
        Story(
            "a market order deeper than the book fills in pieces and ends with what it got",
            [
                .market("big", .buy, "1").says("filled 1")
                    .tells("big new; BTCUSDT 0.5; big partiallyFilled 0.5"),
                .positions, .ask("big"),
            ]
        ).on { $0.configuration.markets[0].depthPerLevel = notional(3_000) }.free,
        Story(
            "a book too thin for all of a market order leaves a remainder that expires",
            [
                .market("big", .buy, "0.1"), .ask("big"), .positions, .allOrders,
                .market("more", .sell, "0.2"), .ask("more"), .positions,
            ]
        ).on {
            $0.configuration.markets[0].depthPerLevel = notional(60)
            $0.configuration.startingBalance = notional(1_000_000)
        },
        Story(
            "an entry on the other side flips the position",
            [
                .market("long", .buy, "0.01").says("filled 0.01"),
                .market("flip", .sell, "0.03").says("filled 0.03").tells(
                    "flip new; BTCUSDT -0.02; flip filled 0.03"
                ),
                .positions.says("BTCUSDT -0.02"),
            ]
        ),
    ]

    static let limits: [Story] = [
        Story(
            "a limit order rests, is listed, and is cancelled once",
            [
                .limit("low", .buy, "0.01", at: "59000").says("new").tells("low new"),
                .orders.says("low new"),
                .positions.says(""),
                .ask("low").says("new"),
                .ask("low", .algo).says("-2013"),
                .cancel("low").says("cancelled").tells("low cancelled"),
                .cancel("low").says("-2011"),
                .ask("low").says("cancelled"),
                .allOrders.says("low cancelled"),
            ]
        ),
        Story(
            "resting orders fill when the market comes to them, some in parts",
            [
                .limit("a", .buy, "0.01", at: "59990"), .limit("b", .buy, "0.02", at: "59990"),
                .limit("c", .buy, "0.03", at: "59990"), .limit("d", .buy, "0.04", at: "59990"),
                .jump(to: "59989.9"), .orders, .positions, .jump(to: "59989.8"), .orders,
                .jump(to: "59980").tells(""), .orders.says(""), .positions.says("BTCUSDT 0.1"), .allOrders,
            ]
        ).free,
        Story(
            "an immediate order takes what is there and its remainder expires",
            [
                .limit("ioc", .buy, "1", at: "60000.2", .immediateOrCancel), .ask("ioc"), .positions,
                .limit("miss", .buy, "0.01", at: "59000", .immediateOrCancel).says("expired")
                    .tells("miss new; miss expired"),
                .ask("miss").says("expired"),
            ]
        ).on { $0.configuration.markets[0].depthPerLevel = notional(3_000) },
        Story(
            "a fill-or-kill or post-only order that cannot be leaves no trace",
            [
                .limit("kill", .buy, "0.01", at: "59000", .fillOrKill).says("-5021").tells(""),
                .ask("kill").says("-2013"),
                .limit("post", .buy, "0.01", at: "60001", .postOnly).says("-5022").tells(""),
                .ask("post").says("-2013"),
                .limit("full", .buy, "0.01", at: "60001", .fillOrKill).says("filled 0.01"),
                .limit("maker", .buy, "0.01", at: "59999", .postOnly).says("new"),
                .allOrders.says("full filled 0.01; maker new"),
            ]
        ),
    ]

    static let endings: [Story] = [
        Story(
            "an id is taken while its order is open, and free again afterwards",
            [
                .limit("one", .buy, "0.01", at: "59000").says("new"),
                .limit("one", .buy, "0.01", at: "58000").says("-4116").tells(""),
                .market("one", .buy, "0.01").says("-4116"),
                .cancel("one").says("cancelled"),
                .market("one", .buy, "0.01").says("filled 0.01"),
                .market("one", .buy, "0.01").says("filled 0.01"),
                .ask("one").says("filled 0.01"),
                .positions.says("BTCUSDT 0.02"),
                .allOrders.says("one cancelled; one filled 0.01; one filled 0.01"),
            ]
        ),
        Story(
            "what is unknown, filled or on another symbol is not there to cancel",
            [
                .cancel("none").says("-2011"), .cancel("none", .algo).says("-2011"),
                .ask("none").says("-2013"), .ask("none", .algo).says("-2013"),
                .market("done", .buy, "0.01"), .cancel("done").says("-2011"),
                Step(.cancel(ClientOrderID("done"), Premises.ether, .order)).says("-2011"),
                Step(.query(ClientOrderID("done"), Premises.ether, .order)).says("-2013"),
                Step(.query(ClientOrderID("done"), Symbol("NONEUSDT"), .order)).says("-1121"),
                Step(.cancel(ClientOrderID("done"), Symbol("NONEUSDT"), .order)).says("-1121"),
                .stop("guard", .sell, at: "50000").says("new"),
                .cancel("guard").says("-2011"), .ask("guard").says("-2013"), .ask("guard", .algo).says("new"),
                .cancel("guard", .algo).says("taken off").tells("algo guard cancelled"),
                .cancel("guard", .algo).says("-2011"), .ask("guard", .algo).says("cancelled"),
                .allStops.says("guard cancelled"),
            ]
        ),
    ]
}

extension Story {
    /// Without the short texts: the doors are compared, and no more.
    var free: Story {
        var story = Story(name, steps.map { Step($0.act) })
        story.premises = premises
        return story
    }
}

/// Whole USDT.
func notional(_ amount: Int64) -> Notional { Notional(units: amount * Notional.scale) }
