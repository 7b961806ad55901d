import ReckonEngine
import ReckonModel

/// A position as `v3/positionRisk` writes it.
///
/// Source: docs/venue-binance.md, Orders.
struct PositionRow: Decodable, Sendable {
    let symbol: String
    let positionSide: String?
    let positionAmt: Loose?
    let entryPrice: Loose?
    let markPrice: Loose?
    let liquidationPrice: Loose?
    let updateTime: Int64?

    func report(_ mode: PositionMode) throws -> PositionReport {
        var report = PositionReport(
            symbol: try mode.book(symbol, positionSide),
            quantity: try PositionRow.amount(positionAmt, "positionAmt"),
            entryPrice: try Reading.price(entryPrice, "entryPrice"),
            markPrice: try Reading.price(markPrice, "markPrice"),
            updatedAt: try Reading.instant(updateTime, "updateTime")
        )
        if !report.quantity.isZero { try mode.check(positionSide) }
        report.liquidationPrice = try PositionRow.liquidation(liquidationPrice)
        try Reading.checkWorth(report.quantity, at: report.entryPrice, report.markPrice, field: "positionAmt")
        return report
    }

    static func amount(_ value: Loose?, _ field: String) throws -> Quantity {
        let amount: Quantity = try Reading.exact(value, field)
        guard amount.magnitude <= Reading.mostQuantity else {
            throw Unreadable(field, found: "\(amount)", allowed: "at most ±\(Reading.mostQuantity)")
        }
        return amount
    }

    /// A position that cannot be liquidated may show a negative or absurd figure: none, for us.
    private static func liquidation(_ value: Loose?) throws -> Price {
        let price: Price = try Reading.computed(value, "liquidationPrice")
        return (Price.zero...Reading.mostPrice).contains(price) ? price : .zero
    }
}

/// The answer to a cancelled conditional order; its `code` is text there.
struct AlgoCancelRow: Decodable, Sendable {
    let clientAlgoId: String?
    let code: Loose?
}

/// The answer to a change of leverage.
struct LeverageRow: Decodable, Sendable {
    let symbol: String?
    let leverage: Int

    func checked() throws -> Int {
        guard (1...1000).contains(leverage) else {
            throw Unreadable("leverage", found: "\(leverage)", allowed: "1…1000")
        }
        return leverage
    }
}

/// Whether the account holds two positions a symbol.
struct PositionModeRow: Decodable, Sendable {
    let dualSidePosition: Bool
}

/// The venue's clock.
struct TimeRow: Decodable, Sendable {
    let serverTime: Int64
}

/// A mark price as `v1/premiumIndex` writes it.
struct PremiumRow: Decodable, Sendable {
    let symbol: String
    let markPrice: Loose?
}

/// The key under which the user stream is served.
struct ListenKeyRow: Decodable, Sendable {
    let listenKey: String

    /// It goes into a URL, so only plain characters will do.
    func checked() throws -> ListenKey {
        let isPlain = listenKey.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, (1...256).contains(listenKey.utf8.count) else {
            throw Unreadable("listenKey", found: "\(listenKey.utf8.count) bytes", allowed: "1…256 plain ones")
        }
        return ListenKey(listenKey)
    }
}

/// A listen key.
///
/// Whoever has it can read the account's stream, so it never shows itself (I-13).
package struct ListenKey: Sendable, Hashable {
    package let text: String

    package init(_ text: String) { self.text = text }
}

extension ListenKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "ListenKey(…)" }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }
}
