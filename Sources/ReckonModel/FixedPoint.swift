/// A decimal number with eight places, held exactly, with its unit in the type.
///
/// Units: 1e-8 of the unit that the type names. Range: ±92,233,720,368; arithmetic beyond it traps.
package protocol FixedPoint: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    var units: Int64 { get }
    init(units: Int64)
}

/// Which way a product or quotient that does not fit eight places goes; each caller names the safe one.
package enum Rounding: Sendable {
    case down
    case up
}

extension FixedPoint {
    package static var scale: Int64 { 100_000_000 }

    package static var zero: Self { Self(units: 0) }

    package static func < (left: Self, right: Self) -> Bool { left.units < right.units }

    package static func + (left: Self, right: Self) -> Self { Self(units: left.units + right.units) }

    package static func - (left: Self, right: Self) -> Self { Self(units: left.units - right.units) }

    package static prefix func - (value: Self) -> Self { Self(units: -value.units) }

    package static func += (left: inout Self, right: Self) { left = left + right }

    package static func -= (left: inout Self, right: Self) { left = left - right }

    package static func * (left: Self, right: Int64) -> Self { Self(units: left.units * right) }

    package var magnitude: Self { Self(units: Swift.abs(units)) }

    package var isZero: Bool { units == 0 }

    package var isPositive: Bool { units > 0 }

    package var isNegative: Bool { units < 0 }

    /// For scores and pictures; never for money that is sent anywhere.
    package var approximate: Double { Double(units) / 1e8 }

    /// The largest multiple of `step` not above this value, or the smallest not below it.
    ///
    /// A step of zero means that the venue asks for none.
    package func rounded(_ rounding: Rounding, toMultipleOf step: Self) -> Self {
        guard step.units > 0 else { return self }
        let floored = units.flooredDivision(by: step.units) * step.units
        if rounding == .up, floored != units { return Self(units: floored + step.units) }
        return Self(units: floored)
    }

    /// This value times `numerator / denominator`.
    ///
    /// Rounds: as told. Range: intermediate in Int128; traps when the result leaves Int64.
    package func scaled(by numerator: Int64, over denominator: Int64, rounding: Rounding) -> Self {
        Self(units: divide(Int128(units) * Int128(numerator), by: Int128(denominator), rounding: rounding))
    }

    /// Nearest value to a policy's figure, rounded down; NaN and negatives become zero.
    ///
    /// Rounds: down. Range: clamped to 90 thousand million.
    package init(roundingDown figure: Double) {
        guard figure > 0 else {
            self.init(units: 0)
            return
        }
        self.init(units: Int64(Swift.min(figure, 9e10) * 1e8))
    }
}

/// Quotient of two wide numbers, rounded as told.
package func divide(_ numerator: Int128, by denominator: Int128, rounding: Rounding) -> Int64 {
    var (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    let negative = (remainder < 0) != (denominator < 0)
    if remainder != 0 {
        switch rounding {
        case .down where negative: quotient -= 1
        case .up where !negative: quotient += 1
        case .down, .up: break
        }
    }
    return Int64(quotient)
}

/// Why a text is not a decimal number that can be held.
package enum DecimalRefusal: Error, Equatable, Sendable {
    case empty
    case malformed(at: Int)
    case tooPrecise
    case tooLarge
}

extension DecimalRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "empty text"
        case .malformed(let position): "not a plain decimal number (character \(position + 1))"
        case .tooPrecise: "more than 8 decimal places"
        case .tooLarge: "beyond ±92233720368"
        }
    }
}

extension FixedPoint {
    /// Reads `-?digits[.digits]`: no exponent, no sign `+`, no spaces, at most eight significant places.
    package init(parsing text: some StringProtocol) throws(DecimalRefusal) {
        var reader = DecimalReader()
        for byte in text.utf8 { try reader.take(byte) }
        self.init(units: try reader.finish())
    }

    /// Shortest plain decimal text: no exponent, no trailing zeros.
    package var description: String {
        let magnitude = units.magnitude
        let whole = magnitude / UInt64(Self.scale)
        var fraction = magnitude % UInt64(Self.scale)
        var text = units < 0 ? "-\(whole)" : "\(whole)"
        guard fraction != 0 else { return text }
        text += "."
        var place = UInt64(Self.scale) / 10
        while fraction > 0 {
            text += "\(fraction / place)"
            fraction %= place
            place /= 10
        }
        return text
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(parsing: text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text): \(error)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Reads one decimal number byte by byte.
private struct DecimalReader {
    private var position = 0
    private var negative = false
    private var digits = 0
    private var places: Int?
    private var units: Int64 = 0

    mutating func take(_ byte: UInt8) throws(DecimalRefusal) {
        defer { position += 1 }
        switch byte {
        case UInt8(ascii: "-") where position == 0:
            negative = true
        case UInt8(ascii: ".") where places == nil && digits > 0:
            places = 0
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            try takeDigit(Int64(byte - UInt8(ascii: "0")))
        default:
            throw .malformed(at: position)
        }
    }

    private mutating func takeDigit(_ digit: Int64) throws(DecimalRefusal) {
        digits += 1
        if let taken = places {
            guard taken < 8 else {
                if digit == 0 { return }
                throw .tooPrecise
            }
            places = taken + 1
        }
        let (product, over) = units.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(digit)
        guard !over, !carry else { throw .tooLarge }
        units = sum
    }

    func finish() throws(DecimalRefusal) -> Int64 {
        guard position > 0 else { throw .empty }
        guard digits > 0, places != 0 else { throw .malformed(at: position) }
        var result = units
        for _ in (places ?? 0)..<8 {
            let (product, over) = result.multipliedReportingOverflow(by: 10)
            guard !over else { throw .tooLarge }
            result = product
        }
        return negative ? -result : result
    }
}
