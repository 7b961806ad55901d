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
    /// The file and line at fault, where it is one of a policy.
    package var place: (file: String, line: Int)?

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

    /// A version of the policy that is not put to work.
    init(_ refusal: PolicyRefusal) {
        let allowed = "a version that is let in, compiles, passes its tests and answers what is believed now"
        self.init(
            .unprocessableContent,
            .refused,
            rule: refusal.code,
            found: refusal.text,
            allowed: allowed,
            message: "\(refusal.text); what was at work goes on"
        )
        if !refusal.file.isEmpty { place = (refusal.file, refusal.line) }
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
        var members: [JSON.Member] = [
            .init("code", .text(code.rawValue)), .init("rule", .text(rule)), .init("found", .text(found)),
            .init("allowed", .text(allowed)), .init("message", .text(message)),
        ]
        if let place {
            members += [.init("file", .text(place.file)), .init("line", .whole(place.line))]
        }
        return ["error": .object(members)]
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
