import Foundation
package import Logging
package import ReckonEngine
package import ReckonModel

/// Mark prices every second, kept coming.
///
/// One stream serves both legs of an instrument. Only the newest matter, so a slow reader loses the oldest.
package final class MarketStream: Sendable {
    package let marks: AsyncStream<[Mark]>
    private let continuation: AsyncStream<[Mark]>.Continuation
    private let configuration: BinanceConfiguration
    private let symbols: [Symbol]
    /// Who wants the mark of an instrument; looked up for each of some hundreds every second.
    private let readers: [Symbol: [Symbol]]
    private let logger: Logger

    /// Source: docs/venue-binance.md, Market streams: many single streams would make the address too long; above this all are taken.
    private static let mostSingleStreams = 100

    package init(
        _ configuration: BinanceConfiguration,
        symbols: [Symbol],
        logger: Logger = Logger(label: "reckon.binance", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.configuration = configuration
        self.symbols = symbols
        readers = Dictionary(grouping: symbols, by: \.instrument)
        self.logger = logger
        (marks, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
    }

    /// Serves until the task is cancelled, which also finishes `marks`.
    ///
    /// Without symbols there is nothing to serve.
    package func run() async {
        defer { continuation.finish() }
        guard !symbols.isEmpty,
            let address = try? WebAddress(url, key: "market stream", schemes: ["ws", "wss"])
        else { return }
        var backoff = StreamBackoff(configuration.streams)
        while !Task.isCancelled {
            let started = ContinuousClock.now
            let ending = await session(address).run()
            logger.info("market stream ended", metadata: ["reason": "\(ending.text)"])
            try? await Task.sleep(for: backoff.next(after: ContinuousClock.now - started))
        }
    }

    private func session(_ address: WebAddress) -> WebSocketSession {
        let started = ContinuousClock.now
        let limits = configuration.streams
        return WebSocketSession(
            address: address,
            limits: limits,
            silenceLimit: limits.marketSilenceLimit,
            opened: {},
            heard: {},
            received: { [self] body in
                take(body)
                return ContinuousClock.now - started > limits.renewEvery ? .renewal : nil
            }
        )
    }

    private func take(_ body: Data) {
        switch MarketFrame(body) {
        case .marks(let all):
            let wanted = all.flatMap { mark in
                (readers[mark.symbol] ?? []).map { Mark(symbol: $0, price: mark.price) }
            }
            if !wanted.isEmpty { continuation.yield(wanted) }
        case .ignored: break
        case .unreadable(let why):
            logger.warning("market event not understood", metadata: ["reason": "\(why)"])
        }
    }

    private var url: String {
        let instruments = Symbol.instruments(of: symbols)
        guard instruments.count <= MarketStream.mostSingleStreams else {
            return "\(configuration.marketStreamURL)/stream?streams=!markPrice@arr@1s"
        }
        let streams = instruments.map { Parameters.percentEncoded($0.name.lowercased()) + "@markPrice@1s" }
        return "\(configuration.marketStreamURL)/stream?streams=\(streams.joined(separator: "/"))"
    }
}
