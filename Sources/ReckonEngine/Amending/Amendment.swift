package import ReckonModel

/// A caller wants a working limit entry at another price or of another size.
package struct Amendment: Sendable, Codable, Hashable {
    package let target: IntentTarget
    /// Absent leaves the price.
    package let price: Price?
    /// The new total, executed parts included; absent leaves it.
    package let quantity: Quantity?

    package init(_ target: IntentTarget, price: Price? = nil, quantity: Quantity? = nil) {
        self.target = target
        self.price = price
        self.quantity = quantity
    }
}

/// What was decided about the replacement of an entry's order: cancel, confirm, create.
package enum ReplacementFact: Sendable, Codable, Hashable {
    /// The old order is to go.
    case wanted(pricing: Pricing, quantity: Quantity)
    /// The old order is proven gone; what is created next has this price, up to this total.
    case applied(pricing: Pricing, quantity: Quantity)
    /// The bound is reached or the old order ended otherwise: nothing is created, and the entry is taken back.
    case gaveUp(String)
}

/// The replacement that an entry is in the middle of.
package struct PendingReplacement: Sendable, Codable, Hashable {
    package let pricing: Pricing
    package let quantity: Quantity
    package let since: Instant
}

extension IntentRecord {
    /// The entry as it stands after its replacements; absent for other intents.
    package var entry: EntryIntent? {
        guard case .entry(var entry) = intent else { return nil }
        if let pricing { entry.pricing = pricing }
        return entry
    }

    mutating func apply(_ fact: ReplacementFact, at now: Instant) {
        switch fact {
        case .wanted(let pricing, let quantity):
            pending = PendingReplacement(pricing: pricing, quantity: quantity, since: now)
        case .applied(let pricing, let quantity):
            self.pricing = pricing
            self.quantity = quantity
            pending = nil
            replacements += 1
            seriesStart = orders.count
        case .gaveUp:
            pending = nil
            isWithdrawn = true
        }
    }
}
