package import ReckonModel

/// Turns rows of prices into the points at which the price changes, as they are asked for.
///
/// Prices are rounded to the nearest tick. A trade's price holds until the next one. A candle is walked in three legs of
/// equal time: open, low, high, close when it rose or stood still; open, high, low, close when it fell. Within a leg the
/// price goes evenly, one point at each of the exchange's steps, and both extremes are met exactly.
package struct PriceFeed {
    private var reader: PriceReader
    private let tick: Price
    private let step: Span
    private var walk: CandleWalk?
    private var ahead: PricePoint?
    private var last: Price?
    private var isOver = false
    /// Why the feed broke off; a file that was scanned before does so only when it has changed since.
    package private(set) var refusal: PriceRefusal?

    package init(_ reader: PriceReader, tick: Price, step: Span) {
        self.reader = reader
        self.tick = tick
        self.step = max(step, .milliseconds(1))
    }

    /// The next change of the price not after `limit`; absent where there is none up to then.
    package mutating func next(upTo limit: Span) -> PricePoint? {
        if ahead == nil { ahead = change() }
        guard let point = ahead, point.offset <= limit else { return nil }
        ahead = nil
        return point
    }

    /// What was read so far: bytes and their digest; at the end of the file, those of all of it.
    package var digest: UInt64 { reader.digest }

    package var isAtEnd: Bool { isOver && ahead == nil }

    private mutating func change() -> PricePoint? {
        while let point = point() {
            let rounded = nearest(point.price)
            guard rounded != last else { continue }
            last = rounded
            return PricePoint(offset: point.offset, price: rounded)
        }
        return nil
    }

    private mutating func point() -> PricePoint? {
        while !isOver {
            if let point = walk?.next() { return point }
            walk = nil
            switch row() {
            case .trade(let offset, let price): return PricePoint(offset: offset, price: price)
            case .candle(let candle): walk = CandleWalk(candle, step: step)
            case nil: isOver = true
            }
        }
        return nil
    }

    private mutating func row() -> PriceRow? {
        do throws(PriceRefusal) {
            return try reader.next()
        } catch {
            refusal = error
            return nil
        }
    }

    private func nearest(_ price: Price) -> Price {
        let down = price.rounded(.down, toMultipleOf: tick)
        let isNearerUp = (price - down) * 2 >= tick && tick.isPositive && price != down
        return max(isNearerUp ? down + tick : down, tick)
    }
}

/// The way of a price through one candle.
struct CandleWalk {
    private let candle: Candle
    private let corners: [PricePoint]
    private let step: Span
    private var corner = 0
    private var at: Span

    init(_ candle: Candle, step: Span) {
        self.candle = candle
        self.step = step
        let third = (candle.closes - candle.opens).nanoseconds / 3
        let (first, second) =
            candle.close >= candle.open ? (candle.low, candle.high) : (candle.high, candle.low)
        corners = [
            PricePoint(offset: candle.opens, price: candle.open),
            PricePoint(offset: candle.opens + Span(nanoseconds: third), price: first),
            PricePoint(offset: candle.opens + Span(nanoseconds: 2 * third), price: second),
            PricePoint(offset: candle.closes, price: candle.close),
        ]
        at = candle.opens
    }

    mutating func next() -> PricePoint? {
        guard corner < corners.count else { return nil }
        let target = corners[corner]
        let whole = Span(nanoseconds: (at.nanoseconds / step.nanoseconds + 1) * step.nanoseconds)
        guard corner > 0, whole < target.offset else {
            corner += 1
            at = target.offset
            return target
        }
        at = whole
        return PricePoint(offset: whole, price: price(at: whole, from: corners[corner - 1], to: target))
    }

    private func price(at offset: Span, from: PricePoint, to: PricePoint) -> Price {
        let gone = (offset - from.offset).nanoseconds
        let whole = (to.offset - from.offset).nanoseconds
        return from.price + (to.price - from.price).scaled(by: gone, over: whole, rounding: .down)
    }
}
