import ReckonModel

/// The stops of one position, sorted by what they are to it.
struct StopBook {
    let holding: Holding
    let plan: CoverPlan
    /// On the wrong side: they cover nothing.
    let strays: [OrderMachine]
    /// closePosition stops of the plan that are not on their way out.
    let whole: [OrderMachine]
    /// Another closePosition stop, which has to go before the plan's can be placed.
    let old: OrderMachine?
    /// Quantity stops of our own.
    let bridges: [OrderMachine]
    /// Quantity stops of our own from before the position opened: in nobody's way, and of no use once it is covered.
    let leftovers: [OrderMachine]
    /// Quantity stops of somebody else's, left as they are.
    let foreign: [OrderMachine]

    init(_ state: EngineState, holding: Holding, plan: CoverPlan) {
        let live = state.liveOrders(holding.symbol).filter { $0.ticket.role == .stop }
        let right = live.filter { $0.ticket.side == plan.side }
        let closing = right.filter { $0.ticket.extent == .wholePosition }
        let partial = right.filter { $0.ticket.extent != .wholePosition }
        let pricing = Pricing.stopMarket(trigger: plan.trigger)
        self.holding = holding
        self.plan = plan
        strays = live.filter { $0.ticket.side != plan.side && !$0.cancelWanted }
        whole = closing.filter {
            $0.ticket.pricing == pricing && !$0.cancelWanted && StopBook.isRecent($0, holding)
        }
        // One from before the position opened that is on its way out already frees its place by itself.
        old = closing.first {
            ($0.ticket.pricing != pricing || $0.cancelWanted || !StopBook.isRecent($0, holding))
                && !($0.cancelWanted && !StopBook.isRecent($0, holding))
        }
        let own = partial.filter { state.identity.isOurs($0.id) }
        bridges = own.filter { StopBook.isRecent($0, holding) }
        leftovers = own.filter { !StopBook.isRecent($0, holding) }
        foreign = partial.filter { !state.identity.isOurs($0.id) && $0.isResting }
    }

    private static func isRecent(_ stop: OrderMachine, _ holding: Holding) -> Bool {
        holding.openedAt.map { stop.plannedAt >= $0 } ?? false
    }

    var symbol: Symbol { holding.symbol }

    /// The plan's stop where one is there: resting before any other.
    var fitting: OrderMachine? { whole.first(where: \.isResting) ?? whole.first }

    /// What our quantity stops cover for certain.
    var restingBridge: Quantity {
        sum(bridges.filter { $0.isResting && !$0.isTriggered && !$0.cancelWanted })
    }

    /// The venue keeps a bounded number of conditional orders a symbol; some are for other ends.
    static let mostBridges = 8

    /// Where the venue takes so little in one order that as many bridges as there may be cover less than all, the rest
    /// of the position has to do without for the moment of the move: else its stop could never be moved.
    var isBridgedAsFarAsPossible: Bool {
        bridges.count >= StopBook.mostBridges
            && bridges.allSatisfy { $0.isResting && !$0.isTriggered && !$0.cancelWanted }
    }

    /// What our quantity stops cover, those included that the venue has not answered yet.
    var placedBridge: Quantity { sum(bridges.filter { !$0.cancelWanted && $0.state != .doubtful }) }

    var missingBridge: Quantity { max(holding.position.quantity.magnitude - placedBridge, .zero) }

    /// Whether somebody else's stops do the work on a position that is not ours.
    func isForeignEnough(_ share: Int64) -> Bool {
        !holding.isOurs && !foreign.isEmpty && sum(foreign) >= holding.leastCover(share)
    }

    private func sum(_ orders: [OrderMachine]) -> Quantity {
        orders.reduce(into: .zero) { $0 += $1.possiblyLive }
    }
}
