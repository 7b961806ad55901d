package import Foundation
package import ReckonEngine
package import ReckonModel

/// What the user stream says, in our words.
package enum UserStreamEvent: Sendable, Hashable {
    case report(OrderReport)
    case positions([PositionReport])
    case signal(StreamSignal)
    /// The leverage of a symbol has changed.
    case leverage(Symbol, Int)
}

/// One frame of the user stream, read.
package enum UserFrame: Sendable, Hashable {
    case events([UserStreamEvent])
    case keyExpired
    /// Nothing that we need, under this name.
    case ignored(String)
    /// It should have told us something: there is a gap now.
    case unreadable(String)

    /// Reads a frame, bare or wrapped as combined streams are.
    ///
    /// Never fails: what is odd is `unreadable`.
    package init(_ body: Data, in mode: PositionMode = .oneWay) {
        do {
            let decoder = JSONDecoder()
            decoder.userInfo[.positionMode] = mode
            self = try decoder.decode(UserEnvelope.self, from: body).frame
        } catch {
            self = .unreadable(Unreadable(error).text)
        }
    }
}

extension CodingUserInfoKey {
    /// The mode by which a frame's rows are read.
    fileprivate static let positionMode: CodingUserInfoKey = {
        guard let key = CodingUserInfoKey(rawValue: "positionMode") else {
            preconditionFailure("no such key")
        }
        return key
    }()
}

/// Picks the payload by its name.
///
/// Source: docs/venue-binance.md, User stream.
private struct UserEnvelope: Decodable {
    let frame: UserFrame

    private enum Keys: String, CodingKey {
        case event = "e"
        case data
    }

    init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: Keys.self)
        if keys.contains(.data) {
            frame = try keys.decode(UserEnvelope.self, forKey: .data).frame
            return
        }
        let mode = decoder.userInfo[.positionMode] as? PositionMode ?? .oneWay
        let name = try keys.decodeIfPresent(String.self, forKey: .event) ?? ""
        switch name {
        case "ORDER_TRADE_UPDATE": frame = .events([.report(try OrderEvent(from: decoder).report(mode))])
        case "ALGO_UPDATE": frame = .events([.report(try AlgoEvent(from: decoder).report(mode))])
        case "ACCOUNT_UPDATE":
            let positions = try AccountEvent(from: decoder).positions(mode)
            frame = .events(positions.isEmpty ? [] : [.positions(positions)])
        case "ACCOUNT_CONFIG_UPDATE": frame = .events(try ConfigurationEvent(from: decoder).events())
        case "listenKeyExpired": frame = .keyExpired
        default: frame = .ignored(name.isEmpty ? "" : WireError.oneLine(name))
        }
    }
}

/// A step in an order's life.
private struct OrderEvent: Decodable {
    let T: Int64?
    let E: Int64?
    let o: Body

    struct Body: Decodable {
        let s: String
        let c: String
        let S: String
        /// What happened.
        let x: String?
        /// How it stands now.
        let X: String
        let i: Int64
        let q: Loose?
        let p: Loose?
        let ap: Loose?
        let z: Loose?
        let R: Bool?
        let cp: Bool?
        let ps: String?
        let er: Loose?
        let T: Int64?
    }

    func report(_ mode: PositionMode) throws -> OrderReport {
        let updated = try Reading.instant(o.T ?? T ?? E, "T")
        var report = OrderReport(
            id: ClientOrderID(o.c),
            venueID: VenueOrderID(o.i),
            symbol: try mode.book(o.s, o.ps),
            side: try Reading.side(o.S),
            status: try OrderStatusText.status(o.X),
            quantity: try Reading.size(o.q, "q"),
            executed: try Reading.size(o.z, "z"),
            updatedAt: updated
        )
        report.isReduceOnly = mode.reduces(report.symbol, report.side, saying: o.R)
        report.closesPosition = o.cp ?? false
        report.price = try Reading.price(o.p, "p")
        report.averagePrice = try Reading.price(o.ap, "ap")
        if o.x == "NEW" { report.createdAt = updated }
        report.reason = reason
        try Reading.checkWorth(report.quantity, at: report.price, report.averagePrice, field: "q")
        try Reading.checkWorth(report.executed, at: report.price, report.averagePrice, field: "z")
        return report
    }

