package import ReckonEngine
package import ReckonModel

/// One venue as the host reaches it: the seam at which a second venue would be put in.
///
/// Every closure makes one request and retries nothing. None throws: what went wrong is a `VenueFailure`.
package struct VenuePort: Sendable {
    package var place: @Sendable (Placement) async -> Result<OrderReport, VenueFailure>
    package var query: @Sendable (OrderQuery) async -> Result<OrderReport, VenueFailure>
    package var cancel: @Sendable (Cancellation) async -> Result<OrderReport?, VenueFailure>
    package var snapshot: @Sendable (SnapshotQuestion) async -> Result<SnapshotContent, VenueFailure>
    package var setLeverage: @Sendable (LeverageChange) async -> Result<Int, VenueFailure>
    package var setMarginMode: @Sendable (MarginChange) async -> Result<Bool, VenueFailure>
    /// Winds up the venue's dead-man switch for a symbol, or stops it; what it counts down from now.
    package var setCountdown: @Sendable (Countdown) async -> Result<Span, VenueFailure>
    /// How much of the venue's limits is used, as its last answers said.
    package var rateUsage: @Sendable () -> RateUsage
    package var rateLimits: @Sendable () async -> Result<RateLimits, VenueFailure>
    package var clockOffset: @Sendable () async -> Result<ClockOffset, VenueFailure>
    package var verifyAccess: @Sendable () async -> VenueAccess
    package var instruments: @Sendable () async -> Result<[Instrument], VenueFailure>
    package var marks: @Sendable () async -> Result<[Mark], VenueFailure>
    /// Serves the account's stream until its task is cancelled; the callback says whether there was room.
    package var serveUserStream: @Sendable (_ hear: @escaping @Sendable (Input) -> Bool) async -> Void
    /// Likewise for mark prices.
    package var serveMarks: @Sendable (_ hear: @escaping @Sendable ([Mark]) -> Void) async -> Void
    package var reopenStream: @Sendable () -> Void
    /// Closes every connection; no call may follow.
    package var close: @Sendable () async -> Void

    /// A venue that can only be asked: no streams, nothing to close.
    package init(
        place: @escaping @Sendable (Placement) async -> Result<OrderReport, VenueFailure>,
        query: @escaping @Sendable (OrderQuery) async -> Result<OrderReport, VenueFailure>,
        cancel: @escaping @Sendable (Cancellation) async -> Result<OrderReport?, VenueFailure>,
        snapshot: @escaping @Sendable (SnapshotQuestion) async -> Result<SnapshotContent, VenueFailure>,
        setLeverage: @escaping @Sendable (LeverageChange) async -> Result<Int, VenueFailure>
    ) {
        self.place = place
        self.query = query
        self.cancel = cancel
        self.snapshot = snapshot
        self.setLeverage = setLeverage
        setMarginMode = { .success($0.isIsolated) }
        setCountdown = { _ in
            .failure(VenueFailure(.fatal, code: 0, message: "not sent: this venue has no countdown"))
        }
        rateUsage = { RateUsage() }
        rateLimits = { .success(RateLimits()) }
        clockOffset = { .success(.none) }
        verifyAccess = { .granted }
        instruments = { .success([]) }
        marks = { .success([]) }
        serveUserStream = { _ in }
        serveMarks = { _ in }
        reopenStream = {}
        close = {}
    }
}

/// Whether the venue lets us in.
package enum VenueAccess: Sendable, Hashable {
    case granted
    /// It said no, and would say so again: the start is refused.
    case refused(String)
    /// It could not be asked.
    case unreachable(String)
}
