import ReckonModel
import Testing

@Suite("Times and spans")
struct TimeTests {
    @Test("an instant and a span add up and come apart again", arguments: 1...4 as ClosedRange<UInt64>)
    func arithmetic(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<300 {
            let start = Instant(
                nanoseconds: dice.roll(in: -4_000_000_000_000_000_000...4_000_000_000_000_000_000)
            )
            let span = Span(
                nanoseconds: dice.roll(in: -4_000_000_000_000_000_000...4_000_000_000_000_000_000)
            )
            #expect((start + span) - start == span)
            #expect((start + span) - span == start)
            #expect((start + span < start) == (span < .zero))
            #expect(-(-span) == span && span + -span == .zero)
        }
    }

    @Test("milliseconds round down on both sides of zero")
    func milliseconds() {
        #expect(Span(nanoseconds: 1_999_999).milliseconds == 1)
        #expect(Span(nanoseconds: -1).milliseconds == -1)
        #expect(Span(nanoseconds: -1_000_000).milliseconds == -1)
        #expect(Span.seconds(3) == .milliseconds(3_000) && Span.milliseconds(3) * 2 == .milliseconds(6))
    }

    @Test("floored division agrees with its definition", arguments: 1...4 as ClosedRange<UInt64>)
    func floored(seed: UInt64) {
        var dice = Dice(seed: seed)
        for _ in 0..<300 {
            let value = dice.roll(in: -1_000...1_000)
            let divisor = dice.roll(in: 1...50) * (dice.chance(1, in: 2) ? 1 : -1)
            let quotient = value.flooredDivision(by: divisor)
            let rest = value - quotient * divisor
            #expect(rest == 0 || (rest > 0) == (divisor > 0))
            #expect(abs(rest) < abs(divisor))
        }
    }

    @Test("seconds from policies are rounded and clamped, and no number is nothing")
    func seconds() {
        #expect(Span(seconds: 1.5) == .milliseconds(1_500))
        #expect(Span(seconds: -0.25) == .milliseconds(-250))
        #expect(Span(seconds: .nan) == .zero)
        #expect(Span(seconds: .infinity) == .seconds(9_000_000_000))
        #expect(Span(seconds: -.infinity) == .seconds(-9_000_000_000))
        #expect(Span.milliseconds(250).seconds == 0.25)
    }

    @Test("the venue's time is ours moved by the offset, rounded down")
    func clockOffset() {
        let offset = ClockOffset(offset: .milliseconds(-1_500), uncertainty: .milliseconds(20))
        #expect(offset.venueTime(at: Instant(nanoseconds: 2_000_999_999)).milliseconds == 500)
        #expect(offset.venueTime(at: .epoch).milliseconds == -1_500)
        #expect(ClockOffset.none.venueTime(at: Instant(nanoseconds: -1)).milliseconds == -1)
        let time = VenueInstant(milliseconds: 10)
        #expect((time + .milliseconds(5)) - .milliseconds(5) == time && time < time + .milliseconds(1))
    }
}
