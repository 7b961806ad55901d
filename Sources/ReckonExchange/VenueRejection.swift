package import ReckonModel

/// Why the venue refuses a request: its code and its own words.
///
/// Source: the venue's list of error codes.
package struct VenueRejection: Error, Hashable, Sendable {
    package let code: Int
    package let message: String

    package init(code: Int, message: String) {
        self.code = code
        self.message = message
    }
}

extension VenueRejection: CustomStringConvertible {
    package var description: String { "\(code) \(message)" }
}

// Refusals of the request's shape.
extension VenueRejection {
    package static func missing(_ parameter: String) -> VenueRejection {
        let words = "Mandatory parameter '\(parameter)' was not sent, was empty/null, or malformed."
        return VenueRejection(code: -1102, message: words)
    }

    package static func notRequired(_ parameter: String) -> VenueRejection {
        VenueRejection(code: -1106, message: "Parameter '\(parameter)' sent when not required.")
    }

    package static let badPrecision = VenueRejection(
        code: -1111,
        message: "Precision is over the maximum defined for this asset."
    )

    package static let conditionalType = VenueRejection(
        code: -4120,
        message: "Order type not supported for this endpoint. "
            + "Please use the Algo Order API endpoints instead."
    )

    package static let badSymbol = VenueRejection(code: -1121, message: "Invalid symbol.")

    package static let badOrderType = VenueRejection(code: -1116, message: "Invalid orderType.")

    package static let badClientID = VenueRejection(
        code: -4015,
        message: "Client order id length should be less than 36 chars."
    )
}

// Refusals of price, quantity and notional.
extension VenueRejection {
    package static let priceBelowZero = VenueRejection(code: -4001, message: "Price less than 0.")

    package static let priceAboveMax = VenueRejection(code: -4002, message: "Price greater than max price.")

    package static let priceBelowMin = VenueRejection(code: -4013, message: "Price less than min price.")

    package static let priceOffTick = VenueRejection(
        code: -4014,
        message: "Price not increased by tick size."
    )

    package static let quantityNotPositive = VenueRejection(
        code: -4003,
        message: "Quantity less than or equal to zero."
    )

    package static let quantityBelowMin = VenueRejection(
        code: -4004,
        message: "Quantity less than min quantity."
    )

    package static let quantityAboveMax = VenueRejection(
        code: -4005,
        message: "Quantity greater than max quantity."
    )

    package static let quantityOffStep = VenueRejection(
        code: -4023,
        message: "Qty not increased by step size."
    )

    package static func priceAboveMark(_ limit: Price) -> VenueRejection {
        VenueRejection(code: -4016, message: "Limit price can't be higher than \(limit).")
    }

    package static func priceBelowMark(_ limit: Price) -> VenueRejection {
        VenueRejection(code: -4024, message: "Limit price can't be lower than \(limit).")
    }

    package static func notionalTooSmall(_ least: Notional) -> VenueRejection {
        let words = "Order's notional must be no smaller than \(least) (unless you choose reduce only)."
        return VenueRejection(code: -4164, message: words)
    }

    package static let triggerBelowZero = VenueRejection(code: -4006, message: "Stop price less than 0.")
}

// Refusals by the state of the account.
extension VenueRejection {
    package static let unknownOrder = VenueRejection(code: -2011, message: "Unknown order sent.")

    package static let noSuchOrder = VenueRejection(code: -2013, message: "Order does not exist.")

    package static let marginInsufficient = VenueRejection(code: -2019, message: "Margin is insufficient.")

    package static let wouldTrigger = VenueRejection(code: -2021, message: "Order would immediately trigger.")

    package static let reduceOnlyRejected = VenueRejection(
        code: -2022,
        message: "ReduceOnly Order is rejected."
    )

    package static let tooManyOpenOrders = VenueRejection(code: -2025, message: "Reach max open order limit.")

