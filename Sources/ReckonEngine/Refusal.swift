package import ReckonModel

/// A rule said no.
///
/// Nothing was sent; `found` and `allowed` say why.
package struct Refusal: Error, Sendable, Codable, Hashable {
    /// Stable short code per rule.
    package enum Rule: String, Sendable, Codable, Hashable, CaseIterable {
        case keyReused = "key_reused"
        case malformed = "malformed"
        case unknownSymbol = "unknown_symbol"
        case symbolNotTrading = "symbol_not_trading"
        case sizeOffStep = "size_off_step"
        case sizeTooSmall = "size_too_small"
        case sizeTooLarge = "size_too_large"
        case priceOffTick = "price_off_tick"
        case priceOutOfRange = "price_out_of_range"
        case belowMinNotional = "below_min_notional"
        case noMark = "no_mark"
        case stopInvalid = "stop_invalid"
        case tooOld = "too_old"
        case starting = "starting"
        case halted = "halted"
        case killSwitch = "kill_switch"
        case entriesClosed = "entries_closed"
        case confidence = "confidence"
        case notional = "notional"
        case leverageAboveCap = "leverage_above_cap"
        case marginMode = "margin_mode"
        case wrongSideOfLeg = "wrong_side_of_leg"
        case cooldown = "cooldown"
        case openOrders = "open_orders"
        case staleEvidence = "stale_evidence"
        case unresolvedIntent = "unresolved_intent"
        case unprotectedPosition = "unprotected_position"
        case stopSlots = "stop_slots"
        case journalDown = "journal_down"
        case accountShared = "account_shared"
        case throttled = "throttled"
        case nothingToReduce = "nothing_to_reduce"
        case unknownIntent = "unknown_intent"
        case alreadyEnded = "already_ended"
        case withdrawn = "withdrawn"
        case expired = "expired"
        case flattening = "flattening"
        case replaceUnderWay = "replace_under_way"
        case replaceBound = "replace_bound"
    }

    package let rule: Rule
    package let symbol: Symbol?
    package let found: String
    package let allowed: String

    package init(_ rule: Rule, symbol: Symbol? = nil, found: String, allowed: String) {
        self.rule = rule
        self.symbol = symbol
        self.found = found
        self.allowed = allowed
    }

    /// One line for people: the rule, what was found, what is allowed.
    package var message: String {
        let subject = symbol.map { " on \($0)" } ?? ""
        return "\(rule.rawValue)\(subject): found \(found), allowed \(allowed)"
    }
}
