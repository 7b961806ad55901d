import AsyncHTTPClient
package import Foundation
import NIOCore
package import NIOHTTP1
import NIOPosix
import NIOSSL
package import ReckonEngine
package import ReckonModel

/// An answer of the venue that is not a success.
package struct RefusedAnswer: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    package let body: Data
    /// Our best guess of the venue's time, to which the ends of windows and bans are related.
    package let receivedAt: VenueInstant

    package init(status: Int, headers: HTTPHeaders, body: Data, receivedAt: VenueInstant) {
        self.status = status
        self.headers = headers
        self.body = body
        self.receivedAt = receivedAt
    }
}

/// What was asked of the venue, as far as the meaning of a failure hangs on it.
package enum RequestKind: Sendable, Hashable, CaseIterable {
    /// It could change something at the venue.
    case change
    /// It could not: an unknown refusal may simply be asked again.
    case read
}

/// From the venue's refusals, and the transport's, to one of our outcome classes, purely.
///
/// Source: docs/venue-binance.md, HTTP answers, Error codes. Pinned by `ErrorMapTests`.
package enum ErrorMap {
    package static func failure(of answer: RefusedAnswer, kind: RequestKind) -> VenueFailure {
        let error = WireError(answer.body)
        switch answer.status {
        case 418, 429: return throttled(answer, error)
        case 403 where error.code == nil: return walledOff(answer, error)
        case 404 where error.code == nil:
            return VenueFailure(.fatal, code: 404, message: "no such path: \(error.message)")
        case 408: return .unknown("timed out behind the venue: \(error.message)", code: error.code ?? 408)
        case 500...: return serverSide(answer, error)
        case 400...: return refused(answer, error, kind)
        default: return .unknown("unexpected HTTP status \(answer.status)", code: answer.status)
        }
    }

    /// The venue's own code, where the table has no row for it.
    package static func unknownCode(in answer: RefusedAnswer) -> Int? {
        guard let code = WireError(answer.body).code, ErrorTable.outcome(of: code) == nil else { return nil }
        return code
    }

    /// What the refusal of one order among others in a batch means.
    static func failure(ofElement code: Int, _ message: String, at now: VenueInstant) -> VenueFailure {
        let words = ["code": "\(code)", "msg": message]
        let body = (try? JSONEncoder().encode(words)) ?? Data()
        let answer = RefusedAnswer(status: 400, headers: HTTPHeaders(), body: body, receivedAt: now)
        return failure(of: answer, kind: .change)
    }

    private static func refused(_ answer: RefusedAnswer, _ error: WireError, _ kind: RequestKind)
        -> VenueFailure
    {
        guard let code = error.code else {
            let outcome: OutcomeClass = answer.status == 401 ? .fatal : .doubt
            return VenueFailure(outcome, code: answer.status, message: error.message)
        }
        if code == -1003 || code == -1015 { return throttled(answer, error) }
        guard let outcome = refined(code, error.message) ?? ErrorTable.outcome(of: code) else {
            return VenueFailure(kind == .read ? .retryable : .doubt, code: code, message: error.message)
        }
        return VenueFailure(outcome, code: code, message: error.message, retryAfter: retryAfter(answer))
    }

    /// Codes whose text names what has to change.
    private static func refined(_ code: Int, _ message: String) -> OutcomeClass? {
        let text = message.lowercased()
        switch code {
        // Hedge mode refuses the flag itself. Dropping it could open exposure in one-way mode, so: read the
        // mode.
        case -1106 where text.contains("reduceonly"): return .retryableWith(.rereadMode)
        case -1100 where text.contains("clientorderid") || text.contains("clientalgoid"):
            return .retryableWith(.newID)
        default: return nil
        }
    }

    /// 5xx: unknown, except where the venue says outright that nothing was done.
    private static func serverSide(_ answer: RefusedAnswer, _ error: WireError) -> VenueFailure {
        let code = error.code ?? answer.status
        if isOverload(error) { return overload(answer, error) }
        // Only the venue's own JSON is believed: a proxy's page may say the same of a request that went
        // through.
        let denials = ["Service Unavailable", "Internal error; unable to process your request"]
        if answer.status == 503, error.isJSON, denials.contains(where: error.message.hasPrefix) {
            let wait = retryAfter(answer) ?? .milliseconds(200)
            return VenueFailure(.retryable, code: code, message: error.message, retryAfter: wait)
        }
        return .unknown("HTTP \(answer.status): \(error.message)", code: code)
    }

    /// The venue's own protection: it turns entries away, not counted against us; what reduces, closes or cancels is exempt,
    /// so nothing but the request itself waits (I-03).
    private static func isOverload(_ error: WireError) -> Bool {
        let words = "Request throttled by system-level protection"
        return error.code == -1008 || error.isJSON && error.code == nil && error.message.hasPrefix(words)
    }

    private static func overload(_ answer: RefusedAnswer, _ error: WireError) -> VenueFailure {
        var failure = VenueFailure(
            .retryable,
            code: error.code ?? answer.status,
            message: error.message,
            retryAfter: retryAfter(answer)
        )
        failure.stopsEntries = true
        return failure
    }

    private static func walledOff(_ answer: RefusedAnswer, _ error: WireError) -> VenueFailure {
        let wait = retryAfter(answer) ?? .seconds(300)
        let message = "blocked in front of the venue (firewall): \(error.message)"
        return VenueFailure(.retryable, code: 403, message: message, retryAfter: wait, stopsAllRequests: true)
    }

    /// 429 and 418.
    ///
    /// The order-rate limit binds new orders only; the weight limit and bans bind everything.
    private static func throttled(_ answer: RefusedAnswer, _ error: WireError) -> VenueFailure {
        if answer.status == 429, isOverload(error) { return overload(answer, error) }
        let isOrderRate = error.code == -1015 && answer.status != 418
        let wait =
            retryAfter(answer) ?? banLeft(error.message, at: answer.receivedAt)
            ?? windowLeft(isOrderRate, error.message, answer)
        let code = error.code ?? answer.status
        var failure = VenueFailure(
            .retryable,
            code: code,
            message: error.message,
            retryAfter: wait,
            stopsAllRequests: !isOrderRate
        )
        failure.stopsEntries = isOrderRate
        return failure
    }

    private static func windowLeft(_ isOrderRate: Bool, _ message: String, _ answer: RefusedAnswer) -> Span {
        // Source: docs/venue-binance.md, Limits: a first ban lasts two minutes.
        if answer.status == 418 { return .seconds(120) }
        let text = message.uppercased()
        let isShort = isOrderRate && !text.contains("MINUTE")
        let window: Int64 = isShort ? 10_000 : 60_000
        let into = answer.receivedAt.milliseconds % window
        return .milliseconds(window - max(0, into))
    }

    /// What is left of a ban whose end the text gives in epoch milliseconds.
    ///
    /// Source: docs/venue-binance.md, Limits.
    private static func banLeft(_ message: String, at now: VenueInstant) -> Span? {
        guard let match = message.firstMatch(of: /until\s+(\d{13})(?!\d)/), let end = Int64(match.1) else {
            return nil
        }
        return .milliseconds(min(max(end - now.milliseconds, 1000), 4 * 86_400_000))
    }

    private static func retryAfter(_ answer: RefusedAnswer) -> Span? {
        guard let text = answer.headers.first(name: "Retry-After"), let seconds = Int64(text), seconds >= 0
        else { return nil }
        return .seconds(min(seconds, 4 * 86_400))
    }
}

