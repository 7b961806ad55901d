import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// What a `PingingServer` got back.
final class PongRecord: Sendable {
    private let state = Mutex((pongs: [String](), areMasked: true))

    var pongs: [String] { state.withLock { $0.pongs } }

    var areMasked: Bool { state.withLock { $0.areMasked } }

    func note(_ frame: WebSocketFrame) {
        state.withLock { state in
            state.areMasked = state.areMasked && frame.maskKey != nil
            if frame.opcode == .pong { state.pongs.append(String(buffer: frame.unmaskedData)) }
        }
    }
}

/// Upgrades, pings once, and notes what comes back.
enum PingingServer {
    static func start(_ record: PongRecord) async throws -> any Channel {
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PongHandler(record: record))
                    let frame = WebSocketFrame(
                        fin: true,
                        opcode: .ping,
                        data: ByteBuffer(string: "1700000000000")
                    )
                    channel.writeAndFlush(frame, promise: nil)
                }
            }
        )
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in })
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}

private final class PongHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    private let record: PongRecord

    init(record: PongRecord) { self.record = record }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { record.note(unwrapInboundIn(data)) }
}
