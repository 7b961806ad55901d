import ReckonModel

/// What a WebSocket address asks for.
struct StreamAddress: Hashable, Sendable {
    enum Route: String, Hashable, Sendable {
        case open = "public"
        case market
        case user = "private"
    }

    let route: Route?
    /// Whether each payload is wrapped with the name of its stream.
    let isWrapped: Bool
    /// Names of streams and listen keys.
    private(set) var names: [String]
    /// Event types wanted on the user stream; empty means all.
    let events: [String]

    /// `nil` where the path is no stream's.
    init?(target: String) {
        let halves = target.split(separator: "?", maxSplits: 1)
        let query = halves.count > 1 ? String(halves[1]) : ""
        var segments = (halves.first ?? "").split(separator: "/").map(String.init)
        if let first = segments.first, let route = Route(rawValue: first) {
            self.route = route
            segments.removeFirst()
        } else {
            route = nil
        }
        guard let kind = segments.first, kind == "ws" || kind == "stream" else { return nil }
        isWrapped = kind == "stream"
        // A bare number in the path is a client's own counter.
        names = segments.dropFirst().filter { Int($0) == nil }
        names += Parameters.all("streams", in: query).flatMap { $0.split(separator: "/").map(String.init) }
        names += Parameters.all("listenKey", in: query)
        events = Parameters.all("events", in: query).flatMap { $0.split(separator: "/").map(String.init) }
    }

    static func isListenKey(_ name: String) -> Bool {
        name.utf8.count == 64 && name.allSatisfy { $0.isLetter || $0.isNumber }
    }

    var isForUser: Bool { route == .user || names.contains(where: StreamAddress.isListenKey) }
}
