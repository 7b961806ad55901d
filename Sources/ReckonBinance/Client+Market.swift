package import ReckonEngine
package import ReckonModel

extension BinanceClient {
    /// What the venue allows on each of `symbols`, or on every perpetual that it has.
    ///
    /// A leg has its instrument's bounds. A wanted symbol that is missing or whose filters make no sense fails the call, by name. Where all are
    /// asked for, those are left out: nothing can be traded on a symbol that is not known.
    package func instruments(_ symbols: [Symbol]?) async -> Result<[Instrument], VenueFailure> {
        let info = await ask(Call(.exchangeInfo, .read), as: ExchangeInfoRow.self) { $0.symbols }
        switch (info, symbols) {
        case (.failure(let failure), _): return .failure(failure)
        case (.success(let rows), nil): return .success(rows.compactMap { try? $0.instrument() })
        case (.success(let rows), .some(let wanted)): return BinanceClient.select(wanted, from: rows)
        }
    }

    /// How much the venue allows within its windows.
    package func rateLimits() async -> Result<RateLimits, VenueFailure> {
        await ask(Call(.exchangeInfo, .read), as: RateLimitsRow.self) { $0.limits }
    }

    /// The instruments with the leverage that the venue allows on each, which only a signed request tells.
    package func withLeverageLimits(_ instruments: [Instrument]) async -> Result<[Instrument], VenueFailure> {
        await ask(Call(.leverageBrackets, .read), as: [BracketsRow].self) { rows in
            try instruments.map { instrument in
                guard let row = rows.first(where: { $0.symbol == instrument.symbol.instrument.name }) else {
                    return instrument
                }
                var limited = instrument
                limited.maxLeverage = try row.most()
                return limited
            }
        }
    }

    private static func select(_ wanted: [Symbol], from rows: [InstrumentRow]) -> Result<
        [Instrument], VenueFailure
    > {
        var instruments: [Instrument] = []
        for symbol in wanted {
            guard let row = rows.first(where: { $0.symbol == symbol.instrument.name }) else {
                return .failure(
                    VenueFailure(.fatal, code: 0, message: "symbol \(symbol) is unknown at the venue")
                )
            }
            do {
                instruments.append(try row.instrument(as: symbol))
            } catch {
                return .failure(VenueFailure(.fatal, code: 0, message: Unreadable(error).text))
            }
        }
        return .success(instruments)
    }

    /// The mark prices of `symbols`; one that the venue does not name is absent.
    package func marks(_ symbols: [Symbol]) async -> Result<[Mark], VenueFailure> {
        let instruments = Symbol.instruments(of: symbols)
        guard let only = instruments.first else { return .success([]) }
        // Source: docs/venue-binance.md, Instruments: weight 1 for one symbol, 10 for all.
        if instruments.count == 1 {
            let call = Call(.premiumIndex, .read, ["symbol": only.name])
            return await ask(call, as: PremiumRow.self) { try $0.mark().told(to: symbols) }
        }
        return await ask(Call(.premiumIndex, .read), as: [PremiumRow].self) { rows in
            try rows.filter { instruments.contains(Symbol($0.symbol)) }
                .flatMap { try $0.mark().told(to: symbols) }
        }
    }

    /// How far the venue's clock is ahead; also used from now on for requests that bring no time of their
    /// own.
    ///
    /// Asks several times and believes the quickest answer. Fails only if none came.
    package func clockOffset() async -> Result<ClockOffset, VenueFailure> {
        var best: ClockOffset?
        var failure = VenueFailure.unknown("the clock was not asked")
        probes: for _ in 0..<max(1, configuration.clockProbes) {
            switch await probeClock() {
            case .failure(let latest):
                failure = latest
                // Where the venue tells everybody to wait, asking on would make it worse.
                if latest.stopsAllRequests { break probes }
            case .success(let offset):
                if offset.uncertainty < best?.uncertainty ?? .seconds(86_400) { best = offset }
            }
        }
        guard let best else { return .failure(failure) }
        keep(best)
        return .success(best)
    }

    private func probeClock() async -> Result<ClockOffset, VenueFailure> {
        let asked = now()
        let answer = await ask(Call(.time, .read), as: TimeRow.self) {
            try Reading.instant($0.serverTime, "serverTime")
        }
        return answer.map { ClockOffset(venue: $0, asked: asked, answered: now()) }
    }
}

extension ClockOffset {
    /// One measurement: the venue looked at its clock some time between `asked` and `answered`.
    ///
    /// The venue cuts its time to milliseconds, so half of one is added to it and to the uncertainty.
    package init(venue: VenueInstant, asked: Instant, answered: Instant) {
        let half = max(0, (answered - asked).nanoseconds) / 2
        let cut: Int64 = 500_000
        let middle = asked.nanoseconds + half
        self.init(
            offset: Span(nanoseconds: venue.milliseconds * 1_000_000 + cut - middle),
            uncertainty: Span(nanoseconds: half + cut)
        )
    }
}

extension PremiumRow {
    func mark() throws -> Mark {
        let price = try Reading.price(markPrice, "\(symbol) markPrice")
        guard price.isPositive else {
            throw Unreadable("\(symbol) markPrice", found: "0", allowed: "above 0")
        }
        return Mark(symbol: try Reading.symbol(symbol), price: price)
    }
}
