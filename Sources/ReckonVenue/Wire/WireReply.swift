import ReckonExchange
import ReckonModel

/// What goes back for one request, and how.
struct WireReply: Sendable {
    /// What becomes of the answer on its way.
    enum Fate: Hashable, Sendable {
        case sent(afterMilliseconds: Int64)
        /// The connection closes without an answer.
        case lost(afterMilliseconds: Int64)
    }

    struct Header: Hashable, Sendable {
        let name: String
        let value: String
    }

    var status: Int
    var body: String
    var headers: [Header] = []
    var fate = Fate.sent(afterMilliseconds: 0)

    init(status: Int, body: String) {
        self.status = status
        self.body = body
    }

    init(_ json: JSON) {
        self.init(status: 200, body: json.rendered)
    }

    init(_ rejection: VenueRejection) {
        let isForbidden = rejection.code == -2014 || rejection.code == -2015
        self.init(status: isForbidden ? 401 : 400, code: rejection.code, message: rejection.message)
    }

    init(status: Int, code: Int, message: String) {
        let json: JSON = ["code": .number(Int64(code)), "msg": .text(message)]
        self.init(status: status, body: json.rendered)
    }

    static func unknownPath(_ request: WireRequest) -> WireReply {
        WireReply(
            status: 404,
            code: -5000,
            message: "Path \(request.path), Method \(request.method) is invalid"
        )
    }

    static func refused(_ verdict: RateLimiter.Verdict, _ limits: VenueLimits, peer: String) -> WireReply? {
        switch verdict {
        case .allowed: return nil
        case .tooMuchWeight(let seconds):
            let words =
                "Too many requests; current limit of IP(\(peer)) is \(limits.weightPerMinute) requests per "
            let advice = "minute. Please use the websocket for live updates to avoid polling the API."
            return WireReply(status: 429, code: -1003, message: words + advice).retrying(after: seconds)
        case .tooManyOrders(let seconds, let window):
            let words = "Too many new orders; current limit is \(window)."
            return WireReply(status: 429, code: -1015, message: words).retrying(after: seconds)
        case .banned(let until):
            let words = "Way too many requests; IP(\(peer)) banned until \(until.milliseconds). "
            let advice = "Please use the websocket for live updates to avoid bans."
            let reply = WireReply(status: 418, code: -1003, message: words + advice)
            return reply.retrying(after: limits.banSeconds)
        }
    }

    func retrying(after seconds: Int64) -> WireReply {
        var reply = self
        reply.headers.append(Header(name: "Retry-After", value: "\(seconds)"))
        return reply
    }
}
