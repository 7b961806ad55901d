import Foundation
import ReckonEngine
import ReckonModel

/// Something in an answer that cannot be taken for what it should be.
struct Unreadable: Error, Sendable {
    let text: String

    init(_ field: String, found: String, allowed: String) {
        text = "cannot read \(field): found \(WireError.oneLine(found)), allowed \(allowed)"
    }

    init(_ error: any Error) {
        switch error {
        case let error as Unreadable: self = error
        case DecodingError.keyNotFound(let key, let context):
            text = "missing \(Unreadable.path(context.codingPath + [key]))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            text = "wrong kind of value at \(Unreadable.path(context.codingPath))"
        default: text = "not the JSON that was expected"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "the top" : WireError.oneLine(keys.map(\.stringValue).joined(separator: "."))
    }
}

/// A value that the venue writes as text in one place and as a bare number in another.
struct Loose: Decodable, Sendable, Hashable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else if let whole = try? container.decode(Int64.self) {
            text = "\(whole)"
        } else {
            // Decimal and not Double, so that every digit stays.
            text = "\(try container.decode(Decimal.self))"
        }
    }
}

/// Wire texts into our units, within bounds that no later sum or product can leave.
enum Reading {
    /// No position or order is worth more; beyond it the answer is taken for damaged.
    static let mostWorth = Int128(10_000_000_000) * Int128(Quantity.scale)
    static let mostQuantity = Quantity(units: 10_000_000_000 * Quantity.scale)
    static let mostPrice = Price(units: 1_000_000_000 * Price.scale)

    /// A figure that must fit our eight places exactly.
    static func exact<Number: FixedPoint>(_ value: Loose?, _ field: String) throws -> Number {
        guard let value else { throw Unreadable(field, found: "nothing", allowed: "a decimal number") }
        do {
            return try Number(parsing: value.text)
        } catch {
            throw Unreadable(field, found: value.text, allowed: "a decimal number (\(error))")
        }
    }

    /// A figure that the venue computes with more places than ours, such as an average.
    ///
    /// Rounds: towards zero. Absent or empty is zero.
    static func computed<Number: FixedPoint>(_ value: Loose?, _ field: String) throws -> Number {
        guard let value, !value.text.isEmpty else { return .zero }
        guard let point = value.text.firstIndex(of: ".") else { return try exact(value, field) }
        let fraction = value.text[value.text.index(after: point)...]
        guard !fraction.isEmpty, fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Unreadable(field, found: value.text, allowed: "a decimal number")
        }
        let kept = value.text[..<point] + "." + fraction.prefix(8)
        do {
            return try Number(parsing: kept)
        } catch {
            throw Unreadable(field, found: value.text, allowed: "a decimal number (\(error))")
        }
    }

    /// An order's quantity: never negative, never absurd.
    static func size(_ value: Loose?, _ field: String) throws -> Quantity {
        let quantity: Quantity = try exact(value, field)
        guard (Quantity.zero...mostQuantity).contains(quantity) else {
            throw Unreadable(field, found: "\(quantity)", allowed: "0…\(mostQuantity)")
        }
        return quantity
    }

    /// A price that may be absent, which reads as zero.
    static func price(_ value: Loose?, _ field: String) throws -> Price {
        let price: Price = try computed(value, field)
        guard (Price.zero...mostPrice).contains(price) else {
            throw Unreadable(field, found: "\(price)", allowed: "0…\(mostPrice)")
        }
        return price
    }

    /// The quantity is worth less than anything could be at each of the prices.
    static func checkWorth(_ quantity: Quantity, at prices: Price..., field: String) throws {
        for price in prices {
            let worth = Int128(quantity.magnitude.units) * Int128(price.units) / Int128(Price.scale)
            guard worth <= mostWorth else {
                throw Unreadable(field, found: "\(quantity) at \(price)", allowed: "a credible size")
            }
        }
    }

    /// Within ±200 years of the epoch's far side, so that no later sum overflows.
    static func instant(_ milliseconds: Int64?, _ field: String) throws -> VenueInstant {
        guard let milliseconds else { throw Unreadable(field, found: "nothing", allowed: "a time") }
        guard (0...8_000_000_000_000).contains(milliseconds) else {
            throw Unreadable(field, found: "\(milliseconds)", allowed: "epoch milliseconds")
        }
        return VenueInstant(milliseconds: milliseconds)
    }

    static func symbol(_ name: String) throws -> Symbol {
        guard !name.isEmpty, name.utf8.count <= 64 else {
            throw Unreadable("symbol", found: name, allowed: "a name of 1 to 64 bytes")
        }
        return Symbol(name)
    }

    static func side(_ text: String) throws -> Side {
        switch text {
        case "BUY": return .buy
        case "SELL": return .sell
        default: throw Unreadable("side", found: text, allowed: "BUY, SELL")
        }
    }
}
