package import ReckonExchange
package import ReckonModel

/// A file of prices that has been read once and found good, and how to read it again.
package struct PriceSeries: Sendable {
    package let symbol: Symbol
    package let file: String
    package let summary: PriceSummary
    private let open: @Sendable () -> ByteSource?

    /// Reads all of it; `open` gives the bytes from the beginning, each time it is called, or nothing.
    package init(
        _ symbol: Symbol,
        file: String,
        open: @escaping @Sendable () -> ByteSource?
    ) throws(PriceRefusal) {
        self.symbol = symbol
        self.file = file
        self.open = open
        summary = try PriceSummary(scanning: PriceSeries.reader(symbol, file, open))
    }

    /// A fresh walk through the file.
    func feed(step: Span) -> PriceFeed {
        PriceFeed(PriceSeries.reader(symbol, file, open), tick: PriceSeries.tick(symbol), step: step)
    }

    /// The first price, on the tick.
    var start: Price {
        var feed = feed(step: .seconds(1))
        return feed.next(upTo: .zero)?.price ?? summary.start
    }

    private static func tick(_ symbol: Symbol) -> Price {
        MarketConfiguration.sample(symbol).instrument.tickSize
    }

    private static func reader(
        _ symbol: Symbol,
        _ file: String,
        _ open: @Sendable () -> ByteSource?
    ) -> PriceReader {
        PriceReader(file: file, tick: tick(symbol), source: open() ?? { _ in -1 })
    }

    /// What a repeat has to find again, whatever the file is called there.
    var identity: String {
        "prices \(symbol) \(summary.rows) rows \(summary.size) bytes digest \(hex(summary.digest))"
    }

    private func hex(_ word: UInt64) -> String {
        let text = String(word, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
