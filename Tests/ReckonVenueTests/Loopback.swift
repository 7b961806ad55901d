import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import ReckonModel
import ReckonVenue
import Synchronization

let bitcoin = Symbol("BTCUSDT")

/// A clock that moves only when a test says so.
final class HandClock: Sendable {
    private let time = Mutex(VenueInstant(milliseconds: 1_700_000_000_000))

    var now: VenueInstant { time.withLock { $0 } }

    func advance(_ milliseconds: Int64) { time.withLock { $0 = $0 + .milliseconds(milliseconds) } }

    var venueClock: VenueClock { VenueClock { self.now } }
}

/// What came back for one request.
struct Answer: Sendable {
    /// Zero where the connection closed without an answer.
    let status: Int
    let headers: [String]
    let body: String

    init(_ text: String) {
        let halves = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (halves.first ?? "").split(separator: "\r\n").map(String.init)
        status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
        headers = Array(lines.dropFirst())
        body = halves.count > 1 ? String(halves[1]) : ""
    }

    func header(_ name: String) -> String? {
        let prefix = name.lowercased() + ": "
        return headers.first { $0.lowercased().hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}

/// A venue with a clock in the test's hand, and a client with the right key.
final class Loopback: Sendable {
    let server: VenueServer
    let clock: HandClock

    init(faults: FaultPlan = .none, _ change: (inout VenueSettings) -> Void = { _ in }) async throws {
        clock = HandClock()
        var settings = VenueSettings(symbols: [bitcoin, Symbol("ETHUSDT")], seed: 11, faults: faults)
        settings.clock = clock.venueClock
        settings.tickMilliseconds = 5
        change(&settings)
        server = try await VenueServer.start(settings)
    }

    /// A signed request; parameters go into the query, or into the body where asked.
    func call(_ method: String, _ path: String, _ parameters: String = "", inBody: Bool = false) async throws
        -> Answer
    {
        let separator = parameters.isEmpty ? "" : "&"
        let payload = "\(parameters)\(separator)timestamp=\(clock.now.milliseconds)"
        let signed = payload + "&signature=" + Signature.digest(of: payload, secret: "reckon")
        let target = "/fapi/\(path)" + (inBody ? "" : "?\(signed)")
        return try await send(method, target, body: inBody ? signed : "")
    }

    func send(_ method: String, _ target: String, body: String = "", key: String? = "reckon") async throws
        -> Answer
    {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: loopback\r\nConnection: close\r\n"
        if let key { text += "X-MBX-APIKEY: \(key)\r\n" }
        text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        return Answer(try await exchange(text))
    }

    /// Sends raw text and returns all that comes until the connection closes.
    func exchange(_ text: String) async throws -> String {
        let box = TextBox()
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteEar(box: box))
                }
            }
            .connect(host: server.address.host, port: server.address.port).get()
        try await channel.writeAndFlush(ByteBuffer(string: text))
        try await channel.closeFuture.get()
        return box.all.joined()
    }

    /// Returns a moment after the upgrade: the server counts a session only once its own side has finished too.
    func listen(_ path: String) async throws -> Ear {
        let ear = try await Ear.open(server.address, path)
        try await Task.sleep(for: .milliseconds(100))
        return ear
    }

    func listenKey() async throws -> String {
        let answer = try await send("POST", "/fapi/v1/listenKey")
        return answer.text("listenKey") ?? ""
    }

    func buy(_ quantity: String = "0.01", id: String = "entry") async throws -> Answer {
        let order = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=\(quantity)&newClientOrderId=\(id)"
        return try await call("POST", "v1/order", order)
    }

    func placeStop(id: String = "stop") async throws -> Answer {
        let order = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&triggerPrice=50000"
        return try await call("POST", "v1/algoOrder", order + "&closePosition=true&clientAlgoId=\(id)")
    }
}

/// Texts that came in, in order.
final class TextBox: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }
}

private final class ByteEar: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let box: TextBox

    init(box: TextBox) { self.box = box }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        box.add(String(buffer: unwrapInboundIn(data)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// One open stream connection of a test.
struct Ear: Sendable {
    let box: TextBox
    let pings: TextBox
    let channel: any Channel

    /// Fails where the venue refuses the upgrade.
    static func open(_ address: VenueAddress, _ path: String) async throws -> Ear {
        let box = TextBox()
        let pings = TextBox()
        let upgraded = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture { try upgrade(channel, path, box, pings) }
            }
        return Ear(box: box, pings: pings, channel: try await upgraded.get())
    }

    private static func upgrade(
        _ channel: any Channel,
        _ path: String,
        _ box: TextBox,
        _ pings: TextBox
    ) throws -> EventLoopFuture<any Channel> {
        let upgrader = NIOTypedWebSocketClientUpgrader<any Channel>(
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FrameEar(box: box, pings: pings))
                    return channel
                }
            })
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: "loopback")
        headers.add(name: "Content-Length", value: "0")
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)
        let configuration = NIOTypedHTTPClientUpgradeConfiguration<any Channel>(
            upgradeRequestHead: head,
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in channel.eventLoop.makeFailedFuture(NotUpgraded()) }
        )
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
        // Frames may come in the same read as the answer to the upgrade; the default drops them.
        pipeline.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: pipeline
        )
    }

    func say(_ text: String) async throws {
        let frame = WebSocketFrame(
            fin: true,
            opcode: .text,
            maskKey: .random(),
            data: channel.allocator.buffer(string: text)
        )
        try await channel.writeAndFlush(frame)
    }

    var isOpen: Bool { channel.isActive }
}

struct NotUpgraded: Error {}

private final class FrameEar: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    private let box: TextBox
    private let pings: TextBox

    init(box: TextBox, pings: TextBox) {
        self.box = box
        self.pings = pings
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text: box.add(String(buffer: frame.unmaskedData))
        case .ping: pings.add("ping")
        default: break
        }
    }
}

/// Waits, on the real clock, until something is so; whether it became so within five seconds.
func eventually(_ isSo: () -> Bool) async throws -> Bool {
    for _ in 0..<1_000 {
        if isSo() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return isSo()
}

/// Runs a body against a venue and always stops it.
func withVenue(
    faults: FaultPlan = .none,
    settings: (inout VenueSettings) -> Void = { _ in },
    _ body: (Loopback) async throws -> Void
) async throws {
    let loopback = try await Loopback(faults: faults, settings)
    do {
        try await body(loopback)
    } catch {
        await loopback.server.stop()
        throw error
    }
    await loopback.server.stop()
}
