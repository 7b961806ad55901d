/// The venue's name of an instrument, such as `BTCUSDT`.
package struct Symbol: TextIdentifier {
    package let name: String

    package init(_ name: String) { self.name = name }

    package var text: String { name }
}
