package import Foundation
package import ReckonEngine
import ReckonModel

/// One frame of the market stream, read.
package enum MarketFrame: Sendable, Hashable {
    case marks([Mark])
    case ignored
    case unreadable(String)

    package init(_ body: Data) {
        do {
            let marks = try JSONDecoder().decode(MarketEnvelope.self, from: body).marks
            self = marks.isEmpty ? .ignored : .marks(marks)
        } catch {
            self = .unreadable(Unreadable(error).text)
        }
    }
}

/// A mark-price update or an array of them, bare or wrapped.
///
/// Source: docs/venue-binance.md, Market streams.
private struct MarketEnvelope: Decodable {
    let marks: [Mark]

    private enum Keys: String, CodingKey {
        case event = "e"
        case data
    }

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            var marks: [Mark] = []
            while !list.isAtEnd { marks += try list.decode(MarketEnvelope.self).marks }
            self.marks = marks
            return
        }
        let keys = try decoder.container(keyedBy: Keys.self)
        if keys.contains(.data) {
            marks = try keys.decode(MarketEnvelope.self, forKey: .data).marks
            return
        }
        let name = try keys.decodeIfPresent(String.self, forKey: .event)
        guard name == "markPriceUpdate" else {
            marks = []
            return
        }
        let row = try MarkEvent(from: decoder)
        marks = [try PremiumRow(symbol: row.s, markPrice: row.p).mark()]
    }
}

private struct MarkEvent: Decodable {
    let s: String
    let p: Loose?
}
