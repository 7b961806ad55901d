/// A length of time; may be negative.
///
/// Units: nanoseconds. Range: ±292 years.
package struct Span: Hashable, Sendable, Codable, Comparable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package init(from decoder: any Decoder) throws {
        nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanoseconds)
    }

    package static let zero = Span(nanoseconds: 0)

    package static func milliseconds(_ count: Int64) -> Span { Span(nanoseconds: count * 1_000_000) }

    package static func seconds(_ count: Int64) -> Span { Span(nanoseconds: count * 1_000_000_000) }

    /// A span from a figure of seconds as configuration and policies write it.
    ///
    /// Rounds: to the nearest nanosecond. Range: clamped to ±9e9 seconds; NaN becomes zero.
    package init(seconds: Double) {
        guard seconds == seconds else {
            nanoseconds = 0
            return
        }
        nanoseconds = Int64((Swift.min(Swift.max(seconds, -9e9), 9e9) * 1e9).rounded())
    }

    /// Seconds for policies and figures; never for money.
    package var seconds: Double { Double(nanoseconds) / 1e9 }

    /// Rounds: down.
    package var milliseconds: Int64 { nanoseconds.flooredDivision(by: 1_000_000) }

    package static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }

    package static func + (left: Span, right: Span) -> Span {
        Span(nanoseconds: left.nanoseconds + right.nanoseconds)
    }

    package static func - (left: Span, right: Span) -> Span {
        Span(nanoseconds: left.nanoseconds - right.nanoseconds)
    }

    package static func * (left: Span, right: Int64) -> Span { Span(nanoseconds: left.nanoseconds * right) }

    package static prefix func - (span: Span) -> Span { Span(nanoseconds: -span.nanoseconds) }
}

extension Int64 {
    /// Division that rounds towards negative infinity, so that times before the epoch order as others do.
    package func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
    }
}
