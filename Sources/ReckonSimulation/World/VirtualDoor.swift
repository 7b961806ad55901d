package import ReckonEngine
package import ReckonExchange
package import ReckonModel

/// The exchange as an engine meets it without a wire: its requests go in, its inputs come out.
///
/// Says what the real adapter reads off the real wire, and is silent where the wire is silent: a simulated engine must not
/// know more than a live one. Pinned by `ConformanceTests`, which hold the two to the same words.
package enum VirtualDoor {
    /// Why the venue does not even look at a request; absent where it does.
    ///
    /// It takes a placement only within its window: the ground of every conclusive not-found (I-08).
    package static func refusal(of request: VenueCall.Request, at now: VenueInstant) -> VenueFailure? {
        guard case .place(let placement) = request else { return nil }
        if now > placement.timestamp + placement.window { return VenueWords.staleTimestamp }
        return placement.timestamp >= now + .seconds(1) ? VenueWords.earlyTimestamp : nil
    }

    /// Carries out a request, and gives the engine's input.
    package static func carryOut(_ request: VenueCall.Request, on exchange: inout Exchange) -> Input {
        do throws(VenueRejection) {
            switch request {
            case .place(let placement):
                return .placed(placement, .success(try exchange.place(placement.ticket).asPlaced))
            case .query(let query):
                return .queried(query, .success(try lookUp(query, on: exchange)))
            case .cancel(let cancellation):
                return .cancelled(cancellation, .success(try cancel(cancellation, on: &exchange)))
            case .snapshot(let question):
                return .snapshot(question, .success(list(question.part, on: exchange)))
            case .leverage(let change):
                let setting = try exchange.setLeverage(change.symbol, change.leverage)
                return .leverageSet(change, .success(setting.leverage))
            case .margin(let change):
                try exchange.setMarginType(change.symbol, change.isIsolated ? .isolated : .crossed)
                return .marginModeSet(change, .success(change.isIsolated))
            case .countdown(let wish):
                try exchange.setCountdown(wish.symbol, milliseconds: wish.span.milliseconds)
                return .countdownSet(wish, .success(wish.span))
            }
        } catch {
            return request.failed(VenueWords.failure(error))
        }
    }

    private static func lookUp(_ query: OrderQuery, on exchange: Exchange) throws(VenueRejection)
        -> OrderReport
    {
        switch query.endpoint {
        case .order: try exchange.order(query.symbol, .client(query.id)).report
        case .algo: try exchange.algoOrder(.client(query.id)).report.asAnswered
        }
    }

    private static func cancel(
        _ cancellation: Cancellation,
        on exchange: inout Exchange
    ) throws(VenueRejection) -> OrderReport? {
        switch cancellation.endpoint {
        case .order: return try exchange.cancel(cancellation.symbol, .client(cancellation.id)).report.asPlaced
        // The venue acknowledges the cancel of a conditional order without saying how it stands.
        case .algo:
            _ = try exchange.cancelAlgo(.client(cancellation.id))
            return nil
        }
    }

    package static func list(_ part: SnapshotQuestion.Part, on exchange: Exchange) -> SnapshotContent {
        switch part {
        case .positions: .positions(positions(exchange))
        case .openOrders: .orders(exchange.openOrders().map(\.report))
        case .openAlgoOrders: .orders(exchange.openAlgoOrders().map(\.report.asListed))
        case .symbolOrders(let symbol): .orders(exchange.openOrders(symbol).map(\.report))
        case .symbolAlgoOrders(let symbol): .orders(exchange.openAlgoOrders(symbol).map(\.report.asListed))
        case .trades(let symbol, let since): .trades(exchange.userTrades(history(symbol, since)).map(\.told))
        case .settings: .settings(settings(exchange))
        case .orderHistory(let symbol, let since):
            .orders(exchange.allOrders(history(symbol, since)).map(\.report))
        case .algoHistory(let symbol, let since):
            .orders(exchange.allAlgoOrders(history(symbol, since)).map(\.report.asListed))
        }
    }

    private static func history(_ symbol: Symbol, _ since: VenueInstant) -> HistoryQuery {
        var query = HistoryQuery(symbol: symbol, limit: 1_000)
        query.from = since
        return query
    }

    private static func settings(_ exchange: Exchange) -> [SymbolSettings] {
        exchange.configuration.markets.flatMap { market -> [SymbolSettings] in
            guard let setting = try? exchange.setting(market.instrument.symbol) else { return [] }
            return exchange.names(of: market.instrument.symbol).map { book in
                SymbolSettings(
                    symbol: book,
                    leverage: setting.leverage,
                    isIsolated: setting.marginType == .isolated
                )
            }
        }
    }

    /// Open positions only: the adapter drops the rows that are there for their orders.
    private static func positions(_ exchange: Exchange) -> [PositionReport] {
        exchange.activePositions().filter { !$0.quantity.isZero }.map { view in
            var report = view.report
            // Source: docs/venue-binance.md, Orders: v3/positionRisk has no leverage.
            report.leverage = 0
            return report
        }
    }
}

