package import ReckonEngine
package import ReckonModel

/// A change of a resting limit order; the venue wants both figures, changed or not.
package struct Amendment: Sendable, Hashable {
    package let id: ClientOrderID
    package let symbol: Symbol
    package let side: Side
    /// The whole quantity, executed part included.
    package let quantity: Quantity
    package let price: Price
    /// Says of a reduce-only order that it is one, so that it may be small (-5029, -5047); never sent for a leg (-1106).
    package var isReduceOnly = false

    package init(id: ClientOrderID, symbol: Symbol, side: Side, quantity: Quantity, price: Price) {
        self.id = id
        self.symbol = symbol
        self.side = side
        self.quantity = quantity
        self.price = price
    }
}

// Changes of what rests, beyond placing and cancelling one order.
extension BinanceClient {
    /// Changes a resting limit order in place; it loses its turn at its price.
    ///
    /// The venue cancels it instead where nothing would be left to trade, so look at the status.
    /// Source: docs/venue-binance.md, Amending and batches.
    package func amend(_ amendment: Amendment) async -> Result<OrderReport, VenueFailure> {
        var call = Call(
            .amendOrder,
            .change,
            [
                "symbol": amendment.symbol.instrument.name,
                "side": amendment.side == .buy ? "BUY" : "SELL",
                "origClientOrderId": amendment.id.text,
                "quantity": amendment.quantity.description,
                "price": amendment.price.description,
            ]
        )
        if amendment.isReduceOnly, amendment.symbol.leg == nil { call.parameters.add("reduceOnly", "true") }
        let mode = configuration.mode
        return await ask(call, as: OrderRow.self) { try $0.report(mode).about(amendment.id) }
    }

    /// Takes all resting orders of a symbol off one of the two services; the other's stay.
    ///
    /// The venue knows no such request for one leg: it would take off the other's orders too.
    package func cancelAll(_ symbol: Symbol, on endpoint: OrderEndpoint) async -> Result<Void, VenueFailure> {
        if let refusal = BinanceClient.refusal(ofLeg: symbol) { return .failure(refusal) }
        let path: Endpoint = endpoint == .order ? .cancelAllOrders : .cancelAllAlgoOrders
        return await acknowledged(Call(path, .change, ["symbol": symbol.name]))
    }

    /// Has the venue cancel the symbol's ordinary orders after so long, unless it is asked again before; zero takes it off.
    ///
    /// Conditional orders are taken to stay. Asked for an instrument, never for one leg.
    /// Source: docs/venue-binance.md, Amending and batches.
    package func setCountdown(_ symbol: Symbol, _ length: Span) async -> Result<Void, VenueFailure> {
        if let refusal = BinanceClient.refusal(ofLeg: symbol) { return .failure(refusal) }
        let pairs: KeyValuePairs = ["symbol": symbol.name, "countdownTime": "\(length.milliseconds)"]
        return await ask(Call(.countdown, .change, pairs), as: CountdownRow.self) { row in
            guard row.symbol == symbol.name else {
                throw Unreadable("symbol", found: row.symbol, allowed: symbol.name)
            }
        }
    }

    private static func refusal(ofLeg symbol: Symbol) -> VenueFailure? {
        guard symbol.leg != nil else { return nil }
        let text = "not sent: found \(symbol), allowed \(symbol.instrument), as it would touch both legs"
        return VenueFailure(.fatal, code: 0, message: text)
    }

    /// Switches the account between one and two positions a symbol; `.alreadySet` where it is so.
    package func setPositionMode(isHedge: Bool) async -> Result<Void, VenueFailure> {
        await acknowledged(Call(.setPositionMode, .change, ["dualSidePosition": isHedge ? "true" : "false"]))
    }

    /// Whether the account holds two positions a symbol.
    package func isInHedgeMode() async -> Result<Bool, VenueFailure> {
        await ask(Call(.positionMode, .read), as: PositionModeRow.self) { $0.dualSidePosition }
    }

    private func acknowledged(_ call: Call) async -> Result<Void, VenueFailure> {
        await ask(call, as: AcknowledgementRow.self) { row in
            guard row.code?.text == "200" else {
                throw Unreadable("code", found: row.code?.text ?? "nothing", allowed: "200")
            }
        }
    }
}

/// The answer to what has nothing to tell but that it was done.
struct AcknowledgementRow: Decodable, Sendable {
    let code: Loose?
}

private struct CountdownRow: Decodable, Sendable {
    let symbol: String
}
