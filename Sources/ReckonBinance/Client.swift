import AsyncHTTPClient
import Foundation
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
package import ReckonEngine
package import ReckonModel
import Synchronization

/// The venue's REST API in our words.
///
/// Each call is one request (or a counted few for long lists); nothing is retried.
///
/// Methods never throw: what went wrong is a `VenueFailure`. One client per account; `shutdown` it in the
/// end.
package final class BinanceClient: Sendable {
    let configuration: BinanceConfiguration
    private let http: HTTPClient
    private let clock: @Sendable () -> Instant
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var offset = ClockOffset.none
        var rates = RateFigures()
        /// Until then the venue wants to hear nothing from us.
        var quiet: (until: Instant, why: VenueFailure)?
        /// Codes that the table does not know, each told once.
        var unknownCodes: Set<Int> = []
    }

    /// - Parameters:
    ///   - configuration: Where the venue is.
    ///   - clock: The engine's clock, to which `clockOffset` relates the venue's.
    ///   - logger: For words about connections; never sees a secret.
    package init(
        _ configuration: BinanceConfiguration,
        clock: @escaping @Sendable () -> Instant,
        logger: Logger = Logger(label: "reckon.binance", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        var options = HTTPClient.Configuration(redirectConfiguration: .disallow)
        options.httpVersion = .http1Only
        let limit = configuration.requestTimeout.nanoseconds
        // Shorter than the whole, so that a connection that never stood is told from an answer that never
        // came.
        options.timeout = .init(connect: .nanoseconds(limit - limit / 4), read: .nanoseconds(limit))
        // A connection idle for longer may be closed by the venue just as we write on it: needless doubt.
        options.connectionPool.idleTimeout = .seconds(20)
        options.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
        // A second attempt below the router would be a second order.
        options.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: options)
    }

    /// Closes all connections.
    ///
    /// No call may follow.
    package func shutdown() async {
        do {
            try await http.shutdown()
        } catch {
            logger.warning(
                "venue connections did not close cleanly",
                metadata: ["error": "\(type(of: error))"]
            )
        }
    }

    /// How much of the venue's limits is used, as last heard.
    package var rateFigures: RateFigures { state.withLock { $0.rates } }

    /// The same in the core's words.
    package var rateUsage: RateUsage {
        let figures = rateFigures
        var usage = RateUsage()
        usage.weightThisMinute = figures.usedWeight1m
        usage.ordersThisMinute = figures.orders1m
        usage.ordersTheseTenSeconds = figures.orders10s
        return usage
    }

    /// The clock offset that signs requests which bring no time of their own, as last measured.
    package var currentOffset: ClockOffset { state.withLock { $0.offset } }

    func keep(_ offset: ClockOffset) { state.withLock { $0.offset = offset } }

    func now() -> Instant { clock() }

    /// What is left of a silence that the venue has asked for: whoever asks on lengthens the ban.
    private func silence(_ call: Call) -> VenueFailure? {
        let now = clock()
        return state.withLock { state in
            guard let quiet = state.quiet, now < quiet.until else { return nil }
            let left = quiet.until - now
            return VenueFailure(
                .retryable,
                code: quiet.why.code,
                message: "\(call.endpoint.name): not sent, the venue wants silence for another"
                    + " \(left.milliseconds) ms",
                retryAfter: left,
                stopsAllRequests: true
            )
        }
    }

    /// Heeds a request for silence, and tells of a code that nobody knows.
    private func note(_ failure: VenueFailure, _ answer: RefusedAnswer) {
        if failure.stopsAllRequests, let wait = failure.retryAfter {
            let until = clock() + wait
            state.withLock { state in
                if until > state.quiet?.until ?? .epoch { state.quiet = (until, failure) }
            }
        }
        guard let code = ErrorMap.unknownCode(in: answer) else { return }
        guard state.withLock({ $0.unknownCodes.count < 1_000 && $0.unknownCodes.insert(code).inserted })
        else {
            return
        }
        logger.warning(
            "venue.unknown_code",
            metadata: [
                "code": "\(code)", "status": "\(answer.status)", "reason": "\(failure.message)",
                "taken_for": "\(failure.outcome)",
            ]
        )
    }

    func venueNow() -> VenueInstant { currentOffset.venueTime(at: clock()) }
}

/// When a signed request says that it was made, and for how long it may be accepted.
struct Stamp: Sendable {
    let timestamp: VenueInstant
    let window: Span
}

