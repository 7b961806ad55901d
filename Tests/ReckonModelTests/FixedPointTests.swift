import ReckonModel
import Testing

@Suite("Fixed-point numbers")
struct FixedPointTests {
    static let seeds: [UInt64] = [1, 2, 3, 4]

    /// Units of all sizes, the ends of the range among them.
    static func units(_ dice: inout Dice) -> Int64 {
        switch dice.roll(below: 8) {
        case 0: .max - dice.roll(in: 0...3)
        case 1: .min + 1 + dice.roll(in: 0...3)
        case 2: dice.roll(in: -3...3)
        case 3: dice.roll(in: -9_000...9_000) * 100_000_000
        default: Int64(bitPattern: dice.next()) >> Int64(dice.roll(in: 1...60))
        }
    }

    @Test("every value reads back from its own text", arguments: seeds)
    func roundTrip(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        for _ in 0..<500 {
            let price = Price(units: FixedPointTests.units(&dice))
            #expect(try Price(parsing: price.description) == price)
            let text = price.description
            #expect(!text.hasSuffix(".") && !(text.contains(".") && text.hasSuffix("0")))
        }
    }

    @Test("the text is the plain decimal that Int64 and padding give", arguments: seeds)
    func reference(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<500 {
            let units = FixedPointTests.units(&dice)
            var digits = String(units.magnitude)
            while digits.count < 9 { digits = "0" + digits }
            var text = digits.dropLast(8) + "." + digits.suffix(8)
            while text.hasSuffix("0") { text.removeLast() }
            if text.hasSuffix(".") { text.removeLast() }
            #expect(Quantity(units: units).description == (units < 0 ? "-" : "") + text)
        }
    }

    @Test(
        "trailing zeros and leading zeros do not matter",
        arguments: ["1.5", "01.5", "1.50", "1.500000000000"]
    )
    func zeros(text: String) throws {
        #expect(try Price(parsing: text).units == 150_000_000)
    }

    @Test(
        "what is not a plain decimal is refused at its place",
        arguments: [
            ("", DecimalRefusal.empty), ("-", .malformed(at: 1)), (".5", .malformed(at: 0)),
            ("5.", .malformed(at: 2)),
            ("1e5", .malformed(at: 1)), ("+1", .malformed(at: 0)), (" 1", .malformed(at: 0)),
            ("1 ", .malformed(at: 1)),
            ("1.2.3", .malformed(at: 3)), ("--1", .malformed(at: 1)), ("1,5", .malformed(at: 1)),
            ("٣", .malformed(at: 0)),
            ("0.000000001", .tooPrecise), ("92233720369", .tooLarge), ("99999999999999999999999", .tooLarge),
            ("nan", .malformed(at: 0)), ("0x10", .malformed(at: 1)), ("1_000", .malformed(at: 1)),
        ]
    )
    func refused(text: String, refusal: DecimalRefusal) {
        #expect(throws: refusal) { try Price(parsing: text) }
    }

    @Test("random bytes are read or refused, never a trap", arguments: seeds)
    func hostile(seed: UInt64) {
        var dice = Dice(seed: seed)
        let alphabet = Array("0123456789.-+e 9990")
        for _ in 0..<800 {
            let text = String(
                (0..<dice.roll(below: 26)).map { _ in alphabet[Int(dice.roll(below: UInt64(alphabet.count)))]
                }
            )
            guard let value = try? Price(parsing: text) else { continue }
            #expect((try? Price(parsing: value.description)) == value)
        }
    }

    @Test("rounding goes the way it says, by less than a step, and once is enough", arguments: seeds)
    func rounding(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<500 {
            let value = Quantity(units: Int64(bitPattern: dice.next()) >> 3)
            let step = Quantity(units: dice.roll(in: 1...1_000_000_000_000))
            let down = value.rounded(.down, toMultipleOf: step)
            let up = value.rounded(.up, toMultipleOf: step)
            #expect(down <= value && value <= up)
            #expect(value - down < step && up - value < step)
            #expect(down.units % step.units == 0 && up.units % step.units == 0)
            #expect(down.rounded(.up, toMultipleOf: step) == down)
            #expect((up == down) == (value == down))
            #expect(value.rounded(.up, toMultipleOf: .zero) == value)
        }
    }

    @Test("division rounds as told, against exact arithmetic", arguments: seeds)
    func division(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<500 {
            let numerator = Int128(dice.roll(in: .min / 2 ... .max / 2))
            let denominator = Int128(dice.roll(in: 1...1_000_000)) * (dice.chance(1, in: 2) ? 1 : -1)
            let down = Int128(divide(numerator, by: denominator, rounding: .down))
            let up = Int128(divide(numerator, by: denominator, rounding: .up))
            let isExact = numerator % denominator == 0
            #expect(up - down == (isExact ? 0 : 1))
            // Between the two lies the exact quotient; the comparison turns with the denominator's sign.
            let sign: Int128 = denominator > 0 ? 1 : -1
            #expect(
                down * denominator * sign <= numerator * sign && numerator * sign <= up * denominator * sign
            )
        }
    }

    @Test("a product over a quotient goes through wide arithmetic")
    func scaled() throws {
        let large = try Price(parsing: "90000000000")
        #expect(large.scaled(by: 10_000, over: 10_000, rounding: .down) == large)
        #expect(
            try Price(parsing: "100").scaled(by: 1, over: 3, rounding: .up) == Price(parsing: "33.33333334")
        )
        #expect(
            try Price(parsing: "-100").scaled(by: 1, over: 3, rounding: .up) == Price(parsing: "-33.33333333")
        )
    }

    @Test("a policy's figure never becomes more than it said, whatever it said", arguments: seeds)
    func figures(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<500 {
            let figure = Double(dice.next()) / 1e12
            let value = Notional(roundingDown: figure)
            #expect(Double(value.units) <= figure * 1e8 && value.units >= 0)
        }
        for odd in [-1, -Double.infinity, .nan, -0.0, 0] { #expect(Notional(roundingDown: odd) == .zero) }
        #expect(Notional(roundingDown: .infinity).description == "90000000000")
        #expect(Notional(roundingDown: 1e300).description == "90000000000")
    }

    @Test("worth rounds as told and a budget never buys more than it holds", arguments: seeds)
    func notional(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<500 {
            let quantity = Quantity(units: dice.roll(in: 1...1_000_000_000_000))
            let price = Price(units: dice.roll(in: 1...20_000_000_000_000))
            let exact = Int128(quantity.units) * Int128(price.units)
            let down = Notional(of: quantity, at: price, rounding: .down)
            let up = Notional(of: quantity, at: price, rounding: .up)
            #expect(Int128(down.units) * 100_000_000 <= exact && exact <= Int128(up.units) * 100_000_000)
            #expect(up.units - down.units <= 1)
            let bought = up.quantity(at: price)
            #expect(Notional(of: bought, at: price, rounding: .up) <= up)
            #expect(bought >= quantity)
        }
        #expect(Notional(units: 5).quantity(at: .zero) == .zero)
    }

    @Test("worked figures")
    func examples() throws {
        let worth = Notional(
            of: try Quantity(parsing: "0.015"),
            at: try Price(parsing: "64250.1"),
            rounding: .up
        )
        #expect(worth.description == "963.7515")
        #expect(
            try Notional(parsing: "1000").quantity(at: Price(parsing: "30000")).description == "0.03333333"
        )
        #expect(
            try Quantity(parsing: "0.0159").rounded(.down, toMultipleOf: Quantity(parsing: "0.001"))
                .description == "0.015"
        )
    }
}
