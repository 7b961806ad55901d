/// The venue's name of an instrument, such as `BTCUSDT`.
package struct Symbol: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) { self.name = name }

    package init(from decoder: any Decoder) throws {
        name = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    package var description: String { name }

    package static func < (left: Symbol, right: Symbol) -> Bool { left.name < right.name }
}
