package import ReckonEngine
import ReckonModel

extension BinanceClient {
    /// Fetches one whole list.
    ///
    /// One row that cannot be read fails it all: a picture with holes would be believed.
    package func snapshot(_ question: SnapshotQuestion) async -> Result<SnapshotContent, VenueFailure> {
        let mode = configuration.mode
        switch question.part {
        case .positions:
            return await ask(Call(.positionRisk, .read), as: [PositionRow].self) { rows in
                .positions(try rows.map { try $0.report(mode) }.filter { !$0.quantity.isZero })
            }
        case .openOrders:
            return await ask(Call(.openOrders, .read), as: [OrderRow].self) { rows in
                .orders(try rows.map { try $0.report(mode) })
            }
        case .openAlgoOrders:
            return await ask(Call(.openAlgoOrders, .read), as: [AlgoRow].self) { rows in
                .orders(try rows.map { try $0.report(mode) })
            }
        case .symbolOrders(let symbol):
            let call = Call(.openOrders, .read, ["symbol": symbol.instrument.name])
            return await ask(call, as: [OrderRow].self) { rows in
                .orders(try rows.map { try $0.report(mode) }.filter { symbol.covers($0.symbol) })
            }
        case .symbolAlgoOrders(let symbol):
            let call = Call(.openAlgoOrders, .read, ["symbol": symbol.instrument.name])
            return await ask(call, as: [AlgoRow].self) { rows in
                .orders(try rows.map { try $0.report(mode) }.filter { symbol.covers($0.symbol) })
            }
        case .trades(let symbol, let since): return await trades(symbol, since: since)
        case .settings:
            return await symbolSettings().map { rows in
                .settings(mode == .oneWay ? rows : rows.flatMap(\.ofLegs))
            }
        case .orderHistory(let symbol, let since):
            return await history(HistorySource(endpoint: .allOrders, symbol: symbol), since: since)
        case .algoHistory(let symbol, let since):
            return await history(HistorySource(endpoint: .allAlgoOrders, symbol: symbol), since: since)
        }
    }

    /// All trades on a symbol since a venue time, in the engine's words.
    private func trades(_ symbol: Symbol, since: VenueInstant) async -> Result<SnapshotContent, VenueFailure>
    {
        await fills(symbol, since: since).map { fills in .trades(fills.map(\.told)) }
    }

    /// All orders since a venue time; of a leg only its own, though the venue lists its instrument's.
    private func history(
        _ source: HistorySource,
        since: VenueInstant
    ) async -> Result<SnapshotContent, VenueFailure> {
        let pages = await collect(source, since: since) { await page(source, $0) }
        return pages.map { rows in
            var found = Table<VenueOrderID, OrderReport>()
            for row in rows where source.symbol.covers(row.symbol) { found[row.venueID] = row }
            return .orders(found.values)
        }
    }

    /// All rows since a venue time.
    ///
    /// The venue does not say which rows a full page leaves out. So a window whose page is full is halved and
    /// asked for again in two parts, which is right whichever rows those are.
    /// Source: docs/venue-binance.md, Orders, Conditional orders: windows under 7 days, pages of at most 1000.
    func collect<Row: Sendable>(
        _ source: HistorySource,
        since: VenueInstant,
        page: (HistoryWindow) async -> Result<[Row], VenueFailure>
    ) async -> Result<[Row], VenueFailure> {
        // A little into the future, as our idea of the venue's clock is only an estimate.
        let end = venueNow() + currentOffset.uncertainty + .seconds(5)
        var windows = HistorySource.windows(from: since, to: end)
        var found: [Row] = []
        var requests = 0
        while let window = windows.popLast() {
            requests += 1
            guard requests <= HistorySource.mostRequests else {
                let text =
                    "\(source.endpoint.name): more rows on \(source.symbol) than \(requests) pages hold"
                return .failure(.unknown(text))
            }
            switch await page(window) {
            case .failure(let failure): return .failure(failure)
            case .success(let rows) where rows.count >= HistorySource.pageSize && window.halves != nil:
                if let halves = window.halves { windows += [halves.late, halves.early] }
            case .success(let rows): found += rows
            }
        }
        return .success(found)
    }

    private func page(
        _ source: HistorySource,
        _ window: HistoryWindow
    ) async -> Result<[OrderReport], VenueFailure> {
        let call = Call(
            source.endpoint,
            .read,
            [
                "symbol": source.symbol.instrument.name,
                "startTime": "\(window.first.milliseconds)",
                "endTime": "\(window.last.milliseconds)",
                "limit": "\(HistorySource.pageSize)",
            ]
        )
        let mode = configuration.mode
        if source.endpoint.path == Endpoint.allAlgoOrders.path {
            return await ask(call, as: [AlgoRow].self) { rows in try rows.map { try $0.report(mode) } }
        }
        return await ask(call, as: [OrderRow].self) { rows in try rows.map { try $0.report(mode) } }
    }
}

/// Where a history comes from, and how much of it is asked for at once.
struct HistorySource: Sendable {
    let endpoint: Endpoint
    let symbol: Symbol

    static let pageSize = 1000
    static let mostRequests = 24
    static let longest = Span.seconds(7 * 86_400 - 60)

    /// Windows that cover the time from `start` to `end`, latest first, so that the earliest is taken first.
    static func windows(from start: VenueInstant, to end: VenueInstant) -> [HistoryWindow] {
        var windows: [HistoryWindow] = []
        var first = start
        // One more than may be asked for, so that a time too long ago fails and is not silently cut.
        while first <= end, windows.count <= mostRequests {
            let last = min(end, first + longest)
            windows.append(HistoryWindow(first: first, last: last))
            first = last + .milliseconds(1)
        }
        return windows.reversed()
    }
}

/// A span of venue time, both ends included.
struct HistoryWindow: Sendable, Hashable {
    let first: VenueInstant
    let last: VenueInstant

    /// Absent where the window is a single millisecond.
    var halves: (early: HistoryWindow, late: HistoryWindow)? {
        guard first < last else { return nil }
        let middle = VenueInstant(
            milliseconds: first.milliseconds + (last.milliseconds - first.milliseconds) / 2
        )
        let early = HistoryWindow(first: first, last: middle)
        return (early, HistoryWindow(first: middle + .milliseconds(1), last: last))
    }
}
