import ReckonExchange
import ReckonModel

extension PositionView {
    /// As `v3/positionRisk` answers.
    var riskRow: JSON {
        [
            "symbol": .text(symbol.wire), "positionSide": .text(symbol.positionSide),
            "positionAmt": .decimal(quantity),
            "entryPrice": .decimal(entryPrice), "breakEvenPrice": .decimal(breakEvenPrice),
            "markPrice": .decimal(markPrice), "unRealizedProfit": .decimal(unrealised),
            "liquidationPrice": .decimal(liquidationPrice), "isolatedMargin": "0",
            "notional": .decimal(notional), "marginAsset": "USDT", "isolatedWallet": "0",
            "initialMargin": .decimal(initialMargin), "maintMargin": .decimal(maintenanceMargin),
            "positionInitialMargin": .decimal(positionMargin),
            "openOrderInitialMargin": .decimal(openOrderMargin), "adl": 1,
            "bidNotional": .decimal(bidNotional),
            "askNotional": .decimal(askNotional), "updateTime": .time(updatedAt),
        ]
    }

    /// As `v2/positionRisk` answers.
    func olderRiskRow(_ maxNotional: Notional) -> JSON {
        [
            "symbol": .text(symbol.wire), "positionSide": .text(symbol.positionSide),
            "positionAmt": .decimal(quantity),
            "entryPrice": .decimal(entryPrice), "breakEvenPrice": .decimal(breakEvenPrice),
            "markPrice": .decimal(markPrice), "unRealizedProfit": .decimal(unrealised),
            "liquidationPrice": .decimal(liquidationPrice), "leverage": .text("\(leverage)"),
            "maxNotionalValue": .decimal(maxNotional), "marginType": .text(marginType.older),
            "isolatedMargin": "0", "isAutoAddMargin": "false", "notional": .decimal(notional),
            "isolatedWallet": "0", "updateTime": .time(updatedAt),
        ]
    }

    /// As the positions in `v3/account`.
    var accountRow: JSON {
        [
            "symbol": .text(symbol.wire), "positionSide": .text(symbol.positionSide),
            "positionAmt": .decimal(quantity),
            "unrealizedProfit": .decimal(unrealised), "isolatedMargin": "0", "notional": .decimal(notional),
            "isolatedWallet": "0", "initialMargin": .decimal(initialMargin),
            "maintMargin": .decimal(maintenanceMargin), "updateTime": .time(updatedAt),
        ]
    }
}

extension MarginType {
    /// As older answers and the stream write it.
    var older: String { self == .crossed ? "cross" : "isolated" }
}

extension AccountView {
    var totals: JSON {
        [
            "totalInitialMargin": .decimal(initialMargin), "totalMaintMargin": .decimal(maintenanceMargin),
            "totalWalletBalance": .decimal(wallet), "totalUnrealizedProfit": .decimal(unrealised),
            "totalMarginBalance": .decimal(marginBalance),
            "totalPositionInitialMargin": .decimal(positionMargin),
            "totalOpenOrderInitialMargin": .decimal(openOrderMargin),
            "totalCrossWalletBalance": .decimal(wallet), "totalCrossUnPnl": .decimal(unrealised),
            "availableBalance": .decimal(available), "maxWithdrawAmount": .decimal(available),
        ]
    }

    var asset: JSON {
        [
            "asset": "USDT", "walletBalance": .decimal(wallet), "unrealizedProfit": .decimal(unrealised),
            "marginBalance": .decimal(marginBalance), "maintMargin": .decimal(maintenanceMargin),
            "initialMargin": .decimal(initialMargin), "positionInitialMargin": .decimal(positionMargin),
            "openOrderInitialMargin": .decimal(openOrderMargin), "crossWalletBalance": .decimal(wallet),
            "crossUnPnl": .decimal(unrealised), "availableBalance": .decimal(available),
            "maxWithdrawAmount": .decimal(available), "marginAvailable": true, "updateTime": .time(updatedAt),
        ]
    }

    var balance: JSON {
        [
            "accountAlias": "SgsR", "asset": "USDT", "balance": .decimal(wallet),
            "crossWalletBalance": .decimal(wallet), "crossUnPnl": .decimal(unrealised),
            "availableBalance": .decimal(available), "maxWithdrawAmount": .decimal(available),
            "marginAvailable": true, "updateTime": .time(updatedAt),
        ]
    }
}

extension SymbolSetting {
    var row: JSON {
        [
            "symbol": .text(symbol.wire), "marginType": .text(marginType.rawValue), "isAutoAddMargin": false,
            "leverage": .number(Int64(leverage)), "maxNotionalValue": .decimal(maxNotional),
        ]
    }
}

extension LeverageBracket {
    var row: JSON {
        [
            "bracket": .number(Int64(number)), "initialLeverage": .number(Int64(maxLeverage)),
            "notionalCap": .number(cap.units / Notional.scale),
            "notionalFloor": .number(floor.units / Notional.scale),
            "maintMarginRatio": .figure(Double(maintenanceRatio) / 10_000),
            "cum": .figure(deduction.approximate),
        ]
    }
}
