import ReckonExchange
import ReckonModel

extension Side {
    var wire: String { self == .buy ? "BUY" : "SELL" }

    init?(wire: String) {
        switch wire.uppercased() {
        case "BUY": self = .buy
        case "SELL": self = .sell
        default: return nil
        }
    }
}

extension Symbol {
    /// The instrument's name, which is all that the venue calls a symbol.
    var wire: String { instrument.name }

    /// The side of the account that a book is, in the venue's words.
    var positionSide: String { leg?.rawValue ?? "BOTH" }
}

extension TimeInForce {
    var wire: String { rawValue.uppercased() }

    init?(wire: String) { self.init(rawValue: wire.lowercased()) }
}

extension ExchangeOrder {
    private var common: JSON {
        [
            "orderId": .number(id.number), "symbol": .text(symbol.wire), "status": .text(status.rawValue),
            "clientOrderId": .text(clientID.text), "price": .decimal(price),
            "avgPrice": .decimal(averagePrice),
            "origQty": .decimal(quantity), "executedQty": .decimal(executed),
            "cumQuote": .decimal(filledNotional), "timeInForce": .text(timeInForce.wire),
            "type": .text(type.rawValue), "reduceOnly": .bool(isReduceOnly),
            "closePosition": .bool(closesPosition), "side": .text(side.wire),
            "positionSide": .text(symbol.positionSide),
            "stopPrice": .decimal(stopPrice), "workingType": .text(workingType.rawValue),
            "priceProtect": false,
            "origType": .text(originalType.rawValue), "priceMatch": "NONE",
            "selfTradePreventionMode": "EXPIRE_MAKER", "goodTillDate": 0, "updateTime": .time(updatedAt),
        ]
    }

    /// As placing and cancelling answer.
    var answer: JSON { common.adding(["cumQty": .decimal(executed)]) }

    /// As placing answers when the client does not want to wait for the result.
    var acknowledgement: JSON {
        guard case .object(let members) = answer else { return answer }
        let blank: [String: JSON] = [
            "status": "NEW", "avgPrice": "0", "executedQty": "0", "cumQuote": "0", "cumQty": "0",
            "updateTime": .time(createdAt),
        ]
        return .object(members.map { JSON.Member(name: $0.name, value: blank[$0.name] ?? $0.value) })
    }

    /// As amending answers.
    var amended: JSON {
        let plain = answer.adding(["pair": .text(symbol.wire)])
        return modifyID.map { plain.adding(["modifyId": .number($0)]) } ?? plain
    }

    /// As queries and lists answer.
    var row: JSON { common.adding(["time": .time(createdAt)]) }

    var historyRow: JSON { row.adding(["pair": .text(symbol.wire), "cumBase": "0"]) }
}

extension OrderAmendment {
    var row: JSON {
        [
            "amendmentId": .number(number), "symbol": .text(symbol.wire), "pair": .text(symbol.wire),
            "orderId": .number(orderID.number), "clientOrderId": .text(clientID.text), "time": .time(at),
            "amendment": [
                "price": ["before": .decimal(priceBefore), "after": .decimal(priceAfter)],
                "origQty": ["before": .decimal(quantityBefore), "after": .decimal(quantityAfter)],
                "count": .number(Int64(count)), "modifyId": modifyID.map { .number($0) } ?? nil,
            ],
        ]
    }
}

extension ExchangeTrade {
    var row: JSON {
        [
            "buyer": .bool(side == .buy), "commission": .decimal(commission), "commissionAsset": "USDT",
            "id": .number(number), "maker": .bool(isMaker), "orderId": .number(orderID.number),
            "price": .decimal(price), "qty": .decimal(quantity), "quoteQty": .decimal(notional),
            "baseQty": "0",
            "marginAsset": "USDT", "realizedPnl": .decimal(realised), "side": .text(side.wire),
            "positionSide": .text(symbol.positionSide), "symbol": .text(symbol.wire),
            "pair": .text(symbol.wire),
            "time": .time(at),
        ]
    }
}

extension AlgoOrder {
    var timeInForceWire: String { closesPosition ? "GTE_GTC" : "GTC" }

    private var common: JSON {
        [
            "algoId": .number(id.number), "clientAlgoId": .text(clientID.text), "algoType": "CONDITIONAL",
            "orderType": .text(type.rawValue), "symbol": .text(symbol.wire), "side": .text(side.wire),
            "positionSide": .text(symbol.positionSide), "timeInForce": .text(timeInForceWire),
            "quantity": .decimal(quantity),
            "algoStatus": .text(status.rawValue), "triggerPrice": .decimal(triggerPrice), "price": "0",
            "icebergQuantity": nil, "selfTradePreventionMode": "EXPIRE_MAKER",
            "workingType": .text(workingType.rawValue), "priceMatch": "NONE",
            "closePosition": .bool(closesPosition), "priceProtect": false, "reduceOnly": .bool(isReduceOnly),
            "createTime": .time(createdAt), "updateTime": .time(updatedAt),
            "triggerTime": .number(triggeredAt?.milliseconds ?? 0), "goodTillDate": 0,
        ]
    }

    /// As placing answers.
    var answer: JSON { common.adding(["activatePrice": nil, "callbackRate": nil]) }

    private var found: JSON {
        common.adding([
            "actualOrderId": .text(childID.map { "\($0.number)" } ?? ""),
            "actualPrice": .decimal(averagePrice),
            "tpOrderType": "",
        ])
    }

    /// As the query for one order answers.
    var single: JSON {
        found.adding(["actualType": .text(childID == nil ? "" : "MARKET"), "actualQty": .decimal(executed)])
    }

    /// As lists answer.
    var row: JSON {
        found.adding(["tpTriggerPrice": "0", "tpPrice": "0", "slTriggerPrice": "0", "slPrice": "0"])
    }
}
