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
        case -2025, -4045: .retryableWith(.cancelConflicting)
        case -1001, -1003, -1008: .retryable
        case -1000, -1006, -1007: .doubt
        default: .fatal
        }
    }

    static let noAnswer = VenueFailure.unknown("no answer in time")
    static let unknown = VenueFailure(
        .doubt, code: 503, message: "Unknown error, please check your request or try again later.")
    static let unavailable = VenueFailure(.retryable, code: 503, message: "Service Unavailable.")
    static let overloaded = VenueFailure(.retryable, code: -1008, message: "Server is currently overloaded.")
    static let staleTimestamp = VenueFailure(
        .retryableWith(.resyncClock), code: -1021, message: "Timestamp for this request is outside of the recvWindow.")
    static let rateLimited = VenueFailure(
        .retryable, code: -1003, message: "Too many requests.", retryAfter: .seconds(2), stopsAllRequests: true)
}
