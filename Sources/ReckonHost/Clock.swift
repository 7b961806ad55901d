import Foundation
package import ReckonModel
import Synchronization

/// The engine's own clock: wall time at the start, advanced by a clock that nobody sets.
///
/// Never goes backwards and never jumps, whatever happens to the wall clock; the venue's offset is measured against it.
package final class HostClock: Sendable {
    private let origin = ContinuousClock.now
    /// What is added to the time since `origin`, in nanoseconds.
    private let base: Mutex<Int64>

    package init() {
        base = Mutex(Int64((Date().timeIntervalSince1970 * 1e9).rounded()))
    }

    package func now() -> Instant {
        let passed = Span(ContinuousClock.now - origin)
        return base.withLock { Instant(nanoseconds: $0 + passed.nanoseconds) }
    }

    /// Moves on so that no later reading lies before `instant`: the journal's last fact, after the wall clock was set back.
    package func notBefore(_ instant: Instant) {
        let passed = Span(ContinuousClock.now - origin)
        base.withLock { $0 = max($0, instant.nanoseconds - passed.nanoseconds) }
    }
}

extension Span {
    /// Rounds: down to nanoseconds.
    ///
    /// Range: clamped to ±292 years.
    package init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, over) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self.init(nanoseconds: over ? (seconds < 0 ? .min : .max) : whole + attoseconds / 1_000_000_000)
    }
}

extension Duration {
    package init(_ span: Span) { self = .nanoseconds(span.nanoseconds) }
}

extension Instant {
    /// RFC 3339 in UTC with milliseconds, cut and not rounded.
    package var rfc3339: String {
        let milliseconds = nanoseconds.flooredDivision(by: 1_000_000)
        let seconds = milliseconds.flooredDivision(by: 1000)
        let days = seconds.flooredDivision(by: 86_400)
        let date = Instant.civil(days: days)
        let rest = seconds - days * 86_400
        let time = [rest / 3600, rest / 60 % 60, rest % 60].map { Instant.padded($0, 2) }.joined(
            separator: ":"
        )
        let fraction = Instant.padded(milliseconds - seconds * 1000, 3)
        return
            "\(Instant.padded(date.year, 4))-\(Instant.padded(date.month, 2))-\(Instant.padded(date.day, 2))T\(time).\(fraction)Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
