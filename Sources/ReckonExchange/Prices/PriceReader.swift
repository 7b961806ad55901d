package import ReckonModel

/// Reads rows of prices out of a stream of bytes, one after the other, and refuses what is not plausible.
///
/// Its memory is one buffer, however long the stream is.
package struct PriceReader {
    private let file: String
    private let tick: Price
    private var lines: LineReader
    private var layout: PriceLayout?
    private var fields: [Range<Int>] = []
    private var isMicroseconds = false
    private var started: Int64?
    private var latest = Int64.min
    private var plausible: ClosedRange<Price>?
    /// Rows given so far.
    package private(set) var rows: Int64 = 0

    package init(file: String, tick: Price, bufferSize: Int = 65_536, source: @escaping ByteSource) {
        self.file = file
        self.tick = tick
        lines = LineReader(bufferSize: bufferSize, source: source)
    }

    /// Bytes read so far, and their digest.
    package var size: Int64 { lines.size }

    package var digest: UInt64 { lines.digest }

    /// The next row; absent at the end.
    package mutating func next() throws(PriceRefusal) -> PriceRow? {
        do throws(PriceRefusal.Reason) {
            return try read()
        } catch {
            throw PriceRefusal(file: file, line: error == .noRows ? 0 : lines.line, reason: error)
        }
    }

    private mutating func read() throws(PriceRefusal.Reason) -> PriceRow? {
        while let line = try lines.next() {
            split(line)
            if lines.line == 1, isHeader { continue }
            let row = try row()
            rows += 1
            return row
        }
        if rows == 0 { throw .noRows }
        return nil
    }

    private mutating func split(_ line: Range<Int>) {
        fields.removeAll(keepingCapacity: true)
        guard !line.isEmpty else { return }
        var from = line.lowerBound
        for index in line where lines.buffer[index] == UInt8(ascii: ",") {
            fields.append(from..<index)
            from = index + 1
        }
        fields.append(from..<line.upperBound)
    }

    /// A first line that begins with a letter names the columns.
    private var isHeader: Bool {
        guard let first = fields.first?.first else { return false }
        return PriceReader.isLetter(lines.buffer[first])
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private mutating func row() throws(PriceRefusal.Reason) -> PriceRow {
        let known = layout
        let isFlag =
            fields.count > 5 && (fields[5].first.map { PriceReader.isLetter(lines.buffer[$0]) } ?? false)
        guard let layout = known ?? PriceLayout(count: fields.count, isSixthAFlag: isFlag) else {
            throw .fields(found: fields.count, allowed: PriceLayout.known)
        }
        let names = layout.names
        guard fields.count == names.count else {
            throw .fields(found: fields.count, allowed: "\(names.count) as in the rows before")
        }
        self.layout = layout
        for (index, name) in names.enumerated() { try checkField(index, name) }
        if layout == .candles { return try candle() }
        let price = try price(1, "price")
        return .trade(at: try time(layout.timeColumn, notBefore: latest), price: price)
    }

    /// What is not used has to look right all the same: a row with one broken field is a broken row.
    private func checkField(_ index: Int, _ name: String) throws(PriceRefusal.Reason) {
        let bytes = lines.buffer[fields[index]]
        if name.hasPrefix("is_") {
            let word = text(index)
            guard ["true", "false", "True", "False", "TRUE", "FALSE"].contains(word) else {
                throw .notANumber(field: name, found: word)
            }
            return
        }
        let isNumber =
            !bytes.isEmpty
            && bytes.allSatisfy { byte in
                // "-" to "9" covers the sign, the full stop, the slash and the digits.
                (UInt8(ascii: "-")...UInt8(ascii: "9")).contains(byte) && byte != UInt8(ascii: "/")
            }
        guard isNumber else { throw .notANumber(field: name, found: text(index)) }
    }

    private mutating func candle() throws(PriceRefusal.Reason) -> PriceRow {
        let open = try price(1, "open")
        let high = try price(2, "high")
        let low = try price(3, "low")
        let close = try price(4, "close")
        guard high >= low else { throw .highBelowLow(high: high.description, low: low.description) }
        for (name, value) in [("open", open), ("close", close)] where value < low || value > high {
            throw .outsideCandle(
                field: name,
                found: value.description,
                low: low.description,
                high: high.description
            )
        }
        // The next candle may begin where this one ends and not before.
        let opens = try time(0, notBefore: latest)
        let closes = try time(6, notBefore: latest)
        return .candle(Candle(opens: opens, closes: closes, open: open, high: high, low: low, close: close))
    }

    private mutating func price(_ index: Int, _ name: String) throws(PriceRefusal.Reason) -> Price {
        let word = text(index)
        let price: Price
        do throws(DecimalRefusal) {
            price = try Price(parsing: word)
        } catch {
            throw .notANumber(field: name, found: word)
        }
        guard price.isPositive else { throw .notPositive(field: name, found: word) }
        let allowed: ClosedRange<Price>
        if let plausible {
            allowed = plausible
        } else {
            allowed = max(tick, Price(units: 1)) * 100...Price(units: 100_000_000 * Price.scale)
        }
        guard allowed.contains(price) else {
            throw .implausiblePrice(found: word, allowed: "\(allowed.lowerBound) to \(allowed.upperBound)")
        }
        if plausible == nil {
            let lowest = price.scaled(by: 1, over: 100, rounding: .up)
            plausible = max(lowest, max(tick, Price(units: 1)))...price * 100
        }
        return price
    }

    /// Since the first row; the time of the row before is the earliest that is allowed.
    private mutating func time(_ index: Int, notBefore least: Int64) throws(PriceRefusal.Reason) -> Span {
        let word = text(index)
        guard let units = Int64(word), word.utf8.first.map({ $0 != UInt8(ascii: "-") }) ?? false else {
            throw .notANumber(field: layout?.names[index] ?? "time", found: word)
        }
        if started == nil { isMicroseconds = PriceReader.microseconds.contains(units) }
        let scale = isMicroseconds ? PriceReader.microseconds : PriceReader.milliseconds
        guard scale.contains(units) else { throw .implausibleTime(found: word) }
        guard units >= least else { throw .backwards(found: units, before: max(latest, least)) }
        let start = started ?? units
        started = start
        latest = units
        return Span(nanoseconds: (units - start) * (isMicroseconds ? 1_000 : 1_000_000))
    }

    /// September 2001 to November 2286, as thirteen digits and as sixteen.
    private static let milliseconds: Range<Int64> = 1_000_000_000_000..<10_000_000_000_000
    private static let microseconds: Range<Int64> = 1_000_000_000_000_000..<10_000_000_000_000_000

    private func text(_ index: Int) -> String {
        String(decoding: lines.buffer[fields[index]], as: UTF8.self)
    }
}

/// What a file of prices holds, after all of it has been read once.
package struct PriceSummary: Hashable, Sendable {
    package let rows: Int64
    package let size: Int64
    package let digest: UInt64
    /// The first price.
    package let start: Price
    /// From the first row to the last moment that the last one speaks of.
    package let length: Span
    /// Venue time of the first row, in milliseconds.
    package let startsAt: VenueInstant

    /// Reads a file to its end, so that a bad row is found before a run and not amid it.
    package init(scanning reader: PriceReader) throws(PriceRefusal) {
        var reader = reader
        var start: Price?
        var length = Span.zero
        while let row = try reader.next() {
            switch row {
            case .candle(let candle):
                start = start ?? candle.open
                length = candle.closes
            case .trade(let offset, let price):
                start = start ?? price
                length = offset
            }
        }
        rows = reader.rows
        size = reader.size
        digest = reader.digest
        self.start = start ?? .zero
        self.length = length
        startsAt = reader.startsAt
    }
}

extension PriceReader {
    fileprivate var startsAt: VenueInstant {
        let units = started ?? 0
        return VenueInstant(milliseconds: isMicroseconds ? units / 1_000 : units)
    }
}