// In a hedged account the adapter tells what it hears of an instrument of each of its legs.
extension Exchange {
    /// The names under which the engine knows an instrument.
    func names(of instrument: Symbol) -> [Symbol] {
        isHedged ? Leg.allCases.map { instrument.leg($0) } : [instrument]
    }

    /// The rules of every book.
    var instruments: [Instrument] {
        configuration.markets.flatMap { market in
            names(of: market.instrument.symbol).map {
                $0 == market.instrument.symbol ? market.instrument : market.instrument.named($0)
            }
        }
    }
}

// The user stream.
extension VirtualDoor {
    /// What the engine hears of an event; absent where the adapter has no use for it.
    package static func heard(_ event: ExchangeEvent) -> Input? {
        switch event {
        case .order(let update): return .report(update.heard)
        case .algo(let order, let instant): return .report(order.heard(at: instant))
        case .account(let update): return update.position.map { .positionsChanged([$0.heard(at: update.at)]) }
        case .leverage(let symbol, let leverage, _):
            return .leverageSet(LeverageChange(symbol: symbol, leverage: leverage), .success(leverage))
        case .trade: return nil
        }
    }
}

extension OrderUpdate {
    fileprivate var heard: OrderReport {
        var report = order.report
        report.createdAt = execution == .new ? at : nil
        report.updatedAt = at
        report.reason =
            execution == .calculated ? "forced by the venue" : VenueWords.reason(order.expiryReason)
        return report
    }
}

extension AlgoOrder {
    fileprivate func heard(at instant: VenueInstant) -> OrderReport {
        var report = report
        report.createdAt = status == .new ? instant : nil
        report.updatedAt = instant
        return report
    }
}

extension PositionView {
    /// The stream tells a position's size and entry, and nothing else of it.
    fileprivate func heard(at instant: VenueInstant) -> PositionReport {
        PositionReport(
            symbol: symbol,
            quantity: quantity,
            entryPrice: entryPrice,
            markPrice: .zero,
            updatedAt: instant
        )
    }
}

extension OrderReport {
    /// As an answer tells it: why an order ended stands in the stream only.
    fileprivate var asAnswered: OrderReport {
        var report = self
        report.reason = nil
        return report
    }

    /// As the answer to its placing or cancelling tells it: an ordinary order's has no time of creation.
    fileprivate var asPlaced: OrderReport {
        var report = asAnswered
        if !isConditional { report.createdAt = nil }
        return report
    }

    /// As a list tells it: what a conditional order's child executed stands only where one order is asked for.
    fileprivate var asListed: OrderReport {
        var report = asAnswered
        report.executed = .zero
        return report
    }
}

extension ExchangeTrade {
    /// The trade in the engine's words.
    fileprivate var told: AccountTrade {
        var told = AccountTrade(number: number, orderID: orderID, symbol: symbol, side: side, at: at)
        told.quantity = quantity
        told.price = price
        return told
    }
}