    package static let positionTooLarge = VenueRejection(
        code: -2027,
        message: "Exceeded the maximum allowable position at current leverage."
    )

    package static func leverageInvalid(_ leverage: Int) -> VenueRejection {
        VenueRejection(code: -4028, message: "Leverage \(leverage) is not valid")
    }

    package static let tooManyStops = VenueRejection(code: -4045, message: "Reach max stop order limit.")

    package static let marginTypeUnchanged = VenueRejection(
        code: -4046,
        message: "No need to change margin type."
    )

    package static let marginTypeHasOrders = VenueRejection(
        code: -4047,
        message: "Margin type cannot be changed if there exists open orders."
    )

    package static let marginTypeHasPosition = VenueRejection(
        code: -4048,
        message: "Margin type cannot be changed if there exists position."
    )

    package static let positionModeUnchanged = VenueRejection(
        code: -4059,
        message: "No need to change position side."
    )

    package static let badPositionSide = VenueRejection(code: -4060, message: "Invalid position side.")

    package static let positionSideMismatch = VenueRejection(
        code: -4061,
        message: "Order's position side does not match user's setting."
    )

    package static let positionModeHasOrders = VenueRejection(
        code: -4067,
        message: "Position side cannot be changed if there exists open orders."
    )

    package static let positionModeHasPosition = VenueRejection(
        code: -4068,
        message: "Position side cannot be changed if there exists position."
    )

    package static let duplicateClientID = VenueRejection(
        code: -4116,
        message: "ClientOrderId is duplicated."
    )

    package static let closePositionExists = VenueRejection(
        code: -4130,
        message: "An open stop or take profit order with GTE and closePosition in the direction is existing."
    )

    package static let noMarket = VenueRejection(
        code: -4131,
        message: "The counterparty's best price does not meet the PERCENT_PRICE filter limit."
    )

    package static let quantityWithClose = VenueRejection(
        code: -4137,
        message: "Quantity must be zero with closePosition equals true."
    )

    /// A leg's own side opens it; the code is not documented for this case.
    package static let closePositionOpens = VenueRejection(
        code: -4138,
        message: "Reduce only must be true with closePosition equals true."
    )

    package static let symbolClosed = VenueRejection(code: -4141, message: "Symbol is closed.")

    package static let cannotFillAtOnce = VenueRejection(
        code: -5021,
        message: "Due to the order could not be filled immediately, the FOK order has been rejected. "
            + "The order will not be recorded in the order history"
    )

    package static let cannotBeMaker = VenueRejection(
        code: -5022,
        message: "Due to the order could not be executed as maker, the Post Only order will be rejected. "
            + "The order will not be recorded in the order history"
    )
}

// Refusals of batches, amendments and account settings.
extension VenueRejection {
    package static let tooManyInBatch = VenueRejection(
        code: -4082,
        message: "Invalid number of batch place orders."
    )

    package static let tooManyCancels = VenueRejection(
        code: -4032,
        message: "Exceed maximum cancel order size."
    )

    package static let lookBackTooLong = VenueRejection(
        code: -1127,
        message: "Lookup interval is too big."
    )

    package static let badCombination = VenueRejection(
        code: -1128,
        message: "Combination of optional parameters invalid."
    )

    package static let amendSymbolClosed = VenueRejection(
        code: -5024,
        message: "Symbol is not in trading status."
    )

    package static let amendLimitOnly = VenueRejection(code: -5025, message: "Only limit order is supported.")

    package static let amendTooOften = VenueRejection(
        code: -5026,
        message: "Exceed maximum modify order limit."
    )

    package static let sameOrder = VenueRejection(code: -5027, message: "No need to modify the order.")

    package static func amendNotional(_ least: Notional) -> VenueRejection {
        VenueRejection(code: -5029, message: "Order's notional must be no smaller than \(least).")
    }

    package static let amendReduceOnly = VenueRejection(
        code: -5047,
        message: "ReduceOnly is not allowed to modify a non reduce-only order."
    )
}
