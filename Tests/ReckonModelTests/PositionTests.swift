import ReckonModel
import Testing

@Suite("A position")
struct PositionTests {
    private static let symbol = Symbol("BTCUSDT")

    private static func filled(_ fills: [(Side, Int64, Int64)]) -> Position {
        fills.reduce(Position(symbol: symbol)) { position, fill in
            position.filled(fill.0, Quantity(units: fill.1), at: Price(units: fill.2))
        }
    }

    @Test("its quantity is the sum of its fills, in any order", arguments: 1...5 as ClosedRange<UInt64>)
    func quantity(seed: UInt64) {
        var dice = Dice(seed: seed)
        let fills = (0..<40).map { _ in
            (
                dice.chance(1, in: 2) ? Side.buy : .sell, dice.roll(in: 1...1_000_000_000),
                dice.roll(in: 1...9_000_000_000_000)
            )
        }
        let sum = fills.reduce(into: Quantity.zero) { $0 += $1.0.signed(Quantity(units: $1.1)) }
        let position = PositionTests.filled(fills)
        #expect(position.quantity == sum && PositionTests.filled(fills.reversed()).quantity == sum)
        #expect(position.isFlat == (sum == .zero))
        #expect(position.entryPrice.isZero == position.isFlat)
        #expect(position.closingSide == (sum.isZero ? nil : sum.isPositive ? .sell : .buy))
    }

    @Test("adding averages between the prices, rounded down", arguments: 1...5 as ClosedRange<UInt64>)
    func average(seed: UInt64) {
        var dice = Dice(seed: seed)
        for side in Side.allCases {
            var position = Position(symbol: PositionTests.symbol)
            var worth: Int128 = 0
            var low = Int64.max
            var high: Int64 = 0
            for _ in 0..<20 {
                let quantity = dice.roll(in: 1...1_000_000_000)
                let price = dice.roll(in: 1...9_000_000_000_000)
                position = position.filled(side, Quantity(units: quantity), at: Price(units: price))
                worth += Int128(quantity) * Int128(price)
                low = min(low, price)
                high = max(high, price)
            }
            let exact = worth / Int128(position.quantity.magnitude.units)
            #expect((low...high).contains(position.entryPrice.units))
            // Each of the twenty steps may lose less than one unit.
            #expect((exact - 20...exact).contains(Int128(position.entryPrice.units)))
        }
    }

    @Test("reducing keeps the entry, closing clears it, flipping takes the new price")
    func lifecycle() {
        let reduced = PositionTests.filled([(.buy, 10, 500), (.sell, 4, 900)])
        #expect(reduced.quantity.units == 6 && reduced.entryPrice.units == 500)
        let closed = PositionTests.filled([(.buy, 10, 500), (.sell, 10, 900)])
        #expect(closed.isFlat && closed.entryPrice == .zero && closed.closingSide == nil)
        let flipped = PositionTests.filled([(.buy, 10, 500), (.sell, 15, 900)])
        #expect(
            flipped.quantity.units == -5 && flipped.entryPrice.units == 900 && flipped.closingSide == .buy
        )
    }

    @Test("a fill whose price the venue does not say leaves the entry as it is")
    func withoutPrice() {
        let position = PositionTests.filled([(.sell, 10, 500), (.sell, 10, 0)])
        #expect(position.quantity.units == -20 && position.entryPrice.units == 500)
    }
}
