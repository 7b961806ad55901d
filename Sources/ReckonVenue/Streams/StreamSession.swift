import NIOCore
import ReckonModel

/// One subscription of a connection, and what was last sent under it.
struct Subscription: Sendable {
    let name: String
    var lastMark: Int64 = -1
}

/// One open WebSocket connection.
struct StreamSession: Sendable {
    let channel: any Channel
    let address: StreamAddress
    let openedAt: VenueInstant
    var pingedAt: VenueInstant
    private(set) var subscriptions: [Subscription]

    init(channel: any Channel, address: StreamAddress, at now: VenueInstant, strict: Bool) {
        self.channel = channel
        self.address = address
        openedAt = now
        pingedAt = now
        subscriptions = []
        for name in address.names { subscribe(name, strict: strict) }
    }

    /// Adds a stream; on strict routes a foreign one stays silent, as in production.
    mutating func subscribe(_ name: String, strict: Bool) {
        guard !strict || serves(name), !subscriptions.contains(where: { $0.name == name }) else { return }
        subscriptions.append(Subscription(name: name))
    }

    mutating func unsubscribe(_ name: String) { subscriptions.removeAll { $0.name == name } }

    mutating func mark(_ index: Int, _ mark: Int64) { subscriptions[index].lastMark = mark }

    func hears(key: String, event type: String) -> Bool {
        guard subscriptions.contains(where: { $0.name == key }) else { return false }
        return address.events.isEmpty || address.events.contains(type)
    }

    var isForUser: Bool {
        address.route == .user || subscriptions.contains { StreamAddress.isListenKey($0.name) }
    }

    func text(_ payload: JSON, of stream: String) -> String {
        guard address.isWrapped else { return payload.rendered }
        let wrapped: JSON = ["stream": .text(stream), "data": payload]
        return wrapped.rendered
    }

    private func serves(_ name: String) -> Bool {
        let isPublic = name.hasSuffix("@bookTicker") || name == "!bookTicker"
        switch address.route {
        case .user: return StreamAddress.isListenKey(name)
        case .market: return !isPublic && !StreamAddress.isListenKey(name)
        case .open, .none: return isPublic
        }
    }
}

/// Something to send, decided under the lock and done after it.
struct Delivery: Sendable {
    enum Content: Sendable {
        case text(String)
        case ping
        case close
    }

    let channel: any Channel
    let content: Content
    var lateMilliseconds: Int64 = 0
}
