import Foundation
import NIOHTTP1
import ReckonBinance
import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonSimulation
import Testing

@Suite("What refusals mean")
struct FailureWordsTests {
    /// Everything that the exchange can refuse with.
    static let rejections: [VenueRejection] = [
        .missing("quantity"), .notRequired("timeinforce"), .notRequired("reduceonly"), .badPrecision,
        .conditionalType, .badSymbol, .badOrderType, .badClientID, .priceBelowZero, .priceAboveMax,
        .priceBelowMin, .priceOffTick, .quantityNotPositive, .quantityBelowMin, .quantityAboveMax,
        .quantityOffStep, .priceAboveMark(.zero), .priceBelowMark(.zero), .notionalTooSmall(.zero),
        .triggerBelowZero, .unknownOrder, .noSuchOrder, .marginInsufficient, .wouldTrigger,
        .reduceOnlyRejected, .tooManyOpenOrders, .positionTooLarge, .leverageInvalid(0), .tooManyStops,
        .marginTypeUnchanged, .marginTypeHasOrders, .marginTypeHasPosition, .duplicateClientID,
        .closePositionExists, .noMarket, .quantityWithClose, .symbolClosed, .cannotFillAtOnce, .cannotBeMaker,
        .tooManyInBatch, .tooManyCancels, .lookBackTooLong, .badCombination, .amendSymbolClosed,
        .amendLimitOnly,
        .amendTooOften, .sameOrder, .amendNotional(.zero), .amendReduceOnly,
    ]

    static func wire(_ status: Int, _ code: Int, _ message: String, _ headers: HTTPHeaders = [:])
        -> VenueFailure
    {
        let answer = RefusedAnswer(
            status: status,
            headers: headers,
            body: Data("{\"code\":\(code),\"msg\":\"\(message)\"}".utf8),
            receivedAt: Premises.start
        )
        return ErrorMap.failure(of: answer, kind: .change)
    }

    @Test(
        "the simulator takes each refusal of the exchange for what the adapter takes it for",
        arguments: rejections
    )
    func refusal(_ rejection: VenueRejection) {
        let simulated = VenueWords.failure(rejection)
        #expect(simulated == FailureWordsTests.wire(400, rejection.code, rejection.message))
    }

    struct Fault: Sendable, CustomStringConvertible {
        let simulated: VenueFailure
        let status: Int
        let code: Int
        let message: String
        var retryAfter: Int?

        var description: String { "\(status) \(code) \(message)" }
    }

    /// As `ReckonVenue` sends them.
    static let faults = [
        Fault(
            simulated: VenueWords.unknown,
            status: 503,
            code: -1000,
            message: "Unknown error, please check your request or try again later."
        ),
        Fault(simulated: VenueWords.requestTimeout, status: 408, code: -1007, message: "Timeout"),
        Fault(simulated: VenueWords.backendTimeout, status: 503, code: -1007, message: "Timeout"),
        Fault(simulated: VenueWords.unexpected, status: 400, code: -1006, message: "An unexpected response"),
        Fault(simulated: VenueWords.unavailable, status: 503, code: -1000, message: "Service Unavailable."),
        Fault(simulated: VenueWords.overloaded, status: 503, code: -1008, message: "Request throttled"),
        Fault(simulated: VenueWords.staleTimestamp, status: 400, code: -1021, message: "Timestamp"),
        Fault(simulated: VenueWords.earlyTimestamp, status: 400, code: -1021, message: "Timestamp"),
        Fault(
            simulated: VenueWords.rateLimited,
            status: 429,
            code: -1003,
            message: "Too many",
            retryAfter: 2
        ),
        Fault(simulated: VenueWords.banned, status: 418, code: -1003, message: "banned", retryAfter: 15),
    ]

    @Test(
        "the simulator's faults mean what the adapter makes of the same fault on the wire",
        arguments: faults
    )
    func fault(_ fault: Fault) {
        var headers = HTTPHeaders()
        if let seconds = fault.retryAfter { headers.add(name: "Retry-After", value: "\(seconds)") }
        let read = FailureWordsTests.wire(fault.status, fault.code, fault.message, headers)
        #expect(fault.simulated.outcome == read.outcome)
        #expect(fault.simulated.code == read.code)
        #expect(fault.simulated.retryAfter == read.retryAfter)
        #expect(fault.simulated.stopsAllRequests == read.stopsAllRequests)
    }

    @Test("a gateway's page without the venue's words is doubt in both")
    func gateway() {
        let answer = RefusedAnswer(
            status: 502,
            headers: [:],
            body: Data("<html>".utf8),
            receivedAt: Premises.start
        )
        let read = ErrorMap.failure(of: answer, kind: .change)
        #expect(VenueWords.badGateway.outcome == read.outcome)
        #expect(VenueWords.badGateway.code == read.code)
    }
}
