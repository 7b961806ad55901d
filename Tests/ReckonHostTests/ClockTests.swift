import Foundation
import Logging
import ReckonHost
import ReckonModel
import ReckonTestRig
import Testing

@Suite("The host's clock and its texts")
struct ClockTests {
    @Test("never goes backwards, also after it was moved on past the journal's last fact")
    func monotone() {
        let clock = HostClock()
        var last = clock.now()
        for step in 0..<2000 {
            if step == 1000 { clock.notBefore(last + .seconds(3600)) }
            if step == 1500 { clock.notBefore(last - .seconds(3600)) }
            let now = clock.now()
            #expect(now >= last)
            last = now
        }
        #expect(last > HostClock().now() + .seconds(3500))
    }

    @Test("RFC 3339 agrees with Foundation for any time")
    func texts() throws {
        var dice = Dice(seed: 5)
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        for _ in 0..<2000 {
            let milliseconds = dice.roll(in: 0...4_000_000_000_000)
            let text = Instant(nanoseconds: milliseconds * 1_000_000 + 999_999).rfc3339
            let date = try #require(formatter.date(from: text), "\(text)")
            #expect(abs(date.timeIntervalSince1970 - Double(milliseconds) / 1000) < 0.0006, "\(text)")
        }
        #expect(Instant.epoch.rfc3339 == "1970-01-01T00:00:00.000Z")
    }

    @Test("a log line stays one line with flat keys, whatever it is told", arguments: LogFormat.allCases)
    func logLines(_ format: LogFormat) throws {
        let folder = try TestFolder()
        let sink = try LogSink(path: folder.path("log"))
        let logger = Logger(label: "t") { label in
            LineLog(label: label, level: .info, format: format, sink: sink, clock: HostClock())
        }
        logger.info(
            "order.create",
            metadata: ["correlation_id": "c-1", "words": "two\nlines \"and\" = more"]
        )
        logger.debug("silent")
        let text = try String(contentsOfFile: folder.path("log"), encoding: .utf8)
        #expect(text.split(separator: "\n").count == 1)
        switch format {
        case .line:
            #expect(text.contains(" level=info event=order.create correlation_id=c-1 words=\"two\\nlines"))
        case .json:
            let fields = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
            #expect(fields["event"] == "order.create")
            #expect(fields["words"] == "two\nlines \"and\" = more")
        }
    }
}
