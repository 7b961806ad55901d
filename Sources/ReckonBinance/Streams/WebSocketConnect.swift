import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

extension WebSocketSession {
    private enum Upgraded: Sendable {
        case socket(Socket)
        case refused
    }

    /// Largest message taken; the venue's are a few hundred bytes, its all-marks array some hundred thousand.
    private static let mostBytes = 4 << 20

    func connect() async throws -> Socket {
        let tls = address.isSecure ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
        let limit = TimeAmount(limits.connectTimeout)
        let upgraded = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(limit)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: address.host, port: address.port) { [address] channel in
                channel.eventLoop.makeCompletedFuture {
                    try WebSocketSession.addSecurity(tls, host: address.host, to: channel)
                    // A server that accepts and then says nothing must not hold us for ever.
                    let deadline = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
                    let future = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: WebSocketSession.pipeline(for: address)
                    )
                    future.whenComplete { _ in deadline.cancel() }
                    return future
                }
            }
        switch try await upgraded.get() {
        case .socket(let socket): return socket
        case .refused: throw StreamEnding.notConnected("the venue refused the upgrade")
        }
    }

    private static func addSecurity(_ tls: NIOSSLContext?, host: String, to channel: any Channel) throws {
        guard let tls else { return }
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        let handler = try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host)
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private static func pipeline(
        for address: WebAddress
    ) -> NIOUpgradableHTTPClientPipelineConfiguration<Upgraded> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Upgraded>(maxFrameSize: mostBytes) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let aggregator = NIOWebSocketFrameAggregator(
                    minNonFinalFragmentSize: 1,
                    maxAccumulatedFrameCount: 4096,
                    maxAccumulatedFrameSize: mostBytes
                )
                try channel.pipeline.syncOperations.addHandler(aggregator)
                return .socket(try Socket(wrappingChannelSynchronously: channel))
            }
        }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: address.target)
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        head.headers.add(name: "Host", value: "\(host):\(address.port)")
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration<Upgraded>(
            upgradeRequestHead: head,
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in channel.close().map { .refused } }
        )
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
        // The venue's first message may share a segment with the upgrade's answer.
        configuration.leftOverBytesStrategy = .forwardBytes
        return configuration
    }
}
