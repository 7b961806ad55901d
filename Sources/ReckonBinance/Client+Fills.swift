package import ReckonEngine
package import ReckonModel

/// One execution as the account's history tells it.
package struct Fill: Sendable, Hashable {
    /// The venue's number of the execution; grows with time on one symbol.
    package let number: Int64
    package let orderID: VenueOrderID
    package let symbol: Symbol
    package let side: Side
    package let price: Price
    package let quantity: Quantity
    package let isMaker: Bool
    /// In `commissionAsset`; below zero is a rebate.
    package let commission: Notional
    package let commissionAsset: String
    package let realised: Notional
    package let at: VenueInstant
}

extension Fill {
    /// The execution in the engine's words.
    var told: AccountTrade {
        var trade = AccountTrade(number: number, orderID: orderID, symbol: symbol, side: side, at: at)
        trade.quantity = quantity
        trade.price = price
        return trade
    }
}

extension BinanceClient {
    /// Every fill on a symbol since a venue time, oldest first.
    ///
    /// Source: docs/venue-binance.md, Amending and batches: windows of at most seven days, pages of at most 1000.
    package func fills(_ symbol: Symbol, since: VenueInstant) async -> Result<[Fill], VenueFailure> {
        let source = HistorySource(endpoint: .userTrades, symbol: symbol)
        let found = await collect(source, since: since) { window in
            await fills(
                Call(
                    .userTrades,
                    .read,
                    [
                        "symbol": symbol.instrument.name,
                        "startTime": "\(window.first.milliseconds)",
                        "endTime": "\(window.last.milliseconds)",
                        "limit": "\(HistorySource.pageSize)",
                    ]
                )
            )
        }
        return found.map { rows in
            var fills = Table<Int64, Fill>()
            for row in rows where symbol.covers(row.symbol) { fills[row.number] = row }
            return fills.values
        }
    }

    /// Every fill on a symbol whose number is larger, oldest first: what came after the last one known.
    package func fills(_ symbol: Symbol, after number: Int64) async -> Result<[Fill], VenueFailure> {
        var fills = Table<Int64, Fill>()
        var next = number + 1
        for _ in 0..<HistorySource.mostRequests {
            let pairs: KeyValuePairs = [
                "symbol": symbol.instrument.name, "fromId": "\(next)", "limit": "\(HistorySource.pageSize)",
            ]
            switch await self.fills(Call(.userTrades, .read, pairs)) {
            case .failure(let failure): return .failure(failure)
            case .success(let rows):
                for row in rows where row.number > number { fills[row.number] = row }
                guard rows.count >= HistorySource.pageSize, let last = fills.keys.last, last >= next else {
                    return .success(fills.values.filter { symbol.covers($0.symbol) })
                }
                next = last + 1
            }
        }
        return .failure(.unknown("more fills on \(symbol) than \(HistorySource.mostRequests) pages hold"))
    }

    private func fills(_ call: Call) async -> Result<[Fill], VenueFailure> {
        let mode = configuration.mode
        return await ask(call, as: [FillRow].self) { rows in try rows.map { try $0.fill(mode) } }
    }
}

/// An execution as `v1/userTrades` writes it.
struct FillRow: Decodable, Sendable {
    let id: Int64
    let orderId: Int64
    let symbol: String
    let side: String
    let positionSide: String?
    let price: Loose?
    let qty: Loose?
    let maker: Bool?
    let commission: Loose?
    let commissionAsset: String?
    let realizedPnl: Loose?
    let time: Int64?

    func fill(_ mode: PositionMode) throws -> Fill {
        let fill = Fill(
            number: id,
            orderID: VenueOrderID(orderId),
            symbol: try mode.book(symbol, positionSide),
            side: try Reading.side(side),
            price: try Reading.price(price, "price"),
            quantity: try Reading.size(qty, "qty"),
            isMaker: maker ?? false,
            commission: try Reading.computed(commission, "commission"),
            commissionAsset: WireError.oneLine(commissionAsset ?? ""),
            realised: try Reading.computed(realizedPnl, "realizedPnl"),
            at: try Reading.instant(time, "time")
        )
        try Reading.checkWorth(fill.quantity, at: fill.price, field: "qty")
        return fill
    }
}
