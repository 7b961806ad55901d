import ReckonExchange
import ReckonModel
import Testing

/// Gives a text piecemeal, as many bytes at a time as asked for at most.
private func source(_ bytes: [UInt8], pieces: Int = .max) -> ByteSource {
    var given = 0
    return { buffer in
        let count = min(pieces, buffer.count, bytes.count - given)
        for index in 0..<count { buffer[index] = bytes[given + index] }
        given += count
        return count
    }
}

private func reader(_ text: String, pieces: Int = .max, bufferSize: Int = 65_536) -> PriceReader {
    PriceReader(
        file: "btc.csv",
        tick: price("0.1"),
        bufferSize: bufferSize,
        source: source(Array(text.utf8), pieces: pieces)
    )
}

private func rows(_ reader: PriceReader) throws(PriceRefusal) -> [PriceRow] {
    var reader = reader
    var rows: [PriceRow] = []
    while let row = try reader.next() { rows.append(row) }
    return rows
}

private func refusal(_ text: String) -> PriceRefusal? {
    do throws(PriceRefusal) {
        _ = try rows(reader(text))
        return nil
    } catch {
        return error
    }
}

private let header =
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n"

/// One candle of a minute, `minute` minutes after the start.
private func candle(_ minute: Int64, _ prices: String = "60000,60010,59990,60005", micro: Bool = false)
    -> String
{
    let open = 1_700_000_000_000 + minute * 60_000
    let close = micro ? "\(open * 1_000 + 59_999_999)" : "\(open + 59_999)"
    return "\(open)\(micro ? "000" : ""),\(prices),1.5,\(close),90000,12,0.7,42000,0\n"
}

/// Candles without end of a plausible market.
private func candles(_ count: Int64, seed: UInt64) -> String {
    var dice = Dice(seed: seed)
    var text = ""
    for minute in 0..<count {
        let low = dice.roll(in: 59_000...60_000)
        let high = low + dice.roll(in: 0...900)
        let open = dice.roll(in: low...high)
        let close = dice.roll(in: low...high)
        text += candle(minute, "\(open),\(high),\(low),\(close)")
    }
    return text
}

