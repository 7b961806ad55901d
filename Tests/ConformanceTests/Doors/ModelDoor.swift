import Foundation
import NIOHTTP1
import ReckonBinance
import ReckonEngine
import ReckonExchange
import ReckonModel
import ReckonSimulation

/// The exchange in process, asked directly, less what no wire says (`Silence`).
///
/// What its refusals mean is read from the adapter's own table.
struct ModelDoor: Door {
    private(set) var exchange: Exchange

    init(_ premises: Premises) {
        exchange = Exchange(configuration: premises.configuration, seed: premises.seed)
    }

    mutating func ask(_ request: VenueCall.Request) async -> Input {
        do throws(VenueRejection) {
            switch request {
            case .place(let placement):
                try checkTime(placement)
                return .placed(placement, .success(Silence.placing(try exchange.place(placement.ticket))))
            case .query(let query): return .queried(query, .success(Silence.asking(try find(query))))
            case .cancel(let cancellation):
                return .cancelled(cancellation, .success(try cancel(cancellation)))
            case .snapshot(let question): return .snapshot(question, .success(list(question.part)))
            case .leverage(let change):
                let now = try exchange.setLeverage(change.symbol, change.leverage).leverage
                return .leverageSet(change, .success(now))
            case .margin(let change):
                try exchange.setMarginType(change.symbol, change.isIsolated ? .isolated : .crossed)
                return .marginModeSet(change, .success(change.isIsolated))
            case .countdown(let wish):
                try exchange.setCountdown(wish.symbol, milliseconds: wish.span.milliseconds)
                return .countdownSet(wish, .success(wish.span))
            }
        } catch {
            return request.failed(ModelDoor.failure(error))
        }
    }

    /// Source: docs/venue-binance.md, Signing.
    private func checkTime(_ placement: Placement) throws(VenueRejection) {
        let age = exchange.now.milliseconds - placement.timestamp.milliseconds
        if age <= -1_000 {
            throw VenueRejection(
                code: -1021,
                message: "Timestamp for this request was 1000ms ahead of the server's time."
            )
        }
        if age > placement.window.milliseconds {
            throw VenueRejection(
                code: -1021,
                message: "Timestamp for this request is outside of the recvWindow."
            )
        }
    }

    private func find(_ query: OrderQuery) throws(VenueRejection) -> OrderReport {
        switch query.endpoint {
        case .order: try exchange.order(query.symbol, .client(query.id)).report
        case .algo: try exchange.algoOrder(.client(query.id)).report
        }
    }

    private mutating func cancel(_ cancellation: Cancellation) throws(VenueRejection) -> OrderReport? {
        switch cancellation.endpoint {
        case .order:
            return Silence.placing(try exchange.cancel(cancellation.symbol, .client(cancellation.id)).report)
        case .algo:
            return Silence.cancelling(try exchange.cancelAlgo(.client(cancellation.id)).report)
        }
    }

    private func list(_ part: SnapshotQuestion.Part) -> SnapshotContent {
        switch part {
        case .positions: .positions(exchange.activePositions().map(\.report).compactMap(Silence.listing))
        case .openOrders: .orders(exchange.openOrders().map(\.report).map(Silence.listing))
        case .openAlgoOrders: .orders(exchange.openAlgoOrders().map(\.report).map(Silence.listing))
        case .symbolOrders(let symbol):
            .orders(exchange.openOrders(symbol).map(\.report).map(Silence.listing))
        case .symbolAlgoOrders(let symbol):
            .orders(exchange.openAlgoOrders(symbol).map(\.report).map(Silence.listing))
        case .trades(let symbol, let since): .trades(trades(history(symbol, since)))
        case .settings: .settings(settings)
        case .orderHistory(let symbol, let since):
            .orders(exchange.allOrders(history(symbol, since)).map(\.report).map(Silence.listing))
        case .algoHistory(let symbol, let since):
            .orders(exchange.allAlgoOrders(history(symbol, since)).map(\.report).map(Silence.listing))
        }
    }

    private func trades(_ query: HistoryQuery) -> [AccountTrade] {
        exchange.userTrades(query).map { row in
            var trade = AccountTrade(
                number: row.number,
                orderID: row.orderID,
                symbol: row.symbol,
                side: row.side,
                at: row.at
            )
            trade.quantity = row.quantity
            trade.price = row.price
            return trade
        }
    }

    private var settings: [SymbolSettings] {
        exchange.configuration.markets.flatMap { market -> [SymbolSettings] in
            let symbol = market.instrument.symbol
            guard let setting = try? exchange.setting(symbol) else { return [] }
            let isIsolated = setting.marginType == .isolated
            let books = exchange.isHedged ? Leg.allCases.map { symbol.leg($0) } : [symbol]
            return books.map {
                SymbolSettings(symbol: $0, leverage: setting.leverage, isIsolated: isIsolated)
            }
        }
    }

    private func history(_ symbol: Symbol, _ since: VenueInstant) -> HistoryQuery {
        var query = HistoryQuery(symbol: symbol, limit: 1_000)
        query.from = since
        return query
    }

    private static func failure(_ rejection: VenueRejection) -> VenueFailure {
        let answer = RefusedAnswer(
            status: 400,
            headers: HTTPHeaders(),
            body: Data("{\"code\":\(rejection.code),\"msg\":\"\(rejection.message)\"}".utf8),
            receivedAt: Premises.start
        )
        return ErrorMap.failure(of: answer, kind: .change)
    }

    mutating func happen(_ event: Happening) async {
        exchange.advance(to: exchange.now + event.elapsed)
        event.happen(to: &exchange)
    }

    mutating func heard(atLeast count: Int) async -> [Input] {
        exchange.drainEvents().compactMap(Silence.hearing)
    }
}