extension ErrorMap {
    /// What a broken request means.
    ///
    /// Only a connection that never stood proves that nothing was executed.
    package static func failure(ofTransport error: any Error) -> VenueFailure {
        switch error {
        case let error as NIOConnectionError:
            return notSent("cannot connect to \(error.host):\(error.port)")
        case let error as HTTPClientError:
            let neverStood: [HTTPClientError] = [
                .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .alreadyShutdown,
            ]
            let text = "\(error.shortDescription)"
            return neverStood.contains(error) ? notSent(text) : .unknown(text)
        // A numeric address is connected to without NIO's wrapping; only a connect is ever refused.
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return notSent("connection refused")
        case NIOSSLError.handshakeFailed:
            return notSent("TLS handshake failed")
        default:
            return .unknown("connection broke: \(type(of: error))")
        }
    }

    private static func notSent(_ message: String) -> VenueFailure {
        VenueFailure(.retryable, code: 0, message: "never sent: \(message)")
    }
}

/// `{"code": …, "msg": …}`, or whatever else came as the body of a refusal.
struct WireError: Sendable {
    let code: Int?
    let isJSON: Bool
    /// The venue's words on one line, cut to a length that logs can bear.
    let message: String

    private struct Body: Decodable {
        let code: Loose?
        let msg: String?
    }

    init(_ body: Data) {
        let decoded = try? JSONDecoder().decode(Body.self, from: body)
        isJSON = decoded != nil
        code = decoded?.code.flatMap { Int($0.text) }
        let text = decoded?.msg ?? String(decoding: body.prefix(200), as: UTF8.self)
        message = WireError.oneLine(text)
    }

    static func oneLine(_ text: String) -> String {
        let visible = text.unicodeScalars.prefix(300).map { scalar in
            scalar.properties.generalCategory == .control ? " " : Character(scalar)
        }
        return visible.isEmpty ? "(no words)" : String(visible)
    }
}