@Suite("Prices from a file")
struct PriceFileTests {
    @Test("all layouts of the archive are read, with and without a header, in milliseconds and microseconds")
    func layouts() throws {
        let first = PriceRow.trade(at: .zero, price: price("60000.1"))
        let second = PriceRow.trade(at: .milliseconds(250), price: price("60001"))
        let texts = [
            "id,price,qty,quote_qty,time,is_buyer_maker\n1,60000.1,2,3,1700000000000,true\n2,60001,2,3,1700000000250,false",
            "1,60000.10000000,2,3,1700000000000000,True,True\n2,60001,2,3,1700000000250000,False,True\n",
            "1,60000.1,2,3,4,1700000000000,true\r\n2,60001,2,3,4,1700000000250,false\r\n",
            "\u{FEFF}1,60000.1,2,3,4,1700000000000,true,true\n2,60001,2,3,4,1700000000250,false,true\n",
        ]
        for text in texts { #expect(try rows(reader(text)) == [first, second]) }
        let milli = try rows(reader(header + candle(0) + candle(1)))
        let micro = try rows(reader(candle(0, micro: true) + candle(1, micro: true)))
        #expect(milli.count == 2 && micro.count == 2)
        #expect(milli.map(\.offset) == micro.map(\.offset))
        #expect(milli.map(\.offset) == [.zero, .seconds(60)])
    }

    @Test(
        "a malformed row is refused with its line and its reason",
        arguments: [
            ("", 0, "no rows"), (header, 0, "no rows"), ("\n", 1, "0 fields"),
            (header + candle(0) + "1,2,3\n", 3, "3 fields"),
            (candle(0) + "1,60000,2,3,1700000060000,true\n", 2, "6 fields"),
            (candle(0, "60000,x,59990,60005"), 1, "high 'x' is no plain number"),
            (candle(0, "60000,6e4,59990,60005"), 1, "high '6e4'"),
            (candle(0, "60000,NaN,59990,60005"), 1, "high 'NaN'"),
            (candle(0, "60000,,59990,60005"), 1, "high ''"),
            (candle(0, "60000,60010,0,60005"), 1, "low 0 is not above 0"),
            (candle(0, "60000,60010,-5,60005"), 1, "low -5 is not above 0"),
            (candle(0, "60000,59000,59990,60005"), 1, "high 59000 is below low 59990"),
            (candle(0, "60020,60010,59990,60005"), 1, "open 60020 lies outside"),
            (candle(0, "60000,60010,59990,59980"), 1, "close 59980 lies outside"),
            (candle(1) + candle(0), 2, "goes back"), (candle(0) + candle(0), 2, "goes back"),
            (candle(0) + candle(1, micro: true), 2, "no plausible scale"),
            ("1,60000,2,3,1700000000,true\n", 1, "no plausible scale"),
            ("1,60000,2,3,1700000000000,maybe\n", 1, "is_buyer_maker 'maybe'"),
            ("1,60000,abc,3,1700000000000,true\n", 1, "qty 'abc'"),
            ("1,60000,2,3,-1700000000000,true\n", 1, "time '-1700000000000'"),
            ("1,0.5,2,3,1700000000000,true\n", 1, "price 0.5 is on no plausible scale"),
            (candle(0) + candle(1, "500,500.1,500,500"), 2, "price 500 is on no plausible"),
            ("1,99999999999999999999,2,3,1700000000000,true\n", 1, "price '99999999999999999999'"),
            (candle(0) + "1,6\u{0}0000\n", 2, "NUL"),
            (candle(0) + String(repeating: "1", count: 600) + "\n", 2, "more than 512 bytes"),
            (candle(0) + String(repeating: "1", count: 200_000), 2, "more than 512 bytes"),
            (candle(0) + "\n" + candle(1), 2, "0 fields"),
            (String(candle(0).dropLast(60)), 1, "fields"),
        ]
    )
    func malformed(text: String, line: Int, reason: String) {
        let found = refusal(text)
        #expect(found?.line == line)
        #expect(found?.text.contains(reason) == true, "\(found?.text ?? "taken")")
        #expect(found?.text.hasPrefix(line == 0 ? "btc.csv: " : "btc.csv:\(line): ") == true)
    }

    @Test(
        "a source that fails is refused, and so is one that claims to have given more than there was room for"
    )
    func unreadable() {
        for claim in [-1, Int.max] {
            var reader = PriceReader(file: "btc.csv", tick: price("0.1"), source: { _ in claim })
            #expect(throws: PriceRefusal(file: "btc.csv", line: 0, reason: .unreadable)) { try reader.next() }
        }
    }

    @Test(
        "whatever the pieces and the buffer, the rows and the digest are the same",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func smallBuffers(seed: UInt64) throws {
        let text = header + candles(60, seed: seed)
        let expected = try rows(reader(text))
        let whole = try PriceSummary(scanning: reader(text))
        #expect(expected.count == 60)
        var dice = Dice(seed: seed)
        for _ in 0..<8 {
            let pieces = Int(dice.roll(in: 1...700))
            let small = reader(text, pieces: pieces, bufferSize: Int(dice.roll(in: 1...2_000)))
            #expect(try rows(small) == expected)
            #expect(try PriceSummary(scanning: reader(text, pieces: pieces)) == whole)
            #expect(whole.size == Int64(text.utf8.count))
        }
    }

    @Test("no bytes make the reader trap", arguments: 1...40 as ClosedRange<UInt64>)
    func noise(seed: UInt64) {
        var dice = Dice(seed: seed)
        var bytes = Array((header + candles(20, seed: seed)).utf8)
        for _ in 0..<dice.roll(in: 1...40) {
            let place = Int(dice.roll(below: UInt64(bytes.count)))
            switch dice.roll(below: 3) {
            case 0: bytes[place] = UInt8(dice.roll(below: 256))
            case 1: bytes.remove(at: place)
            default: bytes.insert(Array("0123456789.,-\n".utf8)[Int(dice.roll(below: 14))], at: place)
            }
        }
        let noisy = PriceReader(file: "btc.csv", tick: price("0.1"), source: source(bytes, pieces: 97))
        var feed = PriceFeed(noisy, tick: price("0.1"), step: .seconds(1))
        var last = Span.zero
        while let point = feed.next(upTo: .seconds(1_200)) {
            #expect(point.offset >= last && point.price.isPositive)
            last = point.offset
        }
    }

    @Test("memory stays one buffer while a long file streams by")
    func streaming() throws {
        let block = Array("1,60000.1,2,3,1700000000000,true\n".utf8)
        var left = 200_000
        var largest = 0
        let endless: ByteSource = { buffer in
            largest = max(largest, buffer.count)
            guard left > 0, buffer.count >= block.count else { return 0 }
            left -= 1
            buffer.copyBytes(from: block)
            return block.count
        }
        let summary = try PriceSummary(
            scanning: PriceReader(file: "btc.csv", tick: price("0.1"), bufferSize: 4_096, source: endless)
        )
        #expect(summary.rows == 200_000 && summary.size == 200_000 * Int64(block.count))
        #expect(largest <= 4_096)
    }
}

@Suite("The way through a candle")
struct PriceFeedTests {
    private func feed(_ text: String, tick: String = "0.1", step: Span = .seconds(1)) -> PriceFeed {
        PriceFeed(reader(text), tick: price(tick), step: step)
    }

    private func points(_ text: String, tick: String = "0.1") -> [PricePoint] {
        var feed = feed(text, tick: tick)
        var points: [PricePoint] = []
        while let point = feed.next(upTo: .seconds(1_000_000)) { points.append(point) }
        return points
    }

    @Test("a rising candle goes open, low, high, close; a falling one open, high, low, close")
    func directions() throws {
        for (prices, corners) in [
            ("60000,60010,59990,60005", ["60000", "59990", "60010", "60005"]),
            ("60005,60010,59990,60000", ["60005", "60010", "59990", "60000"]),
        ] {
            let way = points(candle(0, prices)).map(\.price)
            var from = way.startIndex
            for corner in corners {
                let found = try #require(way[from...].firstIndex(of: price(corner)), "\(corner) of \(prices)")
                from = found
            }
            #expect(way.last == price(corners[3]))
        }
    }

    @Test(
        "prices lie on the tick and within the candle, both extremes are met, times never go back",
        arguments: 1...20 as ClosedRange<UInt64>
    )
    func within(seed: UInt64) throws {
        let text = candles(30, seed: seed)
        let way = points(text, tick: "0.5")
        let known = try rows(reader(text))
        var last = Span.zero
        for point in way {
            #expect(point.offset >= last)
            #expect(point.price.rounded(.down, toMultipleOf: price("0.5")) == point.price)
            last = point.offset
        }
        var before: Price?
        for case .candle(let candle) in known {
            let inside = way.filter { candle.opens <= $0.offset && $0.offset <= candle.closes }.map(\.price)
            #expect(inside.allSatisfy { candle.low <= $0 && $0 <= candle.high })
            for extreme in [candle.low, candle.high] {
                #expect(inside.contains(extreme) || before == extreme)
            }
            before = inside.last ?? before
        }
    }

    @Test("the nearest tick is taken, and never zero")
    func ticks() {
        let text =
            "1,60000.14,2,3,1700000000000,true\n2,60000.26,2,3,1700000000001,true\n3,60000.25,2,3,1700000000002,true\n"
        #expect(points(text).map(\.price) == [price("60000.1"), price("60000.3")])
    }

    @Test("a feed that meets a bad row stops there and says why")
    func breaksOff() {
        var feed = feed(candle(0) + "rubbish\n")
        while feed.next(upTo: .seconds(1_000)) != nil {}
        #expect(feed.refusal?.line == 2)
        #expect(feed.isAtEnd)
    }
}
