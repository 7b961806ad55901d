import Foundation
import ReckonExchange
import ReckonModel

/// One HTTP request as it came over the wire.
package struct WireRequest: Sendable {
    package let method: String
    package let path: String
    /// Raw, still percent-encoded, without the question mark.
    package let query: String
    package let body: String
    package let apiKey: String?
    /// Address that the weight limit is kept for.
    package let peer: String

    package init(method: String, target: String, body: String, apiKey: String?, peer: String) {
        self.method = method
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first.map(String.init) ?? "/"
        query = parts.count > 1 ? String(parts[1]) : ""
        self.body = body
        self.apiKey = apiKey
        self.peer = peer
    }
}

/// The parameters of a request, from query and form body together; on duplicates the query wins.
package struct Parameters: Sendable {
    private var pairs: [(name: String, value: String)] = []

    package init(_ request: WireRequest) {
        self.init(query: request.query, body: request.body)
    }

    package init(query: String, body: String = "") {
        for source in [query, body] {
            for piece in source.split(separator: "&") {
                let halves = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = Parameters.decoded(halves.first.map(String.init) ?? "")
                let value = halves.count > 1 ? Parameters.decoded(String(halves[1])) : ""
                if !pairs.contains(where: { $0.name == name }) { pairs.append((name, value)) }
            }
        }
    }

    /// Parameters that are known already, as those of one order in a batch.
    init(pairs: [(name: String, value: String)]) { self.pairs = pairs }

    /// A value whose name some clients write in lower case.
    func anyCase(_ name: String) -> String? {
        pairs.first { $0.name.lowercased() == name.lowercased() && !$0.value.isEmpty }?.value
    }

    package static func decoded(_ text: String) -> String {
        let spaced = text.replacingOccurrences(of: "+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }

    /// An empty value counts as not sent.
    package subscript(name: String) -> String? {
        pairs.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// All values under a name, for the few that may come several times in a stream address.
    package static func all(_ name: String, in query: String) -> [String] {
        query.split(separator: "&").compactMap { piece in
            let halves = piece.split(separator: "=", maxSplits: 1)
            guard halves.count == 2, halves[0] == name else { return nil }
            return decoded(String(halves[1]))
        }
    }

    /// Whether an order can only reduce, by its own words or by its side of a leg.
    var saysThatItReduces: Bool {
        if self["reduceOnly"]?.lowercased() == "true" || self["closePosition"]?.lowercased() == "true" {
            return true
        }
        let leg = self["positionSide"].flatMap { Leg(rawValue: $0.uppercased()) }
        return leg != nil && leg?.closingSide == self["side"].flatMap { Side(wire: $0) }
    }

    func required(_ name: String) throws(VenueRejection) -> String {
        guard let value = self[name] else { throw .missing(name.lowercased()) }
        return value
    }

    func symbol() throws(VenueRejection) -> Symbol {
        _ = try required("symbol")
        guard let symbol = try namedSymbol() else { throw .badSymbol }
        return symbol
    }

    /// The symbol, if one was sent; our own names of legs mean nothing on the wire.
    func namedSymbol() throws(VenueRejection) -> Symbol? {
        guard let symbol = optionalSymbol() else { return nil }
        guard symbol.leg == nil else { throw .badSymbol }
        return symbol
    }

    func optionalSymbol() -> Symbol? { self["symbol"].map { Symbol($0.uppercased()) } }

    func decimal<Number: FixedPoint>(
        _ name: String,
        as: Number.Type = Number.self
    ) throws(VenueRejection) -> Number? {
        guard let text = self[name] else { return nil }
        do {
            return try Number(parsing: text)
        } catch {
            switch error {
            case .tooPrecise: throw .badPrecision
            case .tooLarge, .empty, .malformed: throw .missing(name.lowercased())
            }
        }
    }

    func integer(_ name: String) throws(VenueRejection) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let number = Int64(text) else { throw .missing(name.lowercased()) }
        return number
    }

    func flag(_ name: String) throws(VenueRejection) -> Bool? {
        switch self[name]?.lowercased() {
        case .none: return nil
        case .some("true"): return true
        case .some("false"): return false
        case .some: throw .missing(name.lowercased())
        }
    }

    func instant(_ name: String) throws(VenueRejection) -> VenueInstant? {
        try integer(name).map { VenueInstant(milliseconds: $0) }
    }

    func limit() throws(VenueRejection) -> Int {
        Int(min(max(try integer("limit") ?? 500, 1), 1_000))
    }

    /// Names one order: the venue's number wins over the client's id.
    func orderReference(number: String, client: String) throws(VenueRejection) -> OrderReference {
        if let id = try integer(number) { return .venue(VenueOrderID(id)) }
        if let id = self[client] { return .client(ClientOrderID(id)) }
        let words = "Param '\(client)' or '\(number)' must be sent, but both were empty/null!"
        throw VenueRejection(code: -1102, message: words)
    }
}
