import NIOCore
import NIOWebSocket
import ReckonModel

/// One client's WebSocket connection.
final class WebSocketConnection: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let core: VenueCore
    private let address: StreamAddress
    private var session: Int?
    private var partial = ByteBuffer()

    init(core: VenueCore, address: StreamAddress) {
        self.core = core
        self.address = address
    }

    func handlerAdded(context: ChannelHandlerContext) {
        session = core.opened(context.channel, address)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let session { core.closed(session) }
        session = nil
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        var payload = frame.unmaskedData
        switch frame.opcode {
        case .text, .continuation:
            partial.writeBuffer(&payload)
            guard frame.fin else { return }
            hear(String(buffer: partial), context)
            partial.clear()
        case .ping: send(.pong, payload, context)
        case .connectionClose:
            send(.connectionClose, payload, context)
            context.close(promise: nil)
        default: break
        }
    }

    private func hear(_ text: String, _ context: ChannelHandlerContext) {
        guard let session, let answer = core.said(text, on: session) else { return }
        send(.text, context.channel.allocator.buffer(string: answer), context)
    }

    private func send(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, _ context: ChannelHandlerContext) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, data: payload)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension [Delivery] {
    /// Sends everything in order; late ones later.
    func perform() {
        for delivery in self {
            if delivery.lateMilliseconds > 0 {
                let now = Delivery(channel: delivery.channel, content: delivery.content)
                delivery.channel.eventLoop.scheduleTask(in: .milliseconds(delivery.lateMilliseconds)) {
                    now.perform()
                }
            } else {
                delivery.perform()
            }
        }
    }
}

extension Delivery {
    fileprivate func perform() {
        switch content {
        case .text(let text):
            let buffer = channel.allocator.buffer(string: text)
            channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .text, data: buffer), promise: nil)
        case .ping:
            let frame = WebSocketFrame(fin: true, opcode: .ping, data: channel.allocator.buffer(capacity: 0))
            channel.writeAndFlush(frame, promise: nil)
        case .close: channel.close(promise: nil)
        }
    }
}
