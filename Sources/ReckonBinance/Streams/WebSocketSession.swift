import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// Why a connection, or the session that it served, came to its end.
enum StreamEnding: Error, Sendable, Hashable {
    case notConnected(String)
    case closed(String)
    /// Not even an answer to our pings.
    case silent
    case keyExpired
    case overflow
    case renewal
    case reopened
    case cancelled

    /// What the engine is told.
    var text: String {
        switch self {
        case .notConnected(let why): "not connected: \(why)"
        case .closed(let why): "closed: \(why)"
        case .silent: "silent"
        case .keyExpired: "listen key expired"
        case .overflow: "overflow"
        case .renewal: "renewal before the venue's 24 hours are over"
        case .reopened: "reopened on request"
        case .cancelled: "shut down"
        }
    }
}

/// One WebSocket connection from its opening to its end: answers pings, sends its own, and notices silence.
struct WebSocketSession: Sendable {
    typealias Socket = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    let address: WebAddress
    let limits: StreamLimits
    let silenceLimit: Duration
    /// The upgrade is done.
    let opened: @Sendable () -> Void
    /// A frame of any kind came in.
    ///
    /// At most once in `heardEvery`.
    let heard: @Sendable () -> Void
    /// A message came in.
    ///
    /// An ending closes the connection.
    let received: @Sendable (Data) -> StreamEnding?

    /// Connects and serves until something ends it.
    ///
    /// Cancelling the task is one such thing.
    func run() async -> StreamEnding {
        let socket: Socket
        do {
            socket = try await connect()
        } catch let ending as StreamEnding {
            return ending
        } catch is NIOConnectionError {
            return .notConnected("cannot reach \(address.host):\(address.port)")
        } catch {
            // The error's own text may hold the URL, and that the listen key (I-13).
            return .notConnected("\(type(of: error))")
        }
        do {
            return try await socket.executeThenClose { inbound, outbound in
                opened()
                return await serve(socket.channel, inbound, outbound)
            }
        } catch {
            return Task.isCancelled ? .cancelled : .closed("\(type(of: error))")
        }
    }

    private func serve(
        _ channel: any Channel,
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>
    ) async -> StreamEnding {
        let pulse = Pulse()
        return await withTaskGroup(of: StreamEnding.self) { group in
            group.addTask { await read(inbound, outbound, pulse) }
            group.addTask { await beat(channel, pulse) }
            let ending = await group.next() ?? .cancelled
            group.cancelAll()
            return ending
        }
    }

    private func read(
        _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>,
        _ pulse: Pulse
    ) async -> StreamEnding {
        do {
            for try await frame in inbound {
                if pulse.beat(every: limits.heardEvery) { heard() }
                switch frame.opcode {
                case .text, .binary:
                    if let ending = received(Data(frame.unmaskedData.readableBytesView)) { return ending }
                case .ping:
                    try await outbound.write(.client(.pong, frame.unmaskedData))
                case .connectionClose:
                    try await outbound.write(.client(.connectionClose, frame.unmaskedData))
                    return .closed("by the venue")
                default: break
                }
            }
            return Task.isCancelled ? .cancelled : .closed("by the venue, without a word")
        } catch {
            return Task.isCancelled ? .cancelled : .closed("\(type(of: error))")
        }
    }

    /// Pings go past the writer, which would wait with us on a connection that is stuck.
    private func beat(_ channel: any Channel, _ pulse: Pulse) async -> StreamEnding {
        let pause = min(limits.pingEvery, silenceLimit / 4)
        while !Task.isCancelled {
            channel.writeAndFlush(WebSocketFrame.client(.ping, ByteBuffer()), promise: nil)
            do { try await Task.sleep(for: pause) } catch { return .cancelled }
            if pulse.age > silenceLimit { return .silent }
        }
        return .cancelled
    }
}

extension WebSocketFrame {
    /// A frame as clients must send it: masked.
    static func client(_ opcode: WebSocketOpcode, _ content: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: content)
    }
}

/// When something was last heard.
private final class Pulse: Sendable {
    private let state = Mutex((last: ContinuousClock.now, told: ContinuousClock.Instant?.none))

    /// Notes a sign of life; true where it is time to tell of it.
    func beat(every interval: Duration) -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            state.last = now
            if let told = state.told, now - told < interval { return false }
            state.told = now
            return true
        }
    }

    var age: Duration { ContinuousClock.now - state.withLock { $0.last } }
}
