package import ReckonModel

/// What lives only as long as the process: the round in progress, freshness of sources, marks, pauses.
///
/// Nothing here survives a crash, and nothing here may: after a restart every source is unheard and every order in doubt.
package struct Session: Sendable {
    /// The first complete round has closed; before, entries are refused.
    package internal(set) var isOpen = false
    package internal(set) var clock = ClockOffset.none
    package internal(set) var round: Round?
    package internal(set) var roundStartedAt: Instant?
    package internal(set) var streamConnected = false
    package internal(set) var streamHeardAt: Instant?
    /// When the last complete round was asked for.
    package internal(set) var listsAskedAt: Instant?
    package internal(set) var marks: Table<Symbol, Price> = Table()
    /// When each mark was heard.
    package internal(set) var marksHeardAt: Table<Symbol, Instant> = Table()
    /// Where the venue would liquidate, as its lists last said; absent where it gives none.
    package internal(set) var liquidations: Table<Symbol, Liquidation> = Table()
    /// How many conditional orders the venue last listed, anybody's.
    package internal(set) var conditionalsListed = 0
    /// Whether the last round failed, and when one succeeded after that.
    package internal(set) var hasRoundFailed = false
    package internal(set) var venueBackAt: Instant?
    /// The venue has no room for conditional orders: take-profits make way for stops until then.
    package internal(set) var slotsShortUntil: Instant?
    /// Positions as the stream last told them.
    package internal(set) var streamed: Table<Symbol, Streamed> = Table()
    /// The venue wants no request before this.
    package internal(set) var pausedUntil: Instant?
    package internal(set) var wokenAt = Instant.epoch
    /// When a leverage change was last asked for.
    package internal(set) var leverageAskedAt: Table<Symbol, Instant> = Table()
    /// The question that the policy has not answered yet.
    package internal(set) var question: PolicyQuestion?
    package internal(set) var askedPolicyAt: Instant?

    /// The stream has come back, or spoke of something that we do not know.
    package internal(set) var isStreamHintPending = false
    /// Fills that the lists of the round in hand showed first.
    package internal(set) var missedFills: [Difference] = []
    package internal(set) var contradictedRounds = 0

    package init() {}

    /// A new start keeps only what the host measured before it.
    init(keeping old: Session) {
        clock = old.clock
        marks = old.marks
        marksHeardAt = old.marksHeardAt
    }

    /// Where the venue would liquidate, and the side of the stop that closes the position it was said of.
    package struct Liquidation: Sendable {
        package let price: Price
        package let closing: Side
    }

    /// A position as the stream told it, and when it did.
    package struct Streamed: Sendable {
        package let report: PositionReport
        package let at: Instant
    }

    /// The three lists of one reconcile round, as they come in.
    package struct Round: Sendable {
        package let number: Int64
        package let askedAt: Instant
        package var positions: Result<[PositionReport], VenueFailure>?
        package var orders: Result<[OrderReport], VenueFailure>?
        package var algoOrders: Result<[OrderReport], VenueFailure>?

        package init(number: Int64, askedAt: Instant) {
            self.number = number
            self.askedAt = askedAt
        }

        var hasAll: Bool { positions != nil && orders != nil && algoOrders != nil }
    }
}
