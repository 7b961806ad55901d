import ReckonModel

/// What the venue allows within its windows.
package struct RateLimits: Sendable, Codable, Hashable {
    /// Of request weight, by address.
    package var weightPerMinute = 2_400
    /// Of new orders, by account.
    package var ordersPerMinute = 1_200
    package var ordersPerTenSeconds = 300

    package init() {}
}

/// How much of its windows the venue says is used, by whomever.
///
/// Absent where its answers have not said so.
package struct RateUsage: Sendable, Codable, Hashable {
    package var weightThisMinute: Int?
    package var ordersThisMinute: Int?
    package var ordersTheseTenSeconds: Int?

    package init() {}
}

/// What the venue told of its limits or of their use.
package enum RateNews: Sendable, Codable, Hashable {
    case limits(RateLimits)
    case usage(RateUsage)
}

/// Who may use how much of the venue's windows; the operator's.
///
/// What is kept from the lower lanes is reserved for those above: entries can starve neither exits nor cancels.
package struct PacingRules: Sendable, Codable, Hashable {
    /// In 1e-2 of a window, up to which a lane may fill it.
    package var entries = 60
    package var rounds = 80
    package var questions = 90
    package var cancels = 100
    /// What rounds may take of the weight by themselves.
    package var roundsAlone = 40
    /// Pause of entries after the venue said that it is overloaded.
    package var overload = Backoff(first: .milliseconds(500), cap: .seconds(20))

    package init() {}
}
