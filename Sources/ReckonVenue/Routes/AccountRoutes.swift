import ReckonExchange
import ReckonModel

/// Routes of the account and its settings.
enum AccountRoutes {
    static let all: [Endpoint] = settings + positions + money + symbols

    private static let settings: [Endpoint] = [
        .post("v1/leverage", .account) { exchange, call throws(VenueRejection) in
            let symbol = try call.parameters.symbol()
            guard let leverage = try call.parameters.integer("leverage") else { throw .missing("leverage") }
            let setting = try exchange.setLeverage(symbol, Int(clamping: leverage))
            return [
                "leverage": .number(Int64(setting.leverage)),
                "maxNotionalValue": .decimal(setting.maxNotional),
                "symbol": .text(symbol.name),
            ]
        },
        .post("v1/marginType", .account) { exchange, call throws(VenueRejection) in
            let symbol = try call.parameters.symbol()
            guard let type = MarginType(rawValue: try call.parameters.required("marginType").uppercased())
            else {
                throw .missing("margintype")
            }
            try exchange.setMarginType(symbol, type)
            return acknowledged
        },
        .get("v1/positionSide/dual", .account, weight: 30) { exchange, _ in
            ["dualSidePosition": .bool(exchange.isHedged)]
        },
        .post("v1/positionSide/dual", .account) { exchange, call throws(VenueRejection) in
            guard let wanted = try call.parameters.flag("dualSidePosition") else {
                throw .missing("dualsideposition")
            }
            try exchange.setHedged(wanted)
            return acknowledged
        },
    ]

    private static let positions: [Endpoint] = [
        .get("v3/positionRisk", .snapshot, weight: 5) { exchange, call throws(VenueRejection) in
            let symbol = try OrderRoutes.known(exchange, call.parameters)
            return .array(exchange.activePositions(symbol).map(\.riskRow))
        },
        .get("v2/positionRisk", .snapshot, weight: 5) { exchange, call throws(VenueRejection) in
            let symbol = try OrderRoutes.known(exchange, call.parameters)
            let views = exchange.allPositions().filter { symbol == nil || $0.symbol.instrument == symbol }
            var rows: [JSON] = []
            for view in views {
                rows.append(view.olderRiskRow(try exchange.setting(view.symbol).maxNotional))
            }
            return .array(rows)
        },
    ]

    private static let money: [Endpoint] = [
        .get("v3/account", .account, weight: 5) { exchange, _ in
            let account = exchange.account()
            let rows = exchange.activePositions().map(\.accountRow)
            return account.totals.adding(["assets": [account.asset], "positions": .array(rows)])
        },
        .get("v3/balance", .account, weight: 5) { exchange, _ in [exchange.account().balance] },
        .get("v2/balance", .account, weight: 5) { exchange, _ in [exchange.account().balance] },
        .get("v1/accountConfig", .account, weight: 5) { exchange, _ in
            [
                "feeTier": 0, "canTrade": true, "canDeposit": true, "canWithdraw": true,
                "dualSidePosition": .bool(exchange.isHedged),
                "updateTime": .time(exchange.configuration.startsAt),
                "multiAssetsMargin": false, "tradeGroupId": -1,
            ]
        },
        .get("v1/rateLimit/order", .account, weight: 1) { _, call in call.limits.orderRows },
    ]

    private static let symbols: [Endpoint] = [
        .get("v1/symbolConfig", .account, weight: 5) { exchange, call throws(VenueRejection) in
            var rows: [JSON] = []
            for symbol in try chosen(exchange, call) { rows.append(try exchange.setting(symbol).row) }
            return .array(rows)
        },
        .get("v1/leverageBracket", .account, weight: 1) { exchange, call throws(VenueRejection) in
            var rows: [JSON] = []
            for symbol in try chosen(exchange, call) {
                let brackets = try exchange.market(symbol).configuration.brackets.map(\.row)
                rows.append(["symbol": .text(symbol.name), "notionalCoef": 1, "brackets": .array(brackets)])
            }
            return .array(rows)
        },
        .get("v1/commissionRate", .account, weight: 20) { exchange, call throws(VenueRejection) in
            let symbol = try call.parameters.symbol()
            _ = try exchange.market(symbol)
            return [
                "symbol": .text(symbol.name), "makerCommissionRate": rate(exchange.configuration.makerFee),
                "takerCommissionRate": rate(exchange.configuration.takerFee), "rpiCommissionRate": "0",
            ]
        },
    ]

    /// The named symbol, or all.
    private static func chosen(_ exchange: Exchange, _ call: Call) throws(VenueRejection) -> [Symbol] {
        try OrderRoutes.known(exchange, call.parameters).map { [$0] } ?? exchange.markets.keys
    }

    private static func rate(_ millionths: Int64) -> JSON { .decimal(Price(units: millionths * 100)) }
}
