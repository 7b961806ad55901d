import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
package import ReckonExchange
package import ReckonModel
import Synchronization

/// Where a venue listens.
package struct VenueAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Address for REST calls.
    package var httpURL: String { "http://\(self)" }

    /// Address for streams.
    package var webSocketURL: String { "ws://\(self)" }
}

/// Why a venue could not start.
package enum VenueStartFailure: Error, Hashable, Sendable {
    case addressInUse(host: String, port: Int)
    case cannotListen(host: String, port: Int, reason: String)
}

extension VenueStartFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "\(host):\(port) is in use by another program; choose another port, or 0 for any free one"
        case .cannotListen(let host, let port, let reason):
            "cannot listen on \(host):\(port): \(reason)"
        }
    }
}

/// What truly is and was on a venue, as of one instant.
package struct VenueSnapshot: Sendable {
    package let now: VenueInstant
    package let startedAt: VenueInstant
    package let record: ExchangeRecord
    package let faults: FaultLog
    package let account: AccountView
    /// One row per listed symbol.
    package let positions: [PositionView]
    package let openOrders: [ExchangeOrder]
    package let openAlgoOrders: [AlgoOrder]

    /// Time since the start.
    package var age: Span { .milliseconds(now.milliseconds - startedAt.milliseconds) }
}

/// A simulated venue on a socket: REST and streams on one port.
package final class VenueServer: Sendable {
    package let address: VenueAddress
    private let core: VenueCore
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let ticking: RepeatedTask
    private let isRunning = Mutex(true)

    private init(
        core: VenueCore,
        group: MultiThreadedEventLoopGroup,
        listener: any Channel,
        address: VenueAddress,
        tick: TimeAmount
    ) {
        self.core = core
        self.group = group
        self.listener = listener
        self.address = address
        ticking = listener.eventLoop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { _ in
            core.tick().perform()
        }
    }

    /// Binds and begins; returns when clients can connect.
    package static func start(_ settings: VenueSettings) async throws(VenueStartFailure) -> VenueServer {
        let core = VenueCore(settings: settings)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let listener = try await bootstrap(group, core).bind(host: settings.host, port: settings.port)
                .get()
            let port = listener.localAddress?.port ?? settings.port
            return VenueServer(
                core: core,
                group: group,
                listener: listener,
                address: VenueAddress(host: settings.host, port: port),
                tick: .milliseconds(settings.tickMilliseconds)
            )
        } catch {
            try? await group.shutdownGracefully()
            if let failure = error as? IOError, failure.errnoCode == EADDRINUSE {
                throw .addressInUse(host: settings.host, port: settings.port)
            }
            throw .cannotListen(host: settings.host, port: settings.port, reason: "\(error)")
        }
    }

    private static func bootstrap(_ group: MultiThreadedEventLoopGroup, _ core: VenueCore) -> ServerBootstrap
    {
        ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.backlog, value: 256)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            upgraders: [upgrader(core)],
                            completionHandler: { context in
                                context.pipeline.removeHandler(name: HTTPConnection.name, promise: nil)
                            }
                        )
                    )
                    try pipeline.addHandler(HTTPConnection(core: core), name: HTTPConnection.name)
                }
            }
    }

    private static func upgrader(_ core: VenueCore) -> NIOWebSocketServerUpgrader {
        NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in
                let isOpen = StreamAddress(target: head.uri).map { core.admits($0) } ?? false
                return channel.eventLoop.makeSucceededFuture(isOpen ? HTTPHeaders() : nil)
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    guard let address = StreamAddress(target: head.uri) else { return }
                    let connection = WebSocketConnection(core: core, address: address)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        )
    }

    /// Closes the socket and every connection; a second call does nothing.
    package func stop() async {
        let wasRunning = isRunning.withLock { running in
            defer { running = false }
            return running
        }
        guard wasRunning else { return }
        ticking.cancel()
        try? await listener.close().get()
        try? await group.shutdownGracefully()
    }

    /// The truth as of now, for figures and checkers.
    package func snapshot() -> VenueSnapshot {
        core.read { state in
            VenueSnapshot(
                now: state.exchange.now,
                startedAt: state.exchange.configuration.startsAt,
                record: state.exchange.record,
                faults: state.gate.log,
                account: state.exchange.account(),
                positions: state.exchange.allPositions(),
                openOrders: state.exchange.openOrders(),
                openAlgoOrders: state.exchange.openAlgoOrders()
            )
        }
    }

    /// Ends all faults of the plan; what lasts ends now.
    package func endFaults() { core.calm() }

    /// Does something to the exchange behind the clients' backs; the streams tell of it as of anything else.
    @discardableResult
    package func change<Result: Sendable>(_ body: (inout Exchange) -> Result) -> Result {
        let result = core.change(body)
        // Events are taken and sent on the loop alone: taken here, they could be overtaken by those of a later request.
        listener.eventLoop.execute { [core] in core.flush().perform() }
        return result
    }
}