    private var reason: String? {
        if o.x == "CALCULATED" { return "forced by the venue" }
        return OrderStatusText.reason(expiry: o.er?.text) ?? OrderStatusText.reason(o.X)
    }
}

/// A step in a conditional order's life.
private struct AlgoEvent: Decodable {
    let T: Int64?
    let E: Int64?
    let o: Body

    struct Body: Decodable {
        let caid: String
        let aid: Int64
        let s: String
        let S: String
        let ps: String?
        let X: String
        let q: Loose?
        /// Number of the child order, empty until there is one.
        let ai: Loose?
        let ap: Loose?
        let aq: Loose?
        let tp: Loose?
        let cp: Bool?
        let R: Bool?
        let rm: String?
    }

    func report(_ mode: PositionMode) throws -> OrderReport {
        let updated = try Reading.instant(T ?? E, "T")
        let size = o.q == nil && o.cp == true ? .zero : try Reading.size(o.q, "q")
        var report = OrderReport(
            id: ClientOrderID(o.caid),
            venueID: VenueOrderID(o.aid),
            symbol: try mode.book(o.s, o.ps),
            side: try Reading.side(o.S),
            status: try OrderStatusText.algoStatus(o.X),
            isConditional: true,
            quantity: size,
            executed: try AlgoRow.executed(o.aq),
            updatedAt: updated
        )
        report.isReduceOnly = mode.reduces(report.symbol, report.side, saying: o.R)
        report.closesPosition = o.cp ?? false
        report.price = try Reading.price(o.tp, "tp")
        report.averagePrice = try Reading.price(o.ap, "ap")
        report.childID = try AlgoRow.child(o.ai, "ai")
        if o.X == "NEW" { report.createdAt = updated }
        report.reason = o.rm.flatMap { $0.isEmpty ? nil : WireError.oneLine($0) }
        try Reading.checkWorth(report.quantity, at: report.price, report.averagePrice, field: "q")
        try Reading.checkWorth(report.executed, at: report.price, report.averagePrice, field: "aq")
        return report
    }
}

/// New absolute figures of positions.
private struct AccountEvent: Decodable {
    let T: Int64?
    let E: Int64?
    let a: Body

    struct Body: Decodable {
        let P: [Row]?
    }

    struct Row: Decodable {
        let s: String
        let pa: Loose?
        let ep: Loose?
        let ps: String?
    }

    func positions(_ mode: PositionMode) throws -> [PositionReport] {
        let updated = try Reading.instant(T ?? E, "T")
        return try (a.P ?? []).compactMap { row in
            let report = PositionReport(
                symbol: try mode.book(row.s, row.ps),
                quantity: try PositionRow.amount(row.pa, "pa"),
                entryPrice: try Reading.price(row.ep, "ep"),
                markPrice: .zero,
                updatedAt: updated
            )
            // In hedge mode an instrument's row of neither leg is always empty, and says nothing.
            if mode == .hedged, report.symbol.leg == nil, report.quantity.isZero { return nil }
            try mode.check(row.ps)
            try Reading.checkWorth(report.quantity, at: report.entryPrice, field: "pa")
            return report
        }
    }
}

/// A change of leverage, or of multi-assets mode, which is nothing to us.
private struct ConfigurationEvent: Decodable {
    let ac: Body?

    struct Body: Decodable {
        let s: String
        let l: Int
    }

    func events() throws -> [UserStreamEvent] {
        guard let ac else { return [] }
        guard (1...1000).contains(ac.l) else { throw Unreadable("ac.l", found: "\(ac.l)", allowed: "1…1000") }
        return [.leverage(try Reading.symbol(ac.s), ac.l)]
    }
}
