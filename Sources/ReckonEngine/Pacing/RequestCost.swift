import ReckonModel

/// What a request takes of the venue's windows.
struct RequestCost: Sendable, Hashable {
    var weight = 0
    var orders = 0

    /// Source: docs/venue-binance.md, Limits; pinned by `PacingTests`.
    init(_ part: SnapshotQuestion.Part) {
        switch part {
        case .positions, .settings: weight = 5
        case .openOrders, .openAlgoOrders: weight = 40
        case .symbolOrders, .symbolAlgoOrders: weight = 1
        case .orderHistory, .algoHistory, .trades: weight = 5
        }
    }

    init(weight: Int = 0, orders: Int = 0) {
        self.weight = weight
        self.orders = orders
    }

    /// Absent for what is no request to the venue.
    init?(_ action: Action) {
        switch action {
        case .place: self.init(orders: 1)
        case .query, .cancel, .setLeverage, .setMarginMode: self.init(weight: 1)
        case .setCountdown: self.init(weight: 10)
        case .snapshot(let question): self.init(question.part)
        case .arm, .evaluate, .putBack, .resyncClock, .reopenStream, .answer, .notify: return nil
        }
    }
}

/// Who asks; each lane leaves room for those above it.
enum PacingLane: Sendable {
    /// Exits, stops and take-profits: never held back by us, only by the venue's own word.
    case protective
    case cancels
    /// Order queries, and the histories that end a doubt.
    case questions
    case rounds
    case entries

    init?(_ action: Action) {
        switch action {
        case .place(let placement): self = placement.ticket.role.opensExposure ? .entries : .protective
        case .cancel: self = .cancels
        case .query: self = .questions
        case .snapshot(let question):
            if case .doubt = question.purpose { self = .questions } else { self = .rounds }
        case .setLeverage, .setMarginMode: self = .entries
        // Stopping one saves resting exits from it, and is as urgent as a cancel.
        case .setCountdown(let wish): self = wish.span > .zero ? .entries : .cancels
        case .arm, .evaluate, .putBack, .resyncClock, .reopenStream, .answer, .notify: return nil
        }
    }

    /// Up to where the lane may fill a window; `nil` where nothing of ours holds it back.
    func share(_ rules: PacingRules) -> Int? {
        switch self {
        case .protective: nil
        case .cancels: rules.cancels
        case .questions: rules.questions
        case .rounds: rules.rounds
        case .entries: rules.entries
        }
    }
}
