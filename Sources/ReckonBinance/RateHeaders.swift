package import NIOHTTP1

/// How much of the venue's limits is used, as its answers last said.
///
/// Absent where none has said so yet.
package struct RateFigures: Sendable, Hashable {
    package var usedWeight1m: Int?
    package var orders10s: Int?
    package var orders1m: Int?

    package init() {}

    /// Takes over what an answer's headers say, and keeps the rest.
    ///
    /// Source: docs/venue-binance.md, Limits: the weight reads -1 on order answers, which says nothing.
    package mutating func take(_ headers: HTTPHeaders) {
        if let used = RateFigures.figure("X-MBX-USED-WEIGHT-1M", in: headers) { usedWeight1m = used }
        if let count = RateFigures.figure("X-MBX-ORDER-COUNT-10S", in: headers) { orders10s = count }
        if let count = RateFigures.figure("X-MBX-ORDER-COUNT-1M", in: headers) { orders1m = count }
    }

    private static func figure(_ name: String, in headers: HTTPHeaders) -> Int? {
        headers.first(name: name).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }
}
