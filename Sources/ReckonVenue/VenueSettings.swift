import Foundation
package import ReckonExchange
package import ReckonModel

/// Where a venue gets its time from.
package struct VenueClock: Sendable {
    private let read: @Sendable () -> VenueInstant

    package init(_ read: @escaping @Sendable () -> VenueInstant) { self.read = read }

    package var now: VenueInstant { read() }

    /// The machine's clock, ahead by an offset.
    package static func wall(ahead offset: Span = .zero) -> VenueClock {
        VenueClock {
            let milliseconds = Int64(Date().timeIntervalSince1970 * 1_000)
            return VenueInstant(milliseconds: milliseconds) + offset
        }
    }
}

/// Everything that one venue needs to run.
package struct VenueSettings: Sendable {
    package var host: String
    /// Zero asks for any free port.
    package var port: Int
    /// Its start is replaced by the clock's time.
    package var exchange: ExchangeConfiguration
    package var seed: UInt64
    package var credentials: VenueCredentials
    package var faults: FaultPlan
    package var limits = VenueLimits()
    package var clock: VenueClock
    package var listenKeyLife: Span = .seconds(3_600)
    package var connectionLife: Span = .seconds(24 * 3_600)
    package var pingInterval: Span = .seconds(180)
    package var tickMilliseconds: Int64 = 50
    /// Whether each route serves only its own streams, as in production, instead of any stream.
    package var isStrictlyRouted = false

    /// Whether the account begins in hedge mode, with a long and a short position an instrument.
    package var isHedged: Bool {
        get { exchange.isHedged }
        set { exchange.isHedged = newValue }
    }

    package init(
        symbols: [Symbol],
        seed: UInt64 = 1,
        faults: FaultPlan = .none,
        credentials: VenueCredentials = VenueCredentials(key: "reckon", secret: "reckon")
    ) {
        host = "127.0.0.1"
        port = 0
        exchange = ExchangeConfiguration(symbols: symbols)
        self.seed = seed
        self.credentials = credentials
        self.faults = faults
        clock = .wall()
    }
}
