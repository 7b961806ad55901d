import NIOCore
import ReckonExchange
import ReckonModel
import Synchronization

/// The venue behind one lock.
///
/// Nothing is sent while it is held: what to send comes back as deliveries.
final class VenueCore: Sendable {
    private let state: Mutex<VenueState>
    private let isStrict: Bool

    init(settings: VenueSettings) {
        state = Mutex(VenueState(settings: settings))
        isStrict = settings.isStrictlyRouted
    }

    func answer(_ request: WireRequest) -> (reply: WireReply, deliveries: [Delivery]) {
        state.withLock { state in
            let reply = state.answer(request)
            return (reply, state.userEvents(at: state.exchange.now))
        }
    }

    func calm() {
        state.withLock { state in
            let now = state.catchUp()
            state.gate.calm(at: now)
        }
    }

    func tick() -> [Delivery] { state.withLock { $0.tick() } }

    /// Whether a stream may be opened now.
    func admits(_ address: StreamAddress) -> Bool {
        state.withLock { state in
            let now = state.catchUp()
            return !(address.isForUser && state.gate.isOn(.disconnect, at: now))
        }
    }

    func opened(_ channel: any Channel, _ address: StreamAddress) -> Int {
        state.withLock { state in
            let now = state.catchUp()
            return state.addSession(
                StreamSession(channel: channel, address: address, at: now, strict: isStrict)
            )
        }
    }

    func closed(_ session: Int) { state.withLock { $0.sessions[session] = nil } }

    /// What to answer to a client's text on a stream.
    func said(_ text: String, on session: Int) -> String? {
        state.withLock { state in
            guard let command = StreamCommand(text) else {
                let refusal: JSON = ["code": 3, "msg": "Invalid JSON: expected value at line 1 column 1"]
                return refusal.rendered
            }
            return state.sessions.update(session) { command.apply(to: &$0, strict: isStrict) }?.rendered
        }
    }

    func read<Result: Sendable>(_ body: (borrowing VenueState) -> Result) -> Result {
        state.withLock { state in
            _ = state.catchUp()
            return body(state)
        }
    }

    /// Changes the exchange from inside the process; what the streams must tell of it waits for `flush`.
    func change<Result: Sendable>(_ body: (inout Exchange) -> Result) -> Result {
        state.withLock { state in
            _ = state.catchUp()
            return body(&state.exchange)
        }
    }

    /// What the streams have yet to tell.
    func flush() -> [Delivery] {
        state.withLock { state in
            let now = state.catchUp()
            return state.userEvents(at: now)
        }
    }
}
