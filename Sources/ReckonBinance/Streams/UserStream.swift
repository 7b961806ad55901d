import Foundation
package import Logging
import ReckonEngine
import ReckonModel
import Synchronization

/// What the user stream has met since its start.
package struct UserStreamCounts: Sendable, Hashable {
    package var connections = 0
    package var events = 0
    package var ignored = 0
    package var unreadable = 0
    package var overflows = 0
    package var keysOpened = 0
    package var keysRenewed = 0
}

/// The account's event stream, kept open: listen key, keep-alive, reconnects, renewal before 24 hours.
///
/// There is no replay at the venue: whatever happened between `.disconnected` and `.connected` must be asked
/// for. Events may repeat. A frame that should have told us something and cannot be read is told as a
/// `.disconnected` followed by a `.connected`, for the engine must ask then just as after a lost connection.
package final class UserStream: Sendable {
    /// For one reader.
    ///
    /// Bounded: a reader that falls behind costs the connection, told as `.disconnected("overflow")`.
    package let events: AsyncStream<UserStreamEvent>
    private let continuation: AsyncStream<UserStreamEvent>.Continuation
    private let client: BinanceClient
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var counts = UserStreamCounts()
        /// Whether the engine was last told that the stream is down.
        var isToldDown = false
        /// Takes the reason to end the session that is running.
        var end: AsyncStream<StreamEnding>.Continuation?
    }

    package init(
        _ client: BinanceClient,
        logger: Logger = Logger(label: "reckon.binance", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.client = client
        self.logger = logger
        let limit = client.configuration.streams.buffer
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limit))
    }

    package var counts: UserStreamCounts { state.withLock { $0.counts } }

    /// Drops the connection and opens it anew with a fresh look at the key.
    package func reopen() { end(.reopened) }

    /// Serves until the task is cancelled; `events` finishes then.
    package func run() async {
        var backoff = StreamBackoff(limits)
        while !Task.isCancelled {
            let started = ContinuousClock.now
            let ending: StreamEnding
            var pause = Duration.zero
            switch await client.openListenKey() {
            case .failure(let failure):
                ending = .notConnected("no listen key: \(failure.message)")
                pause = failure.retryAfter.map { .nanoseconds($0.nanoseconds) } ?? .zero
            case .success(let key):
                count { $0.keysOpened += 1 }
                ending = await session(key)
            }
            await tell(ending)
            logger.info("user stream ended", metadata: ["reason": "\(ending.text)"])
            try? await Task.sleep(for: max(pause, backoff.next(after: ContinuousClock.now - started)))
        }
        continuation.finish()
    }

    private var limits: StreamLimits { client.configuration.streams }

    private func count(_ change: (inout UserStreamCounts) -> Void) {
        state.withLock { change(&$0.counts) }
    }

    private func end(_ ending: StreamEnding) {
        let end = state.withLock { $0.end }
        end?.yield(ending)
    }

    /// One connection with what keeps it up; the first reason to end ends it.
    private func session(_ key: ListenKey) async -> StreamEnding {
        let text = "\(client.configuration.privateStreamURL)/ws?listenKey=\(key.text)"
        guard let address = try? WebAddress(text, key: "private stream", schemes: ["ws", "wss"]) else {
            return .notConnected("the stream's address cannot be used")
        }
        let (endings, end) = AsyncStream<StreamEnding>.makeStream(bufferingPolicy: .bufferingOldest(1))
        state.withLock { $0.end = end }
        return await withTaskGroup(of: StreamEnding?.self) { group in
            group.addTask { [self] in await socket(address).run() }
            group.addTask { [self] in await keepAlive() }
            group.addTask { [self] in
                try? await Task.sleep(for: limits.renewEvery)
                return .renewal
            }
            group.addTask { await endings.first { _ in true } }
            let ending = await group.next() ?? nil
            group.cancelAll()
            return Task.isCancelled ? .cancelled : ending ?? .cancelled
        }
    }

    private func socket(_ address: WebAddress) -> WebSocketSession {
        WebSocketSession(
            address: address,
            limits: limits,
            silenceLimit: limits.silenceLimit,
            opened: { [self] in
                count { $0.connections += 1 }
                state.withLock { $0.isToldDown = false }
                if !offer(.signal(.connected)) { end(.overflow) }
            },
            heard: { [self] in _ = offer(.signal(.heard)) },
            received: { [self] in take($0) }
        )
    }

    /// Extends the key until it is gone.
    private func keepAlive() async -> StreamEnding {
        var pause = limits.keepAliveEvery
        while true {
            do { try await Task.sleep(for: pause) } catch { return .cancelled }
            switch await client.keepListenKeyAlive() {
            case .success:
                count { $0.keysRenewed += 1 }
                pause = limits.keepAliveEvery
            case .failure(let failure) where failure.outcome == .retryableWith(.renewListenKey):
                _ = offer(.signal(.keyExpired))
                return .keyExpired
            case .failure(let failure):
                logger.warning("listen key not renewed", metadata: ["reason": "\(failure.message)"])
                let wanted = failure.retryAfter.map { Duration.nanoseconds($0.nanoseconds) } ?? .zero
                // Four more tries fit before the hour of the key is over.
                pause = max(limits.keepAliveEvery / 4, wanted)
            }
        }
    }
}

extension UserStream {
    private func take(_ body: Data) -> StreamEnding? {
        let mode = client.configuration.mode
        switch UserFrame(body, in: mode) {
        case .events(let found):
            let events = found.flatMap { $0.told(in: mode) }
            count { $0.events += events.count }
            return events.allSatisfy(offer) ? nil : .overflow
        case .keyExpired:
            _ = offer(.signal(.keyExpired))
            return .keyExpired
        case .ignored:
            count { $0.ignored += 1 }
            return nil
        case .unreadable(let why):
            count { $0.unreadable += 1 }
            logger.error("user stream event not understood", metadata: ["reason": "\(why)"])
            let gap = UserStreamEvent.signal(.disconnected("event not understood: \(why)"))
            return offer(gap) && offer(.signal(.connected)) ? nil : .overflow
        }
    }

    /// False where the reader has fallen behind.
    private func offer(_ event: UserStreamEvent) -> Bool {
        switch continuation.yield(event) {
        case .dropped: false
        case .enqueued, .terminated: true
        @unknown default: true
        }
    }

    /// Tells the end of a connection once, and waits for room if need be: this event may not be lost.
    private func tell(_ ending: StreamEnding) async {
        if ending == .overflow { count { $0.overflows += 1 } }
        let isKnown = state.withLock { state in
            defer { state.isToldDown = true }
            return state.isToldDown
        }
        guard !isKnown else { return }
        while !Task.isCancelled, !offer(.signal(.disconnected(ending.text))) {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}

extension UserStreamEvent {
    /// The venue tells leverage by instrument, and it holds for both legs.
    fileprivate func told(in mode: PositionMode) -> [UserStreamEvent] {
        guard mode == .hedged, case .leverage(let symbol, let leverage) = self else { return [self] }
        return Leg.allCases.map { .leverage(symbol.leg($0), leverage) }
    }
}
