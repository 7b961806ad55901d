package import ReckonEngine
package import ReckonExchange
import ReckonModel

/// What the exchange model's refusals mean, as an adapter would say it.
///
/// Source: the venue's published error codes; the conformance tests hold this and the real adapter to the same answers.
package enum VenueWords {
    package static func failure(_ rejection: VenueRejection) -> VenueFailure {
        let outcome = outcome(of: rejection.code, saying: rejection.message)
        return VenueFailure(outcome, code: rejection.code, message: rejection.message)
    }

    private static func outcome(of code: Int, saying message: String) -> OutcomeClass {
        if let settled = settled(code) { return .idempotentSafe(settled) }
        switch code {
        case -1001, -1003, -1008: return .retryable
        case -1000, -1006, -1007, -4083: return .doubt
        case -1106 where message.lowercased().contains("reduceonly"): return .retryableWith(.rereadMode)
        default: return modification(code).map { .retryableWith($0) } ?? .fatal
        }
    }

    private static func settled(_ code: Int) -> OutcomeClass.Settled? {
        switch code {
        case -2011: .unknownOrder
        case -2013: .noSuchOrder
        case -2022: .reduceOnlyRejected
        case -4046, -4059: .alreadySet
        case -4116: .duplicateID
        case -4130: .protectionExists
        case -5027: .sameOrder
        default: nil
        }
    }

    private static func modification(_ code: Int) -> OutcomeClass.Modification? {
        switch code {
        case -1021, -1023: .resyncClock
        case -1106, -4137, -4138, -5047: .dropFlag
        case -1111, -4003, -4004, -4014, -4023, -4164, -5029: .reround
        case -2018, -2019, -2027, -2028, -4005, -4028, -4032, -4082, -4131: .smallerSize
        case -2021, -4142: .wouldTrigger
        case -2025, -4045: .cancelConflicting
        case -4001, -4002, -4006, -4013, -4016, -4024, -5021, -5022: .reprice
        case -4015: .newID
        case -4060, -4061: .rereadMode
        case -4120: .algoEndpoint
        default: nil
        }
    }

    /// Why the venue itself ended an order, in the adapter's words.
    static func reason(_ expiry: ExpiryReason) -> String? {
        switch expiry {
        case .none: nil
        case .immediateRemainder: "remainder of an immediate-or-cancel order"
        case .displaced: "displaced by a reduce-only order or a reversal"
        case .liquidation: "liquidation"
        case .positionGone: "the position that it hung on is gone"
        case .marketRemainder: "remainder of a market order"
        }
    }

    static let noAnswer = VenueFailure.unknown("no answer in time")
    package static let unknown = VenueFailure(
        .doubt,
        code: -1000,
        message: "Unknown error, please check your request or try again later."
    )
    package static let requestTimeout = VenueFailure.unknown("timed out behind the venue", code: -1007)
    package static let backendTimeout = VenueFailure(
        .doubt,
        code: -1007,
        message: "Timeout waiting for response from backend server."
    )
    package static let unexpected = VenueFailure(
        .doubt,
        code: -1006,
        message: "An unexpected response was received."
    )
    package static let badGateway = VenueFailure.unknown("bad gateway", code: 502)
    package static let unavailable = VenueFailure(
        .retryable,
        code: -1000,
        message: "Service Unavailable.",
        retryAfter: .milliseconds(200)
    )
    package static let overloaded: VenueFailure = {
        var failure = VenueFailure(.retryable, code: -1008, message: "Server is currently overloaded.")
        failure.stopsEntries = true
        return failure
    }()
    package static let staleTimestamp = VenueFailure(
        .retryableWith(.resyncClock),
        code: -1021,
        message: "Timestamp for this request is outside of the recvWindow."
    )
    package static let earlyTimestamp = VenueFailure(
        .retryableWith(.resyncClock),
        code: -1021,
        message: "Timestamp for this request was 1000ms ahead of the server's time."
    )
    package static let rateLimited = VenueFailure(
        .retryable,
        code: -1003,
        message: "Too many requests.",
        retryAfter: .seconds(2),
        stopsAllRequests: true
    )
    package static let banned = VenueFailure(
        .retryable,
        code: -1003,
        message: "Way too many requests; IP banned.",
        retryAfter: .seconds(15),
        stopsAllRequests: true
    )

    /// The same for as long as a world has it; a venue bans repeaters for longer.
    static func banned(for span: Span) -> VenueFailure {
        VenueFailure(
            banned.outcome,
            code: banned.code,
            message: banned.message,
            retryAfter: span,
            stopsAllRequests: banned.stopsAllRequests
        )
    }

    /// How long an answer binds every request to wait; absent where it does not.
    static func patience(_ input: Input) -> Span? {
        let failure: VenueFailure
        switch input {
        case .placed(_, .failure(let said)), .queried(_, .failure(let said)),
            .cancelled(_, .failure(let said)),
            .snapshot(_, .failure(let said)), .leverageSet(_, .failure(let said)),
            .marginModeSet(_, .failure(let said)), .countdownSet(_, .failure(let said)):
            failure = said
        default: return nil
        }
        return failure.stopsAllRequests ? failure.retryAfter : nil
    }

    /// An answer in a few words, for readers of a trace.
    static func text(_ input: Input) -> String {
        switch input {
        case .placed(_, .success(let report)), .queried(_, .success(let report)),
            .cancelled(_, .success(.some(let report))):
            "\(report.status.rawValue) \(report.executed)"
        case .placed(_, .failure(let failure)), .queried(_, .failure(let failure)),
            .cancelled(_, .failure(let failure)),
            .snapshot(_, .failure(let failure)), .leverageSet(_, .failure(let failure)),
            .marginModeSet(_, .failure(let failure)), .countdownSet(_, .failure(let failure)):
            "\(failure.code) \(failure.message)"
        case .snapshot(_, .success(.positions(let rows))):
            rows.map { "\($0.symbol) \($0.quantity)" }.joined(separator: ", ")
        case .snapshot(_, .success(.orders(let rows))):
            rows.map { "\($0.id) \($0.status.rawValue)" }.joined(separator: ", ")
        default: "done"
        }
    }
}
