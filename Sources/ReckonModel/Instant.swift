/// A point in time on the engine's own clock.
///
/// Units: nanoseconds since the Unix epoch. Range: ±292 years.
/// Never compared with a `VenueInstant`: the two clocks differ, and the difference is itself only estimated.
package struct Instant: Hashable, Sendable, Codable, Comparable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package init(from decoder: any Decoder) throws {
        nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanoseconds)
    }

    package static let epoch = Instant(nanoseconds: 0)

    package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    package static func + (left: Instant, right: Span) -> Instant {
        Instant(nanoseconds: left.nanoseconds + right.nanoseconds)
    }

    package static func - (left: Instant, right: Span) -> Instant {
        Instant(nanoseconds: left.nanoseconds - right.nanoseconds)
    }

    package static func - (left: Instant, right: Instant) -> Span {
        Span(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
}

/// A point in time as the venue stamped it.
///
/// Units: milliseconds since the Unix epoch. Compared only with other times from the same source (I-09).
package struct VenueInstant: Hashable, Sendable, Codable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    package static func < (left: VenueInstant, right: VenueInstant) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// Rounds: the span down to whole milliseconds.
    package static func + (left: VenueInstant, right: Span) -> VenueInstant {
        VenueInstant(milliseconds: left.milliseconds + right.milliseconds)
    }

    package static func - (left: VenueInstant, right: Span) -> VenueInstant {
        VenueInstant(milliseconds: left.milliseconds - right.milliseconds)
    }
}

/// How far the venue's clock is ahead of ours, as last measured, and how wrong that figure can be.
package struct ClockOffset: Hashable, Sendable, Codable {
    /// Venue time minus local time.
    package let offset: Span
    /// Half the round trip of the measurement that gave `offset`.
    package let uncertainty: Span

    package init(offset: Span, uncertainty: Span) {
        self.offset = offset
        self.uncertainty = uncertainty
    }

    package static let none = ClockOffset(offset: .zero, uncertainty: .zero)

    /// The venue's time at a local instant.
    ///
    /// Rounds: down to whole milliseconds.
    package func venueTime(at instant: Instant) -> VenueInstant {
        let shifted = instant + offset
        return VenueInstant(milliseconds: shifted.nanoseconds.flooredDivision(by: 1_000_000))
    }
}
