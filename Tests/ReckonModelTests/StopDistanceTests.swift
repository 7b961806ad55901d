import ReckonModel
import Testing

@Suite("A stop's distance")
struct StopDistanceTests {
    @Test(
        "the trigger lies on a tick, on the losing side, and loses no more than asked for",
        arguments: 1...5 as ClosedRange<UInt64>
    )
    func trigger(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<300 {
            let tick = Price(units: dice.roll(in: 1...10_000_000))
            let entry =
                Price(units: dice.roll(in: 1...900_000)).scaled(by: tick.units, over: 1, rounding: .down)
                + tick
            let points = dice.roll(in: 0...10_000)
            let asked = entry.scaled(by: points, over: 10_000, rounding: .up)
            let below = StopDistance.basisPoints(points).trigger(entry: entry, closing: .sell, tick: tick)
            let above = StopDistance.basisPoints(points).trigger(entry: entry, closing: .buy, tick: tick)
            #expect(below.units % tick.units == 0 && above.units % tick.units == 0)
            #expect(tick <= below && below <= entry && entry <= above)
            #expect(entry - below <= asked && above - entry <= asked)
            #expect(asked - (above - entry) <= tick + Price(units: 1))
        }
    }

    @Test("a stop that would lie below zero rests one tick above it")
    func aboveZero() throws {
        let tick = try Price(parsing: "0.1")
        let wide = StopDistance.averageTrueRange(try Price(parsing: "90"), hundredths: 200)
        #expect(wide.trigger(entry: try Price(parsing: "100"), closing: .sell, tick: tick) == tick)
    }

    @Test("worked figures")
    func examples() throws {
        let entry = try Price(parsing: "64250.1")
        let tick = try Price(parsing: "0.1")
        let percent = StopDistance.basisPoints(200)
        #expect(percent.trigger(entry: entry, closing: .sell, tick: tick).description == "62965.1")
        #expect(percent.trigger(entry: entry, closing: .buy, tick: tick).description == "65535.1")
        let range = StopDistance.averageTrueRange(try Price(parsing: "120.5"), hundredths: 150)
        #expect(range.trigger(entry: entry, closing: .sell, tick: tick).description == "64069.4")
        let fixed = StopDistance.price(try Price(parsing: "60000"))
        #expect(fixed.trigger(entry: entry, closing: .sell, tick: tick).description == "60000")
    }
}
