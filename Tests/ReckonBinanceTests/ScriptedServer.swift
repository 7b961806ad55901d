import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server that answers as it is told, and can be as rude as real networks are.
///
/// It knows nothing of the venue's dialect: it serves the payloads and breakdowns that a well-behaved venue
/// never shows.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        let method: HTTPMethod
        let uri: String
        let headers: HTTPHeaders
        let body: String

        var path: String { String(uri.prefix { $0 != "?" }) }
        var query: String { String(uri.drop { $0 != "?" }.dropFirst()) }

        /// The decoded value of a parameter, wherever it was sent.
        func value(_ name: String) -> String? {
            for pair in (query + "&" + body).split(separator: "&") where pair.hasPrefix("\(name)=") {
                return String(pair.dropFirst(name.count + 1)).removingPercentEncoding
            }
            return nil
        }
    }

    enum Answer: Sendable {
        case answer(Int, String, [(String, String)])
        /// The connection is cut in place of an answer.
        case hangUp
        /// No answer ever.
        case silence
        /// A good answer that takes its time.
        case late(TimeAmount, String)
        /// A head that promises more than is sent, then a cut.
        case half(String)

        static func ok(_ body: String) -> Answer { .answer(200, body, []) }
    }

    let port: Int
    private let channel: any Channel
    private let record: Record

    init(_ script: @escaping @Sendable (Request) -> Answer) async throws {
        let record = Record()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        ScriptHandler(record: record, script: script)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        self.record = record
    }

    var requests: [Request] { record.all }

    var url: String { "http://127.0.0.1:\(port)" }

    func stop() async throws { try await channel.close().get() }

    fileprivate final class Record: Sendable {
        private let seen = Mutex<[Request]>([])
        var all: [Request] { seen.withLock { $0 } }
        func note(_ request: Request) { seen.withLock { $0.append(request) } }
    }
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let record: ScriptedServer.Record
    private let script: @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer
    private var head: HTTPRequestHead?
    private var body = ""

    init(
        record: ScriptedServer.Record,
        script: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer
    ) {
        self.record = record
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ""
        case .body(let part): body += String(buffer: part)
        case .end:
            guard let head else { return }
            let request = ScriptedServer.Request(
                method: head.method,
                uri: head.uri,
                headers: head.headers,
                body: body
            )
            record.note(request)
            answer(script(request), context)
        }
    }

    private func answer(_ answer: ScriptedServer.Answer, _ context: ChannelHandlerContext) {
        switch answer {
        case .silence: break
        case .late(let wait, let text):
            context.eventLoop.assumeIsolated().scheduleTask(in: wait) {
                self.answer(.ok(text), context)
            }
        case .hangUp: context.close(promise: nil)
        case .half(let text):
            write(200, text, length: text.utf8.count + 10, [], context)
            context.close(promise: nil)
        case .answer(let status, let text, let headers):
            write(status, text, length: text.utf8.count, headers, context)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private func write(
        _ status: Int,
        _ text: String,
        length: Int,
        _ headers: [(String, String)],
        _ context: ChannelHandlerContext
    ) {
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
        head.headers = HTTPHeaders(headers + [("Content-Length", "\(length)")])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }
}
