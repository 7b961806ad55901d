import HTTPTypes
package import Hummingbird
import NIOCore
import ReckonEngine

/// An answer that is not a success: a status and `{error: {code, rule, found, allowed, message}}`.
package struct ControlError: Error, Sendable {
    /// What kind of no it is; stable, for programs.
    package enum Code: String, Sendable {
        case malformed
        case unauthorised = "unauthorized"
        case forbidden
        case notFound = "not_found"
        case tooLarge = "too_large"
        case conflict
        case refused
        case unavailable
        /// No durable answer in time: it may have been taken on. Ask again under the same key.
        case undecided
        case failed
    }

    package let status: HTTPResponse.Status
    package let code: Code
    /// The rule that refused, or the field at fault.
    package let rule: String
    package let found: String
    package let allowed: String
    package let message: String
    package var retryAfterSeconds: Int?

    init(
        _ status: HTTPResponse.Status,
        _ code: Code,
        rule: String,
        found: String,
        allowed: String,
        message: String? = nil
    ) {
        self.status = status
        self.code = code
        self.rule = rule
        self.found = found
        self.allowed = allowed
        self.message = message ?? "\(rule): found \(found), allowed \(allowed)"
    }

    static func malformed(_ field: String, found: String, allowed: String) -> ControlError {
        ControlError(.badRequest, .malformed, rule: field, found: found, allowed: allowed)
    }

    static func notFound(_ what: String, found: String, allowed: String) -> ControlError {
        ControlError(.notFound, .notFound, rule: what, found: found, allowed: allowed)
    }

    /// The engine is there, but not for this and not now.
    static func unavailable(_ rule: String, found: String, allowed: String) -> ControlError {
        var error = ControlError(
            .serviceUnavailable,
            .unavailable,
            rule: rule,
            found: found,
            allowed: allowed
        )
        error.retryAfterSeconds = 1
        return error
    }

    init(_ refusal: Refusal) {
        let (status, code) = ControlError.outcome(of: refusal.rule)
        self.init(
            status,
            code,
            rule: refusal.rule.rawValue,
            found: refusal.found,
            allowed: refusal.allowed,
            message: refusal.message
        )
        if code == .unavailable { retryAfterSeconds = 1 }
    }

    private static func outcome(of rule: Refusal.Rule) -> (HTTPResponse.Status, Code) {
        switch rule {
        case .keyReused, .alreadyEnded, .flattening, .replaceUnderWay, .withdrawn: (.conflict, .conflict)
        case .unknownIntent: (.notFound, .notFound)
        case .starting, .journalDown, .throttled: (.serviceUnavailable, .unavailable)
        case .malformed, .unknownSymbol, .symbolNotTrading, .sizeOffStep, .sizeTooSmall, .sizeTooLarge,
            .priceOffTick,
            .priceOutOfRange, .belowMinNotional, .noMark, .stopInvalid, .tooOld, .halted, .killSwitch,
            .entriesClosed,
            .confidence, .notional, .leverageAboveCap, .marginMode, .cooldown, .openOrders, .staleEvidence,
            .unresolvedIntent,
            .unprotectedPosition, .stopSlots, .accountShared, .nothingToReduce, .expired,
            .replaceBound, .wrongSideOfLeg:
            (.unprocessableContent, .refused)
        }
    }

    package var body: JSON {
        [
            "error": [
                "code": .text(code.rawValue), "rule": .text(rule), "found": .text(found),
                "allowed": .text(allowed),
                "message": .text(message),
            ]
        ]
    }

    var response: Response {
        var response = Response(status: status, body)
        if let retryAfterSeconds { response.headers[.retryAfter] = "\(retryAfterSeconds)" }
        if code == .unauthorised { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}

extension Response {
    /// A JSON answer.
    init(status: HTTPResponse.Status = .ok, _ json: JSON) {
        self.init(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json.description + "\n"))
        )
    }
}
