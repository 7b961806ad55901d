import Foundation
package import ReckonEngine
package import ReckonModel

// Several orders in one request; each succeeds or fails by itself.
extension BinanceClient {
    /// Source: docs/venue-binance.md, Amending and batches.
    package static let mostPlacements = 5
    package static let mostCancellations = 10

    /// Places up to five ordinary orders at once; the answers come in the order of the placements.
    ///
    /// All are signed with the first one's time and window. Where the request as a whole fails, each order is as much in doubt
    /// as the failure says.
    package func place(
        batch placements: [Placement]
    ) async -> Result<[Result<OrderReport, VenueFailure>], VenueFailure> {
        guard let first = placements.first, placements.count <= BinanceClient.mostPlacements else {
            return .failure(BinanceClient.misshapen("1…\(BinanceClient.mostPlacements)", placements.count))
        }
        for placement in placements {
            if let flaw = BinanceClient.flaw(in: placement.ticket) { return .failure(flaw) }
        }
        let orders = placements.map { PlacementCall.call(for: $0).parameters.pairs }
        guard let text = BinanceClient.json(orders) else { return .failure(.unknown("orders have no JSON")) }
        var call = Call(.placeBatch, .change, ["batchOrders": text])
        call.stamp = Stamp(timestamp: first.timestamp, window: first.window)
        return await each(call, placements.map(\.ticket.id))
    }

    /// Cancels up to ten ordinary orders of a symbol at once; the answers come in the order of the ids.
    package func cancel(
        batch ids: [ClientOrderID],
        on symbol: Symbol
    ) async -> Result<[Result<OrderReport, VenueFailure>], VenueFailure> {
        guard !ids.isEmpty, ids.count <= BinanceClient.mostCancellations else {
            return .failure(BinanceClient.misshapen("1…\(BinanceClient.mostCancellations)", ids.count))
        }
        guard let text = BinanceClient.json(ids.map(\.text)) else {
            return .failure(.unknown("ids have no JSON"))
        }
        let pairs: KeyValuePairs = ["symbol": symbol.instrument.name, "origClientOrderIdList": text]
        return await each(Call(.cancelBatch, .change, pairs), ids)
    }

    private func each(
        _ call: Call,
        _ ids: [ClientOrderID]
    ) async -> Result<[Result<OrderReport, VenueFailure>], VenueFailure> {
        let now = venueNow()
        let mode = configuration.mode
        return await ask(call, as: [BatchRow].self) { rows in
            guard rows.count == ids.count else {
                throw Unreadable("batch", found: "\(rows.count) answers", allowed: "\(ids.count)")
            }
            return zip(rows, ids).map { $0.result(about: $1, mode, at: now) }
        }
    }

    private static func misshapen(_ allowed: String, _ found: Int) -> VenueFailure {
        VenueFailure(
            .fatal,
            code: 0,
            message: "batch was not sent: found \(found) orders, allowed \(allowed)"
        )
    }

    /// Conditional orders have no batches.
    private static func flaw(in ticket: OrderTicket) -> VenueFailure? {
        let isOrdinary = !ticket.pricing.isConditional
        guard let flaw = isOrdinary ? PlacementCall.flaw(in: ticket) : "a conditional order has no batch"
        else {
            return nil
        }
        return VenueFailure(.fatal, code: 0, message: "batch was not sent: order \(ticket.id): \(flaw)")
    }

    private static func json(_ value: some Encodable) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// What one order of a batch answers: its state, or a refusal.
private struct BatchRow: Decodable, Sendable {
    enum Content: Sendable {
        case order(OrderRow)
        case refusal(Int, String)
        case unreadable(String)
    }

    let content: Content

    private enum Keys: String, CodingKey {
        case code
        case msg
    }

    init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: Keys.self)
        if let text = try keys.decodeIfPresent(Loose.self, forKey: .code)?.text, let code = Int(text) {
            content = .refusal(code, try keys.decodeIfPresent(String.self, forKey: .msg) ?? "")
            return
        }
        do {
            content = .order(try OrderRow(from: decoder))
        } catch {
            // One answer that cannot be read leaves the others as they are.
            content = .unreadable(Unreadable(error).text)
        }
    }

    func result(
        about id: ClientOrderID,
        _ mode: PositionMode,
        at now: VenueInstant
    ) -> Result<OrderReport, VenueFailure> {
        switch content {
        case .refusal(let code, let message):
            return .failure(ErrorMap.failure(ofElement: code, message, at: now))
        case .unreadable(let text): return .failure(.unknown(text))
        case .order(let row):
            do {
                return .success(try row.report(mode).about(id))
            } catch {
                return .failure(.unknown(Unreadable(error).text))
            }
        }
    }
}
