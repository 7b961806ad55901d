import ReckonExchange
import ReckonModel

/// An event of the account's stream as text, with its type so that sessions can choose.
struct UserEvent: Sendable {
    let type: String
    let json: JSON
}

extension ExchangeEvent {
    /// Absent where the venue says it with another event.
    var wire: UserEvent? {
        // Leverage is the instrument's: told once, not for each leg.
        if case .leverage(let book, _, _) = self, book.leg == .short { return nil }
        return told
    }

    private var told: UserEvent {
        switch self {
        case .order(let update): UserEvent(type: "ORDER_TRADE_UPDATE", json: update.wire)
        case .trade(let trade, let order): UserEvent(type: "TRADE_LITE", json: trade.lite(order))
        case .account(let update): UserEvent(type: "ACCOUNT_UPDATE", json: update.wire)
        case .algo(let order, let at): UserEvent(type: "ALGO_UPDATE", json: order.event(at: at))
        case .leverage(let symbol, let leverage, let at):
            UserEvent(
                type: "ACCOUNT_CONFIG_UPDATE",
                json: [
                    "e": "ACCOUNT_CONFIG_UPDATE", "E": .time(at), "T": .time(at),
                    "ac": ["s": .text(symbol.wire), "l": .number(Int64(leverage))],
                ]
            )
        }
    }
}

extension OrderUpdate {
    fileprivate var wire: JSON {
        var body = head.adding(tail)
        if execution == .amendment, let modifyID = order.modifyID {
            body = body.adding(["M": .number(modifyID)])
        }
        return ["e": "ORDER_TRADE_UPDATE", "T": .time(at), "E": .time(at), "o": body]
    }

    private var head: JSON {
        [
            "s": .text(order.symbol.wire), "c": .text(order.clientID.text), "S": .text(order.side.wire),
            "o": .text(order.type.rawValue), "f": .text(order.timeInForce.wire),
            "q": .decimal(order.quantity),
            "p": .decimal(order.price), "ap": .decimal(order.averagePrice), "sp": .decimal(order.stopPrice),
            "x": .text(execution.rawValue), "X": .text(order.status.rawValue), "i": .number(order.id.number),
            "l": .decimal(trade?.quantity ?? .zero), "z": .decimal(order.executed),
            "L": .decimal(trade?.price ?? .zero), "n": .decimal(trade?.commission ?? .zero), "N": "USDT",
            "T": .time(at), "t": .number(trade?.number ?? 0), "b": .decimal(bidNotional),
            "a": .decimal(askNotional), "m": .bool(trade?.isMaker ?? false),
        ]
    }

    private var tail: JSON {
        [
            "R": .bool(order.isReduceOnly), "wt": .text(order.workingType.rawValue),
            "ot": .text(order.originalType.rawValue), "ps": .text(order.symbol.positionSide),
            "cp": .bool(order.closesPosition),
            "rp": .decimal(trade?.realised ?? .zero), "pP": false, "si": 0, "ss": 0, "V": "EXPIRE_MAKER",
            "pm": "NONE", "gtd": 0, "er": .text("\(order.expiryReason.rawValue)"),
        ]
    }
}

extension ExchangeTrade {
    fileprivate func lite(_ order: ExchangeOrder) -> JSON {
        [
            "e": "TRADE_LITE", "E": .time(at), "T": .time(at), "s": .text(symbol.wire),
            "q": .decimal(order.quantity), "p": .decimal(order.price), "m": .bool(isMaker),
            "c": .text(clientID.text), "S": .text(side.wire), "L": .decimal(price), "l": .decimal(quantity),
            "t": .number(number), "i": .number(orderID.number),
        ]
    }
}

extension AccountUpdate {
    fileprivate var wire: JSON {
        let rows: [JSON] = position.map { [$0.streamRow] } ?? []
        let balance: JSON = [
            "a": "USDT", "wb": .decimal(wallet), "cw": .decimal(wallet), "bc": .decimal(otherChange),
        ]
        let change: JSON = ["m": .text(self.change.rawValue), "B": [balance], "P": .array(rows)]
        return ["e": "ACCOUNT_UPDATE", "T": .time(at), "E": .time(at), "a": change]
    }
}

extension PositionView {
    fileprivate var streamRow: JSON {
        [
            "s": .text(symbol.wire), "pa": .decimal(quantity), "ep": .decimal(entryPrice),
            "bep": .decimal(breakEvenPrice), "cr": .decimal(realised), "up": .decimal(unrealised),
            "mt": .text(marginType.older), "iw": "0", "ps": .text(symbol.positionSide), "ma": "USDT",
        ]
    }
}

extension AlgoOrder {
    fileprivate func event(at now: VenueInstant) -> JSON {
        var order: JSON = [
            "caid": .text(clientID.text), "aid": .number(id.number), "at": "CONDITIONAL",
            "o": .text(type.rawValue), "s": .text(symbol.wire), "S": .text(side.wire),
            "ps": .text(symbol.positionSide),
            "f": .text(timeInForceWire), "q": .decimal(quantity), "X": .text(status.rawValue),
            "ai": .text(childID.map { "\($0.number)" } ?? ""),
        ]
        if childID != nil {
            order = order.adding([
                "ap": .decimal(averagePrice), "aq": .decimal(executed), "act": "MARKET",
            ])
        }
        order = order.adding([
            "tp": .decimal(triggerPrice), "p": "0", "V": "EXPIRE_MAKER", "wt": .text(workingType.rawValue),
            "pm": "NONE", "cp": .bool(closesPosition), "pP": false, "R": .bool(isReduceOnly),
            "tt": .number(triggeredAt?.milliseconds ?? 0), "gtd": 0,
        ])
        if let reason { order = order.adding(["rm": .text(reason)]) }
        order = order.adding(["ia": false])
        return ["e": "ALGO_UPDATE", "T": .time(now), "E": .time(now), "o": order]
    }
}
