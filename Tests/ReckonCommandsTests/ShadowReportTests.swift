import Foundation
import ReckonCommands
import ReckonEngine
import ReckonModel
import Testing

@Suite("What a journal tells of policies that looked on")
struct ShadowReportTests {
    private struct Told: Decodable {
        struct Stretch: Decodable, Hashable {
            let from_sec: Double
            let until_sec: Double
            let way: String
        }
        struct Knob: Decodable, Hashable {
            let knob: String
            let looser_ticks: Int
            let tighter_ticks: Int
        }
        struct Sitting: Decodable {
            let name: String
            let compared: Int
            let disagreements: Int
            let knobs: [Knob]
            let stretches: [Stretch]
            let summary: String
        }

        let shadows: [Sitting]
    }

    /// How a policy differs at one tick.
    private struct Pattern: Hashable {
        var looser: [String] = []
        var tighter: [String] = []

        var way: String {
            switch (looser.isEmpty, tighter.isEmpty) {
            case (true, true): "same"
            case (false, true): "looser"
            case (true, false): "tighter"
            case (false, false): "mixed"
            }
        }
    }

    private static func identity(_ name: String) -> PolicyIdentity {
        PolicyIdentity(name: name, version: "1", digest: name + "-digest")
    }

    /// The counts that an engine puts on record for these patterns, one a second: whenever they change, and at the end.
    private static func facts(_ patterns: [Pattern], of name: String, from start: Int) -> [StampedFact] {
        var tally = ShadowTally(identity(name), champion: "champion", reason: "a trial")
        var told = [
            StampedFact(number: 1, at: .epoch + Span(seconds: Double(start)), fact: .shadowCompared(tally))
        ]
        var last = Pattern()
        for (index, pattern) in patterns.enumerated() {
            let at = Instant.epoch + Span(seconds: Double(start + index + 1))
            tally.tick += 1
            tally.compared += 1
            if pattern != Pattern() { tally.disagreements += 1 }
            for knob in pattern.looser { tally.knobs[knob, default: ShadowTally.Count()].looser += 1 }
            for knob in pattern.tighter { tally.knobs[knob, default: ShadowTally.Count()].tighter += 1 }
            if pattern != last || index == patterns.count - 1 {
                told.append(StampedFact(number: 1, at: at, fact: .shadowCompared(tally)))
            }
            last = pattern
        }
        return told
    }

    private static func told(_ facts: [StampedFact]) throws -> (Told, ShadowReport) {
        var record = ShadowRecord()
        for fact in facts { record.take(fact) }
        let report = ShadowReport(record, of: "j")
        return (try JSONDecoder().decode(Told.self, from: Data(try report.json().utf8)), report)
    }

    /// The way at each tick, which the counts alone have to give back.
    private static func ways(_ stretches: [Told.Stretch], ticks: Int) -> [String] {
        (1..<ticks).map { tick in
            stretches.last { $0.from_sec <= Double(tick) && Double(tick) < $0.until_sec }?.way ?? "none"
        }
    }

    @Test(
        "the way it differed at every tick comes back from counts that are told only when it changes",
        arguments: 1...40
    )
    func patterns(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let knobs = ["mode", "max_notional_usdt", "max_leverage"]
        var patterns: [Pattern] = []
        while patterns.count < 60 {
            var pattern = Pattern()
            for knob in knobs {
                switch dice.roll(below: 4) {
                case 0: pattern.looser.append(knob)
                case 1: pattern.tighter.append(knob)
                default: break
                }
            }
            if dice.roll(below: 3) == 0 { pattern = Pattern() }
            patterns += [Pattern](repeating: pattern, count: 1 + Int(dice.roll(below: 5)))
        }
        let (told, report) = try Self.told(Self.facts(patterns, of: "b", from: 0))
        let sitting = try #require(told.shadows.first)
        #expect(told.shadows.count == 1 && sitting.compared == patterns.count)
        // Before the first tick nothing differs; the last tick is where the record ends.
        #expect(Self.ways(sitting.stretches, ticks: patterns.count) == patterns.dropLast().map(\.way))
        for knob in sitting.knobs {
            #expect(knob.looser_ticks == patterns.count { $0.looser.contains(knob.knob) })
            #expect(knob.tighter_ticks == patterns.count { $0.tighter.contains(knob.knob) })
        }
        #expect(report.text(colour: false).first == sitting.summary)
    }

    @Test("each policy that looked on is told of by itself, one that never got to answer too")
    func sittings() throws {
        let looser = Pattern(looser: ["mode"])
        let facts =
            Self.facts([Pattern](repeating: looser, count: 4), of: "first", from: 0)
            + Self.facts([], of: "mute", from: 10)
            + Self.facts([Pattern(), Pattern(tighter: ["mode"])], of: "first", from: 20)
        let (told, report) = try Self.told(facts)
        #expect(told.shadows.map(\.name) == ["first", "mute", "first"])
        #expect(told.shadows.map(\.compared) == [4, 0, 2])
        #expect(told.shadows[0].summary.contains("0 % of 4 ticks; where they differ it is looser"))
        #expect(told.shadows[1].summary.contains("at no tick"))
        #expect(told.shadows[2].summary.contains("50 % of 2 ticks; where they differ it is tighter"))
        let page = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).html").path
        defer { try? FileManager.default.removeItem(atPath: page) }
        try report.write(to: page)
        let drawn = try String(contentsOfFile: page, encoding: .utf8)
        #expect(drawn.contains("way-looser") && drawn.contains("way-tighter") && !drawn.contains("http"))
        #expect(throws: (any Error).self) { try report.write(to: "/nowhere/at/all.html") }
    }
}
