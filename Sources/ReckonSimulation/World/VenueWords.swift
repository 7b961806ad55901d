import ReckonEngine
import ReckonExchange
import ReckonModel

/// What the exchange model's refusals mean, as an adapter would say it.
///
/// Source: the venue's published error codes; the conformance tests hold this and the real adapter to the same answers.
enum VenueWords {
    static func failure(_ rejection: VenueRejection) -> VenueFailure {
        VenueFailure(outcome(of: rejection.code), code: rejection.code, message: rejection.message)
    }

    private static func outcome(of code: Int) -> OutcomeClass {
        switch code {
        case -2011: .idempotentSafe(.unknownOrder)
        case -2013: .idempotentSafe(.noSuchOrder)
        case -2022: .idempotentSafe(.reduceOnlyRejected)
        case -4116: .idempotentSafe(.duplicateID)
        case -4130: .idempotentSafe(.protectionExists)
        case -2021, -4142: .retryableWith(.wouldTrigger)
        case -1021: .retryableWith(.resyncClock)
        case -2018, -2019, -2027, -2028, -4131: .retryableWith(.smallerSize)
        case -4046: .idempotentSafe(.alreadySet)
        case -2025, -4045: .retryableWith(.cancelConflicting)
        case -1001, -1003, -1008: .retryable
        case -1000, -1006, -1007: .doubt
        default: .fatal
        }
    }

    static let noAnswer = VenueFailure.unknown("no answer in time")
    static let unknown = VenueFailure(
        .doubt,
        code: 503,
        message: "Unknown error, please check your request or try again later."
    )
    static let requestTimeout = VenueFailure.unknown("timed out behind the venue", code: 408)
    static let backendTimeout = VenueFailure(
        .doubt,
        code: -1007,
        message: "Timeout waiting for response from backend server."
    )
    static let unexpected = VenueFailure(.doubt, code: -1006, message: "An unexpected response was received.")
    static let badGateway = VenueFailure.unknown("bad gateway", code: 502)
    static let unavailable = VenueFailure(.retryable, code: 503, message: "Service Unavailable.")
    static let overloaded: VenueFailure = {
        var failure = VenueFailure(.retryable, code: -1008, message: "Server is currently overloaded.")
        failure.stopsEntries = true
        return failure
    }()
    static let staleTimestamp = VenueFailure(
        .retryableWith(.resyncClock),
        code: -1021,
        message: "Timestamp for this request is outside of the recvWindow."
    )
    static let rateLimited = VenueFailure(
        .retryable,
        code: -1003,
        message: "Too many requests.",
        retryAfter: .seconds(2),
        stopsAllRequests: true
    )
    static let banned = VenueFailure(
        .retryable,
        code: -1003,
        message: "Way too many requests; IP banned.",
        retryAfter: .seconds(15),
        stopsAllRequests: true
    )

    /// How long an answer binds every request to wait; absent where it does not.
    static func patience(_ input: Input) -> Span? {
        let failure: VenueFailure
        switch input {
        case .placed(_, .failure(let said)), .queried(_, .failure(let said)),
            .cancelled(_, .failure(let said)),
            .snapshot(_, .failure(let said)), .leverageSet(_, .failure(let said)),
            .marginModeSet(_, .failure(let said)):
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
            .marginModeSet(_, .failure(let failure)):
            "\(failure.code) \(failure.message)"
        case .snapshot(_, .success(.positions(let rows))):
            rows.map { "\($0.symbol) \($0.quantity)" }.joined(separator: ", ")
        case .snapshot(_, .success(.orders(let rows))):
            rows.map { "\($0.id) \($0.status.rawValue)" }.joined(separator: ", ")
        default: "done"
        }
    }
}
