package import ReckonEngine
package import ReckonModel

extension BinanceClient {
    /// Sends an order once, signed with the placement's own time and window.
    package func place(_ placement: Placement) async -> Result<OrderReport, VenueFailure> {
        let ticket = placement.ticket
        if let flaw = PlacementCall.flaw(in: ticket) {
            return .failure(
                VenueFailure(.fatal, code: 0, message: "order \(ticket.id) was not sent: \(flaw)")
            )
        }
        let call = PlacementCall.call(for: placement)
        let mode = configuration.mode
        if ticket.pricing.isConditional {
            return await ask(call, as: AlgoRow.self) { try $0.report(mode).about(ticket.id) }
        }
        return await ask(call, as: OrderRow.self) { try $0.report(mode).about(ticket.id) }
    }

    /// Asks how one order stands, on the endpoint that the query names.
    package func query(_ query: OrderQuery) async -> Result<OrderReport, VenueFailure> {
        let mode = configuration.mode
        switch query.endpoint {
        case .order:
            let pairs: KeyValuePairs = [
                "symbol": query.symbol.instrument.name, "origClientOrderId": query.id.text,
            ]
            return await ask(Call(.queryOrder, .read, pairs), as: OrderRow.self) {
                try $0.report(mode).about(query.id)
            }
        case .algo:
            let call = Call(.queryAlgoOrder, .read, ["clientAlgoId": query.id.text])
            return await ask(call, as: AlgoRow.self) { try $0.report(mode).about(query.id) }
        }
    }

    /// Takes an order off the book.
    ///
    /// The conditional endpoint confirms without saying how the order stands.
    package func cancel(_ cancellation: Cancellation) async -> Result<OrderReport?, VenueFailure> {
        switch cancellation.endpoint {
        case .order:
            let pairs: KeyValuePairs = [
                "symbol": cancellation.symbol.instrument.name,
                "origClientOrderId": cancellation.id.text,
            ]
            let mode = configuration.mode
            return await ask(Call(.cancelOrder, .change, pairs), as: OrderRow.self) {
                try $0.report(mode).about(cancellation.id)
            }
        case .algo:
            let call = Call(.cancelAlgoOrder, .change, ["clientAlgoId": cancellation.id.text])
            return await ask(call, as: AlgoCancelRow.self) { row in
                guard let code = row.code?.text, code == "200" else {
                    throw Unreadable("code", found: row.code?.text ?? "nothing", allowed: "200")
                }
                return nil
            }
        }
    }

    /// Sets how the margin of a symbol stands, of a leg that of both; the answer is whether it is isolated now.
    package func setMarginMode(_ change: MarginChange) async -> Result<Bool, VenueFailure> {
        let type = change.isIsolated ? "ISOLATED" : "CROSSED"
        let pairs: KeyValuePairs = ["symbol": change.symbol.instrument.name, "marginType": type]
        return await ask(Call(.setMarginType, .change, pairs), as: AcknowledgementRow.self) { _ in
            change.isIsolated
        }
    }

    /// Sets the leverage of a symbol, of a leg that of both; the answer is the leverage that now holds.
    package func setLeverage(_ change: LeverageChange) async -> Result<Int, VenueFailure> {
        let pairs: KeyValuePairs = [
            "symbol": change.symbol.instrument.name, "leverage": "\(change.leverage)",
        ]
        return await ask(Call(.setLeverage, .change, pairs), as: LeverageRow.self) { try $0.checked() }
    }
}

extension OrderReport {
    /// An answer about another order than the one asked about proves nothing.
    func about(_ wanted: ClientOrderID) throws -> OrderReport {
        guard id == wanted else { throw Unreadable("client order id", found: id.text, allowed: wanted.text) }
        return self
    }
}

/// From an order of ours to the venue's parameters.
///
/// Source: docs/venue-binance.md, Orders, Conditional orders.
enum PlacementCall {
    /// What the venue could not be told, or must not: only an entry may open exposure (I-03).
    static func flaw(in ticket: OrderTicket) -> String? {
        if !ticket.id.isAcceptable { return "its id is not 1 to 36 characters of A-Z a-z 0-9 . : / _ -" }
        if let leg = ticket.symbol.leg, case .reducing = ticket.extent, ticket.side != leg.closingSide {
            // No flag would keep it from opening: on a leg the side alone decides.
            return "side \(ticket.side.rawValue) found on an order that reduces \(ticket.symbol); "
                + "allowed \(leg.closingSide.rawValue)"
        }
        switch ticket.extent {
        case .wholePosition where !ticket.pricing.isConditional:
            return
                "closePosition found on an order that is not conditional; allowed on stops and take-profits"
        case .opening where !ticket.role.opensExposure:
            return "extent opening found on role \(ticket.role.rawValue); allowed on entries"
        case .opening(let quantity) where !quantity.isPositive,
            .reducing(let quantity) where !quantity.isPositive:
            return "quantity \(quantity) found; allowed above 0"
        case .opening, .reducing, .wholePosition: return nil
        }
    }

    static func call(for placement: Placement) -> Call {
        let ticket = placement.ticket
        let endpoint: Endpoint = ticket.pricing.isConditional ? .placeAlgoOrder : .placeOrder
        var call = Call(endpoint, .change)
        call.stamp = Stamp(timestamp: placement.timestamp, window: placement.window)
        if ticket.pricing.isConditional { call.parameters.add("algoType", "CONDITIONAL") }
        call.parameters.add("symbol", ticket.symbol.instrument.name)
        call.parameters.add("side", ticket.side == .buy ? "BUY" : "SELL")
        let leg = ticket.symbol.leg
        if let leg { call.parameters.add("positionSide", leg.rawValue) }
        addPricing(ticket.pricing, to: &call.parameters)
        addExtent(ticket.extent, of: leg, to: &call.parameters)
        if ticket.pricing.isConditional {
            call.parameters.add("workingType", "MARK_PRICE")
            call.parameters.add("clientAlgoId", ticket.id.text)
        } else {
            call.parameters.add("newClientOrderId", ticket.id.text)
            // ACK would say NEW of a market order that has long been filled.
            call.parameters.add("newOrderRespType", "RESULT")
        }
        return call
    }

    private static func addPricing(_ pricing: Pricing, to parameters: inout Parameters) {
        switch pricing {
        case .market:
            parameters.add("type", "MARKET")
        case .limit(let price, let timeInForce):
            parameters.add("type", "LIMIT")
            parameters.add("timeInForce", word(for: timeInForce))
            parameters.add("price", price.description)
        case .stopMarket(let trigger):
            parameters.add("type", "STOP_MARKET")
            parameters.add("triggerPrice", trigger.description)
        case .takeProfitMarket(let trigger):
            parameters.add("type", "TAKE_PROFIT_MARKET")
            parameters.add("triggerPrice", trigger.description)
        }
    }

    /// `reduceOnly` and a quantity never go with `closePosition` (-1106, -4137), nor `reduceOnly` with a leg (-1106).
    private static func addExtent(_ extent: Extent, of leg: Leg?, to parameters: inout Parameters) {
        switch extent {
        case .opening(let quantity):
            parameters.add("quantity", quantity.description)
        case .reducing(let quantity):
            parameters.add("quantity", quantity.description)
            if leg == nil { parameters.add("reduceOnly", "true") }
        case .wholePosition:
            parameters.add("closePosition", "true")
        }
    }

    private static func word(for timeInForce: TimeInForce) -> String {
        switch timeInForce {
        case .goodTillCancel: "GTC"
        case .immediateOrCancel: "IOC"
        case .fillOrKill: "FOK"
        case .postOnly: "GTX"
        }
    }
}
