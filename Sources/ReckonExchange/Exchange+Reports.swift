package import ReckonModel

// The exchange in the project's own words, for those that need no wire between.
extension OrderStatus {
    package var reported: VenueOrderStatus {
        switch self {
        case .new: .new
        case .partiallyFilled: .partiallyFilled
        case .filled: .filled
        case .cancelled: .cancelled
        case .expired: .expired
        }
    }
}

extension AlgoStatus {
    package var reported: VenueOrderStatus {
        switch self {
        case .new: .new
        case .cancelled: .cancelled
        case .triggering, .triggered: .triggered
        case .finished: .finished
        case .rejected: .rejected
        case .expired: .expired
        }
    }
}

extension ExchangeOrder {
    package var report: OrderReport {
        var report = OrderReport(
            id: clientID,
            venueID: id,
            symbol: symbol,
            side: side,
            status: status.reported,
            quantity: quantity,
            executed: executed,
            updatedAt: updatedAt
        )
        report.isReduceOnly = isReduceOnly
        report.closesPosition = closesPosition
        report.averagePrice = averagePrice
        report.price = price
        report.createdAt = createdAt
        return report
    }
}

extension AlgoOrder {
    package var report: OrderReport {
        var report = OrderReport(
            id: clientID,
            venueID: id,
            symbol: symbol,
            side: side,
            status: status.reported,
            isConditional: true,
            quantity: quantity,
            executed: executed,
            updatedAt: updatedAt
        )
        report.isReduceOnly = isReduceOnly
        report.closesPosition = closesPosition
        report.averagePrice = averagePrice
        report.price = triggerPrice
        report.childID = childID
        report.createdAt = createdAt
        report.reason = reason
        return report
    }
}

extension PositionView {
    package var report: PositionReport {
        var report = PositionReport(
            symbol: symbol,
            quantity: quantity,
            entryPrice: entryPrice,
            markPrice: markPrice,
            updatedAt: updatedAt
        )
        report.liquidationPrice = liquidationPrice
        report.leverage = leverage
        return report
    }
}

extension Exchange {
    /// Places what a ticket describes on the endpoint where it belongs; stops look at the mark price.
    package mutating func place(_ ticket: OrderTicket) throws(VenueRejection) -> OrderReport {
        switch ticket.pricing {
        case .market:
            var request = OrderRequest(symbol: ticket.symbol, side: ticket.side, type: .market)
            request.quantity = ticket.quantity
            return try placeOrdinary(request, ticket)
        case .limit(let price, let timeInForce):
            var request = OrderRequest(symbol: ticket.symbol, side: ticket.side, type: .limit)
            request.quantity = ticket.quantity
            request.price = price
            request.timeInForce = timeInForce
            return try placeOrdinary(request, ticket)
        case .stopMarket(let trigger):
            return try placeConditional(.stopMarket, trigger, ticket)
        case .takeProfitMarket(let trigger):
            return try placeConditional(.takeProfitMarket, trigger, ticket)
        }
    }

    private mutating func placeOrdinary(
        _ request: OrderRequest,
        _ ticket: OrderTicket
    ) throws(VenueRejection) -> OrderReport {
        var complete = request
        complete.clientID = ticket.id
        switch ticket.extent {
        case .opening: break
        case .reducing: complete.isReduceOnly = try saysReduceOnly(ticket)
        case .wholePosition: throw .missing("quantity")
        }
        return try place(complete).report
    }

    private mutating func placeConditional(
        _ type: OrderType,
        _ trigger: Price,
        _ ticket: OrderTicket
    ) throws(VenueRejection) -> OrderReport {
        var request = AlgoRequest(symbol: ticket.symbol, side: ticket.side, type: type, triggerPrice: trigger)
        request.workingType = .markPrice
        request.clientID = ticket.id
        switch ticket.extent {
        case .opening(let quantity): request.quantity = quantity
        case .reducing(let quantity):
            request.quantity = quantity
            request.isReduceOnly = try saysReduceOnly(ticket)
        case .wholePosition: request.closesPosition = true
        }
        return try placeAlgo(request).report
    }

    /// Whether a reducing order has to say that it is one: not on a leg, where the other side would open.
    private func saysReduceOnly(_ ticket: OrderTicket) throws(VenueRejection) -> Bool {
        guard let leg = ticket.symbol.leg else { return true }
        guard ticket.side == leg.closingSide else { throw .reduceOnlyRejected }
        return false
    }
}
