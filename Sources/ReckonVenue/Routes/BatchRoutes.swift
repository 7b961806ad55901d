import Foundation
import ReckonExchange
import ReckonModel

/// Routes that carry several orders in one request; each of them succeeds or fails by itself.
enum BatchRoutes {
    private static let mostOrders = 5
    private static let mostCancels = 10

    static let all: [Endpoint] = [
        .batch("POST", "v1/batchOrders", weight: 5, orders: 5) { exchange, call throws(VenueRejection) in
            try each(&exchange, call.parameters) { exchange, order throws(VenueRejection) in
                try OrderRoutes.place(&exchange, order)
            }
        },
        .batch("PUT", "v1/batchOrders", weight: 5, orders: 5) { exchange, call throws(VenueRejection) in
            try each(&exchange, call.parameters) { exchange, order throws(VenueRejection) in
                try AmendRoutes.amend(&exchange, order)
            }
        },
        .delete("v1/batchOrders", .cancel) { exchange, call throws(VenueRejection) in
            let symbol = try call.parameters.symbol()
            _ = try exchange.market(symbol)
            var rows: [JSON] = []
            for reference in try references(call.parameters) {
                rows.append(
                    row { () throws(VenueRejection) in try exchange.cancel(symbol, reference).answer }
                )
            }
            return .array(rows)
        },
    ]

    private static func each(
        _ exchange: inout Exchange,
        _ parameters: Parameters,
        _ carryOut: (inout Exchange, Parameters) throws(VenueRejection) -> JSON
    ) throws(VenueRejection) -> JSON {
        let text = Data(try parameters.required("batchOrders").utf8)
        guard let orders = try? JSONDecoder().decode([[String: Scalar]].self, from: text), !orders.isEmpty
        else {
            throw .missing("batchorders")
        }
        guard orders.count <= mostOrders else { throw .tooManyInBatch }
        var rows: [JSON] = []
        for order in orders {
            let own = Parameters(pairs: order.map { ($0.key, $0.value.text) })
            rows.append(row { () throws(VenueRejection) in try carryOut(&exchange, own) })
        }
        return .array(rows)
    }

    /// What one order of the batch answers.
    private static func row(_ body: () throws(VenueRejection) -> JSON) -> JSON {
        do {
            return try body()
        } catch {
            return ["code": .number(Int64(error.code)), "msg": .text(error.message)]
        }
    }

    private static func references(_ parameters: Parameters) throws(VenueRejection) -> [OrderReference] {
        let found: [OrderReference]
        if let text = parameters.anyCase("orderIdList") {
            guard let ids = try? JSONDecoder().decode([Int64].self, from: Data(text.utf8)) else {
                throw .missing("orderidlist")
            }
            found = ids.map { .venue(VenueOrderID($0)) }
        } else if let text = parameters.anyCase("origClientOrderIdList") {
            guard let ids = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
                throw .missing("origclientorderidlist")
            }
            found = ids.map { .client(ClientOrderID($0)) }
        } else {
            throw .missing("orderidlist")
        }
        guard !found.isEmpty else { throw .missing("orderidlist") }
        guard found.count <= mostCancels else { throw .tooManyCancels }
        return found
    }
}

/// A value in a batch: clients write texts, numbers and flags.
private struct Scalar: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else if let flag = try? container.decode(Bool.self) {
            text = flag ? "true" : "false"
        } else if let whole = try? container.decode(Int64.self) {
            text = "\(whole)"
        } else {
            // Decimal and not Double, so that every digit stays.
            text = "\(try container.decode(Decimal.self))"
        }
    }
}
