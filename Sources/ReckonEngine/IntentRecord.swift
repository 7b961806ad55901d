package import ReckonModel

/// One accepted intent and what has been done for it.
package struct IntentRecord: Sendable, Codable, Hashable {
    package let id: IntentID
    package let correlation: CorrelationID
    package let intent: Intent
    package let acceptedAt: Instant
    /// What an entry is to reach.
    package internal(set) var quantity: Quantity
    /// The magnitude that an exit is to leave.
    package let target: Quantity
    package let origin: String?
    /// Every order sent for it, oldest first.
    package var orders: [ClientOrderID] = []
    package var isWithdrawn = false
    package var isOverdue = false
    /// Series of exit orders that ended without success, and where the present one starts in `orders`.
    package var seriesCount = 0
    package var seriesStart = 0
    package var seriesEndedAt: Instant?
    /// The price after a replacement; absent while it is the caller's own.
    package internal(set) var pricing: Pricing?
    package internal(set) var pending: PendingReplacement?
    package internal(set) var replacements = 0
    /// Absent while open.
    package var end: IntentEnd?

    package init(_ acceptance: IntentAcceptance, at now: Instant) {
        id = acceptance.id
        correlation = acceptance.correlation
        intent = acceptance.intent
        acceptedAt = now
        quantity = acceptance.quantity
        target = acceptance.target
        origin = acceptance.origin
    }

    package var symbol: Symbol { intent.symbol }
}