/// One request before it is signed.
struct Call: Sendable {
    let endpoint: Endpoint
    let kind: RequestKind
    var parameters = Parameters()
    /// Absent: the client's own clock and window.
    var stamp: Stamp?

    init(_ endpoint: Endpoint, _ kind: RequestKind, _ pairs: KeyValuePairs<String, String> = [:]) {
        self.endpoint = endpoint
        self.kind = kind
        for (name, value) in pairs { parameters.add(name, value) }
    }
}

extension BinanceClient {
    /// Sends one request and reads its answer as `Row`, then as what `convert` makes of it.
    func ask<Row: Decodable & Sendable, Value: Sendable>(
        _ call: Call,
        as row: Row.Type,
        _ convert: @Sendable (Row) throws -> Value
    ) async -> Result<Value, VenueFailure> {
        switch await send(call) {
        case .failure(let failure): return .failure(failure)
        case .success(let body):
            do {
                return .success(try convert(try JSONDecoder().decode(row, from: body)))
            } catch {
                return .failure(.unknown("\(call.endpoint.name): \(Unreadable(error).text)"))
            }
        }
    }

    private func send(_ call: Call) async -> Result<Data, VenueFailure> {
        if let failure = silence(call) { return .failure(failure) }
        let request = request(for: call)
        let limit = Duration.nanoseconds(configuration.requestTimeout.nanoseconds)
        do {
            let answer = try await withDeadline(limit) { try await self.exchange(request) }
            state.withLock { $0.rates.take(answer.headers) }
            guard answer.status != 200 else { return .success(answer.body) }
            let failure = redacted(ErrorMap.failure(of: answer, kind: call.kind), call)
            note(failure, answer)
            return .failure(failure)
        } catch is DeadlineExceeded {
            return .failure(.unknown("\(call.endpoint.name): no answer within \(limit)"))
        } catch {
            return .failure(redacted(ErrorMap.failure(ofTransport: error), call))
        }
    }

    private func exchange(_ request: HTTPClientRequest) async throws -> RefusedAnswer {
        let response = try await http.execute(request, deadline: .distantFuture, logger: nil)
        let body = try await response.body.collect(upTo: 32 << 20)
        return RefusedAnswer(
            status: Int(response.status.code),
            headers: response.headers,
            body: Data(body.readableBytesView),
            receivedAt: venueNow()
        )
    }

    /// Signs exactly the bytes that go out.
    private func request(for call: Call) -> HTTPClientRequest {
        var parameters = call.parameters
        let credentials = configuration.credentials
        if call.endpoint.access == .signed {
            let stamp = call.stamp ?? Stamp(timestamp: venueNow(), window: configuration.window)
            parameters.add("recvWindow", "\(stamp.window.milliseconds)")
            parameters.add("timestamp", "\(stamp.timestamp.milliseconds)")
            // Over the query followed by the body, of which one is always empty.
            parameters.add("signature", credentials.signature(query: parameters.encoded))
        }
        var url = configuration.restURL + call.endpoint.path
        if !call.endpoint.sendsBody, !parameters.encoded.isEmpty { url += "?\(parameters.encoded)" }
        var request = HTTPClientRequest(url: url)
        request.method = call.endpoint.method
        if call.endpoint.access != .open {
            request.headers.add(name: "X-MBX-APIKEY", value: credentials.apiKey)
        }
        if call.endpoint.sendsBody {
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: parameters.encoded))
        }
        return request
    }

    /// Names the request, and blots out our key should the venue repeat it (I-13).
    private func redacted(_ failure: VenueFailure, _ call: Call) -> VenueFailure {
        let words = failure.message.replacing(configuration.credentials.apiKey, with: "(key)")
        var named = VenueFailure(
            failure.outcome,
            code: failure.code,
            message: "\(call.endpoint.name): \(words)",
            retryAfter: failure.retryAfter,
            stopsAllRequests: failure.stopsAllRequests
        )
        named.stopsEntries = failure.stopsEntries
        return named
    }
}

/// Our own limit on a whole exchange has passed.
struct DeadlineExceeded: Error {}

/// Runs `body` and gives it up, cancelled, once the time is over.
private func withDeadline<Value: Sendable>(
    _ limit: Duration,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlineExceeded()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw DeadlineExceeded() }
        return value
    }
}
