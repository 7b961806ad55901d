import Foundation
import NIOHTTP1
import ReckonBinance
import ReckonEngine
import ReckonModel
import Testing

@Suite("HTTP-level failures")
struct ErrorMapTests {
    /// 13 s into a minute, 3 s into ten seconds.
    static let now = VenueInstant(milliseconds: 1_700_000_040_000 - 27_000)

    static func failure(_ status: Int, _ body: String = "", _ headers: [(String, String)] = [])
        -> VenueFailure
    {
        ErrorMap.failure(
            of: RefusedAnswer(
                status: status,
                headers: HTTPHeaders(headers),
                body: Data(body.utf8),
                receivedAt: now
            ),
            kind: .change
        )
    }

    static func json(_ code: Int, _ message: String) -> String { #"{"code":\#(code),"msg":"\#(message)"}"# }

    @Test("server-side failures are unknown", arguments: [408, 500, 501, 502, 504, 505, 520, 599])
    func unknown(_ status: Int) {
        #expect(ErrorMapTests.failure(status).outcome == .doubt)
        #expect(ErrorMapTests.failure(status, "<html>Bad gateway</html>").outcome == .doubt)
        #expect(ErrorMapTests.failure(status, ErrorMapTests.json(-1001, "Internal error;")).outcome == .doubt)
        #expect(ErrorMapTests.failure(status, ErrorMapTests.json(-2019, "Margin")).outcome == .doubt)
    }

    @Test("the three texts of 503 are told apart")
    func unavailable() {
        let unknown = ErrorMapTests.json(
            -1000,
            "Unknown error, please check your request or try again later."
        )
        #expect(ErrorMapTests.failure(503, unknown).outcome == .doubt)
        let service = ErrorMapTests.failure(503, #"{"msg":"Service Unavailable."}"#)
        #expect(service.outcome == .retryable)
        #expect(service.retryAfter == .milliseconds(200))
        let text = "Internal error; unable to process your request. Please try again."
        #expect(ErrorMapTests.failure(503, ErrorMapTests.json(-1001, text)).outcome == .retryable)
        #expect(
            ErrorMapTests.failure(503, ErrorMapTests.json(-1008, "Server is overloaded")).outcome
                == .retryable
        )
        #expect(ErrorMapTests.failure(503, ErrorMapTests.json(-1008, "x")).stopsAllRequests == false)
        #expect(ErrorMapTests.failure(503, "Request occur unknown error.").outcome == .doubt)
    }

    @Test("a proxy's page that says 503 Service Unavailable proves nothing")
    func proxyPage() {
        #expect(ErrorMapTests.failure(503, "Service Unavailable.").outcome == .doubt)
        #expect(ErrorMapTests.failure(503, "<h1>503 Service Unavailable</h1>").outcome == .doubt)
        #expect(ErrorMapTests.failure(503).outcome == .doubt)
    }

    @Test("the weight limit stops everything until Retry-After or the minute's end")
    func weightLimit() {
        let body = ErrorMapTests.json(-1003, "Too many requests; current limit is 2400 per minute.")
        let told = ErrorMapTests.failure(429, body, [("Retry-After", "7")])
        #expect(told.outcome == .retryable)
        #expect(told.retryAfter == .seconds(7))
        #expect(told.stopsAllRequests)
        let untold = ErrorMapTests.failure(429, body)
        #expect(untold.retryAfter == .milliseconds(60_000 - ErrorMapTests.now.milliseconds % 60_000))
        #expect(ErrorMapTests.failure(400, body).stopsAllRequests)
    }

    @Test("the order limit stops orders only, until its own window ends")
    func orderLimit() {
        let short = ErrorMapTests.failure(
            429,
            ErrorMapTests.json(-1015, "Too many new orders; current limit is 300 orders per 10 SECOND.")
        )
        #expect(short.stopsAllRequests == false)
        #expect(short.retryAfter == .milliseconds(10_000 - ErrorMapTests.now.milliseconds % 10_000))
        let long = ErrorMapTests.failure(
            429,
            ErrorMapTests.json(-1015, "Too many new orders; current limit is 1200 orders per 1 MINUTE.")
        )
        #expect(long.retryAfter == .milliseconds(60_000 - ErrorMapTests.now.milliseconds % 60_000))
    }

    @Test("a ban's end is read from the header, else from the text, else the shortest ban is assumed")
    func ban() {
        let end = ErrorMapTests.now.milliseconds + 93_000
        let text = "Way too many requests; IP(1.2.3.4) banned until \(end). Please use the websocket."
        let banned = ErrorMapTests.failure(418, ErrorMapTests.json(-1003, text))
        #expect(banned.outcome == .retryable)
        #expect(banned.stopsAllRequests)
        #expect(banned.retryAfter == .seconds(93))
        let header = ErrorMapTests.failure(418, ErrorMapTests.json(-1003, text), [("retry-after", "120")])
        #expect(header.retryAfter == .seconds(120))
        #expect(ErrorMapTests.failure(418).retryAfter == .seconds(120))
        let past = ErrorMapTests.json(-1003, "banned until 1000000000000.")
        #expect(ErrorMapTests.failure(418, past).retryAfter == .seconds(1))
        let absurd = ErrorMapTests.json(-1003, "banned until 9999999999999.")
        #expect(ErrorMapTests.failure(418, absurd).retryAfter == .seconds(4 * 86_400))
    }

    @Test(
        "a hostile Retry-After is bounded or passed over",
        arguments: ["-5", "soon", "1e9", "", "99999999999999999999"]
    )
    func retryAfterText(_ text: String) {
        let failure = ErrorMapTests.failure(429, "", [("Retry-After", text)])
        #expect(failure.retryAfter.map { $0 > .zero && $0 <= .seconds(60) } == true)
        let long = ErrorMapTests.failure(429, "", [("Retry-After", "9223372036854775807")])
        #expect(long.retryAfter == .seconds(4 * 86_400))
    }

    @Test("a firewall's 403 stops all traffic for long; a coded 403 goes by its code")
    func firewall() {
        let wall = ErrorMapTests.failure(403, "<html>Forbidden</html>")
        #expect(wall.outcome == .retryable)
        #expect(wall.stopsAllRequests)
        #expect(wall.retryAfter == .seconds(300))
        #expect(ErrorMapTests.failure(403, ErrorMapTests.json(-2015, "Invalid API-key")).outcome == .fatal)
    }

    @Test("unknown paths and refused keys are fatal, refusals without a code are not believed")
    func others() {
        #expect(ErrorMapTests.failure(404, "<html>").outcome == .fatal)
        #expect(ErrorMapTests.failure(404, ErrorMapTests.json(-5000, "Path")).outcome == .fatal)
        #expect(
            ErrorMapTests.failure(401, ErrorMapTests.json(-2014, "API-key format invalid.")).outcome == .fatal
        )
        #expect(ErrorMapTests.failure(401).outcome == .fatal)
        #expect(ErrorMapTests.failure(400, "<html>").outcome == .doubt)
        #expect(ErrorMapTests.failure(302).outcome == .doubt)
        #expect(ErrorMapTests.failure(204).outcome == .doubt)
    }

    @Test("a message is one line of bounded length whatever the body holds")
    func message() {
        let long = ErrorMapTests.failure(400, ErrorMapTests.json(-2010, String(repeating: "x", count: 5000)))
        #expect(long.message.count <= 300)
        let broken = ErrorMapTests.failure(400, #"{"code":-2010,"msg":"a\nb\u0000c\u001b[31m"}"#)
        #expect(broken.message == "a b c [31m")
    }

    @Test("any body at any status gives some failure")
    func anything() {
        var dice = Dice(seed: 11)
        for _ in 0..<3000 {
            let status = Int(dice.roll(in: 100...700))
            let length = Int(dice.roll(in: 0...40))
            let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
            let failure = ErrorMap.failure(
                of: RefusedAnswer(
                    status: status,
                    headers: HTTPHeaders(),
                    body: Data(bytes),
                    receivedAt: ErrorMapTests.now
                ),
                kind: .change
            )
            // Without the venue's own code nothing but these can be claimed.
            let claimed = failure.outcome != .doubt
            #expect(!claimed || [401, 403, 404, 418, 429].contains(status), "\(status)")
        }
    }
}
