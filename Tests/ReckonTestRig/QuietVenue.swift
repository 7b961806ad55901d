import ReckonEngine
package import ReckonHost

/// A venue on which nothing stands and nothing happens, and which answers at once and as often as it is asked.
///
/// For what hangs on the rhythm of the engine and not on the venue.
package enum QuietVenue {
    package static var port: VenuePort {
        let nothing = VenueFailure(.fatal, code: 0, message: "this venue takes no orders")
        var port = VenuePort(
            place: { _ in .failure(nothing) },
            query: { _ in .failure(nothing) },
            cancel: { _ in .failure(nothing) },
            snapshot: { question in
                switch question.part {
                case .positions: .success(.positions([]))
                case .openOrders, .openAlgoOrders, .symbolOrders, .symbolAlgoOrders, .orderHistory,
                    .algoHistory:
                    .success(.orders([]))
                case .trades: .success(.trades([]))
                case .settings: .success(.settings([]))
                }
            },
            setLeverage: { .success($0.leverage) }
        )
        port.rateLimits = {
            var limits = RateLimits()
            limits.weightPerMinute = 100_000_000
            return .success(limits)
        }
        return port
    }
}
