import NIOCore
import NIOHTTP1
import ReckonModel

/// One client's HTTP connection: collects a request, asks the core, answers as told.
final class HTTPConnection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    static let name = "venue-http"
    private static let largestBody = 1_048_576

    private let core: VenueCore
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(core: VenueCore) { self.core = core }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
        case .body(var part):
            guard body.readableBytes + part.readableBytes <= HTTPConnection.largestBody else {
                context.close(promise: nil)
                return
            }
            body.writeBuffer(&part)
        case .end:
            guard let head else { return }
            self.head = nil
            respond(to: head, context)
        }
    }

    private func respond(to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let request = WireRequest(
            method: head.method.rawValue,
            target: head.uri,
            body: String(buffer: body),
            apiKey: head.headers.first(name: "X-MBX-APIKEY"),
            peer: context.remoteAddress?.ipAddress ?? "local"
        )
        let (reply, deliveries) = core.answer(request)
        deliveries.perform()
        switch reply.fate {
        case .sent(let late): after(late, context) { self.write(reply, to: head, $0) }
        case .lost(let late): after(late, context) { $0.close(promise: nil) }
        }
    }

    private func after(
        _ milliseconds: Int64,
        _ context: ChannelHandlerContext,
        _ body: @escaping (ChannelHandlerContext) -> Void
    ) {
        guard milliseconds > 0 else {
            body(context)
            return
        }
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(milliseconds)) {
            if context.channel.isActive { body(context) }
        }
    }

    private func write(_ reply: WireReply, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let buffer = context.channel.allocator.buffer(string: reply.body)
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: "application/json;charset=UTF-8")
        headers.add(name: "Content-Length", value: "\(buffer.readableBytes)")
        for header in reply.headers { headers.add(name: header.name, value: header.value) }
        if !request.isKeepAlive { headers.add(name: "Connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: reply.status)
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !request.isKeepAlive { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
