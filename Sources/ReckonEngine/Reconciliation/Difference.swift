package import ReckonModel

/// One way in which belief and the venue's snapshot disagree.
///
/// The list is closed.
package struct Difference: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable, Hashable, CaseIterable {
        /// The venue shows a position where we believe none.
        case orphanPosition = "orphan_position"
        /// We believe in a position that the venue does not show.
        case phantomPosition = "phantom_position"
        case sizeDrift = "size_drift"
        case sideFlip = "side_flip"
        case entryDrift = "entry_drift"
        /// An order of ours rests at the venue and we do not know it, or hold it for ended.
        case orphanOrder = "orphan_order"
        /// An order that we believe to rest is in no list.
        case missingOrder = "missing_order"
        /// A list shows more executed than we knew.
        case missedFill = "missed_fill"
        case unprotected = "unprotected"
        case underCovered = "under_covered"
        case overCovered = "over_covered"
        case orphanReduceOnly = "orphan_reduce_only"
        case leverageDrift = "leverage_drift"
        case marginDrift = "margin_drift"
        /// The venue could not be asked.
        case evidenceFailure = "evidence_failure"
    }

    package let kind: Kind
    package let symbol: Symbol
    /// The order that it is about, where it is about one.
    package let order: ClientOrderID?
    /// Whether something changed so recently that the snapshot may only be late (I-09).
    package let isFenced: Bool

    package init(_ kind: Kind, _ symbol: Symbol, order: ClientOrderID? = nil, isFenced: Bool = false) {
        self.kind = kind
        self.symbol = symbol
        self.order = order
        self.isFenced = isFenced
    }

    package var key: DifferenceKey { DifferenceKey(symbol: symbol, kind: kind, order: order) }
}

/// What makes two sightings the same difference.
package struct DifferenceKey: Sendable, Codable, Hashable, Comparable {
    package let symbol: Symbol
    package let kind: Difference.Kind
    package let order: ClientOrderID?

    package static func < (left: DifferenceKey, right: DifferenceKey) -> Bool {
        if left.symbol != right.symbol { return left.symbol < right.symbol }
        if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
        return (left.order?.text ?? "") < (right.order?.text ?? "")
    }
}

/// All that one round saw.
package struct RoundConclusion: Sendable, Codable, Hashable {
    package let round: Int64
    package let askedAt: Instant
    package let differences: [Difference]
    /// Symbols whose position was shown as believed, with nothing changing meanwhile.
    package let confirmed: [Symbol]
    /// Whether every list came.
    package let isComplete: Bool
    /// Symbols whose settings were shown.
    package let settingsShown: [Symbol]
    /// Objects compared, and those that the stream should have told us otherwise about.
    package let compared: Int
    package let contradicted: Int

    package init(_ round: Int64, askedAt: Instant, isComplete: Bool, _ seen: Seen) {
        self.round = round
        self.askedAt = askedAt
        self.isComplete = isComplete
        differences = seen.differences
        confirmed = seen.confirmed
        settingsShown = seen.settingsShown
        compared = seen.compared
        contradicted = seen.contradicted
    }

    /// What the lists of a round came to.
    package struct Seen: Sendable {
        package var differences: [Difference] = []
        package var confirmed: [Symbol] = []
        package var settingsShown: [Symbol] = []
        package var compared = 0
        package var contradicted = 0

        package init() {}
    }
}
