package import ReckonModel

/// The faults that come by themselves, drawn on the virtual timeline before the start.
struct FaultSchedule: Sendable {
    struct Strike: Sendable {
        let kind: AmbientFault
        let from: Instant
        let to: Instant
        /// Where in its kind's course it strikes.
        let dice: Dice
    }

    let strikes: [Strike]

    init(_ scenario: Scenario, draws: Draws, start: Instant) {
        var strikes: [Strike] = []
        for kind in AmbientFault.allCases {
            let pace = scenario.faults[kind]
            guard pace.every > .zero else { continue }
            var dice = draws.dice("ambient", kind.rawValue)
            var at = Span.zero
            while true {
                at = at + Span(nanoseconds: dice.roll(in: 1...(pace.every.nanoseconds * 2)))
                let lasting = Span(nanoseconds: dice.roll(in: 0...max(pace.longest.nanoseconds, 1)))
                guard at + lasting < scenario.length else { break }
                let strike = Strike(
                    kind: kind,
                    from: start + at,
                    to: start + at + lasting,
                    dice: dice.child("strike")
                )
                strikes.append(strike)
                at = at + lasting
            }
        }
        self.strikes = strikes
    }
}

/// A fault that comes by itself: a stretch of time, or a moment.
///
/// The raw value is its name in scenario files. New ones go to the end: the order is part of every draw.
package enum AmbientFault: String, Sendable, Hashable, CaseIterable, Comparable {
    case silence
    case disconnect
    case staleLists = "stale_lists"
    case outage
    case crash
    case policyFault = "policy_fault"
    case stopCancelled = "stop_cancelled"
    case handTrade = "hand_trade"
    case handClose = "hand_close"
    case priceJump = "price_jump"
    /// Lists come without some of their rows.
    case partialLists = "partial_lists"
    /// Questions about single orders are answered from the past, against the stream.
    case staleQueries = "stale_queries"
    case listenKeyExpiry = "listen_key_expiry"
    case clockJump = "clock_jump"
    /// The venue takes a part of a position away.
    case deleveraging
    case policyReplaced = "policy_replaced"
    /// An operator halts, and resumes at the end.
    case operatorHalt = "operator_halt"
    /// The journal says that it cannot write, until the end.
    case journalFault = "journal_fault"
    /// Orders that are placed vanish on their way, while everything else is answered.
    case orderGatewayDown = "order_gateway_down"
    /// The policy's answers are out of every range, or no numbers at all.
    case policyNonsense = "policy_nonsense"
    /// The process dies, and the disk comes back without the last facts, as a restored volume would.
    case journalTailLost = "journal_tail_lost"
    /// An operator flattens the account or one symbol, and resumes once that is done.
    case operatorFlatten = "operator_flatten"
    /// Somebody else changes leverage or margin mode of a symbol.
    case settingsChanged = "settings_changed"
    /// An operator takes every entry and resting exit of the account or one symbol off the book.
    case operatorCancelAll = "operator_cancel_all"
    /// A commit of the journal takes too long, until the end.
    case journalSlow = "journal_slow"
    /// The policy's answers come late, some after their question is closed and some twice.
    case policySlow = "policy_slow"
    /// Another engine of our kind trades on the account, until the operator has seen to it.
    case otherEngine = "other_engine"
    /// Others on the account use up most of the orders that the venue allows, until the end.
    case othersOrdering = "others_ordering"
    /// Somebody lets an order of his own rest by hand, and may take it off at the end.
    case handOrder = "hand_order"
    /// The machine stalls, and what was to be placed is dropped before it leaves, until the end.
    case lineStalled = "line_stalled"

    /// Those that came later are drawn apart in a swarm, so that the worlds of older seeds stay what they are.
    var isDrawnApart: Bool {
        switch self {
        case .orderGatewayDown, .policyNonsense, .journalTailLost, .operatorFlatten, .settingsChanged,
            .operatorCancelAll, .journalSlow, .policySlow, .otherEngine, .othersOrdering,
            .handOrder, .lineStalled:
            true
        default: false
        }
    }

    package static func < (left: AmbientFault, right: AmbientFault) -> Bool { left.rawValue < right.rawValue }
}

/// How often an ambient fault comes, and how long it lasts at most.
package struct FaultPace: Sendable, Hashable {
    /// Mean time between two; zero for never.
    package var every: Span
    package var longest: Span

    package init(every: Span = .zero, longest: Span = .zero) {
        self.every = every
        self.longest = longest
    }
}
