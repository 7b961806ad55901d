import Foundation
import NIOHTTP1
import ReckonBinance
import ReckonEngine
import ReckonModel
import Testing

/// A row of the published HTTP-level table, or of a text that it names, copied from there.
struct SignalRow: Sendable, CustomTestStringConvertible {
    let status: Int
    let body: String
    let taken: SheetClass
    /// Whether everything has to wait, or the request alone.
    var stopsAll = false

    init(_ status: Int, _ body: String, _ taken: SheetClass, stopsAll: Bool = false) {
        self.status = status
        self.body = body
        self.taken = taken
        self.stopsAll = stopsAll
    }

    var testDescription: String { "\(status) \(body.prefix(60))" }

    static let overload =
        "Request throttled by system-level protection. Reduce-only, close-position orders are exempt. Please try again."

    static let all: [SignalRow] = [
        SignalRow(400, #"{"code":-2019,"msg":"Margin is insufficient."}"#, .RM),
        SignalRow(401, #"{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}"#, .F),
        SignalRow(403, "<html><body>403 Forbidden</body></html>", .R, stopsAll: true),
        SignalRow(403, "", .R, stopsAll: true),
        SignalRow(404, "", .F),
        SignalRow(404, #"{"code":-5000,"msg":"Path /fapi/v1/nothing, Method POST is invalid"}"#, .F),
        SignalRow(408, "", .UNK),
        SignalRow(408, #"{"code":-1007,"msg":"Timeout waiting for response from backend server."}"#, .UNK),
        SignalRow(
            418,
            #"{"code":-1003,"msg":"Way too many requests; IP banned until 1700000100000."}"#,
            .R,
            stopsAll: true
        ),
        SignalRow(418, "<html></html>", .R, stopsAll: true),
        SignalRow(
            429,
            #"{"code":-1003,"msg":"Too many requests; current limit is 2400."}"#,
            .R,
            stopsAll: true
        ),
        SignalRow(
            429,
            #"{"code":-1015,"msg":"Too many new orders; current limit is 300 orders per 10 SECOND."}"#,
            .R
        ),
        SignalRow(429, "", .R, stopsAll: true),
        SignalRow(429, #"{"code":-1008,"msg":"\#(overload)"}"#, .R),
        SignalRow(500, "", .UNK), SignalRow(502, "<html><h1>502 Bad Gateway</h1></html>", .UNK),
        SignalRow(504, "<html><h1>504 Gateway Time-out</h1></html>", .UNK),
        SignalRow(
            503,
            #"{"code":-1000,"msg":"Unknown error, please check your request or try again later."}"#,
            .UNK
        ),
        SignalRow(503, "Unknown error, please check your request or try again later.", .UNK),
        SignalRow(503, #"{"code":0,"msg":"Service Unavailable."}"#, .R),
        SignalRow(
            503,
            #"{"code":-1001,"msg":"Internal error; unable to process your request. Please try again."}"#,
            .R
        ),
        SignalRow(503, #"{"code":-1008,"msg":"\#(overload)"}"#, .R),
        SignalRow(503, #"{"msg":"\#(overload)"}"#, .R),
        SignalRow(503, "", .UNK), SignalRow(503, "<html><h1>503 Service Unavailable</h1></html>", .UNK),
        SignalRow(500, "Request occur unknown error.", .UNK),
        SignalRow(503, #"{"code":-1000,"msg":"Request occur unknown error."}"#, .UNK),
        SignalRow(400, #"{"code":-1006,"msg":"An unexpected response was received."}"#, .UNK),
        SignalRow(400, #"{"code":-1007,"msg":"Send status unknown; execution status unknown."}"#, .UNK),
        SignalRow(
            400,
            #"{"code":-1000,"msg":"An unknown error occurred while processing the request."}"#,
            .UNK
        ),
        SignalRow(400, "", .UNK), SignalRow(400, "<html></html>", .UNK), SignalRow(400, "{}", .UNK),
        SignalRow(400, #"{"code":"x","msg":7}"#, .UNK),
        SignalRow(
            400,
            #"{"code":-4120,"msg":"Order type not supported for this endpoint. Please use the Algo Order API endpoints instead."}"#,
            .RM
        ),
        SignalRow(400, #"{"code":-2011,"msg":"Unknown order sent."}"#, .ID),
        SignalRow(400, #"{"code":-4015,"msg":"Client order id length should be less than 36 chars"}"#, .RM),
        SignalRow(400, #"{"code":-1106,"msg":"Parameter 'reduceonly' sent when not required."}"#, .RM),
        SignalRow(400, #"{"code":-1106,"msg":"Parameter 'timeinforce' sent when not required."}"#, .RM),
        SignalRow(400, #"{"code":-4061,"msg":"Order's position side does not match user's setting."}"#, .RM),
    ]
}

@Suite("The HTTP-level table, row by row")
struct HTTPTableTests {
    @Test("a signal is taken for what the venue's table says of a placement", arguments: SignalRow.all)
    func row(_ row: SignalRow) {
        let failure = ErrorMapTests.failure(row.status, row.body)
        #expect(SheetClass(failure.outcome) == row.taken, "became \(failure.outcome)")
        #expect(failure.stopsAllRequests == row.stopsAll)
        // Whatever stops everything says for how long; else nothing would ever go again.
        #expect(!row.stopsAll || failure.retryAfter != nil)
    }

    @Test("while the venue wants silence nothing is sent, of no kind, and afterwards it is")
    func silence() async throws {
        let turns = TurnCounter()
        try await withScript({ _ in
            turns.take() == 0
                ? .answer(429, #"{"code":-1003,"msg":"Too many requests"}"#, [("Retry-After", "1")])
                : .ok(Sample.order)
        }) { client, server in
            #expect(await client.query(Sample.query()).failure?.stopsAllRequests == true)
            for _ in 0..<3 {
                let failure = try #require(await client.place(Sample.placement()).failure)
                #expect(failure.outcome == .retryable && failure.stopsAllRequests)
                #expect(try #require(failure.retryAfter) <= .seconds(1))
            }
            #expect(server.requests.count == 1)
            try await Task.sleep(for: .milliseconds(1_050))
            #expect(await client.query(Sample.query()).failure == nil)
            #expect(server.requests.count == 2)
        }
    }

    @Test("a placement that the venue's own protection turned away holds up nothing else")
    func overload() async throws {
        let turns = TurnCounter()
        try await withScript({ _ in
            turns.take() == 0
                ? .answer(503, #"{"code":-1008,"msg":"\#(SignalRow.overload)"}"#, [("Retry-After", "9")])
                : .ok(Sample.order)
        }) { client, server in
            #expect(await client.place(Sample.placement()).failure?.outcome == .retryable)
            #expect(await client.query(Sample.query()).failure == nil)
            #expect(server.requests.count == 2)
        }
    }

    @Test("a code that nobody knows is doubt, and is told once")
    func unknownCodes() async throws {
        let log = KeptLog()
        let turns = TurnCounter()
        try await withScript(
            logger: log.logger,
            { _ in .answer(400, #"{"code":\#(turns.take() % 2 == 0 ? -9991 : -9992),"msg":"new"}"#, []) }
        ) { client, _ in
            for _ in 0..<8 { #expect(await client.place(Sample.placement()).failure?.outcome == .doubt) }
        }
        for code in ["-9991", "-9992"] { #expect(log.text.split(separator: code).count == 2, "\(log.text)") }
        #expect(log.text.contains("venue.unknown_code"))
    }
}
