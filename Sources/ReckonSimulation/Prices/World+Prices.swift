import ReckonExchange
import ReckonModel

/// The prices of a run that come from files.
struct PriceFeeds {
    private var feeds: [(symbol: Symbol, feed: PriceFeed)] = []

    init(_ scenario: Scenario, step: Span) {
        for series in scenario.prices.values where scenario.trades(series.symbol) {
            feeds.append((series.symbol, series.feed(step: step)))
        }
    }

    /// Hands the exchange all points up to a moment of its own time.
    mutating func supply(_ exchange: inout Exchange, upTo instant: VenueInstant) {
        guard !feeds.isEmpty else { return }
        let startsAt = exchange.configuration.startsAt
        let elapsed = Span.milliseconds(instant.milliseconds - startsAt.milliseconds)
        for index in feeds.indices {
            while let point = feeds[index].feed.next(upTo: elapsed) {
                exchange.feed(feeds[index].symbol, point)
            }
        }
    }

    /// Why prices broke off amid the run.
    var problems: [String] {
        feeds.compactMap(\.feed.refusal).map { "prices broke off, though they were whole before: \($0.text)" }
    }
}

extension Scenario {
    /// Whether an instrument, or a leg of it, is traded here.
    fileprivate func trades(_ instrument: Symbol) -> Bool { symbols.contains { $0.instrument == instrument } }
}

extension ExchangeConfiguration {
    /// Takes the prices of a scenario's files for those drawn from the seed.
    mutating func follow(_ scenario: Scenario) {
        for index in markets.indices {
            guard let series = scenario.prices[markets[index].instrument.symbol] else { continue }
            markets[index].followFeed(from: series.start)
        }
        limitMarketOrders(to: scenario.mostAtMarket)
        guard scenario.depth > 0 else { return }
        for index in markets.indices {
            markets[index].depthPerLevel = Notional(units: scenario.depth * Notional.scale)
        }
    }
}

extension ExchangeConfiguration {
    private mutating func limitMarketOrders(to most: Int64) {
        guard most > 0 else { return }
        for index in markets.indices {
            let start: Price
            switch markets[index].source {
            case .seeded(let walk): start = walk.start
            case .fed(let first): start = first
            case .recorded: continue
            }
            let step = markets[index].instrument.stepSize
            let amount = Notional(units: most * Notional.scale).quantity(at: start)
            markets[index].instrument.maxMarketQuantity = max(amount.rounded(.down, toMultipleOf: step), step)
        }
    }
}

extension World {
    /// Names the files at the head of a trace; what they hold is part of its hash, what they are called is not.
    mutating func tellPrices() {
        for series in scenario.prices.values where scenario.trades(series.symbol) {
            trace.say(now, "prices \(series.symbol) from \(series.file)")
            trace.note(now, series.identity)
            guard series.summary.length < scenario.length else { continue }
            trace.say(
                now,
                "prices \(series.symbol) end after \(series.summary.length.seconds) s; then the last one stands"
            )
        }
    }
}
