/// A name: some text that means one thing and orders by its bytes.
package protocol TextIdentifier: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    var text: String { get }
    init(_ text: String)
}

extension TextIdentifier {
    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// A number that names one thing.
package protocol NumberIdentifier: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    var number: Int64 { get }
    init(_ number: Int64)
}

extension NumberIdentifier {
    package var description: String { "\(number)" }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// Number of an intent within one journal, counted from 1.
package struct IntentID: NumberIdentifier {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }
}

/// The venue's number of an order, or of an algo order on its own endpoint.
package struct VenueOrderID: NumberIdentifier {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }
}

/// One id for all that happens on behalf of one intent: facts, log lines, events, API answers.
package struct CorrelationID: TextIdentifier {
    package let text: String

    package init(_ text: String) { self.text = text }
}

/// The id under which we send an order; durable before it is sent.
///
/// Shape: 1 to 36 characters of `A-Z a-z 0-9 . : / _ -`. Unique at the venue only among *open* orders.
package struct ClientOrderID: TextIdentifier {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// Whether the venue's alphabet and length allow this text.
    package var isAcceptable: Bool {
        let bytes = text.utf8
        return (1...36).contains(bytes.count) && bytes.allSatisfy(ClientOrderID.isAllowed)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        // "." to ":" covers the full stop, the slash, the digits and the colon.
        case UInt8(ascii: ".")...UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
