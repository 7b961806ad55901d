package import Logging
package import ReckonBinance
import ReckonEngine
package import ReckonModel

extension VenuePort {
    /// Binance USDⓈ-M futures, or whatever speaks its dialect at the configured address.
    package static func binance(
        _ configuration: BinanceConfiguration,
        symbols: [Symbol],
        clock: HostClock,
        logger: Logger
    ) -> VenuePort {
        var configuration = configuration
        configuration.mode = PositionMode(of: symbols)
        let client = BinanceClient(configuration, clock: { clock.now() }, logger: logger)
        let stream = UserStream(client, logger: logger)
        let market = MarketStream(configuration, symbols: symbols, logger: logger)
        var port = VenuePort(
            place: { await client.place($0) },
            query: { await client.query($0) },
            cancel: { await client.cancel($0) },
            snapshot: { await client.snapshot($0) },
            setLeverage: { await client.setLeverage($0) }
        )
        port.setMarginMode = { await client.setMarginMode($0) }
        port.setCountdown = { wish in await client.setCountdown(wish.symbol, wish.span).map { wish.span } }
        port.rateUsage = { client.rateUsage }
        port.rateLimits = { await client.rateLimits() }
        port.clockOffset = { await client.clockOffset() }
        port.verifyAccess = { VenueAccess(await client.verifyAccess(for: symbols)) }
        port.instruments = { await client.instruments(symbols) }
        port.marks = { await client.marks(symbols) }
        port.reopenStream = { stream.reopen() }
        port.serveUserStream = { hear in await serve(stream, hear) }
        port.serveMarks = { hear in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await market.run() }
                for await marks in market.marks { hear(marks) }
            }
        }
        port.close = { await client.shutdown() }
        return port
    }

    private static func serve(_ stream: UserStream, _ hear: @escaping @Sendable (Input) -> Bool) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await stream.run() }
            for await event in stream.events {
                let hasRoom =
                    switch event {
                    case .report(let report): hear(.report(report))
                    case .positions(let positions): hear(.positionsChanged(positions))
                    case .signal(let signal): hear(.stream(signal))
                    case .leverage(let symbol, let leverage):
                        hear(
                            .leverageSet(
                                LeverageChange(symbol: symbol, leverage: leverage),
                                .success(leverage)
                            )
                        )
                    }
                // What was lost cannot be replayed: a new connection makes the engine ask for everything.
                if !hasRoom { stream.reopen() }
            }
        }
    }
}

extension VenueAccess {
    init(_ answer: Result<Void, AccessProblem>) {
        switch answer {
        case .success: self = .granted
        case .failure(.unreachable(let failure)):
            self = .unreachable(AccessProblem.unreachable(failure).description)
        case .failure(let problem): self = .refused(problem.description)
        }
    }
}
