package import ReckonModel

/// The protection that one position is to have at the venue.
package struct CoverPlan: Sendable, Codable, Hashable {
    package let symbol: Symbol
    /// The side of the stop: it closes the position.
    package let side: Side
    package let trigger: Price
    package let takeProfit: Price?
    /// Where the stop was asked for, where that lies beyond the liquidation and it was tightened.
    package let asked: Price?

    package init(symbol: Symbol, side: Side, trigger: Price, takeProfit: Price?, asked: Price? = nil) {
        self.symbol = symbol
        self.side = side
        self.trigger = trigger
        self.takeProfit = takeProfit
        self.asked = asked
    }

    /// Whether another plan is the same wish, wherever the liquidation has put its stop.
    func isSameWish(as other: CoverPlan) -> Bool {
        symbol == other.symbol && side == other.side && takeProfit == other.takeProfit
            && asked ?? trigger == other.asked ?? other.trigger
    }

    /// This plan with its stop before the liquidation; the plan itself where it lies there already.
    ///
    /// A stop beyond the liquidation would never come to trigger. Rounds: towards the market.
    func tightened(before liquidation: Price, mark: Price, tick: Price) -> CoverPlan {
        let isBeyond = side == .sell ? trigger <= liquidation : trigger >= liquidation
        let isBehindMarket = side == .sell ? liquidation < mark : liquidation > mark
        guard liquidation.isPositive, isBeyond, isBehindMarket else { return self }
        let share = liquidation.scaled(by: 50, over: 10_000, rounding: .up)
        let room = (mark - liquidation).magnitude.scaled(by: 1, over: 2, rounding: .down)
        let distance = max(min(share, room), tick)
        let moved =
            side == .sell
            ? (liquidation + distance).rounded(.up, toMultipleOf: tick)
            : (liquidation - distance).rounded(.down, toMultipleOf: tick)
        guard moved.isPositive else { return self }
        return CoverPlan(
            symbol: symbol,
            side: side,
            trigger: moved,
            takeProfit: takeProfit,
            asked: asked ?? trigger
        )
    }

    /// Whether a price has reached the stop.
    func isCrossed(at mark: Price) -> Bool { side == .sell ? mark <= trigger : mark >= trigger }

    /// Whether a price has reached the take-profit.
    func isReached(at mark: Price) -> Bool {
        takeProfit.map { side == .sell ? mark >= $0 : mark <= $0 } ?? false
    }
}

/// How positions are protected; the operator's.
package struct ProtectionRules: Sendable, Codable, Hashable {
    /// Stop distance where the intent names none, in 1e-4 of the entry (or of the mark for adopted positions).
    package var defaultDistance: Int64 = 200
    /// A position without a resting stop for longer is a mismatch.
    package var coverWithin: Span = .seconds(2)
    /// Share of a position, in 1e-4, that resting stops have to cover.
    package var minCoverage: Int64 = 9_800
    /// Below this share more cover goes out at once; above it small drifts are gathered for `refreshPause`.
    package var forcedBelow: Int64 = 8_000
    package var refreshPause: Span = .seconds(2)
    /// A stop that the venue has not answered for so long is placed again; the venue keeps one of its kind.
    package var resendStopAfter: Span = .seconds(1)
    /// Stops of one kind that may be without an answer at once.
    package var mostUnanswered = 4
    /// A stop that triggered has so long to fill before the rest is closed at market.
    package var finishTriggeredWithin: Span = .seconds(3)
    /// A mark that is older tells nothing about whether a stop is crossed.
    package var freshMark: Span = .seconds(3)
    /// Stops of a position that rounds no longer show stay for so long: it may be there after all.
    package var keepAfterVanish: Span = .seconds(120)
    /// How long a refusal over a stop that rests already keeps further ones of its kind away.
    package var placeTakenFor: Span = .seconds(10)
    /// Refused stops wait ever longer, yet no longer than this while the position is bare.
    package var longestBareWait: Span = .seconds(8)
    /// Conditional orders that the venue allows on the account, and how many of them entries leave free.
    package var mostConditionals = 200
    package var freeConditionals = 2

    package init() {}
}
