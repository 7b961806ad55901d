import ReckonExchange
import ReckonModel

/// What a route needs to know besides the exchange.
struct Call: Sendable {
    let parameters: Parameters
    let limits: VenueLimits
}

/// One path and method, what it costs and what it does.
struct Endpoint: Sendable {
    enum Security: Sendable {
        case open
        case key
        case signed
    }

    /// What a call is for; faults choose by it.
    enum Purpose: Sendable {
        case market
        case place
        case placeAlgo
        case cancel
        case query
        case snapshot
        case account
        case listenKey
    }

    typealias Answer = @Sendable (inout Exchange, Call) throws(VenueRejection) -> JSON

    let method: String
    let path: String
    let security: Security
    let purpose: Purpose
    let weight: Int
    /// What it costs when no symbol narrows it.
    let weightOfAll: Int
    /// What it costs of the order limit in ten seconds; of that in a minute it costs one.
    var orders = 1
    let answer: Answer

    var name: String { "\(method) \(path)" }

    var placesOrder: Bool { purpose == .place || purpose == .placeAlgo }

    static func get(
        _ path: String,
        _ purpose: Purpose,
        weight: Int,
        ofAll: Int? = nil,
        answer: @escaping Answer
    ) -> Endpoint {
        Endpoint(
            method: "GET",
            path: "/fapi/" + path,
            security: purpose == .market ? .open : .signed,
            purpose: purpose,
            weight: weight,
            weightOfAll: ofAll ?? weight,
            answer: answer
        )
    }

    static func post(
        _ path: String,
        _ purpose: Purpose,
        weight: Int = 1,
        answer: @escaping Answer
    ) -> Endpoint {
        Endpoint(
            method: "POST",
            path: "/fapi/" + path,
            security: .signed,
            purpose: purpose,
            weight: weight,
            weightOfAll: weight,
            answer: answer
        )
    }

    /// Carries out several orders, or changes some.
    static func batch(
        _ method: String,
        _ path: String,
        weight: Int,
        orders: Int,
        answer: @escaping Answer
    ) -> Endpoint {
        var endpoint = Endpoint(
            method: method,
            path: "/fapi/" + path,
            security: .signed,
            purpose: .place,
            weight: weight,
            weightOfAll: weight,
            answer: answer
        )
        endpoint.orders = orders
        return endpoint
    }

    static func delete(_ path: String, _ purpose: Purpose, answer: @escaping Answer) -> Endpoint {
        Endpoint(
            method: "DELETE",
            path: "/fapi/" + path,
            security: .signed,
            purpose: purpose,
            weight: 1,
            weightOfAll: 1,
            answer: answer
        )
    }

    static func listenKey(_ method: String) -> Endpoint {
        Endpoint(
            method: method,
            path: "/fapi/v1/listenKey",
            security: .key,
            purpose: .listenKey,
            weight: 1,
            weightOfAll: 1,
            answer: { _, _ in [:] }
        )
    }
}

/// All that the venue answers to.
enum RouteTable {
    private static let byName: [String: Endpoint] = {
        let keys = ["POST", "PUT", "DELETE"].map { Endpoint.listenKey($0) }
        let orders = OrderRoutes.all + AmendRoutes.all + BatchRoutes.all + AlgoRoutes.all
        let all = MarketRoutes.all + orders + AccountRoutes.all + keys
        return Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }()

    static func endpoint(_ method: String, _ path: String) -> Endpoint? {
        byName["\(method) \(path)"] ?? byName["\(method) \(trimmed(path))"]
    }

    private static func trimmed(_ path: String) -> String {
        path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}

/// Acknowledges without content, as the venue does.
let acknowledged: JSON = ["code": 200, "msg": "success"]

let allCancelled: JSON = ["code": 200, "msg": "The operation of cancel all open order is done."]
